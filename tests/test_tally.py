"""Plain numbers: what is added is there, what is saved comes back, what does not fit is named."""

from __future__ import annotations

from itertools import accumulate

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tailer.tally import Counter, Histogram, SavedTally, dump, relabelled, restore

BOUNDS = (0.1, 1.0, 10.0)


@given(st.lists(st.floats(0, 100, allow_nan=False)))
def test_a_histogram_holds_each_value_in_the_first_bucket_that_fits(values: list[float]) -> None:
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.observe((), value)
    bins = histogram.bear(())
    assert list(accumulate(bins.counts)) == [*(sum(it <= bound for it in values) for bound in BOUNDS), len(values)]
    assert bins.total == sum(values)


def test_a_born_histogram_is_empty_and_stays_the_same() -> None:
    histogram = Histogram(BOUNDS)
    histogram.observe(("a",), 5)
    assert histogram.bear(("a",)).counts == [0, 0, 1, 0]
    assert histogram.bear(("b",)).counts == [0, 0, 0, 0]


def test_a_child_at_hand_is_the_number_that_everybody_sees_also_after_a_restore() -> None:
    counter = Counter()
    child = counter.bear(("a",))
    assert counter.values == {("a",): 0}
    child.value += 2
    counter.add(("a",))
    assert counter.values == {("a",): 3}
    assert restore(SavedTally({"c": [(("a",), 7)]}), {"c": counter}, {}) == []
    child.value += 1
    assert counter.values == {("a",): 8}


AMOUNTS = st.dictionaries(st.tuples(st.text(max_size=5)), st.integers(0, 2**80) | st.floats(0, 1e12), max_size=5)


@given(AMOUNTS, AMOUNTS)
def test_saved_numbers_come_back_equal_and_ints_stay_ints(
    amounts: dict[tuple[str], int | float], times: dict[tuple[str], int | float]
) -> None:
    counter, histogram = Counter(), Histogram(BOUNDS)
    for labels, amount in amounts.items():
        counter.add(labels, amount)
    for labels, time in times.items():
        histogram.observe(labels, float(time))
    encoded = msgspec.json.encode(dump({"c": counter}, {"h": histogram}))
    fresh, fresh_histogram = Counter(), Histogram(BOUNDS)
    assert restore(msgspec.json.decode(encoded, type=SavedTally), {"c": fresh}, {"h": fresh_histogram}) == []
    assert fresh.values == counter.values
    assert [type(value) for value in fresh.values.values()] == [type(value) for value in counter.values.values()]
    assert fresh_histogram.values == histogram.values


def test_numbers_without_a_place_are_named_and_leave_the_others_alone() -> None:
    old, gone, times = Counter(), Counter(), Histogram((1.0, 2.0))
    old.add(("a",), 3)
    gone.add((), 1)
    times.observe((), 1)
    saved = dump({"kept": old, "gone": gone}, {"times": times})
    kept, other_times = Counter(), Histogram(BOUNDS)
    kept.add(("born",), 0)
    assert restore(saved, {"kept": kept}, {"times": other_times}) == ["gone", "times"]
    assert kept.values == {("born",): 0, ("a",): 3}
    assert other_times.values == {}


def test_label_values_follow_their_names() -> None:
    assert relabelled(("1", "2", "3"), ("a", "b", "c"), ("c", "new", "a")) == ("3", "", "1")
