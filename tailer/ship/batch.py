"""What goes into one push: by bytes, entries and age; asks no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tailer.ship.entry import Entry

# Timestamp, lengths and tags of an entry on the wire, and what a pair of metadata mostly takes.
_FRAME_BYTES = 24
_PAIR_BYTES = 24
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
        size = sum(map(size_bytes, entries))
        self._too_large_bytes = size if self._too_large_bytes is None else min(size, self._too_large_bytes)
        self._passed = 0

    def passed(self, entries: Sequence[Entry]) -> None:
        """These did. As much as was too large before: then it was not their size. After many more is tried again."""
        if self._too_large_bytes is None:
            return
        self._passed += 1
        if sum(map(size_bytes, entries)) >= self._too_large_bytes:
            self._too_large_bytes = None
        elif self._passed >= TRY_MORE_AFTER:
            self._passed = 0
            more = 2 * self._too_large_bytes
            self._too_large_bytes = more if more // 2 < self._configured.bytes else None


class Batch:
    """Entries that will go in one push; `since` is when the first came, on the caller's clock in seconds."""

    __slots__ = ("bytes", "entries", "since")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.bytes = 0
        self.since: float | None = None

    def fill(self, coming: Iterator[Entry], limits: Limits, now: float) -> bool:
        """Takes entries until it is full (True) or none is coming (False)."""
        while not full(self, limits):
            entry = next(coming, None)
            if entry is None:
                return False
            if self.since is None:
                self.since = now
            self.entries.append(entry)
            self.bytes += size_bytes(entry)
        return True


def size_bytes(entry: Entry) -> int:
    """About what the entry takes on the wire before compression."""
    return len(entry.text) + _FRAME_BYTES + _PAIR_BYTES * len(entry.metadata)


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
