"""The last calls that were counted, without a word of what was said: for people who look. Bounded; has no clock."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from tailer.meter.facts import Cost
from tailer.meter.open_call import Joined, missing_usage

KEPT = 50
CHARS = 128
"""What is longer is no name and no id."""


class RecentCall(NamedTuple):
    """One call; None is "not known". Names and ids are as the log has them."""

    serial: int
    """Calls are numbered in the order in which they were counted, from 1 at the start of the process."""
    counted_ns: int
    timestamp_ns: int | None
    provider: str | None
    model: str | None
    operation: str | None
    error_type: str | None
    missing: str | None
    input_tokens: int | None
    output_tokens: int | None
    pico_usd: int | None
    duration_seconds: float | None
    request_id: str | None


class RecentCalls:
    """The last `KEPT` calls. A line's own strings are kept no longer than until `settle`."""

    def __init__(self) -> None:
        self.counted = 0
        self._calls: deque[RecentCall] = deque(maxlen=KEPT)
        self._fresh: deque[tuple[int, Joined, Cost | None, int]] = deque(maxlen=KEPT)

    def note(self, joined: Joined, cost: Cost | None, now_ns: int) -> None:
        """On the path of every call: looks at nothing yet."""
        self.counted += 1
        self._fresh.append((self.counted, joined, cost, now_ns))

    def settle(self) -> None:
        """Cuts the names of the calls noted, which may be as long as a line can be."""
        self._calls.extend(_recent(*fresh) for fresh in self._fresh)
        self._fresh.clear()

    def all(self) -> list[RecentCall]:
        """The newest last."""
        self.settle()
        return list(self._calls)


def _recent(serial: int, joined: Joined, cost: Cost | None, now_ns: int) -> RecentCall:
    call = joined.call
    return RecentCall(
        serial,
        now_ns,
        call.timestamp_ns,
        _cut(call.provider),
        _cut(call.model or call.request_model),
        _cut(call.operation),
        _cut(call.error_type),
        missing_usage(joined),
        call.input_tokens,
        call.output_tokens,
        None if cost is None else cost.pico_usd,
        call.duration_seconds,
        _cut(call.request_id),
    )


def _cut(name: str | None) -> str | None:
    return name[:CHARS] if name else None
