"""Calls become plain numbers: totals, distributions, last limits. Knows no metric name, no clock, no file."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import msgspec

from parsers.base import DETAILS, ERROR_TYPES, Call
from tailer.config import Limits
from tailer.meter.open_call import Joined, missing_usage
from tailer.meter.rate_limits import Limit, RateLimits
from tailer.tally import Bins, Counter, Histogram, Labels, SavedTally, dump, relabelled, restore

OTHER = "__other__"
"""Stands for the label values of all series that came after a family was full."""

BASE_LABELS = ("provider", "model", "operation")
PICO_USD = 10**12
"""Cost is added up in whole pico-dollars, so that sums are exact in any order."""

DURATION_BOUNDS = tuple(round(0.01 * 2**power, 2) for power in range(15))
"""0.01 s doubling to 163.84 s."""

MISSING_REASONS = ("no_usage", "bad_usage", "stream_without_usage", "stream_interrupted", "no_response")
"""Why a call has no token counts; the closed set of `llm_usage_missing_total{reason}`."""

# The closed labels that follow the base labels of each counter, and the values they can take.
CLOSED: dict[str, tuple[Labels, ...]] = {
    "requests": (("success", ""), *(("error", kind) for kind in ERROR_TYPES)),
    "tokens": (("input",), ("output",)),
    "details": tuple((detail,) for detail in DETAILS),
    "cost": (("estimated",), ("reported",)),
    "unpriced_requests": ((),),
    "unpriced_tokens": ((),),
    "usage_missing": tuple((reason,) for reason in MISSING_REASONS),
    "duration": (("success",), ("error",)),
    "first_token": ((),),
}
BORN: dict[str, tuple[Labels, ...]] = {
    name: CLOSED[name] for name in ("requests", "tokens", "unpriced_requests", "unpriced_tokens")
} | {"details": (("cached_input",), ("cache_write",), ("reasoning",)), "cost": (("estimated",),)}
"""The children that exist at zero as soon as their parent is seen, so that `increase` never misses the first."""

# A parser of somebody else's may break its word: these sets must stay closed, or the series would have no bound.
KNOWN_ERRORS = frozenset(ERROR_TYPES)
KNOWN_DETAILS = frozenset(DETAILS)


class SavedLedger(msgspec.Struct):
    """The ledger as it stands in the checkpoint."""

    labels: Labels = BASE_LABELS
    tally: SavedTally = msgspec.field(default_factory=SavedTally)
    limits: list[tuple[Labels, Limit]] = []


class Cost(NamedTuple):
    """What a call cost, in pico-dollars, and who says so."""

    pico_usd: int
    source: str


class Ledger:
    """The numbers of all calls so far, by provider, model, operation and the configured dimensions.

    A family holds as many label sets as `Limits` says, those of `__other__` among them, or as many as `__other__` alone
    needs where that is more. What was restored stays, even above a limit that has become lower.
    """

    def __init__(self, limits: Limits, dimensions: Labels = ()) -> None:
        self.labels = (*BASE_LABELS, *dimensions)
        self.counters = {name: Counter() for name in CLOSED if name not in ("duration", "first_token")}
        self.histograms = {name: Histogram(DURATION_BOUNDS) for name in ("duration", "first_token")}
        self.limits = RateLimits(limits.counter_label_sets)
        self.overflowed = 0
        self._limits = limits
        self._other = (OTHER,) * len(self.labels)
        self._bases: dict[tuple[object, ...], Labels] = {}

    def add(self, call: Call, dimensions: Labels, cost: Cost | None, missing: str | None, now_ns: int) -> None:
        """Counts one finished call. `missing` says why usage is absent, if the caller knows better than the call."""
        base = self._base(call, dimensions)
        status = "success" if call.error_type is None else "error"
        error = call.error_type if call.error_type is None or call.error_type in KNOWN_ERRORS else "unknown"
        self._count("requests", base, (status, error or ""), 1)
        self._add_tokens(base, call, missing)
        self._add_cost(base, call, cost)
        if call.duration_seconds is not None:
            self._observe("duration", base, (status,), call.duration_seconds)
        if call.time_to_first_token_seconds is not None:
            self._observe("first_token", base, (), call.time_to_first_token_seconds)
        if call.rate_limit:
            self.overflowed += self.limits.note(base, call, now_ns)

    def dump(self) -> SavedLedger:
        return SavedLedger(self.labels, dump(self.counters, self.histograms), self.limits.dump())

    def load(self, saved: SavedLedger) -> list[str]:
        """Restores saved numbers; returns the names of those that no longer fit. Labels unknown then are empty."""
        if saved.labels != self.labels:
            saved = _relabel(saved, self.labels)
        self.limits.load(saved.limits)
        return restore(saved.tally, self.counters, self.histograms)

    def _base(self, call: Call, dimensions: Labels) -> Labels:
        key = (call.provider, call.model or call.request_model, call.operation, dimensions)
        base = self._bases.get(key)
        if base is None:
            chars = self._limits.label_value_chars
            names = (
                call.provider or "unknown",
                call.model or call.request_model or "unknown",
                call.operation or "chat",
            )
            whole = (*names, *dimensions)
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
                if len(values) < self._limits.counter_label_sets // 2:
                    values.setdefault(base + labels, 0)
        durations = self.histograms["duration"]
        if len(durations.values) < self._limits.histogram_label_sets // 2:
            durations.bear((*base, "success"))

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
        elif call.input_tokens is not None or call.output_tokens is not None:
            self._count("unpriced_requests", base, (), 1)
            self._count("unpriced_tokens", base, (), (call.input_tokens or 0) + (call.output_tokens or 0))

    def _count(self, name: str, base: Labels, closed: Labels, amount: int) -> None:
        values = self.counters[name].values
        labels = base + closed
        if labels not in values and len(values) >= self._limits.counter_label_sets - len(CLOSED[name]):
            labels = self._overflow(closed)
        values[labels] = values.get(labels, 0) + amount

    def _observe(self, name: str, base: Labels, closed: Labels, value: float) -> None:
        if not 0 <= value < inf:  # No time at all; and a sum that is infinite could not even be saved.
            return
        histogram, room = self.histograms[name], self._limits.histogram_label_sets - len(CLOSED[name])
        labels = base + closed
        if labels not in histogram.values and len(histogram.values) >= room:
            labels = self._overflow(closed)
        histogram.observe(labels, value)

    def _overflow(self, closed: Labels) -> Labels:
        self.overflowed += 1
        return self._other + closed


def _relabel(saved: SavedLedger, labels: Labels) -> SavedLedger:
    """Numbers saved under other dimensions, told in today's: sums stay, a dimension not known then is empty."""
    width = len(saved.labels)
    other, other_now = (OTHER,) * width, (OTHER,) * len(labels)

    def move(old: Labels) -> Labels:
        base, closed = old[:width], old[width:]
        return (other_now if base == other else relabelled(base, saved.labels, labels)) + closed

    counters: dict[str, list[tuple[Labels, float]]] = {}
    for name, pairs in saved.tally.counters.items():
        sums = Counter()
        for old, value in pairs:
            sums.add(move(old), value)
        counters[name] = list(sums.values.items())
    histograms: dict[str, list[tuple[Labels, Bins]]] = {}
    for name, distributions in saved.tally.histograms.items():
        merged: dict[Labels, Bins] = {}
        for old, bins in distributions:
            mine = merged.setdefault(move(old), Bins([0] * len(bins.counts)))
            mine.counts = [a + b for a, b in zip(mine.counts, bins.counts, strict=True)]
            mine.total += bins.total
        histograms[name] = list(merged.items())
    limits = [(move(old), limit) for old, limit in saved.limits]
    return SavedLedger(labels, SavedTally(counters, histograms, saved.tally.bounds), limits)
