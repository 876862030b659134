"""Files met for the first time: what they are, and from where they are read. Follows them, and never looks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from operator import attrgetter

import structlog

from tailer.source import copies
from tailer.source.discover import Sighting, place_of_inode, scan, siblings
from tailer.source.followed import Followed
from tailer.source.identity import FileId, Found, is_compressed, unsuffixed
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.tracked import Added, Event, FileRecord, Presence, TrackedFile, family, is_rotation

MOST_LISTS = 16
"""Of a log whose writer does nothing but rotate."""

log = structlog.get_logger("tokentail.source")


class Strangers:
    """Meets what is not followed yet. With `from_end` what is there at the first look is not read, unless it goes on
    a log of one of the `families` known before: that was rotated while nobody looked.
    """

    def __init__(
        self, followed: Followed, opener: Opener, tell: Callable[[Event], None], *, from_end: bool, families: set[str]
    ) -> None:
        self._followed = followed
        self._opener = opener
        self._tell = tell
        self._from_end = from_end
        self._families = families

    async def meet(self, by_id: Mapping[FileId, Sighting], awaited: set[str]) -> None:
        """The older first: their numbers are the order in which a rotated log is read.

        At the paths `awaited` stands what may be a file of the checkpoint that could not be opened.
        """
        known = self._followed.next_number  # Of files met at once nobody knows which was there first.
        for sighting in sorted(self._followed.strangers(by_id), key=_modified):
            if sighting.path not in awaited:
                await self._meet(sighting, known)
        # What comes from now on is new, wherever reading began.
        self._from_end = False

    async def meet_between(self, left: TrackedFile) -> None:
        """What came on the path of `left` after it and was rotated away before anybody looked, the oldest first.

        It bears the name of the log with a number or a date, and was written to after `left` was.
        """
        try:
            since_ns = left.handle.modified_ns()
        except OSError:
            return
        path = left.record.path
        for sighting in sorted(await _rotations(path), key=_modified):
            if not self._followed.knows(sighting.id) and sighting.modified_ns >= since_ns:
                await self._meet(sighting, self._followed.next_number, log_path=path)

    async def original(self, path: str, handle: OpenFile, found: Found, known: int | None = None) -> int:
        """Of which file this is a copy, 0 if of none; with `known` only of those up to that number."""
        if known == 0:
            return 0
        for file in self._followed.called(unsuffixed(path)):
            is_before = known is None or file.number <= known
            if is_before and await copies.is_copy_of(file, path, handle, found, self._opener):
                return file.number
        return 0

    async def _meet(self, sighting: Sighting, known: int, log_path: str | None = None) -> None:
        opened = await self._opened(sighting)
        if opened is None:
            return
        handle, found, place = opened
        path = sighting.path
        presence = Presence.ON_PATH if log_path is None and place == path else Presence.OFF_PATH
        if is_compressed(found.start):
            self._followed.ignore(path, found.id)
        finished = self._followed.finished_bytes(found)
        is_done = finished == found.size and presence is Presence.OFF_PATH
        if self._followed.knows(found.id) or is_done:
            handle.close()
            return
        original = await self.original(path, handle, found, known)
        record = FileRecord.of(self._followed.number(), log_path or path, found, place)
        record.copy_of = original
        # What a copy holds is read from the original; if that is truncated before, it goes on in the copy.
        is_passed = original or (self._from_end and family(record.path) not in self._families)
        start = found.size if is_passed else finished or 0
        file = self._followed.add(record, handle, presence)
        file.sighting = sighting if sighting.is_settled and presence is Presence.ON_PATH else None
        log.info("file_found", path=path, file=file.number, size=found.size, start=start)
        self._tell(Added(file, start))

    async def _opened(self, sighting: Sighting) -> tuple[OpenFile, Found, str] | None:
        """The file that was seen, and its place: it may be rotated on and on meanwhile."""
        place = sighting.path
        for _ in range(MOST_LISTS):
            opened = await self._opener.open(place) if place else None
            if opened is not None and opened[1].id == sighting.id:
                return *opened, place
            if opened is not None:
                opened[0].close()
            elif place and self._opener.is_refused(place):
                return None
            # What stands there now is met at the next look.
            place = await self._moved(sighting.path, sighting.id)
        return None

    async def _moved(self, path: str, file_id: FileId) -> str:
        try:
            return await asyncio.to_thread(place_of_inode, path, file_id.inode) or ""
        except OSError as error:
            self._opener.complain(path, error)
            return ""


async def _rotations(path: str) -> list[Sighting]:
    """The rotations of the log at this path, listed until a list has nothing new.

    A writer that renames one after the other (`.2` to `.3`, `.1` to `.2`) hides one from a list that is made meanwhile.
    """
    found: dict[FileId, Sighting] = {}
    for _ in range(MOST_LISTS):
        beside = await asyncio.to_thread(siblings, path)
        scanned = await asyncio.to_thread(scan, [place for place in beside if is_rotation(path, place)])
        fresh = {sighting.id: sighting for sighting in scanned.files.values() if sighting.id not in found}
        if not fresh:
            break
        found |= fresh
    return list(found.values())


_modified = attrgetter("modified_ns")
