"""SIGKILL at any moment: a search with `dedup tokentail_id` finds every line and every number once."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from tests.e2e.lives import Lives
from tests.e2e.process import pushing_often, running, total
from tests.e2e.writer import Writer
from tests.fakehec import FakeHec
from tests.fakeloki import FakeLoki

KILLS = 14
TOKEN = "11111111-2222-3333-4444-555555555555"


def check_events(hec: FakeHec, writer: Writer) -> None:
    """Every line once, in the order written wherever a line says when that was, and every number as a field."""
    events = hec.events()
    assert sorted(event.line for event in events) == sorted(writer.lines)
    place = {line: number for number, line in enumerate(writer.lines)}
    by_identity = sorted((it for it in events if '"ts"' in it.line), key=lambda it: it.identity)
    milliseconds = [(int(it.time * 1000), place[it.line]) for it in by_identity]
    assert [moment for moment, _ in milliseconds] == [moment for moment, _ in sorted(milliseconds)]
    for name, expected in (("input_tokens", writer.input_tokens), ("output_tokens", writer.output_tokens)):
        assert sum(int(it.fields.get(name, 0)) for it in events) == expected
    assert sum(Decimal(it.fields.get("cost_usd", 0)) for it in events) * 10**12 == writer.pico_usd
    assert sum(it.fields.get("status") == "success" for it in events) + writer.errors == writer.calls


@pytest.mark.parametrize("acks", [None, 2], ids=["taken", "acknowledged"])
async def test_numbers_and_lines_are_exact_through_kills_and_rotations(tmp_path: Path, acks: int | None) -> None:
    async with FakeHec(token=TOKEN, acks=acks) as hec:
        hec.script = [503, "lost_answer", 200, 200, "reset", "lost_answer"]
        arguments = ["--splunk-url", hec.url, *pushing_often(tmp_path, "splunk")]
        lives = Lives(tmp_path, *arguments, environ={"SPLUNK_HEC_TOKEN": TOKEN})
        for _ in range(KILLS):
            await lives.live()
        print(f"{len(hec.requests)} pushes before the last kill")
        await lives.last()
        check_events(hec, lives.writer)
        print(f"{len(hec.indexed) - len(hec.events())} of {len(hec.indexed)} events came again")


async def test_one_sink_that_is_away_holds_up_no_other(tmp_path: Path) -> None:
    """Each has a mark of its own: Splunk gets all while Loki is away, and Loki all when it is back."""
    writer = Writer(tmp_path, Random(5))
    writer.write(300)
    async with FakeLoki([503] * 10_000) as loki, FakeHec(token=TOKEN) as hec:
        urls = ["--loki-url", loki.url, "--splunk-url", hec.url]
        arguments = [str(tmp_path / "app.log"), *urls, *pushing_often(tmp_path, "loki", "splunk")]
        async with running(tmp_path, *arguments, environ={"TOKENTAIL_SPLUNK_TOKEN": TOKEN}) as tailer:
            await hec.holds(300)
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes", consumer="splunk") == 0)
            assert total(samples, "tokentail_lag_bytes", consumer="loki") > 0
            assert total(samples, "tokentail_sink_entries_total", sink="splunk", outcome="accepted") == 300
            assert loki.lines() == []
            loki.script.clear()
            async with asyncio.timeout(60):
                await loki.holds(300)
            await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            assert await tailer.stop() == 0
    assert sorted(loki.lines()) == sorted(hec.lines()) == sorted(writer.lines)
    assert len(hec.indexed) == 300
