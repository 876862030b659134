"""Copies that a rotation makes, by copy-and-truncate or by compressing: which is one of which. Follows none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import structlog

from tailer.source.archive import unpacked_off_loop
from tailer.source.discover import MOST_LISTS, siblings
from tailer.source.identity import (
    COPY_HEAD_BYTES,
    Change,
    FileId,
    Found,
    Seen,
    bears_suffix,
    classify,
    is_compressed,
    is_copy,
)
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.tracked import FileRecord, TrackedFile

log = structlog.get_logger("tokentail.source")

PROBE_BYTES = 1024
"""How much of the end of a copy is compared with its original."""


class Copy(NamedTuple):
    """Where the content of a truncated file is now."""

    place: str
    handle: OpenFile
    found: Found
    known: TrackedFile | None
    """The copy as it is followed already, with the same handle."""


async def find(old: FileRecord, followed: Iterable[TrackedFile], opener: Opener) -> Copy | None:
    """The newest file beside one that is no more and begins as that did; a compressed one where there is no other.

    A copy that is rotated on meanwhile may be on no list, or be gone from where it was listed: only two lists that
    agree say that there is none.
    """
    known: dict[str, FileId] | None = None
    packed: list[str] = []
    for _ in range(MOST_LISTS):
        listed = await asyncio.to_thread(_listed, old)
        if listed == known:
            break
        packed = [place for place in packed if place in listed]
        for place, file_id in listed.items():
            if known is not None and known.get(place) == file_id:
                continue
            copy = await _opened(old, place, followed, opener, packed)
            if copy is not None:
                return copy
        known = listed
    return await _find_packed(old, packed, opener)


def _listed(old: FileRecord) -> dict[str, FileId]:
    """What stands beside the places of a file, newest first."""
    places = dict.fromkeys((old.place, old.path))
    return {it.path: it.id for place in places for it in siblings(place)}


async def _opened(
    old: FileRecord, place: str, followed: Iterable[TrackedFile], opener: Opener, packed: list[str]
) -> Copy | None:
    """The file at this place if it is the copy; one that is compressed is noted in `packed`."""
    opened = await opener.open(place)
    if opened is None:
        return None
    handle, found = opened
    if not _is_copy(old, old.seen(), place, found):
        handle.close()
        if is_compressed(found.start):
            packed.append(place)
        return None
    known = next((file for file in followed if file.id == found.id), None)
    if known is None:
        return Copy(place, handle, found, None)
    handle.close()
    return Copy(place, known.handle, found, known)


async def _find_packed(old: FileRecord, places: list[str], opener: Opener) -> Copy | None:
    # A file that is read in its archive already has the archive's identity.
    seen = old.seen()._replace(id=FileId(0, 0))
    for place in places:
        opened = await opener.open(place)
        if opened is None:
            continue
        handle, packed = opened
        archive = await unpacked_off_loop(handle, packed)
        handle.close()
        if archive is None:
            continue
        begins = packed._replace(size=len(archive.start), start=archive.start)
        found = await archive.measured(packed) if _is_copy(old, seen, place, begins) else None
        if found is not None and found.size >= old.size:
            log.info("compressed_file_read", path=place, known_size=old.size, size=found.size)
            return Copy(place, archive, found, None)
        archive.close()
    return None


def _is_copy(old: FileRecord, seen: Seen, place: str, found: Found) -> bool:
    return is_copy(old.place, seen, place, found) or is_copy(old.path, seen, place, found)


async def is_copy_of(original: TrackedFile, path: str, copy: OpenFile, found: Found, opener: Opener) -> bool:
    """Whether all that `found` tells of is also in the original, or was until that was truncated just now."""
    seen, place = original.record.seen(), original.record.place
    if found.id == seen.id or found.size < COPY_HEAD_BYTES or not bears_suffix(place, path):
        return False
    offset = max(0, found.size - PROBE_BYTES)
    theirs = await opener.read(original.handle, place, offset, found.size - offset)
    ours = await opener.read(copy, path, offset, found.size - offset)
    if theirs is None or ours is None:
        return False
    if classify(seen, theirs.found) is Change.TRUNCATED:
        return is_copy(place, seen, path, found)
    # A copy that is still being made may be shorter than what is known of the original's start.
    return theirs.found.start.startswith(found.start) and ours.data == theirs.data
