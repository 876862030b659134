"""The next chunk for a consumer, over all files and their rotations. Buffers nothing but the last chunks read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from tailer.config import Config
from tailer.reading.chunk import Chunk
from tailer.source.chunks import CHUNK_BYTES, Chunks
from tailer.source.files import Files
from tailer.source.marks import Marks, SavedJournal
from tailer.source.shared import SharedChunks
from tailer.source.tracked import Added, Cause, Dropped, Ended, Event, Grew, Mark, Moved, TrackedFile
from tailer.source.turns import Turns
from tailer.telemetry import Telemetry

SHARED_BYTES = 16 * CHUNK_BYTES
"""How much of what was read last is kept for consumers a little behind the first; the very last chunk always is."""

TURNS = 8
"""So many turns of the loop a consumer leaves to one behind it before it reads on: about what a push takes."""


class Journal:
    """A consumer group over files: each consumer has a cursor (read up to) and a mark (done with up to)."""

    def __init__(
        self,
        config: Config,
        telemetry: Telemetry,
        consumers: Iterable[str],
        saved: SavedJournal,
        save: Callable[[], Awaitable[None]],
    ) -> None:
        self.files = Files(config, telemetry, self._apply, saved)
        self._save = save
        self._chunks = Chunks(self._bytes_at, config.max_line_bytes)
        self._marks = Marks(consumers, saved, telemetry, from_end=config.read_from == "end")
        self._wake = {name: asyncio.Event() for name in self.consumers()}
        self._turns = {name: Turns() for name in self.consumers()}
        self._shared = SharedChunks(SHARED_BYTES)
        self._tell_changed: list[Callable[[], None]] = []
        self._tell_gone: list[Callable[[int], None]] = []
        self._changing = asyncio.Lock()
        self._ending = False
        self._take_tail = False

    def dump(self) -> SavedJournal:
        return self._marks.dump(self.files.dump())

    def when_gone(self, tell: Callable[[int], None]) -> None:
        """`tell` is called with the number of each file of which nothing will be read again."""
        self._tell_gone.append(tell)

    def when_changed(self, tell: Callable[[], None]) -> None:
        """`tell` is called whenever `dump` has something new to say."""
        self._tell_changed.append(tell)

    async def next(self, consumer: str) -> Chunk | None:
        """Waits for the next chunk after the consumer's cursor; None once the input has come to its end for good."""
        wake = self._wake[consumer]
        while True:
            wake.clear()
            tried: set[int] = set()
            while (file := self._whose_turn(consumer, tried)) is not None:
                chunk = await self._chunk(file, consumer)
                if chunk is not None:
                    self._hand_out(chunk, consumer)
                    return chunk
                tried.add(file.number)
            if self._ending and not wake.is_set():
                return None
            await wake.wait()

    def settle(self, consumer: str, file: int, offset: int, number: int) -> None:
        """Everything before `offset` is done for good. A file that has ended in the meantime has no mark any more."""
        if self._marks.settle(consumer, file, Mark(offset, number)):
            self._changed()

    async def save(self) -> None:
        """The marks and all that goes with them are on disk when this returns."""
        await self._save()

    def lag_bytes(self, consumer: str) -> int:
        """How much is known to have been written and is not settled by the consumer."""
        return sum(self.lag_of(consumer, file) for file in self.files)

    def lag_of(self, consumer: str, file: TrackedFile) -> int:
        """The same of one file."""
        return self._marks.lag_bytes(consumer, file.record)

    def is_level(self, consumer: str) -> bool:
        """Whether the consumer is done with every whole line that is known of."""
        scans = [(file.scan, file.record.size) for file in self.files]
        unfinished = sum(size - scan.start for scan, size in scans if scan is not None and scan.scanned >= size)
        return self.lag_bytes(consumer) <= unfinished

    def known_bytes(self) -> int:
        """The sizes of all files as far as they are known."""
        return sum(file.record.size for file in self.files)

    def unread(self) -> list[str]:
        """The files of which a consumer has not got all whole lines: they would not let themselves be read."""
        return [
            file.record.place
            for file in self.files
            for cursor in self._marks.cursors(file.number)
            if cursor < file.record.size and not _is_scanned(file, cursor)
        ]

    def consumers(self) -> Iterable[str]:
        return self._marks.consumers()

    async def look(self) -> None:
        """Compares the paths with the files followed, and wakes the consumers that have something to read."""
        async with self._changing:
            await self.files.look(time.monotonic(), self._is_read)
        self._wake_up()

    async def touch(self, paths: set[str]) -> None:
        """The files at these paths have changed."""
        async with self._changing:
            await self.files.touch(paths)
        self._wake_up()

    def end(self, *, take_tail: bool) -> None:
        """No more looks will come: `next` returns None once everything is read.

        With `take_tail` a last line without a newline is taken too, if it is a whole JSON value.
        """
        self._ending, self._take_tail = True, take_tail
        for file in self.files:
            self._offer(file)
        self._wake_up()

    def _whose_turn(self, consumer: str, tried: set[int]) -> TrackedFile | None:
        return self._turns[consumer].take(lambda file: self._has_unread(file, consumer), tried)

    def _has_unread(self, file: TrackedFile, consumer: str) -> bool:
        cursor = self._marks.cursor(consumer, file.number).offset
        if cursor >= file.record.size:
            return False
        return not _is_scanned(file, cursor) or (self._ending and self._take_tail)

    def _is_read(self, file: TrackedFile) -> bool:
        """Whether nothing is left of the file but perhaps an unfinished last line."""
        size, scan = file.record.size, file.scan
        unfinished = scan.start if scan is not None and scan.scanned >= size else size
        return all(offset >= size or offset == unfinished for offset in self._marks.settled(file.number))

    async def _chunk(self, file: TrackedFile, consumer: str) -> Chunk | None:
        await self._give_way(file, consumer)
        async with file.lock:
            if self.files.get(file.number) is not file:
                return None  # It has ended while another consumer was reading it.
            cursor = self._marks.cursor(consumer, file.number)
            if (shared := self._shared.get(file.number, cursor.offset)) is not None:
                return shared
            chunk = await self._chunks.next(file, cursor, take_tail=self._ending and self._take_tail)
            if chunk is None or self._marks.cursor(consumer, file.number) != cursor:
                return None  # While it was read the file has turned out to be a copy, read elsewhere.
            self._shared.add(chunk)
            return chunk

    async def _give_way(self, file: TrackedFile, consumer: str) -> None:
        """Lets one that is behind come closer while what it will ask for is still here: else all is read twice."""
        for _ in range(TURNS):
            ahead = self._marks.cursor(consumer, file.number).offset - min(self._marks.cursors(file.number))
            if not 0 < ahead < SHARED_BYTES:
                return
            await asyncio.sleep(0)

    def _hand_out(self, chunk: Chunk, consumer: str) -> None:
        self._marks.advance(consumer, chunk.file, Mark(chunk.end, chunk.first_number + chunk.lines))
        if (read_by_all := min(self._marks.cursors(chunk.file))) >= chunk.end:
            self._shared.forget(chunk.file, read_by_all)

    async def _bytes_at(self, file: TrackedFile, offset: int, length: int) -> bytes | None:
        """Bytes of this generation of the file, or None when it has ended under our hands."""
        seen = file.record.seen()
        block = await self.files.read(file, offset, length)
        if block is None:
            return None
        async with self._changing:
            await self.files.compare(file, seen, block.found)
        return block.data if self.files.get(file.number) is file else None

    def _apply(self, event: Event) -> None:
        match event:
            case Grew(file):
                self._offer(file)
            case Added(file, start):
                self._marks.begin(file.number, start)
                self._offer(file)
            case Moved(file, known_size):
                self._marks.lose(file.number, file.record.path, (file.record.size, known_size), Cause.TRUNCATED)
                self._offer(file)
            case Dropped(number):
                self._forget(number)
            case Ended(number, path, size, cause):
                self._marks.end(number, path, size, cause)
                self._forget(number)
        self._changed()
        self._wake_up()

    def _offer(self, file: TrackedFile) -> None:
        for turns in self._turns.values():
            turns.offer(file)

    def _forget(self, number: int) -> None:
        self._marks.forget(number)
        for turns in self._turns.values():
            turns.forget(number)
        self._shared.forget(number)
        for tell in self._tell_gone:
            tell(number)

    def _changed(self) -> None:
        for tell in self._tell_changed:
            tell()

    def _wake_up(self) -> None:
        for name, wake in self._wake.items():
            if self._ending or self._turns[name]:
                wake.set()


def _is_scanned(file: TrackedFile, cursor: int) -> bool:
    """Whether it is known that no whole line stands after the cursor."""
    return file.scan is not None and file.scan.start == cursor and file.scan.scanned >= file.record.size
