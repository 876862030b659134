"""From where files may be read: a link must not lead the tailer to what its operator never meant. Opens nothing."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable

KUBELET_LOGS = ("/var/log/containers", "/var/log/pods")
"""Here the kubelet alone writes, and its links lead from one to the other and on to the container runtime's logs."""
RUNTIME_LOGS = ("/var/log/pods", "/var/lib/docker/containers")


class OutsideError(OSError):
    """A link leads out of the directories from which files may be read; `place` is where to."""

    def __init__(self, place: str) -> None:
        super().__init__("a link leads out of the allowed directories")
        self.place = place


class Roots:
    """The directories of the patterns' fixed parts and the allowed ones, as they were when this was made.

    A link that the application puts in the place of one of them later leads elsewhere, and counts for nothing.
    """

    def __init__(self, patterns: Iterable[str], allowed: Iterable[str] = ()) -> None:
        fixed = {fixed_part(pattern) for pattern in patterns}
        # A path in the root directory says nothing about all that is beneath it.
        wanted = (fixed - {"/"}) | set(allowed)
        if any(_is_in(directory, logs) for directory in fixed for logs in KUBELET_LOGS):
            wanted |= set(RUNTIME_LOGS)
        self._real = frozenset(os.path.realpath(directory) for directory in wanted)

    def check(self, path: str, place: str) -> None:
        """OutsideError unless what was opened at `path` and really stands at `place` may be read."""
        if place != path and not any(_is_in(place, root) for root in self._real):
            raise OutsideError(place)


ANYWHERE = Roots((), ("/",))
"""For who names each file himself."""


def fixed_part(pattern: str) -> str:
    """The directory of a path, or that above the first wildcard; absolute."""
    directory = os.path.dirname(os.path.abspath(pattern))
    # A file whose very name looks like a glob is meant itself; its directories are not asked for that.
    while glob.has_magic(directory) and not os.path.lexists(directory):
        directory = os.path.dirname(directory)
    return directory


def _is_in(place: str, directory: str) -> bool:
    return directory in ("/", place) or place.startswith(f"{directory}/")
