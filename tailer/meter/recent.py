"""The last calls that were counted, without a word of what was said: for people who look. Bounded; has no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from parsers.base import Call
from tailer.meter.facts import Amount
from tailer.meter.open_call import Joined, missing_usage

KEPT = 50
CHARS = 128
"""What is longer is no name and no id."""


HELD_BYTES = 4 * 1024 * 1024
"""After about so much log the names noted are cut, which may be as long as a line can be."""

Noted = tuple[Call, Amount | None, str | None, int]
"""A finished call, what it cost, why it has no usage as far as joining knows, when it was counted in nanoseconds."""


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
    """The last `KEPT` calls."""

    def __init__(self) -> None:
        self._serial = 0
        self._held_bytes = 0
        self._calls: deque[RecentCall] = deque(maxlen=KEPT)
        self._fresh: deque[Noted] = deque(maxlen=KEPT)
        self.note: Callable[[Noted], None] = self._fresh.append
        """Looks at nothing yet. Calls of one moment need not come in their order."""

    def read(self, count: int) -> None:
        """So many bytes of log were read, whose names may be held."""
        self._held_bytes += count
        if self._held_bytes > HELD_BYTES:
            self.settle()

    def settle(self) -> None:
        """Cuts the names of the calls noted, and holds nothing else of their lines."""
        self._held_bytes = 0
        for noted in self._fresh:
            self._serial += 1
            self._calls.append(_recent(self._serial, *noted))
        self._fresh.clear()

    def all(self) -> list[RecentCall]:
        """The newest last; of those counted at the same moment by the times of their lines."""
        self.settle()
        return sorted(self._calls, key=lambda call: (call.counted_ns, call.timestamp_ns or 0, call.serial))


def _recent(serial: int, call: Call, cost: Amount | None, missing: str | None, now_ns: int) -> RecentCall:
    return RecentCall(
        serial,
        now_ns,
        call.timestamp_ns,
        _cut(call.provider),
        _cut(call.model or call.request_model),
        _cut(call.operation),
        _cut(call.error_type),
        missing_usage(Joined(call, (), missing)),
        call.input_tokens,
        call.output_tokens,
        None if cost is None else cost[0],
        call.duration_seconds,
        _cut(call.request_id),
    )


def _cut(name: str | None) -> str | None:
    return name[:CHARS] if name else None
