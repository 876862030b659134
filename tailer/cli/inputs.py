"""Which files the arguments of `report` mean, and in which order they were written."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence

from tailer.source.whole import STDIN


def expanded(arguments: Sequence[str]) -> list[str]:
    """The paths of all arguments, globs resolved; a file named twice, also by a link, is there once.

    What does not exist stays in the list, so that opening it says so.
    """
    found: dict[object, str] = {}
    for path in (path for argument in arguments for path in _expand(argument)):
        found.setdefault(_identity(path), path)
    return list(found.values())


def in_order_of_time(paths: list[str], first_time_ns: Callable[[str], int | None]) -> list[str]:
    """Oldest first by the first time in each file, since `app.log*` names the newest first and calls span rotations.

    As given where that cannot be told: a file without a time, a pipe, which can be read only once.
    """
    if len(paths) < 2 or any(size_bytes(path) is None for path in paths):
        return paths
    times = {path: first_time_ns(path) for path in paths}
    known = {path: time for path, time in times.items() if time is not None}
    return sorted(paths, key=known.__getitem__) if len(known) == len(paths) else paths


def size_bytes(path: str) -> int | None:
    """The size of a file, None where it has none or cannot be asked."""
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None
    except OSError:
        return None


def _expand(argument: str) -> Iterator[str]:
    # A file may be called app[1].log.
    matches = [] if os.path.exists(argument) else sorted(glob.glob(argument, recursive=True))
    yield from [path for path in matches if os.path.isfile(path)] or [argument]


def _identity(path: str) -> object:
    try:
        status = os.stat(path)
    except OSError:
        return path
    return path if path == STDIN else (status.st_dev, status.st_ino)
