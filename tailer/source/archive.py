"""A rotated file that was compressed, read as if it had not been: bytes at an offset of what is in it.

gzip, bzip2 and xz; what reading backwards costs is unpacking from the start.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import threading
import zlib
from typing import Protocol

from aiofiles.os import wrap

from tailer.source.identity import HEAD_BYTES, Found
from tailer.source.reader import Block, OpenFile

BLOCK_BYTES = 1024 * 1024
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError)


class Unpacked(Protocol):
    """What the three decompressors have in common."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, /) -> int: ...
    def close(self) -> None: ...


class Archive(OpenFile):
    """Takes over the descriptor of the compressed file. Its `Found` tells of the content, under the file's own id."""

    is_archive = True

    def __init__(self, descriptor: int, stream: Unpacked, start: bytes) -> None:
        super().__init__(descriptor)
        self.start = start
        self._stream = stream
        self._found: Found | None = None
        self._lock = threading.Lock()

    async def measured(self, packed: Found) -> Found | None:
        """What is in it, unpacked once from its start to its end; None when it is damaged or not whole."""
        try:
            size = await _measure(self)
        except DAMAGED:
            return None
        self._found = Found(packed.id, size, self.start)
        return self._found

    async def read(self, offset: int, length: int) -> Block:
        """At most `length` bytes of the content; OSError when the disk refuses them. Only after `measured`."""
        assert self._found is not None  # noqa: S101  # nobody gets one that is not measured
        return Block(await _read(self, offset, length) if length else b"", self._found)

    def close(self) -> None:
        with self._lock:
            self._stream.close()
        super().close()

    def read_now(self, offset: int, length: int) -> bytes:
        with self._lock:
            try:
                self._stream.seek(offset)
                return self._stream.read(length)
            except (EOFError, zlib.error, lzma.LZMAError) as error:
                raise OSError(str(error)) from error

    def measure_now(self) -> int:
        with self._lock:
            size = self._stream.seek(0)
            while block := self._stream.read(BLOCK_BYTES):
                size += len(block)
            return size


def unpacked(handle: OpenFile, packed: Found) -> Archive | None:
    """An archive in place of the handle, which keeps its descriptor; None when it cannot be unpacked here. Blocks."""
    descriptor = os.dup(handle.fileno())
    raw = io.FileIO(descriptor, closefd=False)
    stream: Unpacked
    if packed.start.startswith(b"\x1f\x8b"):
        stream = gzip.GzipFile(fileobj=raw, mode="rb")
    elif packed.start.startswith(b"BZh"):
        stream = bz2.BZ2File(io.BufferedReader(raw))
    elif packed.start.startswith(b"\xfd7zXZ"):
        stream = lzma.LZMAFile(io.BufferedReader(raw))  # noqa: SIM115  # closed with the archive
    else:
        os.close(descriptor)
        return None
    try:
        stream.seek(0)
        return Archive(descriptor, stream, stream.read(HEAD_BYTES))
    except DAMAGED:
        os.close(descriptor)
        return None


_read = wrap(Archive.read_now)
_measure = wrap(Archive.measure_now)
unpacked_off_loop = wrap(unpacked)
