"""Counters and histograms as plain numbers: they only grow, can be saved, and know nothing of Prometheus."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

Labels = tuple[str, ...]


class Mark(NamedTuple):
    """One call out of those that a number counts: the name and the value of its id, and what it added."""

    label: str
    id: str
    value: float
    timestamp_ns: int | None
    """As its line tells; None where it tells none that can be true."""
    told_ns: int
    """When it was, as far as is known: the newest is shown."""


Marks = Mapping[int, Mark]
"""Of one series by the place of their bucket; that of a counter is 0."""
NO_MARKS: Marks = {}


class Bins(msgspec.Struct):
    """One histogram: `counts[i]` values were at most `bounds[i]`, the last count is of those above every bound."""

    counts: list[int]
    total: float = 0.0

    def put(self, value: float, bounds: tuple[float, ...]) -> int:
        """Counts one value; returns the place of its bucket."""
        place = bisect_left(bounds, value)
        self.counts[place] += 1
        self.total += value
        return place

    def add(self, other: Bins) -> None:
        """Takes in what was counted over the same bounds."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total


class SavedTally(msgspec.Struct):
    """The numbers of a tally as they stand in the checkpoint."""

    counters: dict[str, list[tuple[Labels, int | float]]] = {}
    histograms: dict[str, list[tuple[Labels, Bins]]] = {}
    bounds: dict[str, tuple[float, ...]] = {}


class Child:
    """One value of a counter, for who adds to it often."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: int | float = 0


class Counter:
    """The values of one counter by its labels, ints as long as only ints are added."""

    __slots__ = ("children",)

    def __init__(self) -> None:
        self.children: dict[Labels, Child] = {}

    @property
    def values(self) -> dict[Labels, int | float]:
        """What the children stand at now."""
        return dict(self.pairs())

    def pairs(self) -> list[tuple[Labels, int | float]]:
        return [(labels, child.value) for labels, child in self.children.items()]

    def bear(self, labels: Labels) -> Child:
        """The child of these labels, made at zero when they are new."""
        child = self.children.get(labels)
        if child is None:
            child = self.children[labels] = Child()
        return child

    def add(self, labels: Labels, amount: float = 1) -> None:
        self.bear(labels).value += amount


class Histogram:
    """The distributions of one histogram by its labels."""

    __slots__ = ("bounds", "values")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.values: dict[Labels, Bins] = {}

    def bear(self, labels: Labels) -> Bins:
        """The bins of these labels, made empty when they are new."""
        bins = self.values.get(labels)
        if bins is None:
            bins = self.values[labels] = Bins([0] * (len(self.bounds) + 1))
        return bins

    def observe(self, labels: Labels, value: float) -> None:
        self.bear(labels).put(value, self.bounds)


def relabelled(values: Labels, then: Labels, now: Labels) -> Labels:
    """Label values under the names of `then`, told in the order of `now`: empty where a name was not known then."""
    return tuple(values[then.index(name)] if name in then else "" for name in now)


def rebinned(counts: list[int], bounds: tuple[float, ...], wanted: tuple[float, ...]) -> list[int]:
    """Counts over other bounds: exact at every bound that both have, and never too many below one that is new."""
    moved = [0] * (len(wanted) + 1)
    for index, count in enumerate(counts):
        moved[bisect_left(wanted, bounds[index]) if index < len(bounds) else len(wanted)] += count
    return moved


def dump(counters: dict[str, Counter], histograms: dict[str, Histogram]) -> SavedTally:
    """The numbers of now; the lists are shared with the live tally, so encode them before anything is added."""
    return SavedTally(
        {name: counter.pairs() for name, counter in counters.items() if counter.children},
        {name: list(histogram.values.items()) for name, histogram in histograms.items() if histogram.values},
        {name: histogram.bounds for name, histogram in histograms.items()},
    )


def restore(saved: SavedTally, counters: dict[str, Counter], histograms: dict[str, Histogram]) -> list[str]:
    """Puts saved numbers back; returns the names this version has not, or has with other buckets."""
    strangers = []
    for name, pairs in saved.counters.items():
        if name in counters:
            for labels, value in pairs:
                counters[name].bear(labels).value = value
        else:
            strangers.append(name)
    for name, bins in saved.histograms.items():
        if name in histograms and saved.bounds.get(name) == histograms[name].bounds:
            histograms[name].values.update(bins)
        else:
            strangers.append(name)
    return strangers
