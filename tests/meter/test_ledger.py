"""Calls become numbers: what is added to what, what is born at zero, what happens when a family is full."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import DETAILS, ERROR_TYPES, PROVIDERS, Call
from tailer.config import Limits
from tailer.meter.ledger import BASE_LABELS, CLOSED, OTHER, PICO_USD, Cost, Ledger
from tests.meter.calls import GPT, NOON_NS, USED, reloaded

BASE = ("openai", "gpt-4o-2024-08-06", "chat")


def add(ledger: Ledger, call: Call, cost: int | None = None, missing: str | None = None) -> None:
    ledger.add(call, (), None if cost is None else Cost(cost, "estimated"), missing, NOON_NS)


def counted(ledger: Ledger, name: str) -> dict[tuple[str, ...], float]:
    """What is above zero, by the labels beside the base ones."""
    return {labels[len(ledger.labels) :]: value for labels, value in ledger.counters[name].values.items() if value}


def test_a_call_is_counted_with_its_tokens_their_parts_and_its_cost() -> None:
    ledger = Ledger(Limits())
    add(ledger, USED._replace(duration_seconds=1.843), 4_647_500_000)
    assert counted(ledger, "requests") == {("success", ""): 1}
    assert counted(ledger, "tokens") == {("input",): 1523, ("output",): 212}
    assert counted(ledger, "details") == {("cached_input",): 1024}
    assert counted(ledger, "cost") == {("estimated",): 4_647_500_000}
    assert counted(ledger, "unpriced_requests") == counted(ledger, "usage_missing") == {}
    bins = ledger.histograms["duration"].values[*BASE, "success"]
    assert (sum(bins.counts), bins.total) == (1, 1.843)


def test_an_unknown_price_is_counted_as_such_and_never_as_zero_dollars() -> None:
    ledger = Ledger(Limits())
    add(ledger, USED)
    assert counted(ledger, "unpriced_requests") == {(): 1}
    assert counted(ledger, "unpriced_tokens") == {(): 1735}
    assert counted(ledger, "cost") == {}


@pytest.mark.parametrize(
    ("call", "missing", "reason"),
    [
        (GPT, None, "no_usage"),
        (GPT._replace(faults=("usage: expected an object, got 3",)), None, "bad_usage"),
        (GPT, "stream_interrupted", "stream_interrupted"),
        (GPT._replace(error_type="unknown"), "no_response", "no_response"),
    ],
)
def test_usage_that_is_missing_is_counted_with_its_reason(call: Call, missing: str | None, reason: str) -> None:
    ledger = Ledger(Limits())
    add(ledger, call, missing=missing)
    assert counted(ledger, "usage_missing") == {(reason,): 1}
    assert counted(ledger, "tokens") == counted(ledger, "unpriced_requests") == {}


def test_a_refused_call_misses_no_usage() -> None:
    ledger = Ledger(Limits())
    add(ledger, GPT._replace(error_type="rate_limit"))
    assert counted(ledger, "requests") == {("error", "rate_limit"): 1}
    assert counted(ledger, "usage_missing") == {}


def test_known_children_are_born_at_zero_beside_the_first_call() -> None:
    ledger = Ledger(Limits())
    add(ledger, USED, 1)
    requests = ledger.counters["requests"].values
    assert {labels[3:] for labels in requests} == {("success", ""), *(("error", kind) for kind in ERROR_TYPES)}
    assert ledger.counters["unpriced_requests"].values == {BASE: 0}
    assert {labels[3:] for labels in ledger.counters["tokens"].values} == {("input",), ("output",)}
    assert {labels[3:] for labels in ledger.counters["details"].values} == {
        ("cached_input",),
        ("cache_write",),
        ("reasoning",),
    }


def test_children_that_are_only_born_never_crowd_out_those_that_count() -> None:
    """With 15 statuses each, 60 models would fill the family with zeros."""
    ledger = Ledger(Limits())
    for number in range(60):
        add(ledger, USED._replace(model=f"model-{number}"))
    assert ledger.overflowed == 0


def test_cost_is_summed_exactly_whatever_the_order_and_the_amount() -> None:
    ledger, amounts = Ledger(Limits()), [1, 10**30, 7, 3 * 10**15] * 50
    for amount in amounts:
        add(ledger, USED, amount)
    assert reloaded(ledger).counters["cost"].values[*BASE, "estimated"] == sum(amounts)
    assert sum(amounts) > 2**64 * PICO_USD


def test_a_parser_that_breaks_its_word_cannot_open_the_closed_labels() -> None:
    ledger = Ledger(Limits(counter_label_sets=60))
    for number in range(200):
        odd = USED._replace(error_type=f"weird-{number}", details={f"detail-{number}": 5})
        add(ledger, odd)
    assert counted(ledger, "requests") == {("error", "unknown"): 200}
    assert counted(ledger, "details") == {}


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -0.001])
def test_a_time_that_is_none_is_not_observed(seconds: float) -> None:
    """An infinite sum could not be saved: the checkpoint would not be readable again."""
    ledger = Ledger(Limits())
    add(ledger, USED._replace(duration_seconds=seconds, time_to_first_token_seconds=seconds))
    assert all(bins.total == 0 for histogram in ledger.histograms.values() for bins in histogram.values.values())
    reloaded(ledger)


def test_label_values_are_cut_and_long_names_are_not_kept_in_memory() -> None:
    ledger = Ledger(Limits(label_value_chars=10), ("user",))
    for letter in "abc":
        ledger.add(USED._replace(model="m" * 11 + letter * 1_000_000), ("u" * 50,), None, None, NOON_NS)
    assert ledger.counters["unpriced_requests"].values == {("openai", "m" * 10, "chat", "u" * 10): 3}
    assert max((len(str(key)) for key in ledger._accounts), default=0) < 1000


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
COUNTS = st.none() | st.integers(0, 10**9)
SECONDS = st.none() | st.floats(0, 1e6, allow_nan=False)
CALLS = st.builds(
    Call,
    provider=st.none() | st.sampled_from(PROVIDERS) | NAMES,
    operation=st.none() | st.sampled_from(["chat", "embeddings"]),
    model=st.none() | NAMES,
    request_model=st.none() | NAMES,
    error_type=st.none() | st.sampled_from(ERROR_TYPES),
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    details=st.dictionaries(st.sampled_from(DETAILS), st.integers(0, 10**9), max_size=3),
    duration_seconds=SECONDS,
    time_to_first_token_seconds=SECONDS,
)
ENTRIES = st.tuples(CALLS, NAMES, st.none() | st.integers(0, 10**18), st.sampled_from(["estimated", "reported"]))
SMALL = Limits(counter_label_sets=40, histogram_label_sets=6)


def filled(entries: list[tuple[Call, str, int | None, str]], limits: Limits) -> Ledger:
    ledger = Ledger(limits, ("team",))
    for call, team, cost, source in entries:
        ledger.add(call, (team,), None if cost is None else Cost(cost, source), None, NOON_NS)
    return ledger


def sums(ledger: Ledger) -> dict[tuple[str, ...], float]:
    """Every total over the base labels, by the closed ones."""
    totals: dict[tuple[str, ...], float] = {}
    for name, counter in ledger.counters.items():
        for labels, value in counter.values.items():
            key = (name, *labels[len(ledger.labels) :])
            totals[key] = totals.get(key, 0) + value
    for name, histogram in ledger.histograms.items():
        for labels, bins in histogram.values.items():
            for index, count in enumerate(bins.counts):
                key = (name, *labels[len(ledger.labels) :], str(index))
                totals[key] = totals.get(key, 0) + count
    return {key: value for key, value in totals.items() if value}


@given(st.lists(ENTRIES, max_size=40))
def test_a_full_family_loses_nothing_from_its_sums_and_stays_within_its_limit(
    entries: list[tuple[Call, str, int | None, str]],
) -> None:
    full, ample = filled(entries, SMALL), filled(entries, Limits(counter_label_sets=10**6, histogram_label_sets=10**6))
    assert sums(full) == sums(ample)
    assert ample.overflowed == 0
    for name, counter in full.counters.items():
        assert len(counter.values) <= SMALL.counter_label_sets, name
    for name, histogram in full.histograms.items():
        assert len(histogram.values) <= SMALL.histogram_label_sets, name


@given(st.lists(ENTRIES, max_size=15))
def test_a_ledger_comes_back_from_a_checkpoint_equal_in_every_number(
    entries: list[tuple[Call, str, int | None, str]],
) -> None:
    ledger = filled(entries, SMALL)
    again = reloaded(ledger, ("team",), SMALL)
    assert again.dump() == ledger.dump()
    assert msgspec.json.encode(again.dump()) == msgspec.json.encode(ledger.dump())


@given(st.lists(ENTRIES, max_size=15), st.sampled_from([(), ("team", "zone"), ("zone", "team"), ("zone",)]))
def test_a_change_of_dimensions_over_a_restart_keeps_every_sum(
    entries: list[tuple[Call, str, int | None, str]], dimensions: tuple[str, ...]
) -> None:
    ledger = filled(entries, SMALL)
    again = reloaded(ledger, dimensions, SMALL)
    assert sums(again) == sums(ledger)
    width = len(BASE_LABELS) + len(dimensions)
    series = [(name, labels) for name, counter in again.counters.items() for labels in counter.values]
    series += [(name, labels) for name, histogram in again.histograms.items() for labels in histogram.values]
    assert all(len(labels) - width == len(CLOSED[name][0]) for name, labels in series)


def test_overflow_is_counted_and_stays_one_series_when_a_dimension_is_added() -> None:
    limits = Limits(counter_label_sets=20)
    ledger = Ledger(limits)
    for number in range(30):
        add(ledger, USED._replace(model=f"model-{number}"))
    assert ledger.overflowed > 0
    again = reloaded(ledger, ("team",), limits)
    others = [labels for labels in again.counters["unpriced_requests"].values if OTHER in labels]
    assert others == [(OTHER,) * 4]


def test_a_lower_limit_over_a_restart_takes_no_series_away() -> None:
    ledger = Ledger(Limits())
    for number in range(50):
        add(ledger, USED._replace(model=f"model-{number}"))
    again = reloaded(ledger, limits=Limits(counter_label_sets=10))
    add(again, USED._replace(model="model-0"))
    add(again, USED._replace(model="model-new"))
    unpriced = again.counters["unpriced_requests"].values
    assert unpriced["openai", "model-0", "chat"] == 2
    assert unpriced[(OTHER,) * 3] == 1
    assert len(unpriced) == 51
