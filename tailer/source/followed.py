"""Which files are followed, by number and by identity, and which are passed over. Opens nothing, closes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import structlog

from tailer.source.identity import FileId, Found, is_same_file
from tailer.source.reader import OpenFile
from tailer.source.tracked import FileRecord, Presence, TrackedFile

log = structlog.get_logger("tokentail.source")


LEAST_REMEMBERED, REMEMBERED_FOR_EACH = 64, 4
"""Of how many files that were read to their end it is known that they were: so many, or so many for each followed."""


class Followed:
    """No file is followed twice; a number is never given again."""

    def __init__(self, next_number: int, finished: Iterable[FileRecord]) -> None:
        self.next_number = next_number
        """The last number that was given."""
        self._by_number: dict[int, TrackedFile] = {}
        self._by_id: dict[FileId, TrackedFile] = {}
        self._ignored: set[FileId] = set()
        self._finished = {record.id(): record for record in finished}

    def __iter__(self) -> Iterator[TrackedFile]:
        return iter(self._by_number.values())

    def __len__(self) -> int:
        return len(self._by_number)

    def get(self, number: int) -> TrackedFile | None:
        return self._by_number.get(number)

    def has(self, file_id: FileId) -> bool:
        return file_id in self._by_id

    def add(self, record: FileRecord, handle: OpenFile, presence: Presence) -> TrackedFile:
        """Follows a generation; another one with its number or its identity is no longer followed."""
        file = TrackedFile(record, handle, presence)
        self._by_number[record.number] = self._by_id[record.id()] = file
        return file

    def renew(self, file: TrackedFile, handle: OpenFile, found: Found) -> None:
        """The same content by another descriptor, perhaps on a device that has another number now."""
        del self._by_id[file.id]
        file.handle = handle
        file.record.device, file.record.inode = found.id
        self._by_id[file.id] = file

    def remove(self, file: TrackedFile) -> None:
        del self._by_number[file.number]
        if self._by_id.get(file.id) is file:
            del self._by_id[file.id]

    def finish(self, file: TrackedFile) -> None:
        """Follows it no more, and remembers for a while how far it was read."""
        self.remove(file)
        self._finished.pop(file.id, None)
        self._finished[file.id] = file.record
        if len(self._finished) > max(LEAST_REMEMBERED, REMEMBERED_FOR_EACH * len(self)):
            del self._finished[next(iter(self._finished))]

    def finished(self) -> Iterable[FileRecord]:
        """The files read to their end, the one finished last at the end."""
        return self._finished.values()

    def finished_bytes(self, found: Found) -> int | None:
        """How far this file was read before it was followed no more; None when it was not, or is not remembered."""
        # After a remount or a reboot the device may have another number.
        same = (record.size for record in self._finished.values() if is_same_file(record.seen(), found))
        return next(same, None)

    def number(self) -> int:
        self.next_number += 1
        return self.next_number

    def ignore(self, path: str, file_id: FileId) -> None:
        """Compressed files are passed over for as long as they stand on a path."""
        log.info("file_ignored", path=path, reason="compressed")
        self._ignored.add(file_id)

    def is_ignored(self, file_id: FileId) -> bool:
        return file_id in self._ignored

    def forget_ignored_but(self, present: Iterable[FileId]) -> None:
        self._ignored.intersection_update(present)
