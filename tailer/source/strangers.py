"""Files met for the first time: what they are, and from where they are read. Follows them, and never looks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter

import structlog

from tailer.source import copies
from tailer.source.discover import MOST_LISTS, Sighting, place_of_inode
from tailer.source.followed import Followed
from tailer.source.identity import FileId, Found, is_compressed, unsuffixed
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.tracked import Added, Cause, Ended, Event, FileRecord, Presence, family, printable
from tailer.source.unseen import Gap, Met, Unseen

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

    async def meet(self, strangers: Iterable[Sighting], awaited: set[str]) -> None:
        """The older first: their numbers are the order in which a rotated log is read.

        At the paths `awaited` stands what may be a file of the checkpoint that could not be opened.
        """
        known = self._followed.next_number  # Of files met at once nobody knows which was there first.
        for sighting in sorted(strangers, key=_modified):
            if sighting.path not in awaited and not self._followed.knows(sighting):
                await self._meet(sighting, known, sighting.path, sighting.modified_ns)
        # What comes from now on is new, wherever reading began.
        self._from_end = False

    async def fill(self, path: str, gap: Gap, by_id: Mapping[FileId, Sighting], awaited: set[int]) -> bool:
        """Follows what has come on this path and left it unseen, and what stands there now, the oldest first.

        False when it must be looked for again. What a pattern has named is called so. Inodes `awaited` may be those of
        files of the checkpoint that could not be opened.
        """
        unseen = Unseen(path, gap, partial(self._is_no_stranger, awaited), self._opener)
        try:
            is_whole = await unseen.find()
            for met in unseen.in_order():
                named = by_id[met.found.id].path if met.found.id in by_id else path
                since_ns = met.sighting.modified_ns if met.sighting.path == named else gap.since_ns
                # Written to since it was opened, it must be read to its end before the next one is begun.
                block = await self._opener.read(met.handle, met.sighting.path, 0, 0)
                now = met._replace(found=block.found) if block is not None else met
                await self._take(now, self._followed.next_number, named, since_ns)
                unseen.release(met)
        finally:
            unseen.close()
        for sighting in unseen.gone() if is_whole else ():
            if sighting.id in by_id:
                # It has a name by now that no rotation has. The inode of one seen long ago may have been given away.
                await self._meet(sighting, self._followed.next_number, path, gap.since_ns)
            else:
                self._lose(sighting, path)
        return is_whole and unseen.is_filled()

    async def original(self, path: str, handle: OpenFile, found: Found, known: int | None = None) -> int:
        """Of which file this is a copy, 0 if of none; with `known` only of those up to that number."""
        if known == 0:
            return 0
        for file in self._followed.called(unsuffixed(path)):
            is_before = known is None or file.number <= known
            if is_before and await copies.is_copy_of(file, path, handle, found, self._opener):
                return file.number
        return 0

    def _is_no_stranger(self, awaited: set[int], sighting: Sighting) -> bool:
        return sighting.id.inode in awaited or self._followed.knows(sighting)

    async def _meet(self, sighting: Sighting, known: int, path: str, since_ns: int) -> None:
        if (met := await self._opened(sighting, path)) is not None:
            await self._take(met, known, path, since_ns)

    async def _take(self, met: Met, known: int, path: str, since_ns: int) -> None:
        """Follows a file that came on this path, unless there is nothing to be read of it."""
        sighting, handle, found = met
        place = sighting.path
        presence = Presence.ON_PATH if place == path else Presence.OFF_PATH
        if is_packed := is_compressed(found.start):
            self._followed.ignore(path, found.id, sighting.modified_ns)
        finished = self._followed.finished_bytes(found)
        is_done = finished == found.size and presence is Presence.OFF_PATH
        if is_packed or is_done or self._followed.has(found.id):
            handle.close()
            return
        original = await self.original(place, handle, found, known)
        record = FileRecord.of(self._followed.number(), path, found, place)
        record.copy_of, record.since_ns = original, since_ns
        # What a copy holds is read from the original; if that is truncated before, it goes on in the copy.
        is_passed = original or (self._from_end and family(record.path) not in self._families)
        start = found.size if is_passed else finished or 0
        file = self._followed.add(record, handle, presence)
        file.sighting = sighting if sighting.is_settled and presence is Presence.ON_PATH else None
        log.info("file_found", path=place, file=file.number, size=found.size, start=start)
        self._tell(Added(file, start))

    def _lose(self, sighting: Sighting, path: str) -> None:
        """It was seen, and deleted before it could be opened; what it was compressed into may be read all the same."""
        is_passed = self._from_end and family(path) not in self._families
        is_read = self._followed.was_finished(sighting.id) or self._followed.has_archive_of(sighting.path)
        if sighting.size and not is_passed and not is_read:
            self._tell(Ended(self._followed.number(), printable(path), sighting.size, Cause.DELETED))

    async def _opened(self, sighting: Sighting, path: str) -> Met | None:
        """The file that was seen, where it stands now: it may be rotated on and on meanwhile."""
        place = sighting.path
        for _ in range(MOST_LISTS):
            opened = await self._opener.open(place)
            if opened is not None and opened[1].id == sighting.id:
                return Met(sighting if place == sighting.path else sighting._replace(path=place), *opened)
            if opened is not None:
                opened[0].close()
            elif self._opener.is_refused(place):
                return None
            # What stands there now is met at the next look.
            try:
                moved = await asyncio.to_thread(place_of_inode, sighting.path, sighting.id.inode)
            except OSError as error:
                self._opener.complain(sighting.path, error)
                return None
            if moved is None:
                self._lose(sighting, path)
                return None
            place = moved
        return None


_modified = attrgetter("modified_ns")
