"""Where each consumer stands in each file, and what it loses when a file is no more. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import structlog

from tailer.source.tracked import Cause, FileRecord, Mark, SavedFiles
from tailer.telemetry import Telemetry

METER = "meter"
START = Mark(0, 0)

log = structlog.get_logger("tokentail.source")


class Owed(msgspec.Struct, array_like=True):
    """Bytes of a file that is no more which a consumer has read and is not done with: a kill would lose them."""

    cause: str
    start: int
    end: int


class SavedJournal(SavedFiles):
    """What the checkpoint keeps of the source."""

    marks: dict[str, dict[int, Mark]] = msgspec.field(default_factory=dict)
    owed: dict[str, dict[int, Owed]] = msgspec.field(default_factory=dict)


class Marks:
    """Of each consumer and file a cursor (read up to) and a mark (done with up to), both START where none is kept."""

    def __init__(self, consumers: Iterable[str], saved: SavedJournal, telemetry: Telemetry, *, from_end: bool) -> None:
        self._telemetry = telemetry
        # A consumer that is new has read nothing yet of the files that the others know.
        known = {record.number: Mark(record.size, 0) if from_end else START for record in saved.files}
        self._marks = {name: dict(saved.marks.get(name, known)) for name in consumers}
        # A consumer that is not configured today goes on from its marks when it is again.
        self._absent = {name: marks for name, marks in saved.marks.items() if name not in self._marks}
        self._cursors = {name: dict(of) for name, of in self._marks.items()}
        self._owed: dict[str, dict[int, Owed]] = {name: {} for name in self._marks}
        for name, files in saved.owed.items():
            for owed in files.values():
                self._lose(name, None, owed.end - owed.start, owed.cause)

    def consumers(self) -> Iterable[str]:
        return self._marks.keys()

    def dump(self, files: SavedFiles) -> SavedJournal:
        return SavedJournal(
            files.next_number, files.files, files.finished, files.gaps, self._marks | self._absent, self._owed
        )

    def cursor(self, consumer: str, number: int) -> Mark:
        return self._cursors[consumer].get(number, START)

    def cursors(self, number: int) -> set[int]:
        """The offsets up to which the consumers have read the file."""
        return {of.get(number, START).offset for of in self._cursors.values()}

    def settled(self, number: int) -> Iterable[int]:
        """The offsets up to which the consumers are done with the file."""
        return [of.get(number, START).offset for of in self._marks.values()]

    def lag_bytes(self, consumer: str, record: FileRecord) -> int:
        return max(0, record.size - self._marks[consumer].get(record.number, START).offset)

    def begin(self, number: int, offset: int) -> None:
        """Everybody reads the file from there."""
        for of in (*self._marks.values(), *self._cursors.values(), *self._absent.values()):
            of[number] = Mark(offset, 0)

    def advance(self, consumer: str, number: int, to: Mark) -> None:
        self._cursors[consumer][number] = to

    def settle(self, consumer: str, number: int, to: Mark) -> bool:
        """Whether that is news: of a file that is no more only what was owed is."""
        if number in self._marks[consumer]:
            self._marks[consumer][number] = to
            return True
        owed = self._owed[consumer].get(number)
        if owed is None:
            return False
        owed.start = to.offset
        if owed.start >= owed.end:
            del self._owed[consumer][number]
        return True

    def end(self, number: int, path: str, size: int, cause: Cause) -> None:
        """The file is no more: what nobody had read of it is lost, what is on its way is owed."""
        self.lose(number, path, (0, size), cause)
        for name in self._marks:
            start, end = self._marks[name].get(number, START).offset, self.cursor(name, number).offset
            if end > start:
                self._owed[name][number] = Owed(cause.value, start, end)
        self.forget(number)

    def forget(self, number: int) -> None:
        for of in (*self._marks.values(), *self._cursors.values(), *self._absent.values()):
            of.pop(number, None)

    def lose(self, number: int, path: str, span: tuple[int, int], cause: Cause) -> None:
        """Of the bytes in the span each consumer has lost those that it had not read yet."""
        start, end = span
        for name in self._cursors:
            self._lose(name, path, end - max(start, self.cursor(name, number).offset), cause.value)

    def _lose(self, consumer: str, path: str | None, count: int, cause: str) -> None:
        if count > 0:
            kind = cause if consumer == METER else f"{cause}_unsent"
            self._telemetry.add("tokentail_lost_bytes_total", count, kind)
            log.warning("bytes_lost", path=path, bytes=count, cause=kind)
