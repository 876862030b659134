"""Times for lines that name none: chosen once, saved before they are sent, found again at a replay; asks no clock."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import msgspec

from tailer.reading.chunk import Chunk, Reading
from tailer.ship.entry import own_time_ns

# A chunk of this size was not written just now: it is a backlog, and its lines belong to the time of those before them.
BACKLOG_BYTES = 128 * 1024
# Of how many files the latest time is kept in memory; it only helps to place lines better.
REMEMBERED_FILES = 1024

_start = attrgetter("start")


class Stamp(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Lines of a file from `start` up to `end` that name no time of their own have this one."""

    start: int
    end: int
    time_ns: int


class Assigned(NamedTuple):
    """The time of each line of a chunk, and whether some were given just now: to be saved before they are sent."""

    times_ns: list[int]
    fresh: bool


class SenderState(msgspec.Struct, omit_defaults=True):
    """What the sender must find again after a restart: the stamps of each file beyond its mark."""

    stamps: dict[int, list[Stamp]] = {}
    mended: dict[int, list[Stamp]] = {}
    """Times given to lines whose own Loki does not take."""


class Stamps:
    """The stamps of all files. Bounded by what is read but not settled: `settle` drops the rest."""

    def __init__(self) -> None:
        self._files: dict[int, list[Stamp]] = {}
        self._mended: dict[int, list[Stamp]] = {}
        self._latest: dict[int, int] = {}

    def load(self, state: SenderState) -> None:
        self._files = _copied(state.stamps)
        self._mended = _copied(state.mended)

    def dump(self) -> SenderState:
        return SenderState(_copied(self._files), _copied(self._mended))

    def find(self, file: int, offset: int) -> int | None:
        """The time given to the line that starts at `offset`."""
        return _at(self._files.get(file, []), offset)

    def assign(self, chunk: Chunk, readings: Sequence[Reading], now_ns: int) -> Assigned:
        """The time of each line; one that has none yet gets it.

        The time of the nearest line before it in the chunk, else of the first after it, else now. In a backlog, the
        latest of the file goes before now: a line put at now among old ones would make Loki refuse what follows it.
        """
        times = list(map(own_time_ns, readings))
        known = [time_ns for time_ns in times if time_ns is not None]
        if known:
            self._remember(chunk.file, known[-1])
        if len(known) == len(times):
            return Assigned(known, fresh=False)
        otherwise = now_ns - now_ns % 1_000_000
        if chunk.oversize or chunk.end - chunk.start >= BACKLOG_BYTES:
            otherwise = self._latest.get(chunk.file, otherwise)
        before_ns = known[0] if known else otherwise
        fresh = list(self._missing(chunk.file, zip(readings, times, strict=True), before_ns))
        for stamp in fresh:
            self._add(chunk.file, stamp)
        found = [
            self.find(chunk.file, it.start) if own is None else own for it, own in zip(readings, times, strict=True)
        ]
        return Assigned([time_ns for time_ns in found if time_ns is not None], fresh=bool(fresh))

    def mend(self, file: int, start: int, end: int, now_ns: int) -> int:
        """The time of a line whose own was refused: the one given before a restart, else now; to be saved first."""
        given = self.mended(file, start)
        if given is not None:
            return given
        stamps = self._mended.setdefault(file, [])
        stamp = Stamp(start, end, now_ns - now_ns % 1_000_000)
        last = stamps[-1] if stamps else None
        # Only what follows at once is one with it: a line between the two may well keep its own time.
        if last is not None and last.end == start and last.time_ns == stamp.time_ns:
            stamps[-1] = Stamp(last.start, end, stamp.time_ns)
        else:
            insort(stamps, stamp, key=_start)
        return stamp.time_ns

    def has_mended(self, file: int) -> bool:
        """Whether `mend` has given times to lines of this file that are not settled."""
        return file in self._mended

    def mended(self, file: int, offset: int) -> int | None:
        """The time that `mend` has given to the line that starts at `offset`."""
        return _at(self._mended.get(file, []), offset)

    def settle(self, file: int, offset: int) -> None:
        """Drops what only lines before `offset` needed."""
        _settle(self._files, file, offset)
        _settle(self._mended, file, offset)

    def forget(self, file: int) -> None:
        """The file is gone and nothing of it will be read again."""
        self._files.pop(file, None)
        self._mended.pop(file, None)
        self._latest.pop(file, None)

    def _missing(self, file: int, lines: Iterable[tuple[Reading, int | None]], before_ns: int) -> Iterator[Stamp]:
        for reading, own in lines:
            if own is not None:
                before_ns = own
            elif self.find(file, reading.start) is None:
                yield Stamp(reading.start, reading.end, before_ns)

    def _add(self, file: int, stamp: Stamp) -> None:
        stamps = self._files.setdefault(file, [])
        last = stamps[-1] if stamps else None
        # Lines between the two name their own time, so the gap may be covered as well.
        if last is not None and last.end <= stamp.start and last.time_ns == stamp.time_ns:
            stamps[-1] = Stamp(last.start, stamp.end, stamp.time_ns)
        else:
            insort(stamps, stamp, key=_start)

    def _remember(self, file: int, latest: int) -> None:
        self._latest.pop(file, None)
        self._latest[file] = latest
        if len(self._latest) > REMEMBERED_FILES:
            del self._latest[next(iter(self._latest))]


def _copied(files: dict[int, list[Stamp]]) -> dict[int, list[Stamp]]:
    return {file: list(stamps) for file, stamps in files.items() if stamps}


def _settle(files: dict[int, list[Stamp]], file: int, offset: int) -> None:
    stamps = files.get(file)
    if stamps is None:
        return
    kept = [stamp for stamp in stamps if stamp.end > offset]
    if kept:
        files[file] = kept
    else:
        del files[file]


def _at(stamps: Sequence[Stamp], offset: int) -> int | None:
    at = bisect_right(stamps, offset, key=_start) - 1
    return stamps[at].time_ns if at >= 0 and offset < stamps[at].end else None
