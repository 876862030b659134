"""An application, a tailer and a Loki through a fault: nothing lost, nothing double, no counter ever lower."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from tests.e2e.exact import check_counters, check_lines
from tests.e2e.process import Samples, Tokentail, fallen, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki
from tests.faults.shim import Faults

READ = "tokentail_read_bytes_total"
QUICK = ("--poll-seconds", "0.1", "--checkpoint-seconds", "0.1")


class Trial:
    """One life of the tailer after the other, with what has been seen of its counters."""

    def __init__(self, directory: Path, logs: Path, loki: FakeLoki) -> None:
        self.directory = directory
        self.loki = loki
        self.paths = [str(logs / "app.log")]
        self.writer = Writer(logs, Random(str(directory.name)))
        self.faults = Faults(directory)
        self.tailer: Tokentail
        self.lives: list[Tokentail] = []
        self.has_lost_a_checkpoint = False
        """Only it knew the times given to lines that have none, and what Loki had said meanwhile."""
        self._seen: Samples = {}

    async def start(self, *arguments: str, before: Sequence[str] = ()) -> Tokentail:
        command = [*self.paths, "--loki-url", self.loki.url, *QUICK, *arguments]
        self.tailer = await Tokentail.start(self.directory, *command, before=before, environ=self.faults.environ)
        self.lives.append(self.tailer)
        await self.tailer.listening()
        return self.tailer

    async def scrape(self) -> Samples:
        """What /metrics says; no counter is lower than in any life before."""
        samples = await self.tailer.scrape()
        lower = fallen(self._seen, samples)
        if self.has_lost_a_checkpoint:
            lower = {key: values for key, values in lower.items() if "_loki_" not in str(key)}
        assert lower == {}
        self._seen = samples
        return samples

    async def scraped(self, condition: Callable[[Samples], bool], seconds: float = 30) -> Samples:
        """The first scrape that fulfils the condition, none before it with a lower counter."""
        async with asyncio.timeout(seconds):
            while not condition(samples := await self.scrape()):
                await asyncio.sleep(0.02)
        return samples

    async def counted(self) -> Samples:
        """The scrape that shows all that has been written."""
        size = sum(len(line.encode()) + 1 for line in self.writer.lines)
        return await self.scraped(lambda it: total(it, READ) >= size)

    async def kill_and_start(self) -> None:
        await self.tailer.kill()
        await self.start()

    async def conserved(self) -> None:
        """Everything has been counted and delivered once."""
        self.writer.answer_all()
        await self.counted()
        check_counters(await self.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0), self.writer)
        assert await self.tailer.stop() == 0
        if self.has_lost_a_checkpoint:
            assert set(self.loki.lines()) == set(self.writer.lines)
            timed = Counter(line for line in self.writer.lines if '"ts"' in line)
            assert Counter(line for line in self.loki.lines() if '"ts"' in line) == timed
        else:
            check_lines(self.loki, self.writer)

    def forget_seen(self) -> None:
        """Counters may start over: all that remembered them is gone."""
        self._seen = {}

    def said(self, event: str) -> list[object]:
        """The reasons given with this event in the present life."""
        return [it.get("reason") for it in self.tailer.events if it["event"] == event]


@asynccontextmanager
async def trial(directory: Path, logs: Path | None = None) -> AsyncIterator[Trial]:
    """Checks at its end that all is conserved; every life has ended then."""
    async with FakeLoki() as loki:
        it = Trial(directory, logs or directory, loki)
        try:
            it.writer.write(30)
            yield it
            await it.conserved()
        finally:
            print(*(event for tailer in it.lives for event in [{"life": tailer.process.pid}, *tailer.events]), sep="\n")
            for tailer in it.lives:
                if tailer.process.returncode is None:
                    await tailer.kill()
