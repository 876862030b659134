"""The last hour and today in memory: nothing is counted twice or in two minutes, and it stays small."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import ERROR_TYPES, Call
from tailer.config import Limits
from tailer.meter.facts import FINE_BOUNDS, PICO_USD
from tailer.meter.history import DAY_SECONDS, MINUTES, MODELS, OTHERS, History, places, quantile
from tailer.meter.ledger import Cost, Ledger, Needs
from tailer.meter.sums import CALLS, COUNTS, NONE, Sums, gained, sums_of, together
from tests.meter.calls import GPT, NOON_NS, USED

NOON = NOON_NS // 10**9 // 60 * 60
NOTHING = Sums({}, {})
COUNT = st.integers(0, 5)
SUMS = st.builds(
    Sums,
    st.dictionaries(st.tuples(st.just("openai"), st.sampled_from("abc")), st.tuples(*[COUNT] * len(COUNTS))),
    st.dictionaries(st.tuples(st.just("error"), st.sampled_from(ERROR_TYPES)), st.integers(1, 5)),
)


def calls(number: int, model: str = "gpt-4o", usd: int = 1) -> Sums:
    """So many calls of a model, and what they cost together."""
    return Sums({("openai", model): (number, 0, 0, 0, usd * PICO_USD, 0)}, {})


def test_the_sums_are_those_of_the_ledger() -> None:
    """By hand: an error, a call without a price, one without usage, over a dimension and a status of its own."""
    for needs in (Needs(), Needs(apart=True)):
        ledger = Ledger(Limits(), ("team",), needs)
        timed = USED._replace(duration_seconds=0.02, details={"cached_input": 1024, "reasoning": 7, "audio_input": 3})
        ledger.add(timed, ("a",), Cost(5, "estimated"), None, NOON_NS)
        ledger.add(timed, ("b",), Cost(7, "reported"), None, NOON_NS)
        ledger.add(USED._replace(model="new"), ("a",), None, None, NOON_NS)
        ledger.add(GPT._replace(error_type="timeout", duration_seconds=9.0), ("a",), None, None, NOON_NS)
        ledger.add(GPT, ("a",), None, None, NOON_NS)
        found = sums_of(ledger, {"call": 5, "part": 0})
        assert found.models == {
            ("openai", "gpt-4o-2024-08-06"): (4, 1, 2 * 1523, 2 * 212, 12, 0),
            ("openai", "new"): (1, 0, 1523, 212, 0, 1),
        }
        assert found.of("error") == {"timeout": 1}
        assert found.of("detail") == {"cached_input": 3 * 1024, "reasoning": 14}
        assert found.of("missing") == {"no_usage": 1}
        assert found.of("line") == {"call": 5}
        assert places(found) == {FINE_BOUNDS.index(0.02): 2}, "an error that took its time is no latency"


@given(SUMS, SUMS)
def test_what_was_gained_is_what_was_added(then: Sums, more: Sums) -> None:
    now = together(then, more)
    back = gained(now, then)
    assert together(then, back) == now
    assert {model: counts for model, counts in more.models.items() if counts != NONE} == {
        model: counts for model, counts in back.models.items() if counts != NONE
    }
    assert back.facts == more.facts


@given(st.lists(st.tuples(SUMS, st.integers(0, 90)), max_size=40))
def test_today_and_the_minutes_add_up_to_what_was_counted(steps: list[tuple[Sums, int]]) -> None:
    """Whatever comes when: the hour holds what was gained in it, and no minute stands twice."""
    history = History(NOTHING, NOON)
    now, total, at = NOTHING, 0, float(NOON)
    noted: list[tuple[float, int]] = []
    for more, seconds in steps:
        at += seconds
        now = together(now, more)
        history.note(now, at)
        noted.append((at, more.total()[CALLS]))
        total += more.total()[CALLS]
    starts = [minute.start for minute in history.minutes(at)]
    assert starts == sorted(set(starts))
    assert len(starts) <= MINUTES
    first = at // 60 * 60 - 60 * (MINUTES - 1)
    assert history.hour(at).total()[CALLS] == sum(count for when, count in noted if when >= first)
    assert history.today.total()[CALLS] == total
    assert history.latest == now


def test_what_was_restored_is_not_of_today() -> None:
    history = History(calls(100), NOON)
    history.note(calls(103), NOON + 5)
    assert history.today.total()[CALLS] == history.hour(NOON + 5).total()[CALLS] == 3
    assert (history.since, history.today_since) == (NOON, NOON)


def test_the_day_begins_at_midnight_utc() -> None:
    midnight = (NOON // DAY_SECONDS + 1) * DAY_SECONDS
    history = History(NOTHING, midnight - 10)
    history.note(calls(2), midnight - 1)
    history.note(calls(5), midnight + 3)
    assert (history.today.total()[CALLS], history.today_since) == (3, midnight)
    assert history.hour(midnight + 3).total()[CALLS] == 5


def test_an_hour_later_it_is_forgotten() -> None:
    history = History(NOTHING, NOON)
    history.note(calls(1), NOON + 1)
    last_shown = NOON + 60 * MINUTES - 1
    assert history.hour(last_shown).total()[CALLS] == 1
    assert history.hour(last_shown + 1) == NOTHING


def test_many_models_are_kept_apart_no_more() -> None:
    """The dearest stay, the others are one row; no call is lost, however often the minute is added to."""
    history = History(NOTHING, NOON)
    now = NOTHING
    for number in range(3 * MODELS):
        now = together(now, calls(2, f"m{number}", usd=number))
        history.note(now, NOON + number / 2)
    (minute,) = history.minutes(NOON + 30)
    assert len(minute.sums.models) == MODELS + 1
    assert OTHERS in minute.sums.models
    assert ("openai", f"m{3 * MODELS - 1}") in minute.sums.models
    assert minute.sums.total() == now.total()


def test_a_clock_set_back_begins_anew_and_a_small_step_does_not() -> None:
    history = History(NOTHING, NOON)
    history.note(calls(1), NOON + 3600)
    history.note(calls(2), NOON + 3590)
    assert history.hour(NOON + 3600).total()[CALLS] == 2
    history.note(calls(5), NOON + 60)
    assert [minute.start for minute in history.minutes(NOON + 60)] == [NOON + 60]
    assert (history.hour(NOON + 60).total()[CALLS], history.since) == (3, NOON + 60)
    history.note(calls(6), NOON - DAY_SECONDS)
    assert (history.today.total()[CALLS], history.today_since) == (1, NOON - DAY_SECONDS)


@pytest.mark.parametrize(
    ("share", "counts", "seconds"),
    [
        (0.5, {}, None),
        (0.5, {0: 1}, 0.5),
        (0.5, {1: 10}, 1.5),
        (0.99, {0: 99, 2: 1}, 1.0),
        (0.995, {0: 99, 2: 1}, 3.0),
        (0.9, {3: 4}, 4.0),
    ],
)
def test_a_quantile_is_that_of_prometheus(share: float, counts: dict[int, int], seconds: float | None) -> None:
    """Buckets end at 1, 2 and 4 seconds; what is above them all is told as 4."""
    found = quantile(share, counts, (1.0, 2.0, 4.0))
    assert found is seconds or math.isclose(found or 0, seconds or 0)


@given(st.dictionaries(st.integers(0, 21), st.integers(1, 9), min_size=1), st.floats(0.01, 1))
def test_a_quantile_lies_in_a_bucket_that_holds_something(counts: dict[int, int], share: float) -> None:
    bounds = FINE_BOUNDS[:21]
    found = quantile(share, counts, bounds)
    assert found is not None
    assert any((bounds[place - 1] if place else 0) <= found <= bounds[min(place, 20)] + 1e-9 for place in counts)


def test_a_call_of_no_name_has_a_row() -> None:
    ledger = Ledger(Limits())
    ledger.add(Call(input_tokens=1, output_tokens=1), (), None, None, NOON_NS)
    assert list(sums_of(ledger, {}).models) == [("unknown", "unknown")]
