"""Calls without a known price, kept summed until one is known: bounded, can be saved. Knows no prices and no clock."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from parsers.base import DETAILS, UNITS, Call
from tailer.meter.facts import Cost
from tailer.meter.price_names import MAX_NAME_CHARS
from tailer.tally import Labels

DAY_NS = 86_400 * 10**9
LONG_INPUTS = (32_000, 100_000, 128_000, 199_999, 200_000, 256_000, 272_000, 512_000, 524_288, 1_000_000)
"""Where prices for long inputs begin: calls on two sides of such a length are never summed."""

KNOWN_DETAILS = frozenset(DETAILS)
MAX_UNITS = 1e12
"""More of anything in one call is no count."""

PriceAgain = Callable[[Call, int], Cost | None]
"""What so many calls cost together, whose sums the call holds; None when nobody knows."""


class UnpricedCalls(msgspec.Struct):
    """Calls that differ in nothing a price can depend on, and their sums."""

    base: Labels
    """Under which their cost is counted."""
    provider: str | None
    model: str | None
    request_model: str | None
    operation: str | None
    service_tier: str | None
    day: int | None
    """Days since the epoch, UTC; None when their lines had no time."""
    long_input: int
    """How many of `LONG_INPUTS` each of them exceeds."""
    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    details: dict[str, int] = {}
    units: dict[str, float] = {}
    region: str | None = None

    def key(self) -> tuple[object, ...]:
        """What keeps these calls apart from others."""
        return (
            self.base,
            self.provider,
            self.model,
            self.request_model,
            self.operation,
            self.service_tier,
            self.day,
            self.long_input,
            self.input_tokens is None,
            self.output_tokens is None,
            self.region,
        )

    def add(self, other: UnpricedCalls | Call, calls: int) -> None:
        """Takes in one call of the same key, or the sums of several."""
        self.calls += calls
        if self.input_tokens is not None:
            self.input_tokens += other.input_tokens or 0
        if self.output_tokens is not None:
            self.output_tokens += other.output_tokens or 0
        for key, tokens in other.details.items():
            if key in KNOWN_DETAILS:
                self.details[key] = self.details.get(key, 0) + tokens
        for key, count in other.units.items():
            # A parser may break its word; a sum that is infinite could not be saved.
            if key in UNITS and 0 <= count < MAX_UNITS:
                self.units[key] = self.units.get(key, 0) + count

    def summed(self) -> Call:
        """Their sums as one call, at noon of their day."""
        return Call(
            provider=self.provider,
            operation=self.operation,
            model=self.model,
            request_model=self.request_model,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            details=self.details,
            units=self.units,
            timestamp_ns=None if self.day is None else self.day * DAY_NS + DAY_NS // 2,
            service_tier=self.service_tier,
            region=self.region,
        )


class Priced(NamedTuple):
    """Calls that have a price by now."""

    base: Labels
    cost: Cost
    calls: int


class Unpriced:
    """The calls still waiting for a price, at most `room` sums of them; the longest kept go first."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._waiting: dict[tuple[object, ...], UnpricedCalls] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, base: Labels, call: Call) -> int:
        """Keeps a call until it can be priced. Returns how many calls are given up for it: those never will be."""
        known = self._waiting.get(_key(base, call))
        if known is not None:
            known.add(call, 1)
            return 0
        return 0 if _is_nameless(call) else self._keep(_of(base, call))

    def price(self, price_again: PriceAgain) -> list[Priced]:
        """Those that have a price now; they are kept no longer, so that nothing is paid twice."""
        found = []
        for key, waiting in list(self._waiting.items()):
            cost = price_again(waiting.summed(), waiting.calls)
            if cost is not None:
                del self._waiting[key]
                found.append(Priced(waiting.base, cost, waiting.calls))
        return found

    def dump(self) -> list[UnpricedCalls]:
        """What waits now, shared with the live table: encode it before anything is added."""
        return list(self._waiting.values())

    def load(self, saved: Iterable[UnpricedCalls]) -> None:
        """Takes up what waited, even above the room; sums that have come to the same labels are added up."""
        for waiting in saved:
            known = self._waiting.setdefault(waiting.key(), waiting)
            if known is not waiting:
                known.add(waiting, waiting.calls)

    def _keep(self, one: UnpricedCalls) -> int:
        given_up = 0
        while len(self._waiting) >= self._room:
            given_up += self._waiting.pop(next(iter(self._waiting))).calls
        self._waiting[one.key()] = one
        return given_up


def _is_nameless(call: Call) -> bool:
    """Whether no price list could ever name it."""
    names = (call.provider, call.model, call.request_model, call.operation, call.service_tier, call.region)
    return not (call.model or call.request_model) or any(len(name or "") > MAX_NAME_CHARS for name in names)


def _key(base: Labels, call: Call) -> tuple[object, ...]:
    """As `UnpricedCalls.key` of the sums it belongs to."""
    return (
        base,
        call.provider,
        call.model,
        call.request_model,
        call.operation,
        call.service_tier,
        None if call.timestamp_ns is None else call.timestamp_ns // DAY_NS,
        bisect_left(LONG_INPUTS, call.input_tokens or 0),
        call.input_tokens is None,
        call.output_tokens is None,
        call.region,
    )


def _of(base: Labels, call: Call) -> UnpricedCalls:
    """The sums of one call."""
    one = UnpricedCalls(
        base,
        call.provider,
        call.model,
        call.request_model,
        call.operation,
        call.service_tier,
        day=None if call.timestamp_ns is None else call.timestamp_ns // DAY_NS,
        long_input=bisect_left(LONG_INPUTS, call.input_tokens or 0),
        input_tokens=None if call.input_tokens is None else 0,
        output_tokens=None if call.output_tokens is None else 0,
        region=call.region,
    )
    one.add(call, 1)
    return one
