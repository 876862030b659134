"""Chunks to a sink: gathers, pushes, splits, sets aside, settles; the mark moves only over what is decided for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tailer.config import Config
from tailer.outbound.answer import Accepted, PartlyTaken, Refused, Retry, TooLarge
from tailer.outbound.counted import Counted, Counters
from tailer.outbound.post import Body
from tailer.outbound.pusher import Clock, Pusher, State
from tailer.reading.chunk import Chunk, Reading
from tailer.ship import batch as batching
from tailer.ship import refusal
from tailer.ship.aside import Aside, Final
from tailer.ship.batch import Batch
from tailer.ship.deadletter import DeadLetters
from tailer.ship.deadletter_expiry import expire_old
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.maker import Cost, Maker
from tailer.ship.mending import Mender
from tailer.ship.privacy_key import guard_of
from tailer.ship.sink import Sink
from tailer.ship.stamps import SenderState, Stamps

ISOLATING_PUSHES = 256
"""After so many pushes for one batch the sink is spared more: what it took a part of is set aside as a whole."""
KNOWN_BY_BYTES = 1024
"""A file is known again by so much of its start."""


class Source(Protocol):
    """Where chunks come from and where the marks are."""

    async def next(self, consumer: str) -> Chunk | None:
        """The next chunk, once there is one; None at the end for good. May be cancelled without losing a chunk."""

    def settle(self, consumer: str, file: int, offset: int, number: int) -> None:
        """Everything of the file before this offset, where this line starts, is done for good."""

    async def save(self) -> None:
        """The checkpoint is on disk at return; OSError when it cannot be."""


class Prepared(NamedTuple):
    """A batch and its encoded body."""

    entries: Sequence[Entry]
    body: Body


class Job(NamedTuple):
    """A part of a batch: to be pushed, or doomed by the answer to a push that held it."""

    entries: Sequence[Entry]
    body: Body | None = None
    doomed: Refused | TooLarge | None = None


class Sender:
    """The consumer that ships. Holds one batch in flight and one ahead; after a cancelled `run` it is not run again."""

    def __init__(  # noqa: PLR0913  # wiring: all that it joins is named here, once
        self,
        source: Source,
        sink: Sink,
        config: Config,
        counters: Counters,
        *,
        read: Callable[[Chunk], list[Reading]],
        cost: Cost,
        clock: Clock | None = None,
    ) -> None:
        options = sink.options
        self._source = source
        self._sink = sink
        self._read = read
        self._counted = Counted(counters, sink.name).begun()
        self._clock = clock or Clock()
        self._room = batching.Room(batching.Limits(options.batch_bytes, options.batch_entries, options.batch_seconds))
        guard = guard_of(config, options.max_line_bytes)
        self._maker = Maker(config.label, config.loki.labels_from, options, cost, guard)
        self.pusher = Pusher(sink, options, self._counted, self._clock)
        """How its pushes fare."""
        age_seconds = options.dead_letter_max_age_seconds
        self._dead_letters = DeadLetters(config.state_dir, options.dead_letter_bytes, age_seconds, sink.name)
        self._aside = Aside(sink, self._dead_letters, self._counted, self._clock)
        self._stamps = Stamps()
        self._mender = Mender(self._stamps, mends_times=sink.mends_times)
        self._unsaved = False
        self._coming = Entries.of()
        self._done = False

    @property
    def state(self) -> State:
        return State.DONE if self._done else self.pusher.state

    def dump(self) -> SenderState:
        """What must be in the same checkpoint as the marks."""
        return self._stamps.dump()

    def load(self, state: SenderState) -> None:
        """Restores what `dump` gave, before `run`."""
        self._stamps.load(state)

    def forget(self, file: int) -> None:
        """The file is gone and no chunk of it will come again."""
        self._stamps.forget(file)

    def hurry(self) -> None:
        """Called at the start of draining: a long wait ends now, and later ones are short."""
        self.pusher.hurry()

    async def run(self) -> None:
        """Ships until the source is at its end and all is settled; cancelled, the marks stay at what is settled."""
        async with asyncio.TaskGroup() as tasks:
            name = self._sink.name
            expiring = tasks.create_task(
                expire_old(self._dead_letters, self._counted, self._clock), name=f"{name}-expire"
            )
            ahead = tasks.create_task(self._prepare(), name=f"{name}-prepare")
            while (prepared := await ahead) is not None:
                ahead = tasks.create_task(self._prepare(), name=f"{name}-prepare")
                await self._deliver(prepared)
            expiring.cancel()
        self._done = True

    async def _prepare(self) -> Prepared | None:
        """The next batch: full, or `batch_seconds` old, or the last; None when there is none."""
        batch, limits = Batch(), self._room.limits
        now = asyncio.get_running_loop().time
        self._coming = batch.fill(self._coming, limits, now())
        while not batching.full(batch, limits):
            chunk = await self._next(batching.due_in_seconds(batch, limits, now()))
            if chunk is None:
                break
            self._coming = batch.fill(self._entries(chunk), limits, now())
        if not batch.entries:
            return None
        # All chunks may have come without suspending; others must have their turn.
        await asyncio.sleep(0)
        return Prepared(batch.entries, self._sink.encode(batch.entries))

    async def _next(self, within_seconds: float | None) -> Chunk | None:
        """The next chunk; None at the end, or when none came in time."""
        try:
            async with asyncio.timeout(within_seconds) as patience:
                return await self._source.next(self._sink.name)
        except TimeoutError:
            if patience.expired():
                return None
            raise

    def _entries(self, chunk: Chunk) -> Entries:
        readings = chunk.readings(self._read)
        times_ns, fresh = self._stamps.assign(chunk, readings, self._clock.now_ns())
        self._unsaved |= fresh or chunk.start < KNOWN_BY_BYTES
        entries = self._maker.entries(chunk, readings, times_ns)
        return Entries.of(map(self._mender.as_before, entries)) if self._stamps.has_mended(chunk.file) else entries

    async def _deliver(self, prepared: Prepared) -> None:
        await self._save()
        jobs = [Job(prepared.entries, prepared.body)]
        pushes = refused = 0
        while jobs:
            job = jobs.pop()
            if job.doomed is not None:
                refused += await self._set_aside(job.entries, job.doomed, "refused")
                continue
            alone = len(job.entries) == 1
            body = job.body or self._sink.encode(job.entries)
            answer = await self.pusher.push(body, divisible=not alone)
            pushes += 1
            if isinstance(answer, Accepted):
                self._room.passed(job.entries)
                self._settle(job.entries, "accepted")
            elif isinstance(answer, PartlyTaken):
                all_of_it = answer.rejected >= len(job.entries)
                refused += await self._set_aside(job.entries, answer, "refused" if all_of_it else "doubtful")
            elif not alone and pushes >= ISOLATING_PUSHES and self._sink.refusals.took_the_rest(answer.text):
                refused += await self._set_aside(job.entries, answer, "doubtful")
            else:
                jobs.extend(reversed(await self._left_to_do(job.entries, answer)))
        if not refused:
            self._aside.calm()

    async def _left_to_do(self, entries: Sequence[Entry], answer: Refused | TooLarge) -> list[Job]:
        """About entries refused together, in their order."""
        alone = len(entries) == 1
        if isinstance(answer, Refused):
            doomed = [True] if alone else self._sink.refusals.doomed(entries, answer.text)
            if any(doomed) and (jobs := await self._mended(entries, doomed, answer)):
                return jobs
        elif alone:
            return [Job(entries, doomed=answer)]
        else:
            self._room.too_large(entries)
        return [Job(half) for half in batching.halves(entries)]

    async def _mended(self, entries: Sequence[Entry], doomed: Sequence[bool], answer: Refused) -> list[Job]:
        """The doomed as the sink may take them, among the others; apart those that it never will."""
        better = self._mender.mended(entries, doomed, answer.text, self._clock.now_ns())
        self._unsaved |= self._mender.has_given_times
        await self._save()
        found = refusal.runs(
            [new or old for old, new in zip(entries, better, strict=True)], [it is None for it in better]
        )
        return [Job(run.entries, doomed=answer if run.hopeless else None) for run in found]

    async def _save(self) -> None:
        """A replay must find the times of this batch again, and its files wherever they are rotated to, so both are on
        disk before the sink sees them.
        """
        while self._unsaved:
            self._unsaved = False
            try:
                await self._source.save()
            except OSError as error:
                self._unsaved = True
                self._counted.retried("checkpoint")
                await self.pusher.wait(Retry("checkpoint", None, type(error).__name__))

    def _settle(self, entries: Sequence[Entry], outcome: str) -> None:
        for file, last in Entries.of(entries).ends():
            self._source.settle(self._sink.name, file, last.end, last.number + 1)
            self._stamps.settle(file, last.end)
        mended = self._mender.settled(entries)
        if mended and outcome == "accepted":
            self._counted.settled(mended, "mended")
            self._counted.settled(len(entries) - mended, outcome)
        else:
            self._counted.settled(len(entries), outcome)

    async def _set_aside(self, entries: Sequence[Entry], answer: Final, outcome: str) -> int:
        await self._aside.put(entries, answer)
        self._settle(entries, outcome)
        return len(entries)
