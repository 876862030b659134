"""Whatever Loki does and whenever the process dies: every line, in order, once."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakeloki import FakeLoki, Step
from tests.ship.kills import KILLS, SOON, Kill, texts, through
from tests.ship.making import NOON_NS, Shipping, closed_source, config, is_in_order, line, number_at

steps = st.sampled_from([204, 204, 204, 400, 413, 429, 503, "reset", "lost_answer", "hang"])


async def ship(count: int, script: list[Step], kills: list[Kill]) -> FakeLoki:
    source = closed_source(*texts(count), lines_per_chunk=4)
    with tempfile.TemporaryDirectory() as directory:
        async with FakeLoki(script) as fake:
            source = await through(kills, source, config(fake.url, directory, **SOON), fake)
            fake.script = [step for step in fake.script if step not in (400, 413)]
            setting = config(fake.url, directory, timeout_seconds=0.05)
            await Shipping(source, setting).run()
        assert is_in_order((number_at(kept.timestamp_ns) for kept in fake.entries()), directory), "in order"
    assert source.marks[1][1] == count
    return fake


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 60),
    st.lists(steps, max_size=8),
    KILLS,
)
def test_every_line_reaches_loki_in_order_and_is_kept_once(count: int, script: list[Step], kills: list[Kill]) -> None:
    fake = asyncio.run(ship(count, script, kills))
    arrived = {number_at(kept.timestamp_ns): kept.line.encode() for kept in fake.entries()}
    assert len(arrived) == len(fake.entries()), "once"
    assert all(text == texts(count)[number] for number, text in arrived.items())
    # Only an entry that stood alone when the script refused it can be missing.
    assert 0 <= count - len(arrived) <= sum(step in (400, 413) for step in script)


async def test_what_is_taken_after_a_kill_that_was_refused_before_has_its_place_by_its_time(tmp_path: Path) -> None:
    """Its mark was not on disk yet, and what was written after it had arrived."""
    source = closed_source(*texts(4), lines_per_chunk=4)
    async with FakeLoki([400, 400, 400]) as fake:
        task = asyncio.create_task(Shipping(source, config(fake.url, str(tmp_path))).run())
        await fake.holds(3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        again = source.restarted(4)
        again.close()
        await Shipping(again, config(fake.url, str(tmp_path))).run()
    by_time = sorted(fake.entries(), key=lambda kept: kept.timestamp_ns)
    assert [kept.line.encode() for kept in by_time] == texts(4)
    assert fake.lines() == [kept.line for kept in (*by_time[1:], by_time[0])]
    assert is_in_order((number_at(kept.timestamp_ns) for kept in fake.entries()), str(tmp_path))


def troublesome(count: int) -> list[bytes]:
    """Good lines among those too old, too new and too long; each is there once."""
    day_ns = 86_400 * 10**9
    kinds: list[dict[str, object]] = [
        {},
        {"ts_ns": NOON_NS - 30 * day_ns},
        {"text": "x" * 2000},
        {},
        {"ts_ns": NOON_NS + 9 * day_ns},
        {"ts_ns": NOON_NS - 30 * day_ns, "text": "x" * 2000},
    ]
    return [line(number, **kinds[number % 6]) for number in range(count)]


async def ship_mended(count: int, script: list[Step], kills: list[Kill]) -> FakeLoki:
    source = closed_source(*troublesome(count), lines_per_chunk=4)
    limits = {"oldest_ns": NOON_NS - 10**15, "newest_ns": NOON_NS + 10**14, "max_line_bytes": 700}
    with tempfile.TemporaryDirectory() as directory:
        async with FakeLoki(script, **limits) as fake:  # type: ignore[arg-type]  # three of its numbers
            source = await through(kills, source, config(fake.url, directory, mend_times=True, **SOON), fake)
            setting = config(fake.url, directory, timeout_seconds=0.05, mend_times=True)
            await Shipping(source, setting).run()
    assert source.marks[1][1] == count
    return fake


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 40),
    st.lists(st.sampled_from([204, 204, 429, 503, "reset", "lost_answer"]), max_size=8),
    KILLS,
)
def test_what_is_mended_is_kept_once_too(count: int, script: list[Step], kills: list[Kill]) -> None:
    """A time that was given before a kill is found again: no line is kept at two times or in two lengths."""
    fake = asyncio.run(ship_mended(count, script, kills))
    assert sorted(json.loads(text)["id"] for text in fake.lines()) == sorted(f"req_{n}" for n in range(count))
