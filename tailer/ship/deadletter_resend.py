"""Dead letters to their sink once more: what is accepted is deleted, what is refused again stays. Drops nothing.

A kill between Loki's answer and the deletion sends those entries again next time: labels, time and text are the same,
so that Loki keeps one copy as long as it still remembers the first; others may keep two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import orjson

from tailer.outbound.answer import Accepted, PartlyTaken, Refused
from tailer.outbound.counted import Counted, Counters
from tailer.outbound.pusher import Clock, Pusher
from tailer.ship import batch as batching
from tailer.ship.deadletter import DeadLetters
from tailer.ship.entry import Entry
from tailer.ship.sink import Sink


class Letter(NamedTuple):
    """A record and how it stands in the file; `entry` is None when it is not whole enough to be sent."""

    line: bytes
    record: dict[str, Any]
    entry: Entry | None


class Resent(NamedTuple):
    """What came of it, in entries."""

    accepted: int
    refused: int


def letters_of(lines: Iterable[bytes]) -> Iterator[Letter]:
    """The records of the file; what is none (half of one, after a crash) has an empty record."""
    for line in lines:
        if line.strip():
            record = _decoded(line)
            yield Letter(line, record, _entry(record))


class Resender:
    """Sends letters by the same rules as the tailer: waits as long as the sink is away, takes refused pushes apart."""

    def __init__(self, letters: DeadLetters, sink: Sink, counters: Counters, clock: Clock) -> None:
        self._letters = letters
        self._sink = sink
        self._limits = batching.Limits(sink.options.batch_bytes, sink.options.batch_entries, 0.0)
        self._pusher = Pusher(sink, sink.options, Counted(counters, sink.name), clock)
        self._refused = self._accepted = 0

    async def run(self, letters: Sequence[Letter]) -> Resent:
        """Resends these. OSError when what was accepted cannot be deleted; then nothing further is sent."""
        for group in self._groups(letters):
            jobs = [group]
            while jobs:
                jobs.extend(reversed(await self._push(jobs.pop())))
        return Resent(self._accepted, self._refused)

    def _groups(self, letters: Sequence[Letter]) -> Iterator[list[Letter]]:
        group: list[Letter] = []
        size = 0
        for letter in letters:
            if letter.entry is None:
                self._refused += 1
                continue
            group.append(letter)
            size += batching.size_bytes([letter.entry])
            if size >= self._limits.bytes or len(group) >= self._limits.entries:
                yield group
                group, size = [], 0
        if group:
            yield group

    async def _push(self, letters: list[Letter]) -> list[list[Letter]]:
        """What of these is still to be tried, in parts."""
        entries = [letter.entry for letter in letters if letter.entry is not None]
        answer = await self._pusher.push(self._sink.encode(entries), divisible=len(entries) > 1)
        if isinstance(answer, Accepted):
            await asyncio.to_thread(self._letters.remove, [letter.line for letter in letters])
            self._accepted += len(letters)
            return []
        if len(letters) == 1:
            self._refused += 1
            return []
        if isinstance(answer, PartlyTaken):
            return self._one_by_one(letters, answer)
        doomed = self._sink.refusals.doomed(entries, answer.text) if isinstance(answer, Refused) else []
        if any(doomed):
            self._refused += sum(doomed)
            return [rest] if (rest := [it for it, never in zip(letters, doomed, strict=True) if not never]) else []
        return [list(half) for half in (letters[: len(letters) // 2], letters[len(letters) // 2 :])]

    def _one_by_one(self, letters: list[Letter], answer: PartlyTaken) -> list[list[Letter]]:
        """Each once more, since somebody asks for it: then it is known of each what becomes of it."""
        if answer.rejected < len(letters):
            return [[letter] for letter in letters]
        self._refused += len(letters)
        return []


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return record if isinstance(record, dict) else {}


class _Record(msgspec.Struct):
    labels: dict[str, str]
    timestamp_ns: str
    text: str
    metadata: dict[str, str]
    file: int
    offset: int


def _entry(record: dict[str, Any]) -> Entry | None:
    # A record that had to be shortened is not what was refused.
    if "tokentail_truncated" in record:
        return None
    try:
        kept = msgspec.convert(record, _Record)
        time_ns = int(kept.timestamp_ns)
    except (msgspec.ValidationError, ValueError):
        return None
    labels, metadata = tuple(sorted(kept.labels.items())), tuple(kept.metadata.items())
    return Entry(kept.file, kept.offset, kept.offset, 0, labels, time_ns, kept.text.encode(), metadata)
