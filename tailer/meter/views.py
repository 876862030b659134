"""The ledger's numbers under the labels that a profile shows: sums over the others, nothing lost. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

from tailer.meter.ledger import Ledger
from tailer.meter.rate_limits import Limit
from tailer.tally import NO_MARKS, Bins, Labels, Mark, Marks, rebinned

Key = Callable[[Labels], Labels]
"""From all labels of a series to those that are shown."""


def columns(ledger: Ledger, *names: str) -> Key:
    """Picks base labels by name, empty where the ledger has none of that name."""
    places = tuple(ledger.labels.index(name) if name in ledger.labels else -1 for name in names)
    return lambda labels: tuple(["" if place < 0 else labels[place] for place in places])


def beside(ledger: Ledger, labels: Labels) -> Labels:
    """The closed labels of a series, which follow the base labels."""
    return labels[len(ledger.labels) :]


def status_of(ledger: Ledger, labels: Labels) -> str:
    """`success` or `error` of a series of requests or durations."""
    return "success" if labels[len(ledger.labels)] in ("", "success") else "error"


def summed(values: Mapping[Labels, float], key: Key) -> dict[Labels, float]:
    """The sums of a counter by the labels shown."""
    sums: dict[Labels, float] = {}
    for labels, value in values.items():
        shown = key(labels)
        sums[shown] = sums.get(shown, 0) + value
    return sums


def distributed(  # noqa: PLR0913, PLR0917 - what is asked for, and by what
    ledger: Ledger, name: str, key: Key, bounds: tuple[float, ...], now_ns: int, per_unit: float = 1
) -> Iterable[tuple[Labels, Bins, Marks]]:
    """A histogram by the labels shown, over some of its own bounds, with its exemplars.

    Its sum and its exemplars are in another unit where `per_unit` says.
    """
    histogram = ledger.histograms[name]
    merged: dict[Labels, Bins] = {}
    for labels, bins in histogram.values.items():
        merged.setdefault(key(labels), Bins([0] * (len(histogram.bounds) + 1))).add(bins)
    places = [*(bisect_left(bounds, bound) for bound in histogram.bounds), len(bounds)]
    marks = newest_marks(ledger.exemplars(name, now_ns), key, places, per_unit)
    for labels, bins in merged.items():
        shown = Bins(rebinned(bins.counts, histogram.bounds, bounds), bins.total * per_unit)
        yield labels, shown, marks.get(labels, NO_MARKS)


def newest_marks(
    marks: Mapping[Labels, Marks], key: Key, places: Sequence[int], per_unit: float = 1
) -> dict[Labels, dict[int, Mark]]:
    """The newest exemplar of each series shown and each of its buckets; `places` says which bucket is in which."""
    newest: dict[Labels, dict[int, Mark]] = {}
    for labels, of_series in marks.items():
        shown = newest.setdefault(key(labels), {})
        for place, mark in of_series.items():
            known = shown.get(places[place])
            if known is None or known.told_ns <= mark.told_ns:
                shown[places[place]] = mark if per_unit == 1 else mark._replace(value=mark.value * per_unit)
    return newest


def newest_limits(limits: Mapping[Labels, Limit], key: Key) -> dict[Labels, Limit]:
    """The limits told last, by the labels shown."""
    newest: dict[Labels, Limit] = {}
    for labels, limit in limits.items():
        shown = key(labels)
        known = newest.get(shown)
        if known is None or known.told_ns <= limit.told_ns:
            newest[shown] = limit
    return newest
