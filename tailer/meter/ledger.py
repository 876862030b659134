"""Calls become plain numbers: totals, distributions, last limits. Knows no metric name, no clock, no file."""

from __future__ import annotations

from math import inf

from parsers.base import DETAILS, ERROR_TYPES, Call
from tailer.config import Limits
from tailer.meter.facts import BASE_LABELS, BORN, CLOSED, DISTRIBUTIONS, OTHER, PICO_USD, Cost, Needs, bounds_of
from tailer.meter.last_calls import LastCalls
from tailer.meter.open_call import Joined, is_measured, missing_usage
from tailer.meter.rate_limits import RateLimits
from tailer.meter.saved_ledger import SavedLedger, told_now
from tailer.meter.unpriced import PriceAgain, Unpriced
from tailer.tally import Counter, Histogram, Labels, dump, restore

__all__ = ["BASE_LABELS", "CLOSED", "NO_NEEDS", "OTHER", "PICO_USD", "Cost", "Ledger", "Needs", "SavedLedger"]

# A parser of somebody else's may break its word: these sets must stay closed, or the series would have no bound.
KNOWN_ERRORS = frozenset(ERROR_TYPES)
KNOWN_DETAILS = frozenset(DETAILS)
NO_NEEDS = Needs()


class Ledger:
    """The numbers of all calls so far, by provider, model, operation and the configured dimensions.

    A family holds as many label sets as `Limits` says, those of `__other__` among them, or as many as `__other__` alone
    needs where that is more. What was restored stays, even above a limit that has become lower.
    """

    def __init__(self, limits: Limits, dimensions: Labels = (), needs: Needs = NO_NEEDS) -> None:
        closed = needs.closed()
        self.labels = needs.labels(dimensions)
        self.counters = {name: Counter() for name in closed if name not in DISTRIBUTIONS}
        self.histograms = {name: Histogram(bounds_of(name)) for name in closed if name in DISTRIBUTIONS}
        self.limits = RateLimits(limits.counter_label_sets)
        self.overflowed = 0
        self.given_up = 0
        """Calls without a price that could not be kept until there is one."""
        self._needs = needs
        self._limits = limits
        self._rooms = {name: _room(name, limits) - len(values) for name, values in closed.items()}
        self._other = (OTHER,) * len(self.labels)
        self.last_calls = LastCalls(limits.counter_label_sets, self._other)
        self._unpriced = Unpriced(limits.counter_label_sets)
        self._bases: dict[tuple[object, ...], Labels] = {}

    def add(self, call: Call, dimensions: Labels, cost: Cost | None, missing: str | None, now_ns: int) -> None:
        """Counts one finished call. `missing` says why usage is absent, if the caller knows better than the call."""
        base = self._base(call, dimensions)
        status = "success" if call.error_type is None else "error"
        error = "" if call.error_type is None else call.error_type if call.error_type in KNOWN_ERRORS else "unknown"
        self._count("requests", base, (status, error), 1)
        self._add_tokens(base, call, missing)
        self._add_cost(base, call, cost)
        apart = self._needs.apart
        if call.duration_seconds is not None:
            self._observe("duration", base, (error,) if apart else (status,), call.duration_seconds)
        if call.time_to_first_token_seconds is not None:
            self._observe("first_token", base, (error,) if apart else (), call.time_to_first_token_seconds)
        if apart:
            self._add_sizes(base, call, error)
        if self._needs.last_calls:
            self.overflowed += self.last_calls.note(base, call, cost, now_ns)
        if call.rate_limit:
            self.overflowed += self.limits.note(base, call, now_ns)

    def price(self, price_again: PriceAgain) -> int:
        """Adds the cost of calls that had no price when they were counted and have one now; how many they are.

        Each is paid once: what is priced is kept no longer, and both are saved together.
        """
        priced = self._unpriced.price(price_again)
        for base, cost, _ in priced:
            self._count("cost", base, (cost.source,), cost.pico_usd)
        return sum(one.calls for one in priced)

    def dump(self) -> SavedLedger:
        return SavedLedger(
            self.labels,
            dump(self.counters, self.histograms),
            self.limits.dump(),
            self._needs.apart,
            self.last_calls.dump(),
            self._unpriced.dump(),
        )

    def load(self, saved: SavedLedger) -> list[str]:
        """Restores saved numbers; returns the names of those that no longer fit. Labels unknown then are empty."""
        saved = told_now(saved, self.labels, apart=self._needs.apart)
        self.limits.load(saved.limits)
        if self._needs.last_calls:
            self.last_calls.load(saved.last_calls)
        self._unpriced.load(saved.unpriced)
        return restore(saved.tally, self.counters, self.histograms)

    def _base(self, call: Call, dimensions: Labels) -> Labels:
        apart = self._needs.apart
        asked = call.request_model if apart or not call.model else None
        key = (call.provider, call.model, asked, call.operation, dimensions)
        base = self._bases.get(key)
        if base is None:
            chars = self._limits.label_value_chars
            names = (
                call.provider or "unknown",
                call.model or call.request_model or "unknown",
                call.operation or "chat",
            )
            whole = (*names, *dimensions, *((call.request_model or "", call.model or "") if apart else ()))
            base = tuple(value[:chars] for value in whole)
            self._bear(base)
            if base == whole:  # Never remember a name as long as a line can be.
                self._remember(key, base)
        return base

    def _remember(self, key: tuple[object, ...], base: Labels) -> None:
        if len(self._bases) >= 2 * self._limits.counter_label_sets:
            self._bases.clear()
        self._bases[key] = base

    def _bear(self, base: Labels) -> None:
        """Known children start at zero while there is ample room; they must not crowd out real ones."""
        for name, closed in BORN.items():
            values = self.counters[name].values
            for labels in closed:
                if len(values) < self._limits.counter_label_sets // 4:
                    values.setdefault(base + labels, 0)
        durations = self.histograms["duration"]
        if len(durations.values) < self._limits.histogram_label_sets // 4:
            durations.bear((*base, "" if self._needs.apart else "success"))

    def _add_tokens(self, base: Labels, call: Call, missing: str | None) -> None:
        reason = missing_usage(Joined(call, (), missing))
        if reason is not None:
            self._count("usage_missing", base, (reason,), 1)
        if call.input_tokens is not None:
            self._count("tokens", base, ("input",), call.input_tokens)
        if call.output_tokens is not None:
            self._count("tokens", base, ("output",), call.output_tokens)
        for detail, tokens in call.details.items():
            if tokens and detail in KNOWN_DETAILS:
                self._count("details", base, (detail,), tokens)

    def _add_cost(self, base: Labels, call: Call, cost: Cost | None) -> None:
        if cost is not None:
            self._count("cost", base, (cost.source,), cost.pico_usd)
        elif is_measured(call):
            self._count("unpriced_requests", base, (), 1)
            self._count("unpriced_tokens", base, (), (call.input_tokens or 0) + (call.output_tokens or 0))
            self.given_up += self._unpriced.add(base, call)

    def _add_sizes(self, base: Labels, call: Call, error: str) -> None:
        if call.input_tokens is not None:
            self._observe("token_sizes", base, ("input", error), call.input_tokens)
        if call.output_tokens is not None:
            self._observe("token_sizes", base, ("output", error), call.output_tokens)

    def _count(self, name: str, base: Labels, closed: Labels, amount: int) -> None:
        values = self.counters[name].values
        labels = base + closed
        if labels not in values and len(values) >= self._rooms[name]:
            labels = self._overflow(closed)
        values[labels] = values.get(labels, 0) + amount

    def _observe(self, name: str, base: Labels, closed: Labels, value: float) -> None:
        if not 0 <= value < inf:  # No time at all; and a sum that is infinite could not even be saved.
            return
        histogram = self.histograms[name]
        labels = base + closed
        if labels not in histogram.values and len(histogram.values) >= self._rooms[name]:
            labels = self._overflow(closed)
        histogram.observe(labels, value)

    def _overflow(self, closed: Labels) -> Labels:
        self.overflowed += 1
        return self._other + closed


def _room(family: str, limits: Limits) -> int:
    return limits.histogram_label_sets if family in DISTRIBUTIONS else limits.counter_label_sets
