"""What tokentail saw, by UTC day, provider and model: the rows of `report`, and what a bill's differences may need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from parsers.base import Call
from tailer.cli.bills.item import Tokens
from tailer.meter.bill import FIXED, UNKNOWN, Bill, Row
from tailer.meter.ledger import Cost
from tailer.meter.open_call import Joined, is_measured, missing_usage
from tailer.meter.prices import tier_name
from tailer.meter.saved_ledger import SavedLedger
from tailer.tally import Labels

BY = ("day", "provider", "model")
ALL_DAYS = "all"
"""The day of a ledger, which keeps totals only."""
ROW_FIELDS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cached_input": "cached_input_tokens",
    "cache_write": "cache_write_tokens",
    "reasoning": "reasoning_tokens",
}
TOKEN_FIELDS = {
    "input": "input",
    "output": "output",
    "cached_input": "cached",
    "cache_write": "cache_write",
    "cache_write_1h": "cache_write_1h",
}
"""From what the ledger counts to the fields of a row and of `Tokens`."""


class Part(msgspec.Struct):
    """Some of the calls of a row."""

    calls: int = 0
    tokens: Tokens = msgspec.field(default_factory=Tokens)
    pico_usd: int = 0

    def add(self, tokens: Tokens, pico_usd: int) -> None:
        """Counts one call."""
        self.calls += 1
        self.tokens.add(tokens)
        self.pico_usd += pico_usd


class More(msgspec.Struct):
    """What is known of a row's calls beside its sums."""

    tokens: Tokens = msgspec.field(default_factory=Tokens)
    tiers: dict[str, Part] = {}
    """By the service tier, standard calls left out."""
    missing: Counter[str] = msgspec.field(default_factory=Counter)
    """Calls without token counts by the reason."""
    unpriced_tokens: int = 0
    reported_pico_usd: int = 0


class Seen(Bill):
    """A bill by day, provider and model with more to each row; `first_ns` and `last_ns` are the times of its calls."""

    def __init__(self, dimensions: Sequence[str] = ()) -> None:
        super().__init__(BY, dimensions)
        self.more: dict[Labels, More] = {}
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.by_day = True

    def add(self, joined: Joined, cost: Cost | None) -> None:
        """Counts a finished call."""
        super().add(joined, cost)
        call = joined.call
        if call.timestamp_ns is not None:
            self.first_ns = min(self.first_ns or call.timestamp_ns, call.timestamp_ns)
            self.last_ns = max(self.last_ns or call.timestamp_ns, call.timestamp_ns)
        more = self.more_of(tuple(FIXED[name](call, ()) for name in BY))
        if (missing := missing_usage(joined)) is not None:
            more.missing[missing] += 1
        tokens = _tokens(call)
        more.tokens.add(tokens)
        pico_usd = 0 if cost is None else cost.pico_usd
        if cost is None and is_measured(call):
            more.unpriced_tokens += tokens.total
        elif cost is not None and cost.source == "reported":
            more.reported_pico_usd += pico_usd
        if tier := tier_name(call.service_tier):
            more.tiers.setdefault(tier, Part()).add(tokens, pico_usd)

    def more_of(self, key: Labels) -> More:
        """What more is known of a row."""
        return self.more.setdefault(key, More())


class SeenLedger(Seen):
    """The totals of a ledger, of all its days together."""

    def __init__(self, saved: SavedLedger) -> None:
        super().__init__()
        self.by_day = False
        counters = saved.tally.counters
        for labels, value in counters.get("requests", ()):
            self._count(labels, "calls", int(value))
            if labels[len(saved.labels)] == "error":
                self._count(labels, "errors", int(value))
        for family in ("tokens", "details"):
            for labels, value in counters.get(family, ()):
                self._count_tokens(labels, labels[len(saved.labels)], int(value))
        for labels, value in counters.get("cost", ()):
            self._count(labels, "pico_usd", int(value))
            self._count(labels, "priced_calls", 1)
            if labels[len(saved.labels)] == "reported":
                self.more_of(_key(labels)).reported_pico_usd += int(value)
        for labels, value in counters.get("usage_missing", ()):
            self._count(labels, "unmeasured_calls", int(value))
            self.more_of(_key(labels)).missing[labels[len(saved.labels)]] += int(value)
        self._count_unpriced(saved)

    def _count_unpriced(self, saved: SavedLedger) -> None:
        """Those that wait for a price; where nothing was ever priced, all that were counted as without one."""
        for waiting in saved.unpriced:
            self._count(waiting.base, "unpriced_calls", waiting.calls)
            tokens = (waiting.input_tokens or 0) + (waiting.output_tokens or 0)
            self.more_of(_key(waiting.base)).unpriced_tokens += tokens
        never = {key for key, row in self.rows() if not row.priced_calls}
        sums: Counter[Labels] = Counter()
        tokens_of: Counter[Labels] = Counter()
        for labels, value in saved.tally.counters.get("unpriced_requests", ()):
            sums[_key(labels)] += int(value)
        for labels, value in saved.tally.counters.get("unpriced_tokens", ()):
            tokens_of[_key(labels)] += int(value)
        for key in never & sums.keys():
            self._rows[key].unpriced_calls = sums[key]
            self.more_of(key).unpriced_tokens = tokens_of[key]

    def _count(self, labels: Labels, field: str, amount: int) -> None:
        for row in (self._rows.setdefault(_key(labels), Row()), self.total):
            setattr(row, field, getattr(row, field) + amount)

    def _count_tokens(self, labels: Labels, kind: str, amount: int) -> None:
        if (field := ROW_FIELDS.get(kind)) is not None:
            self._count(labels, field, amount)
        tokens = self.more_of(_key(labels)).tokens
        if (field := TOKEN_FIELDS.get(kind)) is not None:
            setattr(tokens, field, getattr(tokens, field) + amount)


def _key(labels: Labels) -> Labels:
    return ALL_DAYS, labels[0] or UNKNOWN, labels[1] or UNKNOWN


def _tokens(call: Call) -> Tokens:
    if not is_measured(call):
        return Tokens()
    details = call.details
    return Tokens(
        call.input_tokens or 0,
        details.get("cached_input", 0),
        details.get("cache_write", 0),
        details.get("cache_write_1h", 0),
        call.output_tokens or 0,
    )
