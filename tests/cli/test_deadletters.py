"""`tokentail deadletters` as a process of its own: what was refused is told and sent again, not lost, not doubled."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tailer.cli import deadletters
from tailer.ship import refusal, splunk_answers
from tailer.ship.deadletter import DeadLetters
from tailer.ship.entry import Entry
from tests.e2e.process import pushing_often, running, total
from tests.fakeloki import FakeLoki
from tests.fakeloki_wire import Kept
from tests.ship.making import NOON_NS, why

TOO_NEW = "entry for stream '{job=\"t\"}' has timestamp too new: x"
SOUR = "entry too sour"


def entries(numbers: Iterable[int]) -> list[Entry]:
    labels, metadata = (("app", "shop"), ("job", "t")), (("model", "gpt-4o"),)
    return [
        Entry(1, it * 10, it * 10 + 10, it, labels, NOON_NS + it, f'{{"n":{it},"x":"é"}}'.encode(), metadata)
        for it in numbers
    ]


def set_aside(state: Path, numbers: Iterable[int], reason: str = TOO_NEW) -> None:
    state.mkdir(exist_ok=True)
    DeadLetters(str(state), 10_000_000).write(entries(numbers), why(reason), NOON_NS)


def left(state: Path) -> list[int]:
    return [json.loads(json.loads(line)["text"])["n"] for line in DeadLetters(str(state), 1000).lines()]


def numbers_of(kept: Iterable[Kept]) -> list[int]:
    return [json.loads(it.line)["n"] for it in kept]


async def started(state: Path, *arguments: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tailer", "deadletters", *arguments, "--state-dir", str(state)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TOKENTAIL_")}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=environ)


async def ended(state: Path, *arguments: str) -> tuple[int | None, str, str]:
    process = await started(state, *arguments)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_list_tells_what_was_refused_when_and_why(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(3))
    set_aside(tmp_path / "state", [7], SOUR)
    status, out, _ = await ended(tmp_path / "state", "list")
    assert status == 0
    assert "4 dead letters: 3 too_new, 1 other" in out
    assert SOUR in out
    assert '"n"' not in out, "the words of the lines only on request"
    _, out, _ = await ended(tmp_path / "state", "list", "--text", "--reason", "other")
    assert '{"n":7,"x":"é"}' in out
    assert "1 dead letter: 1 other" in out


async def test_the_list_as_json(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(2))
    _, out, _ = await ended(tmp_path / "state", "list", "--format", "json")
    found: dict[str, Any] = json.loads(out)
    assert found["total"]["entries"] == 2
    assert found["total"]["kinds"] == {"too_new": 2}
    row = found["rows"][1]
    assert (row["kind"], row["status"], row["labels"]["app"], row["whole"]) == ("too_new", 400, "shop", True)
    assert row["timestamp_ns"] == str(NOON_NS + 1)
    assert "text" not in row


async def test_no_dead_letters_is_no_fault(tmp_path: Path) -> None:
    assert await ended(tmp_path / "nowhere", "list") == (0, "no dead letters\n", "")
    assert (await ended(tmp_path / "nowhere", "resend", "--loki-url", "http://127.0.0.1:9"))[0] == 0


async def test_what_is_accepted_is_deleted_and_arrives_as_it_was(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(50))
    async with FakeLoki() as loki:
        status, out, _ = await ended(tmp_path / "state", "resend", "--loki-url", loki.url)
        kept = loki.entries()
    assert (status, out) == (0, "50 accepted and deleted, 0 refused again and kept\n")
    assert left(tmp_path / "state") == []
    assert kept == [Kept(it.labels, it.timestamp_ns, it.text.decode(), it.metadata) for it in entries(range(50))]


async def test_what_is_refused_again_stays_and_the_status_says_so(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(20))
    async with FakeLoki(refuse=lambda kept: SOUR if '"n":13' in kept.line else None) as loki:
        status, out, _ = await ended(tmp_path / "state", "resend", "--loki-url", loki.url)
        assert sorted(numbers_of(loki.entries())) == [it for it in range(20) if it != 13]
    assert (status, out) == (1, "19 accepted and deleted, 1 refused again and kept\n")
    assert left(tmp_path / "state") == [13]


async def test_only_those_of_a_reason_are_sent(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", [1])
    set_aside(tmp_path / "state", [2], SOUR)
    async with FakeLoki() as loki:
        await ended(tmp_path / "state", "resend", "--reason", "other", "--loki-url", loki.url)
        assert numbers_of(loki.entries()) == [2]
    assert left(tmp_path / "state") == [1]


async def test_it_waits_while_loki_is_away(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(3))
    async with FakeLoki(["reset", 503, (429, {"Retry-After": "0"})]) as loki:
        arguments = ["--loki-url", loki.url, "--log-format", "json", *pushing_often(tmp_path, "loki")]
        status, _, err = await ended(tmp_path / "state", "resend", *arguments)
        assert numbers_of(loki.entries()) == [0, 1, 2]
    assert status == 0
    assert "loki_unreachable" in err


@pytest.mark.parametrize("batches", range(4))
async def test_a_kill_at_any_time_neither_loses_nor_doubles(tmp_path: Path, batches: int) -> None:
    """It is killed while a push hangs, some being through; the next one does the rest."""
    set_aside(tmp_path / "state", range(40))
    (tmp_path / "tail.yaml").write_text("loki: {batch_entries: 10}\n")
    config = ["--config", str(tmp_path / "tail.yaml")]
    async with FakeLoki([204] * batches + ["hang"]) as loki:
        process = await started(tmp_path / "state", "resend", *config, "--loki-url", loki.url)
        await loki.asked(batches + 1)
        process.kill()
        await process.communicate()
        assert left(tmp_path / "state") == list(range(batches * 10, 40)), "exactly what is not accepted yet"
        status, _, _ = await ended(tmp_path / "state", "resend", *config, "--loki-url", loki.url)
        assert status == 0
        assert numbers_of(loki.entries()) == list(range(40))
        assert loki.duplicates == 0
    assert left(tmp_path / "state") == []


async def test_an_answer_that_never_arrives_sends_the_same_again(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(5))
    async with FakeLoki(["lost_answer"]) as loki:
        await ended(tmp_path / "state", "resend", "--loki-url", loki.url)
        assert numbers_of(loki.entries()) == list(range(5))
        assert loki.duplicates == 5
    assert left(tmp_path / "state") == []


async def test_a_second_one_at_the_same_time_says_that_it_does_not(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", range(5))
    async with FakeLoki(["hang"]) as loki:
        process = await started(tmp_path / "state", "resend", "--loki-url", loki.url)
        await loki.asked(1)
        status, _, err = await ended(tmp_path / "state", "resend", "--loki-url", loki.url)
        assert status == 1
        assert "another `deadletters resend`" in err
        process.kill()
        await process.communicate()


async def test_it_works_beside_the_running_tailer(tmp_path: Path) -> None:
    """What the tailer sets aside meanwhile stays; what was resent is gone."""
    log = tmp_path / "app.log"
    log.write_text('{"n":1}\n{"n":2}\n')
    sour = True
    async with FakeLoki(refuse=lambda _: SOUR if sour else None) as loki:
        async with running(tmp_path, str(log), "--loki-url", loki.url) as tailer:
            await tailer.scraped(lambda it: total(it, "tokentail_dead_letters_total", outcome="kept") == 2)
            sour = False
            status, out, _ = await ended(tmp_path / "state", "resend", "--loki-url", loki.url)
            assert (status, out) == (0, "2 accepted and deleted, 0 refused again and kept\n")
            sour = True
            with log.open("a") as file:
                file.write('{"n":3}\n')
            await tailer.scraped(lambda it: total(it, "tokentail_dead_letters_total", outcome="kept") == 3)
        assert numbers_of(loki.entries()) == [1, 2]
    assert left(tmp_path / "state") == [3]


async def test_a_record_that_is_not_whole_stays(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", [1])
    with (tmp_path / "state" / "dead-letters.jsonl").open("ab") as file:
        file.write(b'{"time":"2026-05-28T20:26:40Z","text":"x"}\n{"half')
    async with FakeLoki() as loki:
        status, out, _ = await ended(tmp_path / "state", "resend", "--loki-url", loki.url)
        assert numbers_of(loki.entries()) == [1]
    assert (status, out) == (1, "1 accepted and deleted, 2 refused again and kept\n")


async def test_without_a_loki_it_is_bad_usage(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", [1])
    status, _, err = await ended(tmp_path / "state", "resend")
    assert status == 2
    assert "--loki-url" in err
    assert left(tmp_path / "state") == [1]


async def test_each_sink_has_its_own_and_one_without_an_address_is_not_forgotten(tmp_path: Path) -> None:
    state = tmp_path / "state"
    set_aside(state, [1])
    DeadLetters(str(state), 10_000_000, sink="elsewhere").write(entries([2]), why("x"), NOON_NS)
    _, out, _ = await ended(state, "list", "--sink", "loki")
    assert "1 dead letter" in out
    assert sorted(path.name for path in state.glob("*.jsonl")) == ["dead-letters-elsewhere.jsonl", "dead-letters.jsonl"]
    status, _, err = await ended(state, "resend", "--sink", "loki")
    assert (status, "needs --loki-url" in err) == (2, True)


async def test_without_an_address_for_some_nothing_is_sent_to_any(tmp_path: Path) -> None:
    """And it is said for whom one is missing."""
    state = tmp_path / "state"
    set_aside(state, [1])
    DeadLetters(str(state), 10_000_000, sink="splunk").write(entries([2]), why("x"), NOON_NS)
    async with FakeLoki() as loki:
        status, _, err = await ended(state, "resend", "--loki-url", loki.url)
        assert status == 2
        assert "1 dead letter of splunk: resend needs --splunk-url, or splunk_url in the configuration; --sink" in err
        assert loki.requests == []
        assert (await ended(state, "resend", "--sink", "loki", "--loki-url", loki.url))[0] == 0


def test_every_reason_can_be_asked_for() -> None:
    told = {name for name, _ in refusal._KINDS} | {
        *splunk_answers.REFUSALS.values(),
        "other",
        "partly_taken",
        "too_large",
    }
    assert told == {*deadletters.REASONS}


async def test_a_reason_that_there_is_not_is_no_empty_list(tmp_path: Path) -> None:
    set_aside(tmp_path / "state", [1])
    status, _, err = await ended(tmp_path / "state", "list", "--reason", "to_old")
    assert status == 2
    assert "'to_old'" in err
    assert "too_old" in err


async def test_a_record_of_any_shape_is_told(tmp_path: Path) -> None:
    """As half of one is, or what another program wrote."""
    (tmp_path / "state").mkdir()
    records = b'{"time":["x"],"labels":[1],"status":{},"kind":7,"text":{}}\n[1]\n'
    (tmp_path / "state" / "dead-letters.jsonl").write_bytes(records)
    status, out, _ = await ended(tmp_path / "state", "list", "--text")
    assert (status, out.splitlines()[-1]) == (0, "2 dead letters: 1 7, 1 other")
