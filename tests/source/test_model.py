"""Whatever happens to the files and whenever the process dies, every line is delivered once or measured as lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tailer.reading.chunk import Chunk
from tailer.source.marks import METER, SavedJournal
from tailer.telemetry import Telemetry
from tests.source.tailed import SHIP, Tailed
from tests.source.world import APP, LINE_BYTES, LINK, World, number_of

BOTH = (METER, SHIP)
FOR_EVER = 1e9

logs = st.sampled_from([APP, LINK])
consumers = st.sampled_from(BOTH)
few = st.integers(1, 4)
cuts = st.integers(0, LINE_BYTES - 1)


class Saved(msgspec.Struct):
    """A checkpoint: the journal's part, and what the consumers had done by then."""

    journal: bytes
    lines: dict[str, list[bytes]]
    lost: dict[str, float]


class TheSource(RuleBasedStateMachine):
    """Two consumers on two logs. The meter settles what it reads at once, the other one as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.world = World(self.directory)
        self.flight: dict[str, list[Chunk]] = defaultdict(list)
        self.excused: set[int] = set()
        """Lines that a crash made unreachable before they were surely delivered."""
        self.has_crashed = False

    @initialize(is_glob=st.booleans())
    def start(self, is_glob: bool) -> None:
        patterns = ("app.log*" if is_glob else APP, LINK)
        self.tailed = Tailed(self.directory, *patterns, rotate_grace_seconds=FOR_EVER)
        self.look_and_save()

    # What the application and the rotator do. Of what was never looked at nobody can say how much is lost, or where a
    # file of a path without a glob has gone: so there is a look before each.

    @rule(log=logs, count=few, cut=cuts)
    def write(self, log: str, count: int, cut: int) -> None:
        self.world.write(self.world.live[log], count, cut)

    @precondition(lambda self: self.world.held)
    @rule(count=few, cut=cuts)
    def write_to_a_rotated_file(self, count: int, cut: int) -> None:
        self.world.write(self.world.held[-1], count, cut)

    @rule(keeps_writing=st.booleans())
    def rename(self, keeps_writing: bool) -> None:
        self.look_and_save()
        self.world.rename(keeps_writing=keeps_writing)

    @rule(keeps_writing=st.booleans())
    def move_the_link(self, keeps_writing: bool) -> None:
        self.look_and_save()
        self.world.move_the_link(keeps_writing=keeps_writing)

    @rule(keeps_writing=st.booleans())
    def delete_and_recreate(self, keeps_writing: bool) -> None:
        self.look_and_save()
        self.world.delete(keeps_writing=keeps_writing)

    @rule(log=logs)
    def truncate(self, log: str) -> None:
        self.look_and_save()
        self.world.truncate(log)

    @precondition(lambda self: self.world.live[APP].lines)
    @rule(seen=st.sets(st.sampled_from(["empty", "half", "whole"])), reads=st.booleans())
    def copy_and_truncate(self, seen: set[str], reads: bool) -> None:
        self.look_and_save()
        for pause in self.world.copy_and_truncate():
            if pause in seen:
                self.look()
                for consumer in BOTH if reads else ():
                    self.read(consumer, 1)

    @rule()
    def the_grace_time_passes(self) -> None:
        self.world.let_go()
        self.tailed.journal.files._grace_seconds = 0.0
        self.look()
        self.look()
        self.tailed.journal.files._grace_seconds = FOR_EVER

    # What the tailer does.

    @rule()
    def look(self) -> None:
        self._run(self.tailed.journal.look())

    @rule(log=logs)
    def touch(self, log: str) -> None:
        self._run(self.tailed.journal.touch({os.path.realpath(self.world.path(log))}))

    @rule(consumer=consumers, chunks=few)
    def read(self, consumer: str, chunks: int) -> None:
        self._run(self._read(consumer, chunks))

    @rule(chunks=few)
    def all_at_once(self, chunks: int) -> None:
        journal = self.tailed.journal

        async def together() -> None:
            reading = [self._read(consumer, chunks) for consumer in BOTH]
            await asyncio.gather(journal.look(), *reading, journal.touch({str(self.world.path(APP))}))

        self._run(together())

    @rule(steps=st.integers(0, 30))
    def a_look_is_cancelled(self, steps: int) -> None:
        async def cancelled() -> None:
            looking = asyncio.create_task(self.tailed.journal.look())
            for _ in range(steps):
                await asyncio.sleep(0)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

        self._run(cancelled())

    @rule(count=few)
    def settle(self, count: int) -> None:
        self._settle(SHIP, count)

    @rule()
    def save(self) -> None:
        journal = msgspec.json.encode(self.tailed.journal.dump())
        lines = {consumer: list(lines) for consumer, lines in self.tailed.lines.items()}
        self.saved = Saved(journal, lines, self.tailed.lost())

    @rule()
    def crash(self) -> None:
        """What the last checkpoint does not say has never happened."""
        self.has_crashed = True
        self.excused |= self.world.lose_deleted()
        self.flight.clear()
        self.tailed.journal.files.close()
        self.tailed.telemetry = Telemetry()
        for cause, value in self.saved.lost.items():
            self.tailed.telemetry.add("tokentail_lost_bytes_total", value, cause)
        self.tailed.lines = defaultdict(list, {name: list(lines) for name, lines in self.saved.lines.items()})
        self.tailed.journal = self.tailed._open(msgspec.json.decode(self.saved.journal, type=SavedJournal))
        self.look()

    def look_and_save(self) -> None:
        self.look()
        self.save()

    # What must be.

    @invariant()
    def nothing_is_delivered_twice(self) -> None:
        for consumer in BOTH if hasattr(self, "tailed") else ():
            delivered = self._delivered(consumer)
            assert len(delivered) == len(set(delivered)), (consumer, delivered)

    def teardown(self) -> None:
        try:
            if hasattr(self, "tailed"):
                self._read_to_the_end()
                self.nothing_is_delivered_twice()
                for consumer in BOTH:
                    self._check(consumer)
                self.tailed.journal.files.close()
        finally:
            self.world.close()
            self.runner.close()
            shutil.rmtree(self.directory)

    def _read_to_the_end(self) -> None:
        for _ in range(3):
            self.look()
            for consumer in BOTH:
                self.read(consumer, 1000)
                self._settle(consumer, 1000)

    def _check(self, consumer: str) -> None:
        delivered = self._delivered(consumer)
        missing = {*range(1, self.world.lines + 1)}.difference(delivered, self.world.unfinished())
        assert missing <= self.excused | self.world.destroyed, (consumer, missing)
        for generation in (*self.world.live.values(), *self.world.past):
            own = [number for number in delivered if number in generation.lines]
            assert own == sorted(own), "in the order of the file"
        is_unsent = consumer != METER
        lost = sum(value for cause, value in self.tailed.lost().items() if cause.endswith("_unsent") == is_unsent)
        gone = self.world.written_bytes - LINE_BYTES * len(delivered) - self.tailed.journal.lag_bytes(consumer)
        # A crash forgets what it had read of a file that is no more, and how large that was.
        assert lost <= gone if self.has_crashed else lost == gone, (consumer, lost, gone)

    # How it is done.

    def _run(self, doing: Coroutine[Any, Any, None]) -> None:
        self.runner.run(doing)

    def _delivered(self, consumer: str) -> list[int]:
        return [number_of(it) for it in self.tailed.lines[consumer]]

    async def _read(self, consumer: str, chunks: int) -> None:
        for _ in range(chunks):
            chunk = await self.tailed._next(consumer)
            if chunk is None:
                return
            self.flight[consumer].append(chunk)
            if consumer == METER:
                self._settle(METER, 1)

    def _settle(self, consumer: str, count: int) -> None:
        chunks, self.flight[consumer] = self.flight[consumer][:count], self.flight[consumer][count:]
        for chunk in chunks:
            lines = chunk.data.splitlines(keepends=True)
            self.tailed.lines[consumer] += lines
            self.tailed.journal.settle(consumer, chunk.file, chunk.end, chunk.first_number + len(lines))


TestTheSource = TheSource.TestCase
TestTheSource.settings = settings(
    max_examples=150 * settings().max_examples // 100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
