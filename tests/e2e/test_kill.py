"""SIGKILL at any moment changes nothing: not a count, not a line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from tests.e2e.exact import check_counters, check_lines
from tests.e2e.process import Samples, Tokentail, fallen, pushing_often, running, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki

KILLS = 32


async def write_for_a_while(writer: Writer, rng: Random) -> None:
    """Writes in bursts, and rotates now and then."""
    for _ in range(rng.randrange(1, 6)):
        writer.write(rng.randrange(1, 60))
        if rng.random() < 0.15:
            writer.rotate()
        await asyncio.sleep(rng.uniform(0, 0.05))


async def live_until_killed(tailer: Tokentail, writer: Writer, rng: Random, before: Samples) -> Samples:
    """One life of the tailer, with scrapes; returns the last scrape. It may be killed even before it listens."""
    if rng.random() < 0.2:
        await asyncio.sleep(rng.uniform(0, 0.4))
        await tailer.kill()
        return before
    await tailer.listening()
    for _ in range(rng.randrange(1, 4)):
        await write_for_a_while(writer, rng)
        if rng.random() < 0.7:
            after = await tailer.scrape()
            assert fallen(before, after) == {}
            before = after
    await tailer.kill()
    return before


async def test_counters_and_lines_are_exact_through_kills_rotations_and_scrapes(tmp_path: Path) -> None:
    """At least 30 kills over a log that is being written and rotated."""
    seed = Random().randrange(2**32)
    print(f"seed {seed}")
    rng = Random(seed)
    writer = Writer(tmp_path, rng)
    writer.write(20)
    scraped: Samples = {}
    async with FakeLoki() as loki:
        arguments = [str(tmp_path / "app.log*"), "--loki-url", loki.url, *pushing_often(tmp_path, "loki")]
        for _ in range(KILLS):
            tailer = await Tokentail.start(tmp_path, *arguments)
            scraped = await live_until_killed(tailer, writer, rng, scraped)
            writer.write(rng.randrange(30))
        print(f"{len(loki.requests)} pushes before the last kill, {loki.duplicates} entries came again")
        writer.answer_all()
        async with running(tmp_path, *arguments) as tailer:
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            assert fallen(scraped, samples) == {}
            check_counters(samples, writer)
            assert await tailer.stop() == 0
        check_lines(loki, writer)
