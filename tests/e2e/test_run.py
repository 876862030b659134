"""`tokentail run` from the outside: batch runs, stops, locks, and Loki away."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import signal
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.e2e.exact import check_counters, check_lines
from tests.e2e.process import Samples, Tokentail, pushing_often, running, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki


async def once(directory: Path, *arguments: str) -> int:
    return await (await Tokentail.start(directory, "--once", *arguments)).ended()


async def test_once_reads_everything_and_delivers_it(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(1))
    writer.write(3000)
    writer.answer_all()
    async with FakeLoki() as loki:
        assert await once(tmp_path, str(writer.path), "--loki-url", loki.url) == 0
        check_lines(loki, writer)
        assert loki.lines() == writer.lines, "in the order written"
    async with running(tmp_path, str(writer.path)) as tailer:
        check_counters(await tailer.scrape(), writer)


async def test_a_log_of_100_mb_is_counted_to_the_token(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(8), prompt_chars=6_000)
    while not writer.path.exists() or writer.path.stat().st_size < 100_000_000:
        writer.write(2_000)
    writer.answer_all()
    assert await once(tmp_path, str(writer.path)) == 0
    async with running(tmp_path, str(writer.path)) as tailer:
        check_counters(await tailer.scrape(), writer)


async def test_once_again_counts_only_what_is_new(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(2))
    for _ in range(3):
        writer.write(50)
        writer.answer_all()
        assert await once(tmp_path, str(writer.path)) == 0
    async with running(tmp_path, str(writer.path)) as tailer:
        check_counters(await tailer.scrape(), writer)


async def test_once_says_when_it_could_not_do_all(tmp_path: Path) -> None:
    """A path named outright that is no file or not there, a compressed one; a glob may match nothing."""
    (tmp_path / "app.log").write_text('{"n":1}\n')
    (tmp_path / "old.gz").write_bytes(gzip.compress(b"{}\n"))
    assert await once(tmp_path, str(tmp_path / "app.log"), str(tmp_path / "*.nothing")) == 0
    for name in ("missing.log", "old.gz", "."):
        assert await once(tmp_path, str(tmp_path / "app.log"), str(tmp_path / name)) == 1, name


async def test_once_that_cannot_save_fails(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text('{"n":1}\n')
    (tmp_path / "state" / "checkpoint.new").mkdir(parents=True)
    assert await once(tmp_path, str(tmp_path / "app.log")) == 1


async def test_a_state_directory_deleted_under_it_is_made_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(9))
    writer.write(20)
    async with running(tmp_path, str(writer.path)) as tailer:
        await tailer.scrape()
        shutil.rmtree(tmp_path / "state")
        writer.write(20)
        writer.answer_all()
        size = writer.path.stat().st_size
        check_counters(await tailer.scraped(lambda it: total(it, "tokentail_read_bytes_total") == size), writer)
        await tailer.kill()
    async with running(tmp_path, str(writer.path)) as tailer:
        check_counters(await tailer.scrape(), writer)


async def test_a_file_whose_name_looks_like_a_glob_is_meant_itself(tmp_path: Path) -> None:
    (tmp_path / "app[1].log").write_text('{"n":1}\n')
    async with running(tmp_path, str(tmp_path / "app[1].log")) as tailer:
        await tailer.scraped(partial(has_lines, 1))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_reads_to_the_end_delivers_and_ends_with_status_0(tmp_path: Path, number: int) -> None:
    writer = Writer(tmp_path, Random(3))
    writer.write(10)
    async with FakeLoki() as loki, running(tmp_path, str(writer.path), "--loki-url", loki.url) as tailer:
        await loki.holds(10)
        writer.write(500)
        writer.answer_all()
        tailer.process.send_signal(number)
        assert await tailer.ended() == 0
        check_lines(loki, writer)
    stopped = next(event for event in tailer.events if event["event"] == "stopped")
    assert stopped["lag_bytes"] == {"meter": 0, "loki": 0}


async def test_metrics_answer_while_it_drains(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(4))
    writer.write(100)
    writer.answer_all()
    async with FakeLoki(script=["hang"] * 100) as loki:
        async with running(tmp_path, str(writer.path), "--loki-url", loki.url, "--drain-seconds", "60") as tailer:
            await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes", consumer="meter") == 0)
            tailer.process.send_signal(signal.SIGTERM)
            await tailer.logged("reading_to_the_end")
            check_counters(await tailer.scrape(), writer)
            tailer.process.send_signal(signal.SIGTERM)
            assert await tailer.ended() == 0, "the second signal ends it at once"
    async with running(tmp_path, str(writer.path)) as tailer:
        check_counters(await tailer.scrape(), writer)


async def test_the_drain_has_a_deadline(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(5))
    writer.write(100)
    async with FakeLoki(script=[503] * 1000) as loki:
        async with running(tmp_path, str(writer.path), "--loki-url", loki.url, "--drain-seconds", "0.5") as tailer:
            await loki.asked(1)
            assert await asyncio.wait_for(tailer.stop(), 20) == 0
    async with FakeLoki() as loki, running(tmp_path, str(writer.path), "--loki-url", loki.url):
        await loki.holds(100)
        assert sorted(loki.lines()) == sorted(writer.lines)


async def test_a_second_process_on_the_same_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    async with running(tmp_path, str(tmp_path / "app.log")):
        second = await Tokentail.start(tmp_path, str(tmp_path / "app.log"))
        assert await second.ended() == 1
        assert "another tokentail uses it" in str(second.events[-1])


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    async with running(tmp_path / "one", str(tmp_path / "app.log")) as first:
        second = await Tokentail.start(
            tmp_path / "two", str(tmp_path / "app.log"), "--listen", first.url.removeprefix("http://")
        )
        assert await second.ended() == 1
        assert "address already in use" in str(second.events[-1]).lower()


async def test_faults_of_the_configuration_end_with_status_2(tmp_path: Path) -> None:
    tailer = await Tokentail.start(tmp_path, "--drain-seconds", "soon")
    assert await tailer.ended() == 2
    text = json.dumps(tailer.events)
    assert "--drain-seconds" in text
    assert "PATH" in text


async def test_loki_away_and_back(tmp_path: Path) -> None:
    """Metrics go on, memory stays flat, everything arrives afterwards, in order."""
    writer = Writer(tmp_path, Random(6))
    writer.write(50)
    async with FakeLoki() as first:
        url = first.url
        arguments = [str(tmp_path / "app.log"), "--loki-url", url, *pushing_often(tmp_path, "loki")]
        tailer = await Tokentail.start(tmp_path, *arguments)
        await tailer.listening()
        await first.holds(50)
    before = tailer.memory_bytes()
    for _ in range(20):
        writer.write(1500)
    writer.answer_all()
    samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes", consumer="meter") == 0)
    check_counters(samples, writer)
    assert total(samples, "tokentail_lag_bytes", consumer="loki") > 5_000_000
    assert tailer.memory_bytes() - before < 30_000_000
    assert (await tailer.get("/readyz"))[0] == 200, "Loki is no reason to take the application out of service"
    async with FakeLoki(port=int(url.rpartition(":")[2])) as second:
        await second.holds(len(writer.lines) - 50)
        assert second.lines() == writer.lines[50:]
        samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
        assert total(samples, "tokentail_loki_entries_total", outcome="accepted") == len(writer.lines)
        assert await tailer.stop() == 0
    states = [event["event"] for event in tailer.events if str(event["event"]).startswith("loki")]
    assert len(states) <= 4, f"one log line per change of state: {states}"


async def test_a_poisoned_entry_is_set_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(7))
    writer.write(400)
    poison = writer.lines[123]

    async with FakeLoki(refuse=lambda kept: "entry too sour" if kept.line == poison else None) as loki:
        async with running(tmp_path, str(writer.path), "--loki-url", loki.url) as tailer:
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
        assert sorted(loki.lines()) == sorted(line for line in writer.lines if line != poison)
    assert total(samples, "tokentail_loki_entries_total", outcome="refused") == writer.lines.count(poison)
    letters = [json.loads(line) for line in (tmp_path / "state" / "dead-letters.jsonl").read_text().splitlines()]
    assert [letter["text"] for letter in letters] == [poison] * writer.lines.count(poison)


async def test_written_is_visible_without_waiting_for_a_poll(tmp_path: Path) -> None:
    """inotify wakes the tailer: a poll of an hour would not."""
    (tmp_path / "app.log").touch()
    async with running(tmp_path, str(tmp_path / "app.log"), "--poll-seconds", "3600") as tailer:
        for count in (1, 2, 3):
            with (tmp_path / "app.log").open("a") as file:
                file.write('{"n":1}\n')
            await tailer.scraped(partial(has_lines, count), seconds=10)
        os.rename(tmp_path / "app.log", tmp_path / "app.log.1")
        (tmp_path / "app.log").write_text('{"n":4}\n')
        await tailer.scraped(partial(has_lines, 4), seconds=10)


@pytest.mark.destroys("the log is deleted")
async def test_a_log_that_nobody_reads_any_more_does_not_end_it(tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    async with running(tmp_path, str(tmp_path / "app.log"), "--log-level", "debug") as tailer:
        tailer.stop_reading()
        os.rename(tmp_path / "app.log", tmp_path / "app.log.1")
        (tmp_path / "app.log").write_text('{"n":1}\n')
        await tailer.scraped(partial(has_lines, 1), seconds=10)
        os.unlink(tmp_path / "app.log")
        (tmp_path / "app.log").write_text('{"n":2}\n')
        await tailer.scraped(partial(has_lines, 2), seconds=10)


def has_lines(count: int, samples: Samples) -> bool:
    return total(samples, "tokentail_lines_total") == count
