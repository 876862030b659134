"""Whatever Loki does and whenever the process dies: every line, in order, once."""

from __future__ import annotations

import asyncio
import tempfile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakeloki import FakeLoki, Step
from tests.ship.making import MemorySource, Shipping, Ticking, config, line

steps = st.sampled_from([204, 204, 204, 400, 413, 429, 503, "reset", "lost_answer", "hang"])


def texts(count: int) -> list[bytes]:
    """Lines with a time, without one, and equal ones, which must stay as many as they are."""
    kinds = [line(1), b"Traceback", b"", line(2), b"Traceback", line(2)]
    return [kinds[number % 6] for number in range(count)]


async def killed(source: MemorySource, fake: FakeLoki, directory: str, now: int, pushes: int) -> None:
    """Ships until so many pushes have come in, then dies; what is saved meanwhile is what was saved."""
    ticking = Ticking()
    ticking.now += now
    setting = config(fake.url, directory, batch_entries=7, timeout_seconds=0.05, batch_seconds=0.0)
    task = asyncio.create_task(Shipping(source, setting, ticking).run())
    asked = asyncio.create_task(fake.asked(len(fake.requests) + pushes))
    await asyncio.wait([task, asked], return_when=asyncio.FIRST_COMPLETED)
    for doomed in (task, asked):
        doomed.cancel()
    await asyncio.gather(task, asked, return_exceptions=True)


async def ship(count: int, script: list[Step], kills: list[tuple[int, int, bool]]) -> FakeLoki:
    source = MemorySource(4)
    source.append(1, texts(count))
    source.close()
    with tempfile.TemporaryDirectory() as directory:
        async with FakeLoki(script) as fake:
            for number, (pushes, lines_per_chunk, saved) in enumerate(kills):
                await killed(source, fake, directory, number * 10**9, pushes)
                if saved:
                    await source.save()
                source = source.restarted(lines_per_chunk)
                source.close()
            fake.script = [step for step in fake.script if step not in (400, 413)]
            setting = config(fake.url, directory, timeout_seconds=0.05)
            await Shipping(source, setting).run()
    assert source.marks[1][1] == count
    return fake


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 60),
    st.lists(steps, max_size=8),
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9), st.booleans()), max_size=4),
)
def test_every_line_reaches_loki_in_order_and_is_kept_once(
    count: int, script: list[Step], kills: list[tuple[int, int, bool]]
) -> None:
    fake = asyncio.run(ship(count, script, kills))
    arrived = [text.encode() for text in fake.lines()]
    remaining = iter(texts(count))
    assert all(text in remaining for text in arrived), "in order"
    # Only an entry that stood alone when the script refused it can be missing.
    assert 0 <= count - len(arrived) <= sum(step in (400, 413) for step in script)
