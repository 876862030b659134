"""Lines to a collector by OTLP through kills, beside a Loki and without one: each record is known by its id."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.e2e.exact import check_counters, check_entries, check_lines
from tests.e2e.lives import Lives
from tests.e2e.process import Tokentail, pushing_often, running, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki
from tests.fakeotlp import FakeOtlp
from tests.fakereceiver import Step

KILLS = 16
FAULTS: list[Step] = ["lost_answer", 503, "reset", 200, 200, 429, "lost_answer"]


def check_records(otlp: FakeOtlp, writer: Writer) -> None:
    """With one of each id every line is there once, in order; what came twice was the same to the byte."""
    check_entries([(record.time_ns, record.line) for record in otlp.records()], writer)


async def test_records_are_exact_through_kills_rotations_and_faults(tmp_path: Path) -> None:
    async with FakeOtlp() as otlp:
        lives = Lives(tmp_path, "--otlp-logs-url", otlp.url, *pushing_often(tmp_path, "otlp_logs"))
        for number in range(KILLS):
            if number % 4 == 1:
                otlp.script = list(FAULTS)
            await lives.live()
        print(f"{len(otlp.requests)} pushes before the last kill, {otlp.duplicates} records came again")
        lives.writer.write(1)
        otlp.script = ["lost_answer"]
        samples = await lives.last()
        assert total(samples, "tokentail_sink_entries_total", outcome="accepted") == len(lives.writer.lines)
        check_records(otlp, lives.writer)
        assert otlp.duplicates > 0, "a lost answer has sent some of them twice"


async def test_each_sink_has_its_own_mark_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    """Loki is away, over a kill too: the collector has everything meanwhile, and Loki once it is back."""
    writer = Writer(tmp_path, Random(31))
    writer.write(300)
    async with FakeLoki([503] * 10_000) as loki, FakeOtlp() as otlp:
        urls = ["--loki-url", loki.url, "--otlp-logs-url", otlp.url]
        arguments = [str(tmp_path / "app.log*"), *urls, *pushing_often(tmp_path, "loki", "otlp_logs")]
        async with running(tmp_path, *arguments) as tailer:
            await otlp.holds(300)
            await tailer.kill()
        writer.write(100)
        writer.answer_all()
        async with running(tmp_path, *arguments) as tailer:
            await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes", consumer="otlp_logs") == 0)
            samples = await tailer.scrape()
            check_records(otlp, writer)
            assert total(samples, "tokentail_lag_bytes", consumer="loki") > 0
            assert loki.lines() == []
            await tailer.kill()
        loki.script = []
        async with running(tmp_path, *arguments) as tailer:
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            assert total(samples, "tokentail_loki_entries_total") == len(writer.lines)
            assert await tailer.stop() == 0
        check_lines(loki, writer)
        check_counters(samples, writer)


async def test_once_delivers_everything_to_all_sinks(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(32))
    writer.write(2000)
    writer.answer_all()
    async with FakeLoki([503, "reset"]) as loki, FakeOtlp(list(FAULTS)) as otlp:
        urls = ["--loki-url", loki.url, "--otlp-logs-url", otlp.url]
        arguments = [str(writer.path), *urls, *pushing_often(tmp_path, "loki", "otlp_logs")]
        tailer = await Tokentail.start(tmp_path, "--once", *arguments)
        assert await tailer.ended() == 0
        assert [record.line for record in otlp.records()] == loki.lines() == writer.lines
