"""The way of every line to Splunk: through faults, refusals, splits and kills, and independent of other sinks."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tailer.config.schema import Privacy
from tailer.ship.deadletter import DeadLetters
from tests.fakehec import FakeHec
from tests.fakehec_wire import Event
from tests.fakereceiver import Step
from tests.ship.kills import KILLS, SOON, Kill, texts, through
from tests.ship.making import Shipping, closed_source, is_in_order, line, number_at
from tests.ship.splunking import TOKEN, config

SOUR = 15


def lines(count: int, **more: object) -> list[bytes]:
    return [line(number, **more) for number in range(count)]


def ids(hec: FakeHec) -> list[str]:
    return [event.body["id"] for event in hec.events()]


def expected(count: int) -> list[str]:
    return [f"req_{number}" for number in range(count)]


def sour(*numbers: int) -> Any:
    wanted = {f"req_{number}" for number in numbers}
    return lambda found: SOUR if found["event"]["id"] in wanted else None


async def test_every_line_arrives_in_order_with_its_numbers(tmp_path: Path) -> None:
    source = closed_source(*lines(95))
    async with FakeHec(token=TOKEN) as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path), batch_entries=20))
        await shipping.run()
    assert ids(hec) == expected(95)
    assert len(hec.indexed) == 95
    assert [event.identity for event in hec.events()] == sorted(event.identity for event in hec.events())
    assert sum(int(event.fields["input_tokens"]) for event in hec.events()) == sum(100 + n for n in range(95))
    assert source.marks[1][1] == 95
    assert shipping.entries("accepted") == 95


async def test_faults_are_waited_out_and_what_came_twice_has_one_identity(tmp_path: Path) -> None:
    script: list[Step] = [503, "reset", 401, 404, "lost_answer", 429, (400, {}, '{"code":7}'), 200, 500]
    source = closed_source(*lines(40))
    async with FakeHec(script) as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path), batch_entries=20))
        await shipping.run()
    assert ids(hec) == expected(40)
    assert len(hec.indexed) == 60
    reasons = ("server_error", "connection", "unauthorized", "not_found", "rate_limited", "disallowed")
    assert [shipping.retries(reason) for reason in reasons] == [2, 2, 1, 1, 1, 1]


async def test_a_wrong_index_is_waited_for_and_loses_nothing(tmp_path: Path) -> None:
    source = closed_source(*lines(5))
    async with FakeHec(indexes=["main"]) as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path), index="open_ai"))
        task = asyncio.create_task(shipping.run())
        await hec.asked(3)
        assert shipping.sender.pusher.waiting_reason == "disallowed"
        assert source.marks == {}
        hec.indexes = ["main", "open_ai"]
        await task
    assert ids(hec) == expected(5)
    assert {event.index for event in hec.events()} == {"open_ai"}
    assert shipping.entries("refused") == 0


@pytest.mark.parametrize("guilty", [(7,), (0,), (3, 4, 19)])
async def test_only_the_guilty_event_is_set_aside(tmp_path: Path, guilty: tuple[int, ...]) -> None:
    source = closed_source(*lines(20))
    async with FakeHec(refuse=sour(*guilty)) as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path)))
        await shipping.run()
    assert ids(hec) == [f"req_{number}" for number in range(20) if number not in guilty]
    kept = [json.loads(it) for it in DeadLetters(str(tmp_path), 10_000_000, sink="splunk").lines()]
    assert [json.loads(it["text"])["id"] for it in kept] == [f"req_{number}" for number in guilty]
    assert {it["kind"] for it in kept} == {"invalid_fields"}
    assert (tmp_path / "dead-letters-splunk.jsonl").exists()
    assert (shipping.entries("accepted"), shipping.entries("refused")) == (20 - len(guilty), len(guilty))
    assert source.marks[1][1] == 20


@pytest.mark.parametrize("good", [0, 1])
async def test_where_all_or_nearly_all_are_refused_no_good_one_is_set_aside(tmp_path: Path, good: int) -> None:
    """However many pushes it takes, as many as there are events at the most twice over."""
    source = closed_source(*lines(400), lines_per_chunk=400)
    async with FakeHec(refuse=sour(*range(400 - good))) as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path)))
        await shipping.run()
        assert len(hec.requests) < 2 * 400
    assert ids(hec) == [f"req_{number}" for number in range(400 - good, 400)]
    assert shipping.entries("refused") == 400 - good


async def test_a_push_that_is_too_large_is_divided(tmp_path: Path) -> None:
    source = closed_source(*lines(64, text="x" * 500))
    async with FakeHec(max_body_bytes=8000) as hec:
        await Shipping(source, config(hec.url, str(tmp_path))).run()
    assert ids(hec) == expected(64)


async def test_a_body_that_splunk_cloud_calls_invalid_for_its_size_is_divided_and_nothing_set_aside(
    tmp_path: Path,
) -> None:
    class Cloud(FakeHec):
        async def _index(self, sent: bytes) -> None:
            await super()._index(b"?" if len(sent) > 8000 else sent)

    source = closed_source(*lines(64, text="x" * 500))
    async with Cloud() as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path)))
        await shipping.run()
    assert ids(hec) == expected(64)
    assert shipping.entries("refused") == 0


async def test_blank_lines_stop_nothing(tmp_path: Path) -> None:
    source = closed_source(line(1), b"", b"  ", line(2))
    async with FakeHec() as hec:
        await Shipping(source, config(hec.url, str(tmp_path))).run()
    assert [event.body.get("tokentail_blank") for event in hec.events()] == [None, 0, 2, None]


async def test_the_mark_moves_only_when_the_indexers_have_it(tmp_path: Path) -> None:
    source = closed_source(*lines(4))
    async with FakeHec(acks=-1) as hec:
        shipping = Shipping(source, config(hec.url, str(tmp_path)))
        task = asyncio.create_task(shipping.run())
        await hec.asked(2)
        assert source.marks == {}, "sent again, since five minutes have passed on its clock"
        assert shipping.retries("unacknowledged") == 1
        hec.acks = 1
        await task
    assert ids(hec) == expected(4)
    assert source.marks[1][1] == 4


async def test_calls_are_sent_in_the_shape_of_the_splunk_monitor(tmp_path: Path) -> None:
    request, response = {"model": "gpt-4o", "messages": []}, {"id": "a", "usage": {"prompt_tokens": 3}}
    source = closed_source(json.dumps({"request": request, "response": response, "duration_ms": 250}).encode())
    async with FakeHec() as hec:
        await Shipping(source, config(hec.url, str(tmp_path), event="call")).run()
    (event,) = hec.events()
    assert event.body == {"request": request, "response": response, "response_time": 0.25}


@pytest.mark.parametrize("shape", ["line", "call"])
async def test_content_leaves_only_as_privacy_says(tmp_path: Path, shape: str) -> None:
    secret = "my mother's maiden name"
    call = {
        "id": "x",
        "request": {"model": "gpt-4o", "messages": [{"role": "user", "content": secret}]},
        "response": {"object": "chat.completion", "choices": [{"message": {"content": secret}}]},
    }
    source = closed_source(json.dumps(call).encode(), secret.encode(), json.dumps({"model": secret}).encode())
    async with FakeHec() as hec:
        setting = config(hec.url, str(tmp_path), event=shape, privacy=Privacy(content="drop", mode="allow_list"))
        await Shipping(source, setting).run()
    assert len(hec.events()) == 3
    assert all(b"maiden" not in request.body for request in hec.requests)


steps = st.sampled_from([200, 200, 200, 413, 429, 503, "reset", "lost_answer", "hang", (400, {}, '{"code":7}')])


def number_of(event: Event) -> int:
    return number_at(int(event.identity.split("-")[0]))


def as_sent(text: bytes) -> str:
    return json.dumps(json.loads(text)) if text[:1] == b"{" else text.decode() or '{"tokentail_blank": 0}'


async def ship(count: int, script: list[Step], kills: list[Kill], acks: int | None) -> FakeHec:
    source = closed_source(*texts(count), lines_per_chunk=4)
    with tempfile.TemporaryDirectory() as directory:
        async with FakeHec(script, acks=acks) as hec:
            source = await through(kills, source, config(hec.url, directory, **SOON), hec, hec.restart)
            hec.script = [step for step in hec.script if step != 413]
            await Shipping(source, config(hec.url, directory, timeout_seconds=0.05)).run()
        assert is_in_order(map(number_of, hec.events()), directory, "splunk"), "in order"
    assert source.marks[1][1] == count
    return hec


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 50),
    st.lists(steps, max_size=8),
    KILLS,
    st.sampled_from([None, 1, 2]),
)
def test_after_dedup_every_line_is_there_once_and_in_order(
    count: int, script: list[Step], kills: list[Kill], acks: int | None
) -> None:
    hec = asyncio.run(ship(count, script, kills, acks))
    arrived = {number_of(event): event.line for event in hec.events()}
    assert len(arrived) == len(hec.events()), "once"
    assert all(line == as_sent(texts(count)[number]) for number, line in arrived.items())
    # Only a line that stood alone when it was called too large can be missing.
    assert 0 <= count - len(arrived) <= script.count(413)
