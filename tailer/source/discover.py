"""Globs to the files that exist now, and to the directories in which something may change. Opens no file."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tailer.source.identity import FileId

TIMESTAMP_NS = 2_000_000_000
"""The coarsest time stamps that file systems give: two seconds."""


MOST_LISTS = 64
"""So many in a row, of a directory whose writer does nothing but rotate."""


class Sighting(NamedTuple):
    """A regular file on a watched path."""

    path: str
    id: FileId
    size: int
    modified_ns: int
    looked_ns: int = 0
    """A time not after the look, on the clock that `modified_ns` is of."""

    @property
    def is_settled(self) -> bool:
        """Whether every later write bears another time."""
        return self.looked_ns - self.modified_ns >= TIMESTAMP_NS


class Scanned(NamedTuple):
    """What the patterns name: the regular files by their paths, and the paths named outright that hold another thing.

    A settled file that is still as it was has the very same sighting as before.
    """

    files: dict[str, Sighting]
    no_files: tuple[str, ...]


def is_glob(pattern: str) -> bool:
    """Whether a pattern is to be expanded: a file whose very name looks like a glob is meant itself."""
    return glob.has_magic(pattern) and not os.path.lexists(pattern)


def scan(patterns: Iterable[str], before: Mapping[str, Sighting] | None = None) -> Scanned:
    """Everything that the paths and globs name now, symbolic links followed. Costs some 2 µs for a file seen before."""
    looked_ns = time.time_ns()
    known = before or {}
    files: dict[str, Sighting] = {}
    no_files: list[str] = []
    for pattern in patterns:
        outright = not is_glob(pattern)
        for path in (pattern,) if outright else expanded(pattern):
            try:
                status = os.stat(path)
            except OSError:
                continue  # It has just gone; a path that never can be read is reported when it is opened.
            if stat.S_ISREG(status.st_mode):
                files[path] = _sighting(path, status, known.get(path), looked_ns)
            elif outright:
                no_files.append(path)
    return Scanned(files, tuple(no_files))


def _sighting(path: str, status: os.stat_result, known: Sighting | None, looked_ns: int) -> Sighting:
    if (
        known is not None
        and known.modified_ns == status.st_mtime_ns
        and known.size == status.st_size
        and known.id == (status.st_dev, status.st_ino)
        and known.is_settled
    ):
        return known
    return Sighting(path, FileId(status.st_dev, status.st_ino), status.st_size, status.st_mtime_ns, looked_ns)


def expanded(pattern: str) -> Iterable[str]:
    """What `glob.iglob` gives, at half its cost where only the last part of a pattern is a glob, as in most."""
    directory, name = os.path.split(pattern)
    if not directory or glob.has_magic(directory) or not glob.has_magic(name) or name == "**":
        return glob.iglob(pattern, recursive=True)
    return _matching(directory, name)


def _matching(directory: str, name: str) -> list[str]:
    fits = re.compile(fnmatch.translate(name)).match
    is_for_hidden = name.startswith(".")
    try:
        with os.scandir(directory) as entries:
            return [
                entry.path
                for entry in entries
                if fits(entry.name) and (is_for_hidden or not entry.name.startswith("."))
            ]
    except OSError:
        return []


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


def sight(path: str) -> Sighting | None:
    """The regular file at this path, links followed; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return _sighting(path, status, None, 0) if stat.S_ISREG(status.st_mode) else None


def beside(path: str) -> list[str]:
    """What stands beside `path` and is called as it is with something behind."""
    directory, name = os.path.split(path)
    try:
        with os.scandir(directory or ".") as entries:
            return [entry.path for entry in entries if entry.name != name and entry.name.startswith(name)]
    except OSError:
        return []


def siblings(path: str) -> list[Sighting]:
    """The regular files beside `path` that its name with a suffix leads to, newest first."""
    found = [sighting for place in beside(path) if (sighting := sight(place)) is not None]
    return sorted(found, key=lambda it: it.modified_ns, reverse=True)


def place_of_inode(path: str, inode: int) -> str | None:
    """Under which name the file of this inode now stands beside `path`; OSError when it cannot be told.

    A file that is renamed while the directory is listed may be on no list: only two that agree say that it is gone.
    """
    directory = os.path.dirname(path) or "."
    before: dict[str, int] | None = None
    for _ in range(MOST_LISTS):
        now: dict[str, int] = {}
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if (found := entry.inode()) == inode and entry.is_file():
                        return entry.path
                    now[entry.path] = found
        except (FileNotFoundError, NotADirectoryError):
            return None
        if now == before:
            return None
        before = now
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
