"""The last calls that were counted, without a word of what was said: for people who look. Bounded; has no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tailer.meter.facts import Cost
from tailer.meter.open_call import Joined, missing_usage

KEPT = 50
CHARS = 128
"""What is longer is no name and no id."""


Noted = tuple[Joined, Cost | None, int]
"""A finished call, what it cost, and when it was counted, in nanoseconds."""


class RecentCall(NamedTuple):
    """One call; None is "not known". Names and ids are as the log has them."""

    serial: int
    """A later call has a higher one, as long as the process runs."""
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
        self._serial = 0
        self._calls: deque[RecentCall] = deque(maxlen=KEPT)
        self._fresh: deque[Noted] = deque(maxlen=KEPT)
        self.note: Callable[[Noted], None] = self._fresh.append
        """On the path of every call: looks at nothing yet."""

    def settle(self) -> None:
        """Cuts the names of the calls noted, which may be as long as a line can be."""
        for self._serial, noted in enumerate(self._fresh, self._serial + 1):
            self._calls.append(_recent(self._serial, *noted))
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
