"""Whole files and streams, gzip too, from the first line to the last: bounded memory, no waiting for more to come."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol, Self

from tailer.reading.chunk import Chunk, lines_in
from tailer.source.identity import is_compressed
from tailer.source.lines import Long, Scan, Whole, find, is_whole_value, settled

STDIN = "-"
BLOCK_BYTES = 256 * 1024
GZIP_MAGIC = b"\x1f\x8b"


class UnreadableError(OSError):
    """What is read is no log: damaged, cut off, or compressed in a way that is not known here."""


class Source(Protocol):
    """What a file and a decompressor have in common."""

    def read1(self, size: int, /) -> bytes: ...


class WholeFile:
    """One file read once to its end. A gzip file is told by its first bytes and unpacked as it is read."""

    def __init__(self, path: str, raw: BinaryIO, source: Source) -> None:
        self.path = path
        status = os.fstat(raw.fileno())
        self.size_bytes = status.st_size if stat.S_ISREG(status.st_mode) else None
        """Bytes on the disk, None for a pipe."""
        self.id = (status.st_dev, status.st_ino)
        self._raw = raw
        self._source = source

    @classmethod
    def open(cls, path: str) -> WholeFile:
        """Opens a file, or the standard input for `-`; OSError when it cannot be read or is compressed otherwise."""
        is_stdin = path == STDIN
        raw = open(0 if is_stdin else path, "rb", closefd=not is_stdin)  # noqa: SIM115 - closed by __exit__
        try:
            return cls(path, raw, _unpacked(raw))
        except BaseException:
            raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def done_bytes(self) -> int:
        """How far it has been read, in bytes on the disk; 0 for a pipe."""
        return self._raw.tell() if self.size_bytes is not None else 0

    def chunks(self, max_line_bytes: int) -> Iterator[Chunk]:
        """Its lines; UnreadableError where the file turns out to be damaged, after all whole lines before that."""
        try:
            yield from chunks(self._source.read1, self.path, max_line_bytes)
        except EOFError:
            raise UnreadableError("cut off: the compressed data has no end") from None
        except (zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError(f"damaged: {error}") from None


def _unpacked(raw: io.BufferedReader) -> Source:
    head = raw.peek(8)[:8]
    if head.startswith(GZIP_MAGIC):
        return gzip.GzipFile(fileobj=raw)
    if is_compressed(head):
        raise UnreadableError("compressed, and not with gzip: unpack it and give it as -")
    return raw


def chunks(read: Callable[[int], bytes], path: str, max_line_bytes: int) -> Iterator[Chunk]:
    """The lines that `read` gives until it gives nothing: the tailer's rules, and an unfinished last line counts.

    Holds at most one line of `max_line_bytes` and a block; of a longer line only the head is kept. A line that a
    container runtime has cut stays in one chunk, unless it is longer than that.
    """
    limit = max(max_line_bytes, BLOCK_BYTES)
    return _settled(_whole_lines(read, path, limit), limit)


def _settled(found: Iterable[Chunk], limit: int) -> Iterator[Chunk]:
    """The same lines, never ending within a line of the application that is in pieces."""
    kept: Chunk | None = None
    for chunk in found:
        if kept is None:
            whole = chunk
        elif chunk.oversize or is_unfinished(chunk):
            yield kept
            whole = chunk
        else:
            whole = Chunk(0, chunk.path, kept.start, chunk.end, kept.first_number, kept.data + chunk.data)
        is_given_up = whole.oversize or len(whole.data) > limit
        size = len(whole.data) if is_given_up else settled(whole.data)
        if size:
            yield whole if size == len(whole.data) else _part(whole, 0, size)
        kept = _part(whole, size, len(whole.data)) if size < len(whole.data) else None
    if kept is not None:
        yield kept


def _part(chunk: Chunk, start: int, end: int) -> Chunk:
    number = chunk.first_number + lines_in(chunk.data[:start])
    return Chunk(0, chunk.path, chunk.start + start, chunk.start + end, number, chunk.data[start:end])


def _whole_lines(read: Callable[[int], bytes], path: str, limit: int) -> Iterator[Chunk]:
    scan, held, number = Scan(0, 0), list[bytes](), 0
    while block := read(BLOCK_BYTES):
        while block:
            match find(scan, block):
                case Whole(end) | Long(end):
                    cut = end - scan.scanned
                    chunk = _chunk(path, (scan.start, end), number, [*held, block[:cut]], limit)
                    yield chunk
                    number += chunk.lines
                    scan, held, block = Scan(end, end), [], block[cut:]
                case unfinished:
                    if unfinished.scanned - scan.start <= limit or not held:
                        held.append(block)
                    scan, block = unfinished, b""
    if held:
        yield _chunk(path, (scan.start, scan.scanned), number, held, limit)


def is_unfinished(chunk: Chunk) -> bool:
    """Whether this is a last line that the tailer would still wait for: no newline, and no whole JSON value."""
    return not (chunk.oversize or chunk.data.endswith(b"\n") or is_whole_value(chunk.data))


def _chunk(path: str, span: tuple[int, int], number: int, blocks: list[bytes], limit: int) -> Chunk:
    start, end = span
    oversize = end - start > limit
    return Chunk(0, path, start, end, number, blocks[0] if oversize else b"".join(blocks), oversize=oversize)
