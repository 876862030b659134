"""One open file: the bytes at an offset, read off the event loop. Knows nothing of lines or rotation."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from typing import NamedTuple

from aiofiles.os import wrap

from tailer.source.identity import HEAD_BYTES, FileId, Found
from tailer.source.roots import ANYWHERE, Roots

_PROBE = os.O_PATH | os.O_CLOEXEC
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_DELETED = " (deleted)"

MOST_LOOKS = 64
"""So many in a row at a file that is cut short during each of them; it is tried again at the next look round."""


class NotAFileError(OSError):
    """The path is a directory, a pipe or a device, none of which can be tailed."""


class NoProcError(OSError):
    """Without /proc nobody can tell where an open file stands, so none is read."""


class Block(NamedTuple):
    """Bytes at an offset, and the file as it was just after they had been read."""

    data: bytes
    found: Found


class OpenFile:
    """A descriptor that outlives the name of its file."""

    is_archive = False

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    async def open(cls, path: str, roots: Roots = ANYWHERE) -> tuple[OpenFile, Found]:
        """Opens a regular file for reading; OSError when that cannot be done, OutsideError when it must not be."""
        opening = asyncio.ensure_future(_open(path, roots))
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

    def fileno(self) -> int:
        return self._descriptor

    def modified_ns(self) -> int:
        """When it was last written to; OSError where that cannot be told."""
        return os.fstat(self._descriptor).st_mtime_ns

    def close(self) -> None:
        os.close(self._descriptor)


def _open_now(path: str, roots: Roots) -> tuple[int, Found]:
    # First only a handle, which wakes no device and waits for no pipe. Whoever swaps a link between a look at the path
    # and its opening gains nothing: what the handle holds is what is judged, and what is read.
    handle = os.open(path, _PROBE)
    try:
        _regular(handle)
        roots.check(path, _place(handle))
        descriptor = os.open(f"/proc/self/fd/{handle}", _FLAGS)
    finally:
        os.close(handle)
    try:
        return descriptor, _look(descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _place(handle: int) -> str:
    """Where an open file really stands, every link resolved."""
    try:
        place = os.readlink(f"/proc/self/fd/{handle}")
    except FileNotFoundError as error:
        raise NoProcError("/proc is not mounted") from error
    return place.removesuffix(_DELETED) if os.fstat(handle).st_nlink == 0 else place


def _close_opened(opening: asyncio.Future[tuple[int, Found]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        os.close(opening.result()[0])


def _regular(handle: int) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise NotAFileError("not a regular file")


def _look(descriptor: int) -> Found:
    """Size and start as they were at one moment: one that is written or cut between the two calls is looked at again.

    With the start of before and the size of after, a file just truncated would pass for its own copy.
    """
    for _ in range(MOST_LOOKS):
        status = os.fstat(descriptor)
        start = os.pread(descriptor, min(HEAD_BYTES, status.st_size), 0)
        is_cut = len(start) < min(HEAD_BYTES, status.st_size) or os.fstat(descriptor).st_size < status.st_size
        if not is_cut:
            return Found(FileId(status.st_dev, status.st_ino), status.st_size, start)
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _read_now(descriptor: int, offset: int, length: int) -> Block:
    data = os.pread(descriptor, length, offset) if length else b""
    return Block(data, _look(descriptor))


_open = wrap(_open_now)
_read = wrap(_read_now)
