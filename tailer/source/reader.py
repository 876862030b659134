"""One open file: the bytes at an offset, read off the event loop. Knows nothing of lines or rotation."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import NamedTuple

from aiofiles.os import wrap

from tailer.source.identity import HEAD_BYTES, FileId, Found

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | getattr(os, "O_NOCTTY", 0)


class NotAFileError(OSError):
    """The path is a directory, a pipe or a device, none of which can be tailed."""


class Block(NamedTuple):
    """Bytes at an offset, and the file as it was just after they had been read."""

    data: bytes
    found: Found


class OpenFile:
    """A descriptor that outlives the name of its file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    async def open(cls, path: str) -> tuple[OpenFile, Found]:
        """Opens a regular file for reading; OSError when that cannot be done."""
        opening = asyncio.ensure_future(_open(path))
        try:
            descriptor, found = await asyncio.shield(opening)
        except asyncio.CancelledError:
            # The thread goes on; nobody else will close what it opens.
            opening.add_done_callback(_close_opened)
            raise
        return cls(descriptor), found

    async def read(self, offset: int, length: int) -> Block:
        """At most `length` bytes; the state of the file is taken after them, so a truncation in between is seen."""
        return await _read(self._descriptor, offset, length)

    def modified_ns(self) -> int:
        """When it was last written to; OSError where that cannot be told."""
        return os.fstat(self._descriptor).st_mtime_ns

    def close(self) -> None:
        os.close(self._descriptor)


def _open_now(path: str) -> tuple[int, Found]:
    # Without O_NONBLOCK a pipe in the place of a log would hang the open for ever.
    descriptor = os.open(path, _FLAGS)
    try:
        return descriptor, _look(_regular(descriptor))
    except BaseException:
        os.close(descriptor)
        raise


def _close_opened(opening: asyncio.Future[tuple[int, Found]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        os.close(opening.result()[0])


def _regular(descriptor: int) -> int:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise NotAFileError("not a regular file")
    return descriptor


def _look(descriptor: int) -> Found:
    start = os.pread(descriptor, HEAD_BYTES, 0)
    status = os.fstat(descriptor)
    return Found(FileId(status.st_dev, status.st_ino), status.st_size, start)


def _read_now(descriptor: int, offset: int, length: int) -> Block:
    data = os.pread(descriptor, length, offset)
    return Block(data, _look(descriptor))


_open = wrap(_open_now)
_read = wrap(_read_now)
