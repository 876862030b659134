"""The way of every line to Loki while nothing is refused: in order, once, through faults and restarts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tailer.outbound.pusher import Clock, State
from tests.fakeloki import FakeLoki, Step
from tests.ship.making import NOON_NS, SECOND_NS, MemorySource, Shipping, Ticking, config, line

TRACE = b"Traceback (most recent call last):"


def closed_source(count: int, *, lines_per_chunk: int = 10) -> MemorySource:
    source = MemorySource(lines_per_chunk)
    source.append(1, [line(number) for number in range(count)])
    source.close()
    return source


def expected(count: int) -> list[str]:
    return [line(number).decode() for number in range(count)]


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
async def test_every_line_arrives_in_order_and_the_mark_is_at_the_end(tmp_path: Path, encoding: str) -> None:
    source = closed_source(95)
    async with FakeLoki() as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), batch_entries=20, encoding=encoding))
        await shipping.run()
    assert fake.lines() == expected(95)
    assert [len(request.entries) for request in fake.requests] == [20, 20, 20, 20, 15]
    assert source.marks == {1: (sum(len(text) + 1 for text in expected(95)), 95)}
    assert shipping.entries("accepted") == 95
    assert shipping.sender.state is State.DONE


async def test_several_files_share_a_push_and_keep_their_own_marks(tmp_path: Path) -> None:
    source = MemorySource()
    for file in (1, 2):
        source.append(file, [line(number) for number in range(5)])
    source.close()
    async with FakeLoki() as fake:
        await Shipping(source, config(fake.url, str(tmp_path))).run()
    assert len(fake.requests) == 1
    assert len(fake.entries()) == 10
    assert {number for _, number in source.marks.values()} == {5}


async def test_a_line_that_comes_alone_does_not_wait_for_others(tmp_path: Path) -> None:
    source = MemorySource()
    async with FakeLoki() as fake, asyncio.timeout(10):
        task = asyncio.create_task(Shipping(source, config(fake.url, str(tmp_path))).run())
        for count in (1, 2, 3):
            source.append(1, [line(count)])
            await fake.holds(count)
        source.close()
        await task
    assert source.marks[1][1] == 3


async def test_faults_are_waited_out_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    script: list[Step] = [503, "reset", 401, 404, "lost_answer", 429, (302, {"Location": "/"}), 204, 500]
    source = closed_source(40)
    async with FakeLoki(script) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path), batch_entries=20))
        await shipping.run()
    assert fake.lines() == expected(40)
    assert fake.duplicates == 20
    assert source.marks[1][1] == 40
    value = shipping.telemetry.value
    reasons = ("server_error", "connection", "unauthorized", "not_found", "rate_limited", "redirect")
    assert [value("tokentail_loki_retries_total", reason) for reason in reasons] == [2, 2, 1, 1, 1, 1]


async def test_the_mark_stays_while_loki_is_away_and_the_reason_shows(tmp_path: Path) -> None:
    source = closed_source(10)
    async with FakeLoki(["hang"]) as fake, asyncio.timeout(10):
        shipping = Shipping(source, config(fake.url, str(tmp_path), timeout_seconds=0.05))
        waiting = asyncio.Event()

        async def sleep(seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        shipping.sender.pusher._clock = Clock(lambda: NOON_NS, sleep, shipping.ticking.clock().rng)
        task = asyncio.create_task(shipping.run())
        await waiting.wait()
        assert source.marks == {}
        assert shipping.sender.state is State.WAITING
        assert shipping.sender.pusher.waiting_reason == "timeout"
        shipping.sender.hurry()
        await fake.holds(10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert fake.lines() == expected(10)


async def test_waits_grow_are_capped_and_start_over_after_an_acceptance(tmp_path: Path) -> None:
    script = [503] * 8 + [204] + [503]
    source = closed_source(20)
    async with FakeLoki(script) as fake:
        options = {"batch_entries": 10, "retry_min_seconds": 1.0, "retry_max_seconds": 20.0}
        shipping = Shipping(source, config(fake.url, str(tmp_path), **options))
        await shipping.run()
    ceilings = [1, 2, 4, 8, 16, 20, 20, 20, 1]
    assert len(shipping.ticking.slept) == len(ceilings)
    for slept, ceiling in zip(shipping.ticking.slept, ceilings, strict=True):
        assert ceiling / 2 <= slept <= ceiling


async def test_retry_after_is_obeyed_within_reason(tmp_path: Path) -> None:
    script = [(429, {"Retry-After": "17"}), (503, {"Retry-After": "86400"})]
    source = closed_source(1)
    async with FakeLoki(script) as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
    assert shipping.ticking.slept == [17.0, 300.0]


async def test_the_next_batch_is_prepared_while_one_is_in_flight_and_no_more(tmp_path: Path) -> None:
    source = closed_source(100)
    async with FakeLoki(["hang"]) as fake, asyncio.timeout(10):
        shipping = Shipping(source, config(fake.url, str(tmp_path), batch_entries=10))
        task = asyncio.create_task(shipping.run())
        await fake.asked(1)
        for _ in range(200):
            await asyncio.sleep(0)
        assert source._cursor[1] == 20
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_times_given_to_lines_are_saved_before_they_are_sent(tmp_path: Path) -> None:
    source = MemorySource()
    source.append(1, [TRACE, TRACE])
    source.close()
    source.failing_saves = 2
    async with FakeLoki() as fake:
        shipping = Shipping(source, config(fake.url, str(tmp_path)))
        await shipping.run()
        assert source.saves == 3
        assert fake.lines() == [TRACE.decode()] * 2
    assert shipping.telemetry.value("tokentail_loki_retries_total", "checkpoint") == 2
    assert source.saved[1] == b'{"stamps":{"1":[[0,70,1780000000000000000]]}}'


async def test_lines_with_their_own_time_need_a_save_for_their_file_alone(tmp_path: Path) -> None:
    """It must be known again wherever it is rotated to."""
    source = closed_source(50)
    async with FakeLoki() as fake:
        await Shipping(source, config(fake.url, str(tmp_path))).run()
    assert source.saves == 1


async def test_a_replay_after_a_kill_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """Killed between Loki's acceptance and the next checkpoint: all is sent again and nothing is doubled."""
    source = MemorySource(3)
    source.append(1, [TRACE, b"", b"   at Chat.java:7"] * 4 + [line(1)])
    source.close()
    async with FakeLoki() as fake:
        await Shipping(source, config(fake.url, str(tmp_path))).run()
        first = fake.entries()
        later = Ticking()
        later.now += 3600 * SECOND_NS
        again = source.restarted(5)
        again.close()
        await Shipping(again, config(fake.url, str(tmp_path)), later).run()
        assert fake.entries() == first
        assert fake.duplicates == len(first) == 13


async def test_a_fault_of_the_source_ends_the_sender(tmp_path: Path) -> None:
    source = closed_source(5)
    source.files[2] = []

    async def broken(consumer: str) -> None:
        raise RuntimeError("broken")

    source.next = broken  # type: ignore[method-assign]  # a source that fails in its own way
    async with FakeLoki() as fake:
        with pytest.raises(ExceptionGroup) as raised:
            await Shipping(source, config(fake.url, str(tmp_path))).run()
    assert raised.group_contains(RuntimeError, match="broken")
