"""What came on a log's path and left it before anybody looked: found beside it and held open. Follows none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from tailer.source.discover import MOST_LISTS, Sighting, beside, sight
from tailer.source.identity import FileId, Found
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.tracked import FileRecord, is_rotation, printable


@dataclass(slots=True)
class Gap:
    """Since the file `after` left a log's path others may have come and gone; it is None when it is not known."""

    since_ns: int
    after: FileId | None = None
    sighted: dict[FileId, Sighting] = field(default_factory=dict)
    """Seen, and not opened yet: rotated on meanwhile, or refused."""


class Gaps:
    """The logs of which a file may be missing, by path. Nothing is given up before it is known that none is."""

    def __init__(self, saved: Mapping[str, int]) -> None:
        self._gaps = {path: Gap(since_ns) for path, since_ns in saved.items()}

    def __iter__(self) -> Iterator[tuple[str, Gap]]:
        """A log before those that are named as its rotations are."""
        return iter(sorted(self._gaps.items(), key=lambda it: it[0]))

    def saved(self) -> dict[str, int]:
        """As they can be written in the checkpoint, where a name must be text."""
        return {path: gap.since_ns for path, gap in self._gaps.items() if printable(path) == path}

    def open(self, path: str, last: FileRecord) -> Gap | None:
        """Others may have come on this path after the `last` that is known; None when it is not known when."""
        if path not in self._gaps and last.since_ns:
            self._gaps[path] = Gap(last.since_ns, last.id())
        return self._gaps.get(path)

    def close(self, path: str) -> None:
        del self._gaps[path]

    def places(self) -> set[str]:
        """Where files stand that are to be opened yet."""
        return {sighting.path for gap in self._gaps.values() for sighting in gap.sighted.values()}


class Listed(NamedTuple):
    """The files on a log's path and under the names of its rotations; which was on the path before they were listed,
    and which after.
    """

    before: FileId | None
    files: dict[FileId, Sighting]
    after: FileId | None


class Met(NamedTuple):
    """A file that was opened where it was seen, or at the place to which it was rotated since."""

    sighting: Sighting
    handle: OpenFile
    found: Found


class Unseen:
    """The files in a gap of one log, each opened as soon as it is seen: the next rotation may delete it."""

    def __init__(self, path: str, gap: Gap, is_known: Callable[[Sighting], bool], opener: Opener) -> None:
        self._path = path
        self._gap = gap
        self._is_known = is_known
        self._opener = opener
        self._open: dict[FileId, Met] = {}
        """In the order in which they were seen last: what has been deleted meanwhile is older than what has not."""
        self._last = Listed(None, {}, None)

    async def find(self) -> bool:
        """Lists and opens until no file can be missing; False when the log is rotated faster than that."""
        self._gap.sighted = {it.id: it for it in self._gap.sighted.values() if not self._is_known(it)}
        for turn in range(MOST_LISTS):
            before, self._last = self._last, await asyncio.to_thread(_listed, self._path)
            await self._open_all()
            if turn and _agree(before, self._last) and not self._is_any_moving():
                return True
        return False

    def in_order(self) -> list[Met]:
        """What is held open, the oldest first."""
        return sorted(self._open.values(), key=lambda met: met.sighting.modified_ns)

    def release(self, met: Met) -> None:
        """Somebody else closes it from now on."""
        del self._open[met.found.id]
        self._gap.sighted.pop(met.found.id, None)

    def gone(self) -> list[Sighting]:
        """After a `find` that was whole: what had been seen and is no more. It is not told of again."""
        gone = [it for it in self._gap.sighted.values() if it.id not in self._last.files and it.id not in self._open]
        for sighting in gone:
            del self._gap.sighted[sighting.id]
        return gone

    def is_filled(self) -> bool:
        """After a `find` that was whole and took all: whether nothing is left that did not let itself be opened."""
        if self._last.after is not None:
            # All before that one has been seen, and all after it is written to later.
            self._gap.since_ns = self._last.files[self._last.after].modified_ns
        return not self._gap.sighted

    def close(self) -> None:
        for met in self._open.values():
            met.handle.close()

    async def _open_all(self) -> None:
        for sighting in sorted(self._wanted(), key=self._age):
            if (met := self._open.pop(sighting.id, None)) is not None:
                self._open[sighting.id] = met._replace(sighting=sighting)
                continue
            self._gap.sighted[sighting.id] = sighting
            opened = await self._opener.open(sighting.path)
            if opened is None:
                continue
            if opened[1].id == sighting.id:
                self._open[sighting.id] = Met(sighting, *opened)
            else:
                opened[0].close()

    def _wanted(self) -> list[Sighting]:
        gap = self._gap
        return [
            it
            for it in self._last.files.values()
            if (it.modified_ns >= gap.since_ns or it.path == self._path or it.id in gap.sighted)
            and not self._is_known(it)
        ]

    def _is_any_moving(self) -> bool:
        """Whether one was not where it had just been seen."""
        return any(it.id not in self._open and not self._opener.is_refused(it.path) for it in self._wanted())

    def _age(self, sighting: Sighting) -> tuple[bool, int, int]:
        """Sorts the oldest first. Of two with one time the one nearer to the last known: counts go up or down."""
        number = _number(self._path, sighting.path)
        known = self._last.files.get(self._gap.after) if self._gap.after is not None else None
        distance = abs(number - _number(self._path, known.path)) if known is not None else -number
        return sighting.path == self._path, sighting.modified_ns, distance


def _listed(path: str) -> Listed:
    before = sight(path)
    places = [place for place in beside(path) if is_rotation(path, place)]
    # One that is rotated on meanwhile is seen at two places, and not the newer one at the place of an older.
    rotations = [sight(place) for place in sorted(places, key=partial(_number, path), reverse=True)]
    after = sight(path)
    files = {it.id: it for it in (*rotations, after) if it is not None}
    return Listed(before.id if before else None, files, after.id if after else None)


def _agree(first: Listed, second: Listed) -> bool:
    """Whether two lists, made one after the other, tell where every file is.

    While one file is on the log's path no other is moved twice, so none can have escaped both.
    """
    return first.before == second.after and _places(first) == _places(second)


def _places(listed: Listed) -> dict[FileId, str]:
    return {file_id: sighting.path for file_id, sighting in listed.files.items()}


def _number(path: str, place: str) -> int:
    return int("".join(filter(str.isdecimal, place[len(path) :])) or 0)
