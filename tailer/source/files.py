"""The files being followed: who is on which path, what was rotated, what has come and gone. Reads no lines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator

import structlog

from tailer.config import Config
from tailer.source.discover import Sighting, place_of_inode, scan, siblings
from tailer.source.identity import Change, FileId, Found, Seen, classify, is_compressed, is_copy, is_same_file
from tailer.source.reader import Block, NotAFileError, OpenFile
from tailer.source.tracked import Added, Cause, Ended, Event, FileRecord, Grew, Inherited, Presence, TrackedFile, names
from tailer.telemetry import Telemetry

log = structlog.get_logger("tokentail.source")


class Files:
    """All generations that matter, found by paths and globs. One task at a time may call the async methods."""

    def __init__(
        self, config: Config, telemetry: Telemetry, saved: Iterable[FileRecord] = (), next_number: int = 0
    ) -> None:
        self.patterns = tuple(os.path.abspath(path) for path in config.paths)
        self.next_number = next_number
        self._telemetry = telemetry
        self._from_end = config.read_from == "end"
        self._grace_seconds = config.rotate_grace_seconds
        self._saved = {record.number: record for record in saved}
        self._tracked: dict[int, TrackedFile] = {}
        self._by_id: dict[FileId, TrackedFile] = {}
        self._ignored: set[FileId] = set()
        self._unreadable: set[str] = set()
        self._looked = False

    def __iter__(self) -> Iterator[TrackedFile]:
        return iter(self._tracked.values())

    def __len__(self) -> int:
        return len(self._tracked)

    def get(self, number: int) -> TrackedFile | None:
        return self._tracked.get(number)

    def records(self) -> list[FileRecord]:
        """What the checkpoint keeps; records not yet found again stay in it."""
        return [*self._saved.values(), *(file.record.saved() for file in self._tracked.values())]

    def places(self) -> list[str]:
        return [file.record.place for file in self._tracked.values()]

    async def look(self, now: float, is_read: Callable[[TrackedFile], bool]) -> list[Event]:
        """Compares the paths with what is followed. `now` in seconds of any clock, for the grace time."""
        sightings = await asyncio.to_thread(scan, self.patterns)
        by_id: dict[FileId, tuple[str, Sighting]] = {}
        for path, sighting in sightings.items():
            by_id.setdefault(sighting.id, (path, sighting))
        events: list[Event] = []
        if self._saved:
            events += await self._find_again(by_id)
        for file in [file for file in self._tracked.values() if not file.is_as_at(by_id.get(file.id))]:
            events += await self._revisit(file, by_id.get(file.id))
        strangers = [at for file_id, at in by_id.items() if file_id not in self._by_id and file_id not in self._ignored]
        # The older first: their numbers are the order in which a rotated log is read.
        for path, sighting in sorted(strangers, key=lambda at: at[1].modified_ns):
            events += await self._meet(path, sighting)
        self._report_missing(sightings)
        self._ignored &= by_id.keys()
        self._looked = True
        return events + self._let_go(now, is_read)

    async def touch(self, paths: set[str]) -> list[Event]:
        """Writers have changed the files at these paths: only those are looked at, and those that have left theirs."""
        return [
            event
            for file in list(self._tracked.values())
            if file.presence is Presence.OFF_PATH or not paths.isdisjoint(file.names)
            for event in await self.check(file)
        ]

    async def read(self, file: TrackedFile, offset: int, length: int) -> Block | None:
        """Bytes of an open file; None, reported once and counted, when the disk or the network refuses them."""
        try:
            block = await file.handle.read(offset, length)
        except OSError as error:
            self._complain(file.record.place, error)
            return None
        self._unreadable.discard(file.record.place)
        return block

    async def check(self, file: TrackedFile) -> list[Event]:
        """Looks at an open file again."""
        seen = file.record.seen()
        block = await self.read(file, 0, 0)
        return await self.compare(file, seen, block.found) if block is not None else []

    async def compare(self, file: TrackedFile, seen: Seen, found: Found) -> list[Event]:
        """What was `found` after it had been `seen`: growth is noted, truncation is an event.

        Others may have seen it grow further in the meantime; against that, `found` would look like a truncation.
        """
        if self._tracked.get(file.number) is not file:
            return []
        change = classify(seen, found)
        if change is Change.TRUNCATED:
            return await self._truncated(file, found)
        grew = found.size > file.record.size
        file.record.update(found)
        if not grew:
            return []
        file.quiet_since = None
        return [Grew(file)]

    def close(self) -> None:
        for file in self._tracked.values():
            file.handle.close()

    async def _revisit(self, file: TrackedFile, at: tuple[str, Sighting] | None) -> list[Event]:
        if at is None:
            if file.presence is Presence.ON_PATH:
                log.info("file_left_its_path", path=file.record.place, size=file.record.size)
            file.presence = Presence.OFF_PATH
            return await self.check(file)
        path, sighting = at
        file.presence = Presence.ON_PATH
        if file.record.place != path:
            file.record.place, file.names = path, names(path)
        file.modified_ns = sighting.modified_ns
        return await self.check(file)

    async def _meet(self, path: str, sighting: Sighting) -> list[Event]:
        opened = await self._open(path)
        if opened is None:
            return []
        handle, found = opened
        if is_compressed(found.start):
            log.info("file_ignored", path=path, reason="compressed")
            self._ignored.add(found.id)
        if found.id in self._ignored or found.id in self._by_id:
            # The path may have come to lead to a file that is followed already since it was looked at.
            handle.close()
            return []
        start = 0
        original = self._original(path, found) if self._looked else None
        if original is not None:
            # What a copy holds is read from the original; if that is truncated before, the copy takes its marks over.
            start = found.size
        elif self._from_end and not self._looked:
            start = found.size
        file = self._track(FileRecord.of(self._number(), path, found), handle, Presence.ON_PATH)
        file.modified_ns = sighting.modified_ns
        if original is not None:
            file.record.path = original.record.path
        log.info("file_found", path=path, file=file.number, size=found.size, start=start)
        return [Added(file, start)]

    def _original(self, path: str, found: Found) -> TrackedFile | None:
        return next((file for file in self if is_copy(file.record.place, file.record.seen(), path, found)), None)

    async def _open(self, path: str) -> tuple[OpenFile, Found] | None:
        try:
            opened = await OpenFile.open(path)
        except OSError as error:
            self._complain(path, error)
            return None
        self._unreadable.discard(path)
        return opened

    def _complain(self, path: str, error: OSError) -> None:
        reason = "not_a_file" if isinstance(error, NotAFileError) else _reason(error)
        self._telemetry.add("tokentail_file_errors_total", 1, reason)
        if path not in self._unreadable:
            self._unreadable.add(path)
            log.error("file_cannot_be_read", path=path, reason=reason, next="tried again at every look")

    def _report_missing(self, sightings: dict[str, Sighting]) -> None:
        """A path named outright that holds something other than a file would otherwise be silently skipped."""
        for pattern in self.patterns:
            if pattern not in sightings and os.path.exists(pattern) and not os.path.isfile(pattern):
                self._complain(pattern, NotAFileError("not a regular file"))

    async def _truncated(self, file: TrackedFile, found: Found) -> list[Event]:
        old = file.record
        copy = await self._find_copy(old)
        del self._tracked[file.number]
        fresh = self._track(FileRecord.of(self._number(), old.path, found, old.place), file.handle, file.presence)
        place = copy.record.place if copy else None
        log.info("file_truncated", path=old.place, known_size=old.size, size=found.size, copy=place)
        if copy is None:
            return [Ended(old.number, old.path, old.size, Cause.TRUNCATED), Added(fresh, 0)]
        copy.record.path = old.path
        return [Inherited(old.number, copy), Added(fresh, 0)]

    async def _find_copy(self, old: FileRecord) -> TrackedFile | None:
        for place in await asyncio.to_thread(siblings, old.place):
            known = next((file for file in self if file.record.place == place), None)
            if known is not None:
                block = await self.read(known, 0, 0)
                if block is not None and is_copy(old.place, old.seen(), place, block.found):
                    return known
            elif (opened := await self._open(place)) is not None:
                handle, found = opened
                if is_copy(old.place, old.seen(), place, found):
                    return self._track(FileRecord.of(self._number(), old.path, found, place), handle, Presence.OFF_PATH)
                handle.close()
        return None

    async def _find_again(self, by_id: dict[FileId, tuple[str, Sighting]]) -> list[Event]:
        """After a restart: the files of the checkpoint, on their paths or under another name beside them."""
        events: list[Event] = []
        inodes = {file_id.inode: path for file_id, (path, _) in by_id.items()}
        for record in sorted(self._saved.values(), key=lambda record: record.number):
            del self._saved[record.number]
            on_path = inodes.get(record.inode)
            place = on_path or await asyncio.to_thread(place_of_inode, record.place, record.inode)
            opened = await self._open(place) if place is not None else None
            if opened is not None and is_same_file(record.seen(), opened[1]):
                record.update(opened[1])
                record.place = place or record.place
                presence = Presence.ON_PATH if on_path else Presence.OFF_PATH
                events.append(Grew(self._track(record, opened[0], presence)))
                continue
            if opened is not None:
                opened[0].close()
            # Elsewhere another file may have been given the inode of one that is no more.
            truncated = opened is not None and place == record.place
            events.append(await self._gone(record, Cause.TRUNCATED if truncated else Cause.DELETED))
        return events

    async def _gone(self, record: FileRecord, cause: Cause) -> Event:
        copy = await self._find_copy(record) if cause is Cause.TRUNCATED else None
        if copy is not None:
            copy.record.path = record.path
            return Inherited(record.number, copy)
        return Ended(record.number, record.path, record.size, cause)

    def _let_go(self, now: float, is_read: Callable[[TrackedFile], bool]) -> list[Event]:
        events: list[Event] = []
        for file in list(self._tracked.values()):
            if file.presence is Presence.ON_PATH or not is_read(file):
                file.quiet_since = None
            elif file.quiet_since is None:
                # A writer may still hold the old inode; read on until it has been quiet.
                file.quiet_since = now
            elif now - file.quiet_since >= self._grace_seconds:
                del self._tracked[file.number], self._by_id[file.id]
                file.handle.close()
                log.info("file_finished", path=file.record.path, size=file.record.size)
                events.append(Ended(file.number, file.record.path, file.record.size, Cause.UNFINISHED))
        return events

    def _track(self, record: FileRecord, handle: OpenFile, presence: Presence) -> TrackedFile:
        file = TrackedFile(record, handle, presence)
        self._tracked[record.number] = self._by_id[record.id()] = file
        return file

    def _number(self) -> int:
        self.next_number += 1
        return self.next_number


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower().replace(" ", "_") if error.errno else "unknown"
