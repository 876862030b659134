"""Copies that a copy-and-truncate rotation makes: which file is one of which. Follows none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from tailer.source.discover import siblings
from tailer.source.identity import COPY_HEAD_BYTES, Change, Found, bears_suffix, classify, is_copy
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.tracked import FileRecord, TrackedFile

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
    """The newest file beside a truncated one that begins as that did."""
    for place in await asyncio.to_thread(siblings, old.place):
        opened = await opener.open(place)
        if opened is None:
            continue
        handle, found = opened
        if not is_copy(old.place, old.seen(), place, found):
            handle.close()
            continue
        known = next((file for file in followed if file.id == found.id), None)
        if known is None:
            return Copy(place, handle, found, None)
        handle.close()
        return Copy(place, known.handle, found, known)
    return None


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
