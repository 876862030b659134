"""A ledger that keeps its series at hand comes to what one comes to that looks up every label for every call."""

from __future__ import annotations

from bisect import bisect_left
from math import inf
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from parsers.base import ERROR_TYPES, Call
from tailer.config import Limits
from tailer.meter.facts import BORN, DISTRIBUTIONS, OTHER, Cost, Needs, bounds_of
from tailer.meter.ledger import KNOWN_DETAILS, KNOWN_ERRORS, Ledger
from tailer.tally import Labels
from tests.meter.calls import NOON_NS, reloaded

SMALL = Limits(counter_label_sets=20, histogram_label_sets=5, label_value_chars=12)
NEEDS = st.builds(Needs, apart=st.booleans())


class Entry(NamedTuple):
    """A call as the ledger is told of it."""

    call: Call
    team: str
    cost: Cost | None
    missing: str | None


class PlainLedger:
    """The rules of the ledger in their plainest form."""

    def __init__(self, limits: Limits, needs: Needs) -> None:
        self.numbers: dict[str, dict[Labels, int]] = {name: {} for name in needs.closed() if name not in DISTRIBUTIONS}
        self.bins: dict[str, dict[Labels, list[int]]] = {name: {} for name in needs.closed() if name in DISTRIBUTIONS}
        self.overflowed = 0
        self._limits, self._apart, self._closed = limits, needs.apart, needs.closed()
        self._width = len(needs.labels(("team",)))

    def add(self, entry: Entry) -> None:
        call, team, cost, missing = entry
        asked = (call.request_model or "", call.model or "") if self._apart else ()
        names = (call.provider or "unknown", call.model or call.request_model or "unknown", call.operation or "chat")
        base = tuple(value[: self._limits.label_value_chars] for value in (*names, team, *asked))
        self._bear(base)
        error = "" if call.error_type is None else call.error_type if call.error_type in KNOWN_ERRORS else "unknown"
        status = "error" if error else "success"
        self._count("requests", (*base, status, error), 1)
        self._add_usage(base, call, missing)
        if cost is not None:
            self._count("cost", (*base, cost.source), cost.pico_usd)
        elif used(call):
            self._count("unpriced_requests", base, 1)
            self._count("unpriced_tokens", base, (call.input_tokens or 0) + (call.output_tokens or 0))
        self._observe("duration", (*base, error if self._apart else status), call.duration_seconds)
        self._observe("first_token", (*base, error) if self._apart else base, call.time_to_first_token_seconds)
        if self._apart:
            self._observe("token_sizes", (*base, "input", error), call.input_tokens)
            self._observe("token_sizes", (*base, "output", error), call.output_tokens)

    def _add_usage(self, base: Labels, call: Call, missing: str | None) -> None:
        reason = missing or (None if used(call) or call.error_type else "bad_usage" if call.faults else "no_usage")
        if reason is not None:
            self._count("usage_missing", (*base, reason), 1)
        for kind, tokens in (("input", call.input_tokens), ("output", call.output_tokens)):
            if tokens is not None:
                self._count("tokens", (*base, kind), tokens)
        for detail, tokens in call.details.items():
            if tokens and detail in KNOWN_DETAILS:
                self._count("details", (*base, detail), tokens)

    def _bear(self, base: Labels) -> None:
        for name, closed in BORN.items():
            for labels in closed:
                if len(self.numbers[name]) < self._limits.counter_label_sets // 4:
                    self.numbers[name].setdefault(base + labels, 0)
        if len(self.bins["duration"]) < self._limits.histogram_label_sets // 4:
            self._distribution("duration", (*base, "" if self._apart else "success"))

    def _count(self, name: str, labels: Labels, amount: int) -> None:
        values = self.numbers[name]
        labels = self._roomy(name, set(values), labels)
        values[labels] = values.get(labels, 0) + amount

    def _observe(self, name: str, labels: Labels, value: float | None) -> None:
        if value is not None and 0 <= value < inf:
            labels = self._roomy(name, set(self.bins[name]), labels)
            self._distribution(name, labels)[bisect_left(bounds_of(name), value)] += 1

    def _distribution(self, name: str, labels: Labels) -> list[int]:
        return self.bins[name].setdefault(labels, [0] * (len(bounds_of(name)) + 1))

    def _roomy(self, name: str, known: set[Labels], labels: Labels) -> Labels:
        limits = self._limits
        limit = limits.histogram_label_sets if name in DISTRIBUTIONS else limits.counter_label_sets
        if labels in known or len(known) < limit - len(self._closed[name]):
            return labels
        self.overflowed += 1
        return (OTHER,) * self._width + labels[self._width :]


def used(call: Call) -> bool:
    return call.input_tokens is not None or call.output_tokens is not None or bool(call.units)


NAMES = st.none() | st.sampled_from(["", "openai", "gpt-4o", "gpt-4o-mini", "a-name-too-long-a"])
COUNTS = st.none() | st.integers(0, 1000)
SECONDS = st.none() | st.floats(-1, 1000) | st.sampled_from([inf, 0.01, 0.0])
CALLS = st.builds(
    Call,
    provider=NAMES,
    operation=st.none() | st.sampled_from(["chat", "embeddings"]),
    model=NAMES,
    request_model=NAMES,
    error_type=st.none() | st.sampled_from([*ERROR_TYPES[:3], "none of these"]),
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    details=st.dictionaries(st.sampled_from(["cached_input", "reasoning", "nonsense"]), st.integers(0, 9)),
    units=st.sampled_from([{}, {"images": 2.0}]),
    duration_seconds=SECONDS,
    time_to_first_token_seconds=SECONDS,
    faults=st.sampled_from([(), ("usage: expected an object, got 3",)]),
)
ENTRIES = st.builds(
    Entry,
    CALLS,
    st.sampled_from(["", "search", "support"]),
    st.none() | st.builds(Cost, st.integers(0, 10**15), st.sampled_from(["estimated", "reported"])),
    st.none() | st.just("stream_interrupted"),
)


@given(st.lists(ENTRIES, max_size=20), NEEDS, st.sampled_from([SMALL, Limits()]), st.integers(0, 40))
def test_series_at_hand_are_those_that_every_label_looked_up_gives(
    entries: list[Entry], needs: Needs, limits: Limits, restart: int
) -> None:
    """Also at the limits, and over a restart: which series there are, in what order, and how many had no room."""
    plain, ledger, overflowed = PlainLedger(limits, needs), Ledger(limits, ("team",), needs), 0
    entries = [*entries, *entries]
    for number, (call, team, cost, missing) in enumerate(entries):
        if number == restart:
            overflowed += ledger.overflowed
            ledger = reloaded(ledger, ("team",), limits, needs)
        plain.add(entries[number])
        ledger.add(call, (team,), None if cost is None else (cost.pico_usd, cost.source), missing, NOON_NS)
    for name, numbers in plain.numbers.items():
        assert list(ledger.counters[name].values.items()) == list(numbers.items()), name
    for name, bins in plain.bins.items():
        kept = ledger.histograms[name].values
        assert [(labels, found.counts) for labels, found in kept.items()] == list(bins.items()), name
    assert overflowed + ledger.overflowed == plain.overflowed
