"""What goes into one push: by bytes, entries and age; asks no clock."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from tailer.ship.entries import Entries
from tailer.ship.entry import Entry

TRY_MORE_AFTER = 64
"""So many pushes of a reduced size pass before twice as much is tried: what made them small may be over."""


class Limits(NamedTuple):
    """When a batch is full, and how old its first entry may get. It exceeds `bytes` by less than one entry."""

    bytes: int
    entries: int
    seconds: float


class Room:
    """How large a batch may be: as configured, or half of what has lately been too large as a whole.

    Else each batch would be halved anew, and on a slow line each would first time out several times.
    """

    def __init__(self, configured: Limits) -> None:
        self._configured = configured
        self._too_large_bytes: int | None = None
        self._passed = 0

    @property
    def limits(self) -> Limits:
        if self._too_large_bytes is None:
            return self._configured
        return self._configured._replace(bytes=max(1, min(self._configured.bytes, self._too_large_bytes // 2)))

    def too_large(self, entries: Sequence[Entry]) -> None:
        """These would not pass together, or could not while nothing did."""
        size = size_bytes(entries)
        self._too_large_bytes = size if self._too_large_bytes is None else min(size, self._too_large_bytes)
        self._passed = 0

    def passed(self, entries: Sequence[Entry]) -> None:
        """These did. As much as was too large before: then it was not their size. After many more is tried again."""
        if self._too_large_bytes is None:
            return
        self._passed += 1
        if size_bytes(entries) >= self._too_large_bytes:
            self._too_large_bytes = None
        elif self._passed >= TRY_MORE_AFTER:
            self._passed = 0
            more = 2 * self._too_large_bytes
            self._too_large_bytes = more if more // 2 < self._configured.bytes else None


class Batch:
    """Entries that will go in one push; `since` is when the first came, on the caller's clock in seconds."""

    __slots__ = ("bytes", "entries", "since")

    def __init__(self) -> None:
        self.entries = Entries.of()
        self.bytes = 0
        self.since: float | None = None

    def fill(self, coming: Entries, limits: Limits, now: float) -> Entries:
        """Takes of these what it has room for, in their order; gives the rest."""
        if full(self, limits) or not coming:
            return coming
        if self.since is None:
            self.since = now
        ends = list(accumulate(coming.sizes(), initial=self.bytes))
        # The entry that makes it full is the last one.
        room = min(bisect_left(ends, limits.bytes), limits.entries - len(self.entries), len(coming))
        self.bytes = ends[room]
        if room == len(coming):
            self.entries.extend(coming)
            return Entries.of()
        self.entries.extend(coming[:room])
        return coming[room:]


def size_bytes(entries: Sequence[Entry]) -> int:
    """About what the entries take on the wire before compression."""
    return sum(Entries.of(entries).sizes())


def full(batch: Batch, limits: Limits) -> bool:
    return batch.bytes >= limits.bytes or len(batch.entries) >= limits.entries


def due_in_seconds(batch: Batch, limits: Limits, now: float) -> float | None:
    """How long the batch may still wait for more; None while it is empty."""
    return None if batch.since is None else max(0.0, batch.since + limits.seconds - now)


def due(batch: Batch, limits: Limits, now: float) -> bool:
    """Whether the batch is to be sent now, full or not."""
    return due_in_seconds(batch, limits, now) == 0.0


def halves(entries: Sequence[Entry]) -> tuple[Sequence[Entry], Sequence[Entry]]:
    """Two non-empty parts of two or more entries, in their order."""
    middle = len(entries) // 2
    return entries[:middle], entries[middle:]
