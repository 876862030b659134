"""Finished calls to the rows of a bill, summed exactly: plain numbers without a cap, for inputs that have an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from parsers.base import Call
from tailer.meter.ledger import Cost
from tailer.meter.open_call import Joined, is_measured, missing_usage
from tailer.meter.price_rates import SURCHARGES
from tailer.meter.prices import tier_name
from tailer.tally import Labels

BUILT_IN = ("provider", "model", "operation", "day", "hour")
"""What rows can be grouped by beside the configured dimensions."""
TIMES = ("day", "hour")
COUNTS = (
    "calls",
    "errors",
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "cost_usd",
    "unpriced_calls",
)
"""What a row says, by the names of the contract; a dimension of such a name cannot be grouped by."""
UNKNOWN = "unknown"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

KeyOf = Callable[[Call, Labels], str]


class Row(msgspec.Struct):
    """The sums of some calls. `unpriced_calls` have tokens but no known price; `unmeasured_calls` succeeded without."""

    calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    pico_usd: int = 0
    unpriced_calls: int = 0
    priced_calls: int = 0
    unmeasured_calls: int = 0

    def add(self, call: Call, cost: Cost | None, *, unmeasured: bool) -> None:
        """Counts one call as the ledger does: details only of a call whose tokens are known."""
        self.calls += 1
        self.errors += call.error_type is not None
        self.unmeasured_calls += unmeasured
        measured = is_measured(call)
        if measured:
            self.input_tokens += call.input_tokens or 0
            self.output_tokens += call.output_tokens or 0
            self.cached_input_tokens += call.details.get("cached_input", 0)
            self.cache_write_tokens += call.details.get("cache_write", 0)
            self.reasoning_tokens += call.details.get("reasoning", 0)
        if cost is not None:
            self.pico_usd += cost.pico_usd
            self.priced_calls += 1
        else:
            self.unpriced_calls += measured

    @property
    def cost_is_known(self) -> bool:
        """False where the sum of 0 would be a lie: nothing could be priced, and something should have been."""
        return self.priced_calls > 0 or not (self.unpriced_calls or self.unmeasured_calls)


class Bill:
    """Rows by the values of `by`, and their total. Grows with the number of different rows, not of calls."""

    def __init__(self, by: Sequence[str], dimensions: Sequence[str] = ()) -> None:
        self.by = tuple(by)
        self.total = Row()
        self.unpriced: Counter[tuple[str, str]] = Counter()
        """Calls without a price by provider and model, with what else decides it: the tier, the region, searches."""
        self.unmeasured: Counter[str] = Counter()
        """Calls without token counts by the reason."""
        self._keys = tuple(_key_of(name, dimensions) for name in by)
        self._rows: dict[Labels, Row] = {}

    def add(self, joined: Joined, cost: Cost | None) -> None:
        """Counts a finished call."""
        call = joined.call
        missing = missing_usage(joined)
        if missing is not None:
            self.unmeasured[missing] += 1
        elif cost is None and is_measured(call):
            self.unpriced[_provider(call, ()), _bought(call)] += 1
        key = tuple([key_of(call, joined.dimensions) for key_of in self._keys])
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row()
        for sums in (row, self.total):
            sums.add(call, cost, unmeasured=missing is not None)

    def rows(self) -> list[tuple[Labels, Row]]:
        """The dearest first, equals by name; where the first key is a time, in the order of time."""
        rows = sorted(self._rows.items(), key=lambda item: (-item[1].pico_usd, item[0]))
        if self.by and self.by[0] in TIMES:
            rows.sort(key=lambda item: item[0][0])
        return rows


def _key_of(name: str, dimensions: Sequence[str]) -> KeyOf:
    if name in FIXED:
        return FIXED[name]
    index = list(dimensions).index(name)
    return lambda _, labels: labels[index]


def _provider(call: Call, _: Labels) -> str:
    return call.provider or UNKNOWN


def _model(call: Call, _: Labels) -> str:
    return call.model or call.request_model or UNKNOWN


def _bought(call: Call) -> str:
    """The model, and what beside its name decides the price: `gpt-4o (tier scale)`."""
    tier = tier_name(call.service_tier)
    terms = [f"tier {tier}"] if tier else []
    if call.region is not None:
        terms.append(f"region {call.region}")
    terms += [unit.replace("_", " ") for unit in SURCHARGES if call.units.get(unit)]
    # A price cannot help such a call, whatever its model's is.
    terms += [f"{side} tokens unknown" for side, count in _sides(call) if count is None]
    return f"{_model(call, ())} ({', '.join(terms)})" if terms else _model(call, ())


def _sides(call: Call) -> tuple[tuple[str, int | None], ...]:
    return ("input", call.input_tokens), ("output", call.output_tokens)


def _operation(call: Call, _: Labels) -> str:
    return call.operation or "chat"


def _day(call: Call, _: Labels) -> str:
    return UNKNOWN if call.timestamp_ns is None else f"{_moment(call.timestamp_ns):%Y-%m-%d}"


def _hour(call: Call, _: Labels) -> str:
    return UNKNOWN if call.timestamp_ns is None else f"{_moment(call.timestamp_ns):%Y-%m-%dT%H:00Z}"


def _moment(timestamp_ns: int) -> datetime:
    return EPOCH + timedelta(microseconds=timestamp_ns // 1000)


FIXED: dict[str, KeyOf] = {
    "provider": _provider,
    "model": _model,
    "operation": _operation,
    "day": _day,
    "hour": _hour,
}
