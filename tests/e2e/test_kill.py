"""SIGKILL at any moment changes nothing: not a count, not a line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from tests.e2e.process import Samples, Tokentail, fallen, running, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki

KILLS = 32


def check_counters(samples: Samples, writer: Writer) -> None:
    assert total(samples, "llm_requests_total") == writer.calls
    assert total(samples, "llm_requests_total", status="error", error_type="rate_limit") == writer.errors
    assert total(samples, "llm_tokens_total", type="input") == writer.input_tokens
    assert total(samples, "llm_tokens_total", type="output") == writer.output_tokens
    assert total(samples, "llm_token_details_total", detail="cached_input") == writer.cached_tokens
    assert abs(total(samples, "llm_cost_usd_total") - writer.pico_usd / 1e12) < 1e-9
    assert total(samples, "tokentail_read_bytes_total") == sum(len(line.encode()) + 1 for line in writer.lines)
    for outcome, count in writer.outcomes.items():
        assert total(samples, "tokentail_lines_total", outcome=outcome) == count, outcome
    assert total(samples, "tokentail_lost_bytes_total") == 0
    assert total(samples, "tokentail_open_calls") == 0, "every request was read before its answer"
    assert total(samples, "llm_request_duration_seconds_count") == writer.timed


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
        arguments = [str(tmp_path / "app.log*"), "--loki-url", loki.url]
        for _ in range(KILLS):
            tailer = await Tokentail.start(tmp_path, *arguments)
            scraped = await live_until_killed(tailer, writer, rng, scraped)
            writer.write(rng.randrange(30))
        writer.answer_all()
        async with running(tmp_path, *arguments) as tailer:
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            assert fallen(scraped, samples) == {}
            check_counters(samples, writer)
            assert await tailer.stop() == 0
        check_lines(loki, writer)


def check_lines(loki: FakeLoki, writer: Writer) -> None:
    """Every line once, and in the order written wherever a line says when that was."""
    assert sorted(loki.lines()) == sorted(writer.lines)
    place = {line: number for number, line in enumerate(writer.lines)}
    by_time = sorted((kept for kept in loki.entries() if '"ts"' in kept.line), key=lambda kept: kept.timestamp_ns)
    milliseconds = [(kept.timestamp_ns // 1_000_000, place[kept.line]) for kept in by_time]
    assert [moment for moment, _ in milliseconds] == [moment for moment, _ in sorted(milliseconds)]
