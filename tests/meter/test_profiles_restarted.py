"""Profiles come and go over restarts: what they shared stays exact, what is new starts from what is known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.base import Call
from tailer.config import Limits
from tailer.meter.facts import DURATION_BOUNDS, FINE_BOUNDS
from tailer.meter.ledger import NO_NEEDS, Cost, Ledger, Needs
from tailer.meter.profiles import PROFILES, needs_of
from tailer.tally import Bins, Histogram, rebinned
from tests.meter.calls import GPT, NOON_NS, USED, reloaded
from tests.meter.exposed import Samples, samples, text

ALL = needs_of(PROFILES)
CALLS = st.builds(
    lambda call, error, seconds, asked: call._replace(
        error_type=error, duration_seconds=seconds, time_to_first_token_seconds=seconds, request_model=asked
    ),
    st.sampled_from([GPT, USED, USED._replace(model=None), USED._replace(model="o3", provider="azure.ai.openai")]),
    st.sampled_from([None, None, "rate_limit", "timeout"]),
    st.none() | st.sampled_from([*FINE_BOUNDS, 0.0, 0.07, 500.0]),
    st.sampled_from([None, "gpt-4o", "prod"]),
)
LEDGER_CALLS = st.lists(CALLS, max_size=8)


def filled(calls: list[Call], needs: Needs = NO_NEEDS) -> Ledger:
    ledger = Ledger(Limits(), ("team",), needs)
    count(ledger, calls)
    return ledger


def count(ledger: Ledger, calls: list[Call]) -> None:
    for call in calls:
        ledger.add(call, ("eu",), Cost(7, "estimated"), None, NOON_NS)


def restarted(ledger: Ledger, needs: Needs) -> Ledger:
    return reloaded(ledger, ("team",), needs=needs)


def shown(ledger: Ledger, name: str = "llm") -> Samples:
    """What is above zero: children born at zero are another story."""
    return {key: value for key, value in samples(PROFILES[name].families(ledger, NOON_NS, {})).items() if value}


@given(LEDGER_CALLS)
@settings(max_examples=40)
def test_each_profile_shows_the_same_after_a_restart(calls: list[Call]) -> None:
    ledger = filled(calls, ALL)
    again = restarted(ledger, ALL)
    for profile in PROFILES.values():
        before, after = (text(profile.families(it, NOON_NS, {})) for it in (ledger, again))
        assert after == before


@given(LEDGER_CALLS, LEDGER_CALLS, LEDGER_CALLS)
@settings(max_examples=40)
def test_llm_is_exact_whatever_profiles_are_beside_it(first: list[Call], then: list[Call], last: list[Call]) -> None:
    """Alone, with all of them, alone again."""
    ledger = filled(first)
    for needs, calls in ((ALL, then), (NO_NEEDS, last)):
        ledger = restarted(ledger, needs)
        count(ledger, calls)
    assert shown(ledger) == pytest.approx(shown(filled([*first, *then, *last])))


@given(LEDGER_CALLS, LEDGER_CALLS)
@settings(max_examples=40)
def test_a_profile_chosen_later_starts_from_what_is_known(before: list[Call], after: list[Call]) -> None:
    """Counters and durations of the other profiles are as if they had always been there."""
    ledger = restarted(filled(before), ALL)
    count(ledger, after)
    for name in ("prom_client", "scanium"):
        assert shown(ledger, name) == pytest.approx(shown(filled([*before, *after], ALL), name))
    totals = [
        sum(
            value
            for (name, _), value in shown(made, "otel").items()
            if name.endswith(("duration_seconds_count", "_total"))
        )
        for made in (ledger, filled([*before, *after], ALL))
    ]
    assert totals[0] == totals[1]


def test_what_was_counted_before_otel_has_its_model_and_an_unknown_error() -> None:
    ledger = restarted(filled([USED._replace(error_type="timeout", duration_seconds=1.0)]), ALL)
    ((_, labels),) = [key for key in shown(ledger, "otel") if key[0].endswith("duration_seconds_count")]
    assert dict(labels)["gen_ai_response_model"] == "gpt-4o-2024-08-06"
    assert dict(labels)["gen_ai_request_model"] == ""
    assert dict(labels)["error_type"] == "unknown"


def test_a_checkpoint_with_fewer_buckets_keeps_every_count() -> None:
    """As the first versions wrote it."""
    old = filled([])
    old.histograms["duration"] = Histogram(DURATION_BOUNDS)
    old.histograms["duration"].observe(("openai", "o3", "chat", "eu", "success"), 0.06)
    old.histograms["duration"].observe(("openai", "o3", "chat", "eu", "success"), 999)
    again = restarted(old, NO_NEEDS)
    bins = again.histograms["duration"].values["openai", "o3", "chat", "eu", "success"]
    assert bins == Bins([0, 0, 0, 0, 1, *[0] * 18, 1], 999.06)


BOUNDS = st.sets(st.sampled_from(FINE_BOUNDS), min_size=1).map(lambda found: tuple(sorted(found)))


@given(st.lists(st.floats(0, 300, allow_nan=False)), BOUNDS, BOUNDS)
def test_other_buckets_keep_each_count_at_a_common_bound_and_never_claim_too_much(
    values: list[float], then: tuple[float, ...], now: tuple[float, ...]
) -> None:
    old, exact = Histogram(then), Histogram(now)
    for value in values:
        old.observe((), value)
        exact.observe((), value)
    moved = rebinned(old.bear(()).counts, then, now)
    assert sum(moved) == len(values)
    for index, bound in enumerate(now):
        known, true = sum(moved[: index + 1]), sum(exact.bear(()).counts[: index + 1])
        assert known == true if bound in then else known <= true
