"""The next whole lines of one file, however long they are; holds one line at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tailer.reading.chunk import Chunk
from tailer.source import lines
from tailer.source.lines import Long, Scan, Whole
from tailer.source.tracked import Mark, Presence, TrackedFile

CHUNK_BYTES = 256 * 1024

BytesAt = Callable[[TrackedFile, int, int], Awaitable[bytes | None]]
"""Bytes of a file at an offset; None when they are no longer those of this generation of the file."""


class Chunks:
    """Cuts chunks out of files. A line over `max_line_bytes` becomes a chunk that holds only its head."""

    def __init__(self, bytes_at: BytesAt, max_line_bytes: int) -> None:
        self._bytes = bytes_at
        self._max_line_bytes = max_line_bytes

    async def next(self, file: TrackedFile, cursor: Mark, *, take_tail: bool) -> Chunk | None:
        """Whole lines from the cursor on, at most CHUNK_BYTES or one line; None when there is no whole line.

        A line that a container runtime has cut counts as one, a hole before a line as nothing. With `take_tail` a last
        line without a newline is taken too, if it is a whole JSON value.
        """
        scan = Scan(cursor.offset, cursor.offset)
        if file.scan is not None and file.scan.start == cursor.offset and file.scan.scanned - scan.start >= CHUNK_BYTES:
            scan = file.scan
        while True:
            block = await self._bytes(file, scan.scanned, CHUNK_BYTES)
            if block is None:
                return None
            if scan.scanned == cursor.offset and len(block) == CHUNK_BYTES and lines.is_hole(block):
                cursor = Mark(cursor.offset + len(block), cursor.number)
                scan = Scan(cursor.offset, cursor.offset)
                continue
            match lines.find(scan, block):
                case Whole(end):
                    return await self._settled(file, cursor, block[: end - scan.start], is_last=take_tail)
                case Long(end):
                    return await self._long(file, cursor, end)
                case unfinished:
                    scan = file.scan = unfinished
            if len(block) < CHUNK_BYTES:
                return await self._tail(file, cursor) if take_tail else None

    async def _settled(self, file: TrackedFile, cursor: Mark, data: bytes, *, is_last: bool) -> Chunk | None:
        """These whole lines as far as no cut line is left open in them; more of the file where not even one is done.

        None while its end is still to come. As they stand, when it is too long or will not come: what is written to a
        file that has left its path is the rest of another line.
        """
        size, wanted, most = lines.settled(data), CHUNK_BYTES, max(self._max_line_bytes, CHUNK_BYTES)
        while not size:
            wanted = min(2 * wanted, most)
            block = await self._bytes(file, cursor.offset, wanted)
            if block is None:
                return None
            data = block[: block.rfind(b"\n") + 1]
            size = lines.settled(data)
            is_all = len(block) < wanted
            if is_all and not size and not is_last and file.presence is Presence.ON_PATH:
                return None
            if is_all or wanted == most:
                break
        end = cursor.offset + (size or len(data))
        return Chunk(file.number, file.record.path, cursor.offset, end, cursor.number, data[: end - cursor.offset])

    async def _long(self, file: TrackedFile, cursor: Mark, end: int) -> Chunk | None:
        """A line that did not fit in a block: whole when it may be, else only its head."""
        length = end - cursor.offset
        oversize = length > self._max_line_bytes
        data = await self._bytes(file, cursor.offset, CHUNK_BYTES if oversize else length)
        if data is None or len(data) < min(length, CHUNK_BYTES):
            return None
        return Chunk(file.number, file.record.path, cursor.offset, end, cursor.number, data, oversize=oversize)

    async def _tail(self, file: TrackedFile, cursor: Mark) -> Chunk | None:
        size = file.record.size - cursor.offset
        if not 0 < size <= self._max_line_bytes:
            return None
        data = await self._bytes(file, cursor.offset, size)
        if not data or not lines.is_whole_value(data):
            return None
        return Chunk(file.number, file.record.path, cursor.offset, cursor.offset + len(data), cursor.number, data)
