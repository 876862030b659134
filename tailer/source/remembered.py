"""The files of the checkpoint until they are found again after a restart. Follows nothing, reads nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from tailer.source.discover import MOST_LISTS, Sighting, directory_device, place_of_inode
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


class Not(Enum):
    """Why what stands at a place is not the file that is looked for."""

    REFUSED = "refused"
    """It does not let itself be opened: perhaps it is."""
    MOVED = "moved"
    """There is nothing, or another file: it may have been rotated on since it was seen there."""
    TRUNCATED = "truncated"
    OTHER = "other"
    """A new one that was given the inode of one that is no more."""


async def find_again(
    record: FileRecord, by_id: Mapping[FileId, Sighting], opener: Opener
) -> Again | Away | Missing | None:
    """None when it cannot be told, since something that may be the file does not let itself be opened."""
    tried: dict[str, Not] = {}
    for place in _on_path(record, by_id):
        opened = await _open(record, place, opener)
        if not isinstance(opened, Not):
            return Again(*opened, place, Presence.ON_PATH)
        tried[place] = opened
    for _ in range(MOST_LISTS):
        try:
            beside = await asyncio.to_thread(place_of_inode, record.place, record.inode)
        except OSError as error:
            opener.complain(record.place, error)
            return None
        if beside is None or tried.get(beside, Not.MOVED) is not Not.MOVED:
            break
        opened = await _open(record, beside, opener)
        if not isinstance(opened, Not):
            return Again(*opened, beside, Presence.ON_PATH if beside in tried else Presence.OFF_PATH)
        tried[beside] = opened
    return await _missing(record, set(tried.values()))


async def _missing(record: FileRecord, why: set[Not]) -> Away | Missing | None:
    if Not.REFUSED in why:
        return None
    if Not.TRUNCATED in why:
        return Missing(Cause.TRUNCATED)
    is_there = await asyncio.to_thread(directory_device, record.place) == record.device
    return Missing(Cause.DELETED) if is_there else Away()


async def _open(record: FileRecord, place: str, opener: Opener) -> tuple[OpenFile, Found] | Not:
    opened = await opener.open(place)
    if opened is None:
        return Not.REFUSED if opener.is_refused(place) else Not.MOVED
    handle, found = opened
    if is_same_file(record.seen(), found):
        return opened
    handle.close()
    if found.id.inode != record.inode:
        return Not.MOVED
    return Not.TRUNCATED if place == record.place else Not.OTHER


def _on_path(record: FileRecord, by_id: Mapping[FileId, Sighting]) -> list[str]:
    """Files of this inode, the likeliest first: a reboot may change device numbers, and devices share inode numbers."""
    alike = [sighting for sighting in by_id.values() if sighting.id.inode == record.inode]
    alike.sort(key=lambda it: (it.id != record.id(), it.path != record.place))
    return [sighting.path for sighting in alike]
