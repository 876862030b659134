"""The whole tailer against a plain model: whatever befalls log, Loki, disk and process, every call is counted once,
Loki keeps one copy of every line, and no counter ever falls.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tailer.config import Config, Examined, LokiOptions
from tailer.durable import scrape
from tailer.runtime import Runtime
from tailer.service import meter, save, watch
from tailer.ship.deadletter import FILE_NAME
from tailer.ship.loki import Loki
from tailer.source.marks import METER
from tailer.statedir import StateDirectory
from tailer.telemetry import Metric
from tests.e2e.process import Samples, fallen, total
from tests.fakeloki import FakeLoki, Step
from tests.source.world import APP, World, number_of

T = TypeVar("T")

TOO_MANY = (429, {"Retry-After": "0"})
ELSEWHERE = (307, {"Location": "http://127.0.0.1:1/"})
FAULTS: tuple[Step, ...] = (500, 502, 503, 504, 404, 401, 400, 413, ELSEWHERE, TOO_MANY, "reset", "lost_answer", "hang")
"""What Loki does wrong. A 400 that names no entry is about the whole push: its entries are tried one by one."""


def call(number: int) -> bytes:
    """A call whose tokens tell its number; all lines are of one length."""
    tokens = 10**7 + number
    usage = b'"usage":{"prompt_tokens":%d,"completion_tokens":1,"total_tokens":%d}' % (tokens, tokens + 1)
    body = b'"id":"chatcmpl-%07d","object":"chat.completion","model":"gpt-4o","choices":[],%s' % (number, usage)
    return b'{"n":"%07d","response":{%s}}\n' % (number, body)


LINE_BYTES = len(call(1))

few = st.integers(1, 6)
cuts = st.integers(0, LINE_BYTES - 2)
seldom = st.sampled_from([False, False, False, True])


class Life:
    """One process's life, without the process: its tasks, until they are killed."""

    def __init__(self, config: Config) -> None:
        self.config = config

    async def begin(self) -> None:
        assert self.config.loki_url is not None
        self.directory = StateDirectory(self.config.state_dir)
        self.loki = Loki(self.config)
        await self.loki.__aenter__()
        self.runtime = Runtime(self.config, self.directory, [self.loki])
        await self.runtime.journal.look()
        with suppress(OSError):
            await self.runtime.checkpoint.save()
        doing = [watch(self.runtime), meter(self.runtime), save(self.runtime)]
        doing += [sender.run() for sender in self.runtime.senders.values()]
        self.tasks = [asyncio.create_task(it) for it in doing]

    async def kill(self) -> None:
        """Nothing is saved, nothing is said to anybody."""
        for task in self.tasks:
            task.cancel()
        ended = await asyncio.gather(*self.tasks, return_exceptions=True)
        assert all(isinstance(it, asyncio.CancelledError) for it in ended), ended
        await self.loki.__aexit__(None, None, None)
        self.runtime.journal.files.close()
        self.directory.close()

    async def until(self, condition: Callable[[Runtime], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition(self.runtime):
                for task in self.tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.001)

    async def scraped(self) -> Samples:
        samples: Samples = {}

        def encode(families: Iterable[Metric]) -> bytes:
            samples.clear()
            for family in families:
                for sample in family.samples:
                    samples[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
            return b""

        await scrape(self.runtime)(encode)
        return samples


class TheWhole(RuleBasedStateMachine):
    """A log under a glob, a Loki, a state directory."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.world = World(self.directory, call)
        self.loki = FakeLoki()
        self.scraped: Samples = {}
        self.has_crashed = False
        self.excused: set[int] = set()

    @initialize()
    def start(self) -> None:
        self._run(self.loki.__aenter__())
        self._begin()

    # What the application and the rotator do. What nobody has looked at yet is seen before it is destroyed.

    @rule(count=few, cut=cuts)
    def write(self, count: int, cut: int) -> None:
        self.world.write(self.world.live[APP], count, cut)

    @precondition(lambda self: self.world.held)
    @rule(count=few, cut=cuts)
    def write_to_a_rotated_file(self, count: int, cut: int) -> None:
        self.world.write(self.world.held[-1], count, cut)

    @rule(keeps_writing=st.booleans())
    def rename(self, keeps_writing: bool) -> None:
        self.world.rename(keeps_writing=keeps_writing)

    @rule(keeps_writing=st.booleans(), unread=seldom)
    def delete_and_recreate(self, keeps_writing: bool, unread: bool) -> None:
        self._see(unread=unread)
        self.world.delete(keeps_writing=keeps_writing)

    @rule(unread=seldom)
    def truncate(self, unread: bool) -> None:
        self._see(unread=unread)
        self.world.truncate(APP)
        self._see(unread=True)

    @precondition(lambda self: self.world.live[APP].lines)
    @rule(pauses=st.sets(st.sampled_from(["empty", "half", "whole"])))
    def copy_and_truncate(self, pauses: set[str]) -> None:
        self._see(unread=True)
        for pause in self.world.copy_and_truncate():
            if pause in pauses:
                self._see(unread=True)
        self._see(unread=True)

    # What Loki, the disk and the kernel do.

    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def loki_fails(self, faults: list[Step]) -> None:
        self.loki.script += faults

    @rule()
    def the_disk_is_full(self) -> None:
        """No checkpoint can be written: where the next one would be made stands a directory."""
        with suppress(FileExistsError):  # One is being written at this very moment.
            self._in_the_way().mkdir()

    @rule()
    def the_disk_has_room_again(self) -> None:
        if self._in_the_way().is_dir():
            self._in_the_way().rmdir()

    @rule(milliseconds=st.integers(0, 30))
    def time_passes(self, milliseconds: int) -> None:
        self._run(asyncio.sleep(milliseconds / 1000))

    @rule()
    def killed(self) -> None:
        self.has_crashed = True
        self._run(self.life.kill())
        self.excused |= self.world.lose_deleted()
        self._begin()

    @rule(count=few)
    def killed_and_started_later(self, count: int) -> None:
        self.has_crashed = True
        self._run(self.life.kill())
        self.excused |= self.world.lose_deleted()
        self.world.write(self.world.live[APP], count, 0)
        self.world.rename(keeps_writing=False)
        self.world.write(self.world.live[APP], count, 0)
        self._begin()

    # What the operator does.

    @rule()
    def scrape(self) -> None:
        samples = self._run(self.life.scraped())
        assert fallen(self.scraped, samples) == {}
        assert total(samples, "llm_requests_total") <= self.world.lines
        self.scraped = samples

    @rule(prices=st.booleans())
    def reconfigure(self, prices: bool) -> None:
        alias = {"gpt-4o": "gpt-4o-2024-08-06"} if prices else {}
        self.life.runtime.reload(Examined(self._config(model_alias=alias), (), (), {}, {}))

    # What must be.

    def teardown(self) -> None:
        try:
            if hasattr(self, "life"):
                self._check()
        finally:
            if hasattr(self, "life"):
                self._run(self.life.kill())
            self._run(self.loki.__aexit__(None, None, None))
            self.world.close()
            self.runner.close()
            shutil.rmtree(self.directory)

    def _check(self) -> None:
        self.world.let_go()
        self.loki.script.clear()
        self.the_disk_has_room_again()
        self._run(self.life.runtime.journal.look())
        self._run(self.life.until(self._is_through))
        self.scrape()
        self._check_loki()
        self._check_counters()

    def _is_through(self, runtime: Runtime) -> bool:
        """Everything has been seen, counted and delivered, but for the beginnings of lines."""
        journal = runtime.journal
        sizes = {os.stat(place).st_size for place in self.directory.glob("app.log*")}
        known = {file.record.size for file in journal.files}
        return sizes <= known and not journal.unread() and all(journal._is_read(file) for file in journal.files)

    def _check_loki(self) -> None:
        """What was refused for good before a kill may be taken at the replay, behind lines that were written after it:
        then its time alone tells its place, and by that it is the right one.
        """
        entries = [(number_of(entry.line.encode()), entry) for entry in self.loki.entries()]
        times = {number: entry.timestamp_ns for number, entry in entries}
        copies = Counter(number for number, _ in entries)
        twice = [entry for number, entry in entries if copies[number] > 1]
        files = [file.record for file in self.life.runtime.journal.files]
        assert not twice, f"Loki keeps one copy, not {twice}; files followed: {files}"
        refused = self._dead_letters()
        missing = {*range(1, self.world.lines + 1)} - times.keys() - refused - self.world.unfinished()
        assert missing - self.world.destroyed - self.excused == set()
        for generation in (*self.world.live.values(), *self.world.past):
            own = [number for number in times if number in generation.lines]
            assert sorted(own, key=times.__getitem__) == sorted(own), "by its time in the order of the file"
            at_once = [number for number in own if number not in refused]
            assert at_once == sorted(at_once), "in the order of the file"

    def _dead_letters(self) -> set[int]:
        """What Loki refused for good: a 400 to a push of one entry."""
        place = self.directory / "state" / FILE_NAME
        records = place.read_text().splitlines() if place.exists() else []
        return {number_of(json.loads(record)["text"].encode()) for record in records}

    def _check_counters(self) -> None:
        requests = total(self.scraped, "llm_requests_total")
        outputs = total(self.scraped, "llm_tokens_total", type="output")
        whole = {*range(1, self.world.lines + 1)} - self.world.unfinished()
        gone = whole & (self.world.destroyed | self.excused)
        assert len(whole) - len(gone) <= requests <= len(whole)
        assert requests == outputs == total(self.scraped, "tokentail_lines_total")
        inputs = total(self.scraped, "llm_tokens_total", type="input")
        if requests == len(whole):
            assert inputs == sum(10**7 + number for number in whole)
        read = total(self.scraped, "tokentail_read_bytes_total")
        assert read == LINE_BYTES * requests
        lost = sum(total(self.scraped, "tokentail_lost_bytes_total", cause=cause) for cause in ("truncated", "deleted"))
        gone_bytes = self.world.written_bytes - read - total(self.scraped, "tokentail_lag_bytes", consumer=METER)
        # A crash forgets what it had seen of a file that is no more, and how large that was.
        assert lost <= gone_bytes if self.has_crashed else lost == gone_bytes

    # How it is done.

    def _config(self, **others: object) -> Config:
        return Config(
            paths=(str(self.directory / "app.log*"),),
            state_dir=str(self.directory / "state"),
            loki_url=self.loki.url,
            loki=LokiOptions(
                batch_entries=7,
                batch_seconds=0.001,
                retry_min_seconds=0.002,
                retry_max_seconds=0.01,
                timeout_seconds=0.2,
            ),
            poll_seconds=0.005,
            checkpoint_seconds=0.002,
            rotate_grace_seconds=1e9,
            **others,  # type: ignore[arg-type]
        )

    def _in_the_way(self) -> Path:
        return self.directory / "state" / "checkpoint.new"

    def _begin(self) -> None:
        self.life = Life(self._config())
        self._run(self.life.begin())

    def _see(self, *, unread: bool) -> None:
        """The files of now are known, and unless some may stay `unread`, counted and delivered."""
        self._run(self.life.runtime.journal.look())
        if not unread and not self.loki.script and not self._in_the_way().is_dir():
            self._run(self.life.until(self._is_through))

    def _run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)


TestTheWhole = TheWhole.TestCase
TestTheWhole.settings = settings(
    max_examples=60 * settings().max_examples // 100,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
