"""What became of an open file: grown, truncated, gone on in a copy, stale. Looks at no path but those beside it."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from tailer.source import copies
from tailer.source.followed import Followed
from tailer.source.identity import (
    HEAD_BYTES,
    MAGIC_BYTES,
    Change,
    Found,
    Seen,
    classify,
    is_compressed,
    is_same_file,
)
from tailer.source.opening import Opener
from tailer.source.reader import Block
from tailer.source.remembered import Remembered
from tailer.source.strangers import Strangers
from tailer.source.tracked import Added, Cause, Dropped, Ended, Event, FileRecord, Grew, Moved, Presence, TrackedFile

log = structlog.get_logger("tokentail.source")


class Changes:
    """Compares the files followed with what is found in them, and tells of each change in the step that makes it."""

    def __init__(
        self,
        followed: Followed,
        remembered: Remembered,
        strangers: Strangers,
        opener: Opener,
        tell: Callable[[Event], None],
    ) -> None:
        self._followed = followed
        self._remembered = remembered
        self._strangers = strangers
        self._opener = opener
        self._tell = tell

    async def read(self, file: TrackedFile, offset: int, length: int) -> Block | None:
        """Bytes of an open file; None, reported once and counted, when the disk or the network refuses them."""
        block = await self._opener.read(file.handle, file.record.place, offset, length)
        if block is None:
            file.sighting = None  # The next look opens it again.
        return block

    async def check(self, file: TrackedFile) -> None:
        """Looks at an open file again, unless it is followed no more."""
        if self._followed.get(file.number) is not file:
            return
        seen = file.record.seen()
        block = await self.read(file, 0, 0)
        found = block.found if block is not None else await self._open_again(file)
        if found is not None:
            await self.compare(file, seen, found)

    async def compare(self, file: TrackedFile, seen: Seen, found: Found) -> None:
        """What was `found` after it had been `seen`: growth is noted, truncation is an event.

        Others may have seen it grow further in the meantime; against that, `found` would look like a truncation.
        """
        if self._followed.get(file.number) is not file:
            return
        if classify(seen, found) is Change.TRUNCATED:
            await self._truncated(file, found)
        elif found.size > file.record.size:
            await self._grown(file, found)
        else:
            file.record.update(found)

    async def _open_again(self, file: TrackedFile) -> Found | None:
        """The descriptor may be stale: of a network share that was restarted, of a volume that came back."""
        if file.lock.locked():
            return None  # Somebody reads with it; there is another look in a second.
        async with file.lock:
            opened = await self._opener.open(file.record.place)
            if opened is None:
                return None
            handle, found = opened
            if not is_same_file(file.record.seen(), found):
                handle.close()
                return None
            file.handle.close()
            self._followed.renew(file, handle, found)
        return found

    async def _grown(self, file: TrackedFile, found: Found) -> None:
        record = file.record
        # What was met before its first byte was written may turn out to be a copy, or compressed.
        if record.head_length < MAGIC_BYTES and is_compressed(found.start):
            self._followed.ignore(record.place, found.id)
            self._drop(file)
            file.handle.close()
            return
        if record.head_length < HEAD_BYTES and not record.copy_of:
            record.copy_of = await self._strangers.original(record.place, file.handle, found)
        record.update(found)
        file.quiet_since = None
        self.tell_of_growth(file)

    def tell_of_growth(self, file: TrackedFile) -> None:
        # A copy may be seen while it is being made: what comes in it is read in the original.
        original = file.record.copy_of
        in_original = self._followed.get(original) is not None or original in self._remembered
        self._tell(Added(file, file.record.size) if in_original else Grew(file))

    async def _truncated(self, file: TrackedFile, found: Found) -> None:
        old = file.record
        copy = await copies.find(old, self._followed, self._opener)
        place = copy.place if copy else None
        # The place of an older copy may have been used for a new one.
        original = await self._strangers.original(old.place, file.handle, found)
        log.info("file_truncated", path=old.place, known_size=old.size, size=found.size, copy=place)
        self._followed.remove(file)
        record = FileRecord.of(self._followed.number(), old.path, found, old.place)
        record.copy_of, record.since_ns = original, old.since_ns
        fresh = self._followed.add(record, file.handle, file.presence)
        self.end(old, copy, Cause.TRUNCATED)
        self._tell(Added(fresh, found.size if original else 0))

    def end(self, old: FileRecord, copy: copies.Copy | None, cause: Cause) -> None:
        """A generation that is no more where it was: it goes on in its copy, or has come to its end."""
        if copy is None:
            self._tell(Ended(old.number, old.path, old.size, cause))
            return
        if copy.known is not None:
            self._drop(copy.known)
        record = FileRecord.of(old.number, old.path, copy.found, copy.place)
        record.since_ns = old.since_ns
        file = self._followed.add(record, copy.handle, copy.known.presence if copy.known else Presence.OFF_PATH)
        self._tell(Moved(file, old.size))

    def _drop(self, file: TrackedFile) -> None:
        self._followed.remove(file)
        self._tell(Dropped(file.number))
