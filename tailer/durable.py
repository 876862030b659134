"""What may be shown to anybody: numbers that are on disk, so that none of them falls after a kill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from tailer.push.push import View
from tailer.runtime import Numbers, Runtime
from tailer.telemetry import Metric

T = TypeVar("T")


def scrape(runtime: Runtime) -> View:
    """Answers a scrape or a push from what has been saved, so that no counter ever falls after a kill."""

    async def answer(encode: Callable[[Iterable[Metric]], T]) -> T:
        await runtime.recounted.wait()
        try:
            return await runtime.checkpoint.save_and_view(lambda: encode(runtime.families()))
        except OSError:
            return encode(_as_last_saved(runtime))

    return answer


def _as_last_saved(runtime: Runtime) -> list[Metric]:
    """Promise 2 holds on a full disk too: the counters stand still until they can be saved again."""
    return list(runtime.families(Numbers.restored(runtime.config, runtime.checkpoint.last())))
