"""The files being followed: who is on which path, what was rotated, what has come and gone. Reads no lines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping

import structlog

from tailer.config import Config
from tailer.source import copies, discover
from tailer.source.changes import Changes
from tailer.source.discover import Scanned, Sighting
from tailer.source.followed import Followed
from tailer.source.identity import (
    FileId,
    Found,
    Seen,
)
from tailer.source.opening import Opener
from tailer.source.reader import Block, NotAFileError
from tailer.source.remembered import Again, Missing, Remembered
from tailer.source.roots import Roots
from tailer.source.strangers import Strangers
from tailer.source.tracked import (
    Cause,
    Dropped,
    Ended,
    Event,
    FileRecord,
    Presence,
    SavedFiles,
    TrackedFile,
    family,
    log_paths,
    printable,
)
from tailer.source.unseen import Gap, Gaps
from tailer.telemetry import Telemetry

log = structlog.get_logger("tokentail.source")


class Files:
    """All generations that matter, found by paths and globs. One task at a time may call the async methods.

    `tell` hears of each event in the very step in which it changes what is followed: whoever saves the state, or is
    cancelled, at any moment finds both or neither.
    """

    def __init__(
        self,
        config: Config,
        telemetry: Telemetry,
        tell: Callable[[Event], None],
        saved: SavedFiles,
    ) -> None:
        self.patterns = tuple(os.path.abspath(path) for path in config.paths)
        self._tell = tell
        self._opener = Opener(telemetry, Roots(self.patterns, config.allowed_roots))
        self._grace_seconds = config.rotate_grace_seconds
        self._remembered = Remembered(saved.files, self._opener)
        self._followed = Followed(saved.next_number, saved.finished)
        self._gaps = Gaps(saved.gaps)
        families = {family(record.path) for record in self._remembered}
        from_end = config.read_from == "end"
        self._strangers = Strangers(self._followed, self._opener, tell, from_end=from_end, families=families)
        self._changes = Changes(self._followed, self._remembered, self._strangers, self._opener, tell)
        self._scanned = Scanned({}, ())

    def __iter__(self) -> Iterator[TrackedFile]:
        return iter(self._followed)

    def __len__(self) -> int:
        return len(self._followed)

    def get(self, number: int) -> TrackedFile | None:
        return self._followed.get(number)

    def dump(self) -> SavedFiles:
        """What the checkpoint keeps; records not yet found again stay in it."""
        files = [*self._remembered, *(file.record.saved() for file in self._followed)]
        finished = [record.saved() for record in self._followed.finished()]
        return SavedFiles(self._followed.next_number, files, finished, self._gaps.saved())

    async def unfollowed(self) -> list[str]:
        """The patterns that are paths, not globs, and lead to no file that is followed."""
        named = [pattern for pattern in self.patterns if not discover.is_glob(pattern)]
        found = (await asyncio.to_thread(discover.scan, named)).files
        return [path for path in named if path not in found or not self._followed.has(found[path].id)]

    def places(self) -> list[str]:
        return [file.record.place for file in self._followed]

    async def look(self, now: float, is_read: Callable[[TrackedFile], bool]) -> None:
        """Compares the paths with what is followed. `now` in seconds of any clock, for the grace time."""
        self._scanned = await asyncio.to_thread(discover.scan, self.patterns, self._scanned.files)
        by_id: dict[FileId, Sighting] = {}
        for sighting in self._scanned.files.values():
            by_id.setdefault(sighting.id, sighting)
        if any(self._remembered):
            await self._find_again(by_id, now)
        changed = self._followed.changed(by_id)
        others = self._open_gaps(changed, by_id)
        for file in changed:
            await self._revisit(file, by_id.get(file.id))
        await self._fill_gaps(by_id)
        await self._strangers.meet(others, {record.place for record in self._remembered})
        for path in self._scanned.no_files:
            self._opener.complain(path, NotAFileError("not a regular file"))
        self._followed.forget_ignored_but(by_id)
        if self._opener.has_refused() and not any(self._remembered):
            # One that was not found again may stand at any place beside.
            self._opener.forgive_all_but({*self._scanned.files, *self.patterns, *self.places(), *self._gaps.places()})
        self._let_go(now, is_read)

    async def touch(self, paths: set[str]) -> None:
        """Writers have changed the files at these paths: only those are looked at, and those that have left theirs."""
        for file in self._followed.concerned(paths):
            await self._changes.check(file)

    async def read(self, file: TrackedFile, offset: int, length: int) -> Block | None:
        """Bytes of an open file; None, reported once and counted, when the disk or the network refuses them."""
        return await self._changes.read(file, offset, length)

    async def compare(self, file: TrackedFile, seen: Seen, found: Found) -> None:
        """What was `found` after it had been `seen`: growth is noted, truncation is an event."""
        await self._changes.compare(file, seen, found)

    def close(self) -> None:
        for file in self._followed:
            file.handle.close()

    def _open_gaps(self, changed: list[TrackedFile], by_id: dict[FileId, Sighting]) -> list[Sighting]:
        """Where a file has left its path, or a new one is on that of a log, others may have come and gone in between.

        Returns the new files that are on the path of no log.
        """
        left = [file.record.place for file in changed if _leaves_its_path(file, by_id.get(file.id))]
        strangers = self._followed.strangers(by_id)
        newest = self._newest() if left or strangers else {}
        for place in left:
            self._gap(place, newest)
        others: list[Sighting] = []
        for sighting in strangers:
            if (gap := self._gap(sighting.path, newest)) is not None:
                gap.sighted[sighting.id] = sighting
            else:
                others.append(sighting)
        return others

    def _gap(self, path: str, newest: Mapping[str, FileRecord]) -> Gap | None:
        """That of the log of which the file at this path is a rotation, else of its own."""
        log_path = next((it for it in log_paths(path) if printable(it) in newest), None)
        return self._gaps.open(log_path, newest[printable(log_path)]) if log_path is not None else None

    async def _fill_gaps(self, by_id: dict[FileId, Sighting]) -> None:
        awaited = {record.inode for record in self._remembered}
        for path, gap in self._gaps:
            if await self._strangers.fill(path, gap, by_id, awaited):
                self._gaps.close(path)

    def _newest(self) -> dict[str, FileRecord]:
        """Of each path the file that came on it last, as far as is known."""
        records = [*self._followed.finished(), *self._remembered, *(file.record for file in self._followed)]
        return {record.path: record for record in sorted(records, key=lambda record: record.number)}

    async def _revisit(self, file: TrackedFile, at: Sighting | None) -> None:
        record = file.record
        if at is None:
            if file.presence is Presence.ON_PATH:
                log.info("file_left_its_path", path=record.place, size=record.size)
            self._followed.relocate(file, record.place, Presence.OFF_PATH)
            file.sighting = None
        else:
            presence = Presence.OFF_PATH if file.handle.is_archive else Presence.ON_PATH
            self._followed.relocate(file, at.path, presence)
            file.sighting = at if at.is_settled and presence is Presence.ON_PATH else None
            if printable(at.path) == record.path:
                record.since_ns = at.modified_ns
        await self._changes.check(file)

    async def _find_again(self, by_id: dict[FileId, Sighting], now: float) -> None:
        """After a restart: the files of the checkpoint, on their paths or under another name beside them."""
        newest = self._newest()
        async for record, became in self._remembered.look(by_id, now):
            match became:
                case Missing(cause):
                    if newest[record.path] is record:
                        self._gap(record.path, newest)
                    # All others are known again by now: a copy may be one of them. What was truncated may have been
                    # rotated since, and then looks deleted.
                    copy = await copies.find(record, self._followed, self._opener)
                    self._remembered.forget(record)
                    self._changes.end(record, copy, cause)
                case Again(handle, found) if self._followed.has(found.id):
                    handle.close()
                    self._remembered.forget(record)
                    self._tell(Dropped(record.number))
                case Again(handle, found, place, presence):
                    self._remembered.forget(record)
                    record.update(found)
                    record.place = place
                    record.since_ns = record.since_ns or handle.modified_ns()
                    if presence is Presence.OFF_PATH and newest[record.path] is record:
                        self._gap(record.path, newest)
                    self._changes.tell_of_growth(self._followed.add(record, handle, presence))

    def _let_go(self, now: float, is_read: Callable[[TrackedFile], bool]) -> None:
        for file in self._followed.off_path():
            if not is_read(file):
                file.quiet_since = None
            elif file.quiet_since is None:
                # A writer may still hold the old inode; read on until it has been quiet.
                file.quiet_since = now
            elif now - file.quiet_since >= self._grace_seconds and _has_left(file):
                self._followed.finish(file)
                file.handle.close()
                log.info("file_finished", path=file.record.path, size=file.record.size)
                self._tell(Ended(file.number, file.record.path, file.record.size, Cause.UNFINISHED))


def _leaves_its_path(file: TrackedFile, at: Sighting | None) -> bool:
    place = file.record.place
    is_there = file.presence is Presence.ON_PATH and printable(place) == file.record.path
    return is_there and (at is None or at.path != place)


def _has_left(file: TrackedFile) -> bool:
    """Whether nobody can write to it any more by the path where it stood: to what was compressed nobody can at all."""
    return file.handle.is_archive or discover.has_left(file.record.place, file.id)
