"""The files of the checkpoint until they are found again after a restart. Follows nothing, reads nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import NamedTuple

from tailer.source.discover import Sighting, directory_device, place_of_inode
from tailer.source.identity import FileId, Found, is_same_file
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.tracked import Cause, FileRecord, Presence

AWAY_SECONDS = 3600.0
"""How long after the start a volume may come that a file of the checkpoint was on."""


class Again(NamedTuple):
    """The file is there, perhaps under another name."""

    handle: OpenFile
    found: Found
    place: str
    presence: Presence


class Missing(NamedTuple):
    """What was in the file is not there any more."""

    cause: Cause


class Away(NamedTuple):
    """The volume that the file was on is not where it was: not mounted yet, or not any more."""


class Remembered:
    """Each record stays until whoever looks for it has taken over what became of it, and says so by `forget`."""

    def __init__(self, records: Iterable[FileRecord], opener: Opener) -> None:
        self._records = {record.number: record for record in records}
        self._opener = opener
        self._until: float | None = None

    def __contains__(self, number: int) -> bool:
        return number in self._records

    def __iter__(self) -> Iterator[FileRecord]:
        return iter(self._records.values())

    def forget(self, record: FileRecord) -> None:
        del self._records[record.number]

    async def look(
        self, by_id: Mapping[FileId, Sighting], now: float
    ) -> AsyncIterator[tuple[FileRecord, Again | Missing]]:
        """What became of them as far as it can be told, the oldest first; the missing ones when all others are known.

        A volume that is away is waited for, AWAY_SECONDS on the clock of `now`.
        """
        missing: list[tuple[FileRecord, Missing]] = []
        if self._until is None:
            self._until = now + AWAY_SECONDS
        for record in sorted(self, key=lambda record: record.number):
            match await find_again(record, by_id, self._opener):
                case Again() as it:
                    yield record, it
                case Missing() as it:
                    missing.append((record, it))
                case Away() if now >= self._until:
                    missing.append((record, Missing(Cause.DELETED)))
        for gone in missing:
            yield gone


async def find_again(
    record: FileRecord, by_id: Mapping[FileId, Sighting], opener: Opener
) -> Again | Away | Missing | None:
    """None when it cannot be told, since something that may be the file does not let itself be opened."""
    on_path = _on_path(record, by_id)
    beside = await _beside(record, opener)
    truncated, refused = False, beside is None
    for place in dict.fromkeys((*on_path, *(beside or ()))):
        opened = await opener.open(place)
        if opened is None:
            refused |= opener.is_refused(place)
            continue
        handle, found = opened
        if is_same_file(record.seen(), found):
            return Again(handle, found, place, Presence.ON_PATH if place in on_path else Presence.OFF_PATH)
        handle.close()
        # Elsewhere another file may have been given the inode of one that is no more.
        truncated |= place == record.place and found.id.inode == record.inode
    if refused:
        return None
    if truncated:
        return Missing(Cause.TRUNCATED)
    is_there = await asyncio.to_thread(directory_device, record.place) == record.device
    return Missing(Cause.DELETED) if is_there else Away()


def _on_path(record: FileRecord, by_id: Mapping[FileId, Sighting]) -> list[str]:
    """Files of this inode, the likeliest first: a reboot may change device numbers, and devices share inode numbers."""
    alike = [sighting for sighting in by_id.values() if sighting.id.inode == record.inode]
    alike.sort(key=lambda it: (it.id != record.id(), it.path != record.place))
    return [sighting.path for sighting in alike]


async def _beside(record: FileRecord, opener: Opener) -> list[str] | None:
    """Under which names it may stand where it last stood; None when that place cannot be looked at."""
    try:
        place = await asyncio.to_thread(place_of_inode, record.place, record.inode)
    except OSError as error:
        opener.complain(record.place, error)
        return None
    return [place] if place is not None else []
