"""The ledger in few numbers, for the page: by model, and by what the charts show. Pure, holds nothing, has no clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tailer.meter.ledger import Ledger
from tailer.meter.views import beside, status_of

Model = tuple[str, str]
"""Provider and model."""
Counts = tuple[int, ...]
"""Of one model, in the order of `COUNTS`."""
Fact = tuple[str, str | int]
"""A kind and what is counted of it: an error type, a detail, a reason, the place of a bucket, an outcome of a line."""

COUNTS = ("calls", "errors", "input_tokens", "output_tokens", "pico_usd", "unpriced_calls")
CALLS, ERRORS, INPUT, OUTPUT, PICO_USD, UNPRICED = range(len(COUNTS))
NONE: Counts = (0,) * len(COUNTS)
PARTS = ("cached_input", "cache_write", "reasoning")
"""The details that the page shows beside the tokens they are a part of."""


class Sums(NamedTuple):
    """Sums over all dimensions. What is absent is zero."""

    models: dict[Model, Counts]
    facts: dict[Fact, int]

    def total(self) -> Counts:
        return tuple(map(sum, zip(NONE, *self.models.values(), strict=True)))

    def of(self, kind: str) -> dict[str | int, int]:
        """The facts of one kind."""
        return {which: count for (known, which), count in self.facts.items() if known == kind}


def sums_of(ledger: Ledger, lines: Mapping[str, int]) -> Sums:
    """What the ledger comes to now; `lines` are the lines metered by their outcome."""
    facts: dict[Fact, int] = {("line", outcome): count for outcome, count in lines.items() if count}
    models: dict[Model, list[int]] = {}

    def add(family: str, place: int, closed: str | None = None) -> None:
        for labels, value in ledger.counters[family].pairs():
            if value and (closed is None or closed in beside(ledger, labels)):
                _of(models, (labels[0], labels[1]))[place] += int(value)

    add("requests", CALLS)
    add("requests", ERRORS, "error")
    add("tokens", INPUT, "input")
    add("tokens", OUTPUT, "output")
    add("cost", PICO_USD)
    add("unpriced_requests", UNPRICED)
    _add_facts(facts, ledger)
    return Sums({model: tuple(counts) for model, counts in models.items()}, facts)


def gained(now: Sums, then: Sums) -> Sums:
    """What has come since."""
    models = {
        model: tuple(a - b for a, b in zip(counts, then.models.get(model, NONE), strict=True))
        for model, counts in now.models.items()
        if counts != then.models.get(model)
    }
    facts = {fact: more for fact, count in now.facts.items() if (more := count - then.facts.get(fact, 0))}
    return Sums(models, facts)


def together(sums: Sums, more: Sums) -> Sums:
    """Both added up."""
    models, facts = dict(sums.models), dict(sums.facts)
    for model, counts in more.models.items():
        models[model] = tuple(map(sum, zip(models.get(model, NONE), counts, strict=True)))
    for fact, count in more.facts.items():
        facts[fact] = facts.get(fact, 0) + count
    return Sums(models, facts)


def _of(models: dict[Model, list[int]], model: Model) -> list[int]:
    counts = models.get(model)
    if counts is None:
        counts = models[model] = [*NONE]
    return counts


def _add_facts(facts: dict[Fact, int], ledger: Ledger) -> None:
    for kind, family in (("error", "requests"), ("detail", "details"), ("missing", "usage_missing")):
        for labels, count in ledger.counters[family].pairs():
            which = labels[-1]
            if count and which and (kind != "detail" or which in PARTS):
                facts[kind, which] = facts.get((kind, which), 0) + int(count)
    for labels, bins in ledger.histograms["duration"].values.items():
        if status_of(ledger, labels) == "success":
            for place, count in enumerate(bins.counts):
                if count:
                    facts["duration", place] = facts.get(("duration", place), 0) + count
