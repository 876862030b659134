"""A tailer that lives for hours among kills, rotations and receivers that fail: every number stays exact, memory flat.

`make soak` runs it for SOAK_SECONDS. It prints its seed, a line a minute, and at the end what it found; exit status 1
when anything was lost, told twice or too large.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any, Self

from tests.e2e.exact import check_counters, check_entries, check_lines
from tests.e2e.process import Samples, Tokentail, fallen, total
from tests.e2e.writer import Writer
from tests.fakehec import FakeHec
from tests.fakeloki import FakeLoki
from tests.fakemetrics import FakeMetrics
from tests.fakeotlp import FakeOtlp

MEMORY_LIMIT_BYTES = 150 * 2**20
KEPT_ROTATIONS = 5
FAULTS: tuple[Any, ...] = (500, 502, 503, 504, 404, 401, 429, "reset", "lost_answer")
TOKEN = "11111111-2222-3333-4444-555555555555"
ENVIRONMENT = {"TOKENTAIL_SPLUNK_TOKEN": TOKEN, "TOKENTAIL_OTLP_METRICS_INTERVAL_SECONDS": "1"}


class Receivers:
    """One of each kind of sink, and one for metrics; each fails on its own."""

    def __init__(self) -> None:
        self.loki = FakeLoki()
        self.hec = FakeHec(token=TOKEN, acks=1)
        self.otlp = FakeOtlp()
        self.metrics = FakeMetrics()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for receiver in self.all():
                await stack.enter_async_context(receiver)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def all(self) -> tuple[FakeLoki, FakeHec, FakeOtlp, FakeMetrics]:
        return self.loki, self.hec, self.otlp, self.metrics

    def arguments(self) -> tuple[str, ...]:
        sinks = ("--loki-url", self.loki.url, "--splunk-url", self.hec.url, "--otlp-logs-url", self.otlp.url)
        return *sinks, "--otlp-metrics-url", self.metrics.url

    def heal(self) -> None:
        for receiver in self.all():
            receiver.script.clear()

    def forget(self) -> None:
        """What came again, and the requests: the tailer's memory is measured, not this one's."""
        for receiver in self.all():
            receiver.requests.clear()
        self.hec.indexed[:] = self.hec.events()
        for samples in self.metrics.series.values():
            del samples[:-1]

    def check(self, writer: Writer) -> None:
        check_lines(self.loki, writer)
        check_entries([(record.time_ns, record.line) for record in self.otlp.records()], writer)
        assert sorted(self.hec.lines()) == sorted(writer.lines)
        check_counters(self.metrics.newest(), writer)

    def __str__(self) -> str:
        return f"{self.loki.duplicates:,} entries and {self.otlp.duplicates:,} records sent again"


class Soak:
    """One application, its receivers, and the lives of one tailer after the other."""

    def __init__(self, directory: Path, rng: Random, receivers: Receivers) -> None:
        self.writer = Writer(directory, rng)
        self.did: Counter[str] = Counter()
        self.memory_bytes = 0
        self.lag_bytes = 0.0
        self._directory = directory
        self._rng = rng
        self._receivers = receivers
        self._scraped: Samples = {}
        self._removed = 0

    async def life(self, until: float) -> None:
        """A process from its start to its end, mostly a violent one."""
        tailer = await self.started()
        ends = min(until, time.monotonic() + self._rng.expovariate(1 / 30))
        while time.monotonic() < ends:
            await self._happens(tailer)
            await self.scrape(tailer)
        if self._rng.random() < 0.2:
            self.did["stopped"] += 1
            assert await tailer.stop() == 0
        else:
            self.did["killed"] += 1
            await tailer.kill()

    async def started(self) -> Tokentail:
        settings = (*self._receivers.arguments(), "--drain-seconds", "5")
        tailer = await Tokentail.start(
            self._directory, str(self._directory / "app.log*"), *settings, environ=ENVIRONMENT
        )
        await tailer.listening()
        return tailer

    async def scrape(self, tailer: Tokentail) -> Samples:
        samples = await tailer.scrape()
        assert fallen(self._scraped, samples) == {}, "no counter may fall"
        self._scraped = samples
        self.memory_bytes = max(self.memory_bytes, tailer.memory_bytes())
        self.lag_bytes = total(samples, "tokentail_lag_bytes")
        return samples

    async def _happens(self, tailer: Tokentail) -> None:
        chance = self._rng.random()
        self.writer.write(self._rng.randrange(1, 120))
        if chance < 0.05:
            self.did["rotated"] += 1
            self.writer.rotate()
        elif chance < 0.15:
            self.did["receiver_failed"] += 1
            faults = self._rng.choices(FAULTS, k=self._rng.randrange(1, 8))
            self._rng.choice(self._receivers.all()).script += faults
        elif chance < 0.17:
            self.did["paused"] += 1
            tailer.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self._rng.uniform(0, 3))
            self.writer.write(50)
            tailer.process.send_signal(signal.SIGCONT)
        elif self.lag_bytes == 0:
            self._remove_old()
        await asyncio.sleep(self._rng.uniform(0, 0.6))

    def _remove_old(self) -> None:
        """As a rotator does; what has been delivered is not missed."""
        while self._removed < self.writer.rotations - KEPT_ROTATIONS:
            self._removed += 1
            self.writer.path.with_suffix(f".log.{self._removed}").unlink()
        self._receivers.forget()

    async def end(self) -> None:
        """Everything arrives, and comes to what was written."""
        self._receivers.heal()
        self.writer.answer_all()
        tailer = await self.started()
        samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0, seconds=300)
        assert fallen(self._scraped, samples) == {}
        assert await tailer.stop() == 0
        check_counters(samples, self.writer)
        self._receivers.check(self.writer)
        assert self.memory_bytes < MEMORY_LIMIT_BYTES, f"{self.memory_bytes / 2**20:.0f} MiB"

    def __str__(self) -> str:
        did = ", ".join(f"{count} {what}" for what, count in sorted(self.did.items()))
        return (
            f"{len(self.writer.lines):,} lines, {self.writer.calls:,} calls, {did}, "
            f"{self._receivers}, at most {self.memory_bytes / 2**20:.0f} MiB"
        )


async def soak(seconds: float, seed: int) -> None:
    print(f"seed {seed}, {seconds:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        async with Receivers() as receivers:
            it = Soak(Path(directory), Random(seed), receivers)
            it.writer.write(20)
            start = told = time.monotonic()
            while time.monotonic() < start + seconds:
                await it.life(start + seconds)
                if time.monotonic() - told >= 60:
                    told = time.monotonic()
                    print(f"{(told - start) / 60:4.0f} min: {it}", flush=True)
            await it.end()
            print(f"exact: {it}")


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    options.add_argument("--seconds", type=float, default=3600)
    options.add_argument("--seed", type=int, default=Random().randrange(2**32))
    given = options.parse_args()
    asyncio.run(soak(given.seconds, given.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
