"""Kills of what ships lines: each after so many pushes, with what was saved by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from tailer.config import Config
from tests.fakereceiver import StandIn
from tests.ship.making import MemorySource, Shipping, Ticking, line

Kill = tuple[int, int, bool]
"""After how many pushes it comes, how many lines a chunk has from then on, and whether a checkpoint came before it."""
KILLS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9), st.booleans()), max_size=4)
SOON: dict[str, Any] = {"batch_entries": 7, "timeout_seconds": 0.05, "batch_seconds": 0.0}
"""Options of a sink to which there are many pushes, soon."""


def texts(count: int) -> list[bytes]:
    """Lines with a time, without one, and equal ones, which must stay as many as they are."""
    kinds = [line(1), b"Traceback", b"", line(2), b"Traceback", line(2)]
    return [kinds[number % 6] for number in range(count)]


async def killed(shipping: Shipping, receiver: StandIn, pushes: int) -> None:
    """Ships until so many more pushes have come in, then dies; what is saved meanwhile is what was saved."""
    task = asyncio.create_task(shipping.run())
    asked = asyncio.create_task(receiver.asked(receiver.pushes() + pushes))
    await asyncio.wait([task, asked], return_when=asyncio.FIRST_COMPLETED)
    for doomed in (task, asked):
        doomed.cancel()
    await asyncio.gather(task, asked, return_exceptions=True)


async def through(
    kills: Iterable[Kill],
    source: MemorySource,
    setting: Config,
    receiver: StandIn,
    then: Callable[[], None] = lambda: None,
) -> MemorySource:
    """The source as the last kill leaves it; `then` is done after each."""
    for number, (pushes, lines_per_chunk, saved) in enumerate(kills):
        ticking = Ticking()
        ticking.now += number * 10**9
        await killed(Shipping(source, setting, ticking), receiver, pushes)
        then()
        if saved:
            await source.save()
        source = source.restarted(lines_per_chunk)
        source.close()
    return source
