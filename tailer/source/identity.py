"""What happened to this file? Decided from what was seen before and what is there now; touches nothing itself."""

from __future__ import annotations

from enum import Enum
from hashlib import blake2b
from typing import NamedTuple

HEAD_BYTES = 1024
"""How much of a file's start is fingerprinted."""

COPY_HEAD_BYTES = 64
"""Two files with fewer equal bytes at their start are not taken for copies of each other."""

COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"PK\x03\x04", b"\x04\x22\x4d\x18")
"""First bytes of gzip, zstd, bzip2, xz, zip and lz4."""

MAGIC_BYTES = max(map(len, COMPRESSED))


class FileId(NamedTuple):
    """Which file it is, whatever its name."""

    device: int
    inode: int


class Head(NamedTuple):
    """A fingerprint of the first `length` bytes of a file."""

    length: int
    digest: str


class Seen(NamedTuple):
    """A file as it was when it was last looked at."""

    id: FileId
    head: Head
    size: int


class Found(NamedTuple):
    """A file as it is now: `start` holds its first bytes, at most HEAD_BYTES."""

    id: FileId
    size: int
    start: bytes


class Change(Enum):
    """What a path has become."""

    IDLE = "idle"
    GROWN = "grown"
    TRUNCATED = "truncated"
    """The same file with other content: cut short, or cut short and already written again."""
    REPLACED = "replaced"
    """Another file stands at the path."""
    GONE = "gone"


def fingerprint(start: bytes) -> Head:
    """The fingerprint of a file that starts with these bytes."""
    head = start[:HEAD_BYTES]
    return Head(len(head), blake2b(head, digest_size=12).hexdigest())


def starts_alike(head: Head, start: bytes) -> bool:
    """Whether a file with these first bytes still has the fingerprinted start."""
    return len(start) >= head.length and fingerprint(start[: head.length]).digest == head.digest


def classify(seen: Seen, found: Found | None) -> Change:
    """What became of a file. A shorter file is a truncated one even when its start is the same."""
    if found is None:
        return Change.GONE
    if found.id != seen.id:
        return Change.REPLACED
    if found.size < seen.size or not starts_alike(seen.head, found.start):
        return Change.TRUNCATED
    return Change.GROWN if found.size > seen.size else Change.IDLE


def is_same_file(seen: Seen, found: Found) -> bool:
    """Whether a file found after a restart is the one in the checkpoint.

    A device number may change with a reboot, so with a fingerprint the inode is enough.
    """
    if found.id.inode != seen.id.inode or found.size < seen.size:
        return False
    if seen.head.length == 0:
        return found.id == seen.id
    return starts_alike(seen.head, found.start)


def is_copy(path: str, seen: Seen, other_path: str, other: Found) -> bool:
    """Whether `other` is a copy that a copy-and-truncate rotation made of the file at `path`: its start tells.

    It bears the same name with a suffix (`app.log.1`, `app.log-20261121`) and starts with the same bytes.
    """
    return (
        other.id != seen.id
        and bears_suffix(path, other_path)
        and seen.head.length >= COPY_HEAD_BYTES
        and other.size >= seen.head.length
        and starts_alike(seen.head, other.start)
    )


def bears_suffix(path: str, other_path: str) -> bool:
    """Whether the other file is named as rotations name a copy."""
    return base_name(path) in unsuffixed(other_path)


def unsuffixed(path: str) -> set[str]:
    """The names of which this one may be made by a suffix: for `/l/app.log-20261121` they are `app` and `app.log`."""
    name = base_name(path)
    return {name[:at] for at, character in enumerate(name) if character in ".-_~"}


def base_name(path: str) -> str:
    return path.rpartition("/")[2]


def is_compressed(start: bytes) -> bool:
    """Whether the bytes are those of a compressed file, which is never tailed."""
    return start.startswith(COMPRESSED)
