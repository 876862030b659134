"""An entry that Loki refuses to one that it may take: shorter, without metadata, or at another time. Sends nothing.

Pure: what Loki said and the time are arguments, and times once given are found again, so a replay is mended alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum

import msgspec

from tailer.ship import refusal
from tailer.ship.entry import Entry, positioned
from tailer.ship.privacy_fit import fit
from tailer.ship.refusal import Cutoffs
from tailer.ship.stamps import Stamps

ORIGINAL_TIME = "original_timestamp"
"""Metadata of an entry with a time that is not its own: its own."""
UNTIMELY = frozenset({"too_old", "too_new", "too_far_behind"})
"""Kinds of refusal that another time would mend."""


class Respect(Enum):
    """In which respect an entry is mended."""

    LENGTH = "length"
    TIME = "time"
    METADATA = "metadata"


class Mender:
    """Mends each entry at most once in each respect, so that an end is certain.

    Times are changed only where `mends_times`; those it gives are kept by the stamps.
    """

    def __init__(self, stamps: Stamps, *, mends_times: bool) -> None:
        self._stamps = stamps
        self._mends_times = mends_times
        self._in_flight: dict[tuple[int, int], frozenset[Respect]] = {}
        """What is mended and not settled, by file and start: a part of the batch in flight and of the one ahead."""
        self.has_given_times = False
        """Whether the last `mended` gave times, which must be saved before they are used."""

    def mended(self, entries: Sequence[Entry], doomed: Sequence[bool], text: str, now_ns: int) -> list[Entry | None]:
        """Each entry that is doomed by this answer as Loki may take it, None where it never will; others as they are.

        What was mended before in the respect in which it is doomed again stays doomed.
        """
        self.has_given_times = False
        cutoffs, kinds = refusal.cutoffs(text), refusal.kinds(text)
        pairs = zip(entries, doomed, strict=True)
        return [self._mended(entry, cutoffs, kinds, now_ns) if is_doomed else entry for entry, is_doomed in pairs]

    def settled(self, entries: Sequence[Entry]) -> int:
        """Nothing more will come of these; how many of them were mended."""
        if not self._in_flight:
            return 0
        return sum(self._in_flight.pop((entry.file, entry.start), None) is not None for entry in entries)

    def as_before(self, entry: Entry) -> Entry:
        """A replayed entry at the time that Loki took it with, lest it be kept at two."""
        time_ns = self._stamps.mended(entry.file, entry.start)
        if time_ns is None:
            return entry
        self._in_flight[(entry.file, entry.start)] = frozenset({Respect.TIME})
        return retimed(entry, time_ns)

    def _mended(self, entry: Entry, cutoffs: Cutoffs, kinds: Sequence[str], now_ns: int) -> Entry | None:
        place = (entry.file, entry.start)
        done = self._in_flight.get(place, frozenset())
        respect = next((it for it in _respects(entry, cutoffs, kinds) if it not in done), None)
        match respect:
            case Respect.LENGTH:
                better = shortened(entry, cutoffs.line_bytes or 0)
            case Respect.TIME:
                better = self._at_a_time_that_passes(entry, now_ns)
            case Respect.METADATA:
                better = bare(entry)
            case None:
                better = None
        if better is not None and respect is not None:
            self._in_flight[place] = done | {respect}
        return better

    def _at_a_time_that_passes(self, entry: Entry, now_ns: int) -> Entry | None:
        if not self._mends_times:
            return None
        self.has_given_times = True
        return retimed(entry, self._stamps.mend(entry.file, entry.start, entry.end, now_ns))


def _respects(entry: Entry, cutoffs: Cutoffs, kinds: Sequence[str]) -> Iterator[Respect]:
    """What may be wrong with an entry: what Loki's figures prove before what its words only allow."""
    if cutoffs.overlong(entry):
        yield Respect.LENGTH
    if cutoffs.overloaded(entry):
        yield Respect.METADATA
    if cutoffs.untimely(entry) or UNTIMELY.intersection(kinds):
        yield Respect.TIME
    if "metadata" in kinds:
        yield Respect.METADATA


def shortened(entry: Entry, line_bytes: int) -> Entry | None:
    """With a line that fits in this Loki's limit; None when it cannot be made to."""
    text = fit(entry.text, line_bytes)
    return msgspec.structs.replace(entry, text=text) if len(text) <= line_bytes else None


def bare(entry: Entry) -> Entry | None:
    """Without its metadata; None when it has none."""
    return msgspec.structs.replace(entry, metadata=()) if entry.metadata else None


def retimed(entry: Entry, time_ns: int) -> Entry:
    """At another time, its own told in the metadata."""
    own = (ORIGINAL_TIME, rfc3339(entry.timestamp_ns))
    time_ns = positioned(time_ns, entry.number)
    return msgspec.structs.replace(entry, timestamp_ns=time_ns, metadata=(*entry.metadata, own))


def rfc3339(time_ns: int) -> str:
    """The time to the nanosecond, in UTC."""
    seconds, nanos = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"
