"""What is known of a followed file, what the checkpoint keeps of it, and what can happen to it. Data only."""

from __future__ import annotations

import asyncio
import os
import re
from enum import Enum
from typing import NamedTuple

import msgspec

from tailer.source.discover import Sighting
from tailer.source.identity import FileId, Found, Head, Seen, fingerprint
from tailer.source.lines import Scan
from tailer.source.reader import OpenFile


class FileRecord(msgspec.Struct):
    """One generation of content, as it is remembered over a restart. A truncation starts a new generation."""

    number: int
    path: str
    """Where it was first seen: what its log entries are told to come from."""
    place: str
    """Where it was last seen."""
    device: int
    inode: int
    head_length: int
    head_digest: str
    size: int
    copy_of: int = 0
    """The number of a file whose lines are read there and not in this copy of it; 0 for all others."""
    since_ns: int = 0
    """Whatever comes on its path after it is last written to at this time or later, in nanoseconds by the clock of the
    file system; 0 when that is not known."""

    def seen(self) -> Seen:
        return Seen(self.id(), Head(self.head_length, self.head_digest), self.size)

    @classmethod
    def of(cls, number: int, path: str, found: Found, place: str | None = None) -> FileRecord:
        head = fingerprint(found.start)
        return cls(number, printable(path), place or path, *found.id, head.length, head.digest, found.size)

    def saved(self) -> FileRecord:
        """As it can be written in the checkpoint, where a name must be text."""
        place = printable(self.place)
        return self if place == self.place else msgspec.structs.replace(self, place=place)

    def id(self) -> FileId:
        return FileId(self.device, self.inode)

    def update(self, found: Found) -> None:
        """Takes over what was found to be the same content, grown or not."""
        self.device, self.inode = found.id
        self.size = max(self.size, found.size)
        if len(found.start) > self.head_length:
            self.head_length, self.head_digest = fingerprint(found.start)


class SavedFiles(msgspec.Struct):
    """What the checkpoint keeps of the files; `finished` are those read to their end and not followed any more.

    `gaps` are the paths on which other files may have come and gone unseen, with a time (as `since_ns`) after which.
    """

    next_number: int = 0
    files: list[FileRecord] = []
    finished: list[FileRecord] = []
    gaps: dict[str, int] = {}


def printable(path: str) -> str:
    """The path as text, also where the file system holds bytes that are none (`app-\\xff.log`)."""
    return path if path.isascii() else path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def is_rotation(path: str, other: str) -> bool:
    """Whether `other` bears the name of the log at `path` with a number or a date behind it."""
    return other.startswith(path) and _SUFFIX.fullmatch(other, len(path)) is not None


def log_paths(path: str) -> list[str]:
    """The paths of the logs of which the file at this path may be a rotation, and then its own, the shortest first."""
    start = path.rfind("/") + 2
    ends = [at for at in range(start, len(path)) if path[at] in "._-"]
    return [*(path[:end] for end in ends if is_rotation(path[:end], path)), path]


def names(path: str) -> frozenset[str]:
    """The names under which a change to the file at this path is announced: its own, and where a link leads."""
    return frozenset((path, os.path.realpath(path)))


_SUFFIX = re.compile(r"[._-]\d[\dT:Z._-]*")
_ROTATION = re.compile(r"(?:\.log)?(?:[._-]\d[\dT:Z._-]*)?(?:\.log)?$")


def family(path: str) -> str:
    """What a file's name has in common with those of its rotations: `app.log`, `app.log.1`, `app-2026-11-21.log`."""
    return _ROTATION.sub("", path, count=1)


class Presence(Enum):
    """Whether a path still leads to the file."""

    ON_PATH = "on_path"
    OFF_PATH = "off_path"
    """Rotated away or deleted: followed through its descriptor until it has been quiet for the grace time."""


class TrackedFile:
    """An open file and what is known of it."""

    __slots__ = ("family", "handle", "lock", "names", "presence", "quiet_since", "record", "scan", "sighting")

    def __init__(self, record: FileRecord, handle: OpenFile, presence: Presence) -> None:
        self.record = record
        self.family = family(record.path)
        self.handle = handle
        self.presence = presence
        self.sighting: Sighting | None = None
        """The settled sighting on its path by which it was last looked at; None when it is to be looked at again."""
        self.names = names(record.place)
        self.quiet_since: float | None = None
        self.scan: Scan | None = None
        self.lock = asyncio.Lock()

    @property
    def number(self) -> int:
        return self.record.number

    @property
    def id(self) -> FileId:
        return self.record.id()


class Cause(Enum):
    """How bytes were lost."""

    TRUNCATED = "truncated"
    DELETED = "deleted"
    UNFINISHED = "unfinished"


class Added(NamedTuple):
    """A file never seen before, to be read from `start`."""

    file: TrackedFile
    start: int


class Grew(NamedTuple):
    """There is more in it than before."""

    file: TrackedFile


class Moved(NamedTuple):
    """A truncated file's content goes on, under its number, in the `file` that is a copy of it."""

    file: TrackedFile
    known_size: int
    """How far the truncated file was known to have been written: what the copy lacks of it is lost."""


class Dropped(NamedTuple):
    """Nothing will be read of it on its own, and nothing is lost: it is a copy, or no log at all."""

    number: int


class Ended(NamedTuple):
    """A generation that nobody can read on; `size` is how far it was known to have been written."""

    number: int
    path: str
    size: int
    cause: Cause


Event = Added | Grew | Moved | Dropped | Ended


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Everything before `offset` has been consumed; the line there is the file's `number`th, from 0."""

    offset: int
    number: int
