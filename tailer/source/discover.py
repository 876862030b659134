"""Globs to the files that exist now, and to the directories in which something may change. Opens no file."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import os
import stat
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

import structlog
from asyncinotify import Inotify, Mask, Watch

from tailer.source.identity import FileId

_MASK = (
    Mask.MODIFY | Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.DELETE_SELF | Mask.MOVE_SELF
    | Mask.ATTRIB
)  # fmt: skip

TIMESTAMP_NS = 2_000_000_000
"""The coarsest time stamps that file systems give: two seconds."""

log = structlog.get_logger("tokentail.source")


class Sighting(NamedTuple):
    """A regular file on a watched path."""

    id: FileId
    size: int
    modified_ns: int
    looked_ns: int = 0
    """When this was so, on the clock that `modified_ns` is of."""

    @property
    def settled_ns(self) -> int:
        """`modified_ns`, 0 while another write could still bear the same time."""
        return self.modified_ns if self.looked_ns - self.modified_ns >= TIMESTAMP_NS else 0


def is_glob(pattern: str) -> bool:
    """Whether a pattern is to be expanded: a file whose very name looks like a glob is meant itself."""
    return glob.has_magic(pattern) and not os.path.lexists(pattern)


def scan(patterns: Iterable[str]) -> dict[str, Sighting]:
    """Every regular file that the paths and globs name now, symbolic links followed."""
    found: dict[str, Sighting] = {}
    for pattern in patterns:
        for path in glob.iglob(pattern, recursive=True) if is_glob(pattern) else (pattern,):
            try:
                status = os.stat(path)
            except OSError:
                continue  # It has just gone; a path that never can be read is reported when it is opened.
            if stat.S_ISREG(status.st_mode):
                file_id = FileId(status.st_dev, status.st_ino)
                found[path] = Sighting(file_id, status.st_size, status.st_mtime_ns, time.time_ns())
    return found


def directories(patterns: Iterable[str], files: Iterable[str]) -> set[str]:
    """The existing directories where a change may concern the patterns: of fixed parts, files and link targets."""
    watched = set()
    for pattern in patterns:
        fixed = os.path.dirname(pattern)
        while fixed and (glob.has_magic(fixed) or not os.path.isdir(fixed)):
            fixed = os.path.dirname(fixed)
        watched.add(fixed or ".")
    for path in files:
        watched.add(os.path.dirname(path) or ".")
        if os.path.islink(path):
            watched.add(os.path.dirname(os.path.realpath(path)))
    return watched


def siblings(path: str) -> list[str]:
    """The regular files beside `path` that its name with a suffix leads to, newest first."""
    directory, name = os.path.split(path)
    try:
        with os.scandir(directory or ".") as entries:
            found = [
                entry for entry in entries if entry.name != name and entry.name.startswith(name) and entry.is_file()
            ]
            return [entry.path for entry in sorted(found, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)]
    except OSError:
        return []


def place_of_inode(path: str, inode: int) -> str | None:
    """Under which name the file of this inode now stands beside `path`; OSError when it cannot be told."""
    directory = os.path.dirname(path) or "."
    try:
        with os.scandir(directory) as entries:
            return next((entry.path for entry in entries if entry.inode() == inode and entry.is_file()), None)
    except (FileNotFoundError, NotADirectoryError):
        return None


def directory_device(path: str) -> int | None:
    """The device that holds the directory of `path`, None where there is no such directory."""
    try:
        return os.stat(os.path.dirname(path) or ".").st_dev
    except OSError:
        return None


def has_left(path: str, file_id: FileId) -> bool:
    """Whether the file surely is not at this path any more: a path that cannot be looked at says nothing."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return FileId(status.st_dev, status.st_ino) != file_id


class Watcher:
    """Wakes whoever waits when something happens in the watched directories; without inotify only time wakes."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._watched: dict[str, Watch] = {}
        self._refused = False
        self._inotify: Inotify | None = None
        self._paths: set[str] = set()
        self._structure = False

    def __enter__(self) -> Self:
        try:
            self._inotify = Inotify(sync_timeout=0)
            asyncio.get_running_loop().add_reader(self._inotify.fd, self._drain)
        except OSError as error:
            log.warning("inotify_unavailable", reason=os.strerror(error.errno or 0), effect="looking once a poll")
        return self

    def __exit__(self, *_: object) -> None:
        if self._inotify is not None:
            asyncio.get_running_loop().remove_reader(self._inotify.fd)
            self._inotify.close()
            self._inotify = None

    def watch(self, wanted: set[str]) -> None:
        """Watches these directories and no others; what cannot be watched is left to the polls."""
        if self._inotify is None:
            return
        for path in self._watched.keys() - wanted:
            self._forget(path)
        for path in wanted - self._watched.keys():
            try:
                self._watched[path] = self._inotify.add_watch(path, _MASK)
            except OSError as error:
                if not self._refused:
                    self._refused = True
                    log.warning("inotify_watch_refused", path=path, reason=os.strerror(error.errno or 0))

    async def wait(self, timeout_seconds: float) -> tuple[set[str], bool]:
        """The paths that changed, and whether any came, went or moved (also true when time ran out)."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._changed.wait()
        except TimeoutError:
            self._structure = True
        self._changed.clear()
        paths, structure = self._paths, self._structure
        self._paths, self._structure = set(), False
        return paths, structure

    def _forget(self, path: str) -> None:
        watch = self._watched.pop(path)
        with contextlib.suppress(OSError):  # The directory may have gone, and its watch with it.
            if watch.inotify is not None:
                watch.inotify.rm_watch(watch)

    def _drain(self) -> None:
        for path, modified in self._events():
            if modified:
                self._paths.add(path)
            else:
                self._structure = True
        self._changed.set()

    def _events(self) -> Iterator[tuple[str, bool]]:
        assert self._inotify is not None  # noqa: S101  # only called while inotify is open
        while (event := self._inotify.sync_get()) is not None:
            if Mask.IGNORED in event.mask:
                self._watched = {path: watch for path, watch in self._watched.items() if watch is not event.watch}
            yield str(event.path) if event.path is not None else "", event.mask == Mask.MODIFY
