"""What every sink promises, on a receiver of its own kind over real HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from tailer.config import Config
from tailer.config.schema import Privacy
from tailer.outbound.counted import OUTCOMES, family
from tailer.outbound.pusher import State
from tailer.ship.deadletter import DeadLetters
from tailer.ship.deadletter_resend import Resender, letters_of
from tailer.ship.sinks import SINKS, sinks_of
from tests.fakereceiver import Step
from tests.ship.making import MemorySource, Shipping, config_of, line
from tests.ship.standins import STAND_INS, standing_in
from tests.ship.test_sender import TRACE, closed_source, expected

SECRETS = ("hidden-password", "hidden-header")
CONTENT = "the patient's own words"
GUILTY = (7, 8, 39)


@pytest.fixture(params=sorted(SINKS))
def sink(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def configured(sink: str, url: str, directory: Path, privacy: Privacy | None = None, **options: Any) -> Config:
    return config_of(sink, url, str(directory), privacy, **STAND_INS[sink].options, **options)


def is_guilty(text: str) -> bool:
    return any(text == line(number).decode() for number in GUILTY)


def written(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


async def shipped_with_guilty(sink: str, directory: Path) -> tuple[Shipping, list[str]]:
    async with standing_in(sink, guilty=is_guilty) as receiver:
        shipping = Shipping(closed_source(40), configured(sink, receiver.url, directory))
        await shipping.run()
        return shipping, receiver.lines()


async def test_every_line_arrives_once_and_in_order_and_the_mark_is_at_the_end(sink: str, tmp_path: Path) -> None:
    source = closed_source(95)
    async with standing_in(sink) as receiver:
        shipping = Shipping(source, configured(sink, receiver.url, tmp_path, batch_entries=20))
        await shipping.run()
        assert receiver.lines() == expected(95)
        assert len(receiver.requests) == 5
    assert source.marks == {1: (sum(len(text) + 1 for text in expected(95)), 95)}
    assert shipping.entries("accepted") == 95


async def test_every_outcome_is_there_at_zero_before_the_first_line(sink: str, tmp_path: Path) -> None:
    """Else no rate and no alert would see the first refusal."""
    shipping = Shipping(MemorySource(), configured(sink, "http://127.0.0.1:9", tmp_path))
    name, labels = family(sink, "entries_total")
    counted = dict(shipping.telemetry.dump().counters[name])
    assert [counted[(*labels, outcome)] for outcome in OUTCOMES] == [0, 0, 0]


async def test_faults_are_waited_out_and_counted_by_their_reason(sink: str, tmp_path: Path) -> None:
    script: list[Step] = [503, "reset", "lost_answer", (429, {"Retry-After": "3"}), 401, 502, 404]
    async with standing_in(sink, script) as receiver:
        shipping = Shipping(closed_source(40), configured(sink, receiver.url, tmp_path, batch_entries=20))
        await shipping.run()
        assert receiver.lines() == expected(40)
    reasons = ("server_error", "connection", "rate_limited", "unauthorized", "not_found")
    assert [shipping.retries(reason) for reason in reasons] == [2, 2, 1, 1, 1]
    assert max(shipping.ticking.slept) >= 3.0


async def test_the_mark_waits_for_the_answer(sink: str, tmp_path: Path) -> None:
    source = closed_source(10)
    async with standing_in(sink, ["hang"]) as receiver, asyncio.timeout(10):
        shipping = Shipping(source, configured(sink, receiver.url, tmp_path, timeout_seconds=0.1))
        task = asyncio.create_task(shipping.run())
        await receiver.asked(1)
        assert source.marks == {}
        await task
    assert source.marks[1][1] == 10
    assert shipping.sender.state is State.DONE


async def test_a_push_too_large_is_split_in_order(sink: str, tmp_path: Path) -> None:
    async with standing_in(sink, most_bytes=2500) as receiver:
        shipping = Shipping(closed_source(64), configured(sink, receiver.url, tmp_path))
        await shipping.run()
        assert receiver.lines() == expected(64)
        assert len(receiver.requests) > 1
    assert shipping.entries("accepted") == 64


async def test_the_guilty_are_set_aside_and_the_others_arrive(sink: str, tmp_path: Path) -> None:
    shipping, lines = await shipped_with_guilty(sink, tmp_path)
    assert sorted(lines) == sorted(text for text in expected(40) if not is_guilty(text))
    name = "dead-letters.jsonl" if sink == "loki" else f"dead-letters-{sink}.jsonl"
    letters = [orjson.loads(letter) for letter in (tmp_path / name).read_bytes().splitlines()]
    assert [letter["text"] for letter in letters] == [line(number).decode() for number in GUILTY]
    assert (shipping.entries("accepted"), shipping.entries("refused")) == (37, 3)


async def test_dead_letters_go_out_as_they_would_have_once_they_are_taken(sink: str, tmp_path: Path) -> None:
    shipping, _ = await shipped_with_guilty(sink, tmp_path)
    letters = DeadLetters(str(tmp_path), 10_000_000, sink=sink)
    async with standing_in(sink) as receiver, standing_in(sink) as kinder:
        (again,) = sinks_of(configured(sink, receiver.url, tmp_path))
        async with again:
            found = list(letters_of(letters.lines()))
            await Resender(letters, again, shipping.telemetry, shipping.ticking.clock()).run(found)
        assert receiver.lines() == [line(number).decode() for number in GUILTY]
        await Shipping(closed_source(40), configured(sink, kinder.url, tmp_path)).run()
        await resent_to(kinder.url, sink, tmp_path, found)
        assert kinder.lines() == expected(40), "known as the same"
    assert letters.lines() == []


async def resent_to(url: str, sink: str, directory: Path, letters: list[Any]) -> None:
    """One push of these dead letters."""
    (again,) = sinks_of(configured(sink, url, directory))
    async with again:
        await again.push(again.encode([letter.entry for letter in letters]))


async def test_a_replay_is_the_same_to_the_byte(sink: str, tmp_path: Path) -> None:
    """Killed before anything of it was saved, and sent again by another process an hour later."""
    source = MemorySource(3)
    source.append(1, [TRACE, b"", TRACE, line(1), line(1), b'{"caf\xc3\xa9":"\xff"}'])
    source.close()
    async with standing_in(sink) as receiver:
        await Shipping(source, configured(sink, receiver.url, tmp_path)).run()
        first, lines = [request.body for request in receiver.requests], receiver.lines()
        again = source.restarted(3)
        again.close()
        shipping = Shipping(again, configured(sink, receiver.url, tmp_path))
        shipping.ticking.now += 3600 * 10**9
        await shipping.run()
        assert [request.body for request in receiver.requests[len(first) :]] == first
        assert receiver.lines() == lines
        assert len(lines) == 6, "equal lines are as many as they were"


async def test_no_secret_is_ever_shown(sink: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"username": "jane", "password": SECRETS[0], "headers": {"X-Api-Key": SECRETS[1]}}
    with capture_logs() as logs:
        async with standing_in(sink, [401, "reset", 503, (302, {"Location": "/"}), 400]) as receiver:
            setting = configured(sink, receiver.url, tmp_path, **options)
            shipping = Shipping(closed_source(10), setting)
            await shipping.run()
            assert SECRETS[1] in receiver.requests[0].headers.values()
    told = repr(logs) + repr(shipping.sink) + repr(vars(shipping.sink)) + repr(setting)
    assert logs != []
    assert not any(secret in told for secret in SECRETS)


@pytest.mark.parametrize("privacy", [Privacy(content="drop"), Privacy(mode="allow_list")])
async def test_what_privacy_holds_back_is_in_no_push_no_log_and_no_dead_letter(
    sink: str, privacy: Privacy, tmp_path: Path
) -> None:
    source = MemorySource()
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": CONTENT}]}
    source.append(1, [line(number, request=body) for number in range(20)])
    source.close()
    with capture_logs() as logs:
        async with standing_in(sink, [400], guilty=lambda text: "req_3" in text) as receiver:
            shipping = Shipping(source, configured(sink, receiver.url, tmp_path, privacy))
            await shipping.run()
            assert len(receiver.lines()) == 19
            assert CONTENT not in repr(receiver.requests) + repr(logs)
    assert CONTENT.encode() not in written(tmp_path)
