"""Which files are followed, by number and by identity, and which are passed over. Opens nothing, closes nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

import structlog

from tailer.source.discover import Sighting
from tailer.source.identity import FileId, Found, is_same_file
from tailer.source.places import Places
from tailer.source.reader import OpenFile
from tailer.source.tracked import FileRecord, Presence, TrackedFile, names

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
        self._places = Places()
        self._ignored: dict[FileId, int] = {}
        """When each that is passed over was last written to: another file may be given its inode."""
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
        if (old := self._by_number.get(record.number)) is not None:
            self._places.remove(old)
        self._by_number[record.number] = self._by_id[record.id()] = file
        self._places.add(file)
        return file

    def relocate(self, file: TrackedFile, place: str, presence: Presence) -> None:
        """It stands there now, unless it is followed no more."""
        if self.get(file.number) is not file or (place, presence) == (file.record.place, file.presence):
            return
        self._places.remove(file)
        if place != file.record.place:
            file.record.place, file.names = place, names(place)
        file.presence, file.quiet_since = presence, None
        self._places.add(file)

    def renew(self, file: TrackedFile, handle: OpenFile, found: Found) -> None:
        """The same content by another descriptor, perhaps on a device that has another number now."""
        del self._by_id[file.id]
        file.handle = handle
        file.record.device, file.record.inode = found.id
        self._by_id[file.id] = file

    def remove(self, file: TrackedFile) -> None:
        del self._by_number[file.number]
        self._places.remove(file)
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
        alike = (record for record in self._finished.values() if record.inode == found.id.inode)
        return next((record.size for record in alike if is_same_file(record.seen(), found)), None)

    def was_finished(self, file_id: FileId) -> bool:
        """Whether it, or another file that had its inode before, was read to its end."""
        return file_id in self._finished

    def has_archive_of(self, path: str) -> bool:
        """Whether one is followed in an archive into which the file at this path was made (`app.log.1.gz`)."""
        return any(file.handle.is_archive and file.record.place.startswith(f"{path}.") for file in self)

    def number(self) -> int:
        self.next_number += 1
        return self.next_number

    def ignore(self, path: str, file_id: FileId, modified_ns: int = 0) -> None:
        """Compressed files are passed over for as long as they stand on a path and are not written to."""
        if file_id not in self._ignored:
            log.info("file_ignored", path=path, reason="compressed")
        self._ignored[file_id] = modified_ns

    def knows(self, sighting: Sighting) -> bool:
        """Whether it is followed or passed over."""
        return sighting.id in self._by_id or self._ignored.get(sighting.id) == sighting.modified_ns

    def strangers(self, by_id: Mapping[FileId, Sighting]) -> list[Sighting]:
        """What is neither followed nor passed over."""
        followed, ignored = self._by_id, self._ignored
        return [
            it for file_id, it in by_id.items() if file_id not in followed and ignored.get(file_id) != it.modified_ns
        ]

    def changed(self, by_id: Mapping[FileId, Sighting]) -> list[TrackedFile]:
        """The files that are not as they were at the last look; of most at most looks there is no more to be told."""
        return [
            file
            for file in self._by_number.values()
            if (known := file.sighting) is None or by_id.get(known.id) is not known
        ]

    def concerned(self, paths: Iterable[str]) -> list[TrackedFile]:
        """Whom a change at these paths may concern, the oldest first; those off their path it always may."""
        return self._places.concerned(paths)

    def off_path(self) -> list[TrackedFile]:
        """The files that no path leads to, the oldest first."""
        return self._places.concerned(())

    def called(self, base_names: Iterable[str]) -> list[TrackedFile]:
        """The files whose name in their directory is one of these, the oldest first."""
        return self._places.called(base_names)

    def forget_ignored_but(self, present: Container[FileId]) -> None:
        if self._ignored:
            self._ignored = {file_id: time_ns for file_id, time_ns in self._ignored.items() if file_id in present}
