"""The ledger in the checkpoint, told in the labels and buckets of today: no sum changes. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tailer.meter.facts import BASE_LABELS, CLOSED_BY_ERROR, DISTRIBUTIONS, OTHER, bounds_of
from tailer.meter.last_calls import LastCall
from tailer.meter.rate_limits import Limit
from tailer.meter.unpriced import UnpricedCalls
from tailer.tally import Bins, Counter, Labels, SavedTally, rebinned, relabelled

Move = Callable[[str, Labels], Labels]
"""From a family and the labels of then to the labels of now."""


class SavedLedger(msgspec.Struct):
    """The ledger as it stands in the checkpoint."""

    labels: Labels = BASE_LABELS
    tally: SavedTally = msgspec.field(default_factory=SavedTally)
    limits: list[tuple[Labels, Limit]] = []
    apart: bool = False
    last_calls: list[tuple[Labels, LastCall]] = []
    unpriced: list[UnpricedCalls] = []


def told_now(saved: SavedLedger, labels: Labels, *, apart: bool) -> SavedLedger:
    """Saved numbers under the labels of now, in the buckets of now.

    A dimension not known then is empty; so is the model of either side, and an error of then is of type `unknown`.
    Numbers that only a profile no longer in use asked for are left out.
    """
    move = _move(saved, labels, apart=apart)
    counters = {
        name: _summed(name, pairs, move) if move is not None else pairs for name, pairs in saved.tally.counters.items()
    }
    histograms: dict[str, list[tuple[Labels, Bins]]] = {}
    bounds = dict(saved.tally.bounds)
    for name, distributions in saved.tally.histograms.items():
        if name in CLOSED_BY_ERROR and name == "token_sizes" and not apart:
            continue
        moved = _merged(name, distributions, move) if move is not None else distributions
        if name in DISTRIBUTIONS and name in bounds and bounds[name] != bounds_of(name):
            then, bounds[name] = bounds[name], bounds_of(name)
            moved = [(key, Bins(rebinned(bins.counts, then, bounds[name]), bins.total)) for key, bins in moved]
        histograms[name] = moved
    if move is None:
        return msgspec.structs.replace(saved, tally=SavedTally(counters, histograms, bounds))
    for waiting in saved.unpriced:
        waiting.base = move("", waiting.base)
    return SavedLedger(
        labels,
        SavedTally(counters, histograms, bounds),
        [(move("", old), limit) for old, limit in saved.limits],
        apart,
        [(move("", old), last) for old, last in saved.last_calls],
        saved.unpriced,
    )


def _move(saved: SavedLedger, labels: Labels, *, apart: bool) -> Move | None:
    """None where everything stays as it is."""
    if saved.labels == labels and saved.apart == apart:
        return None
    width = len(saved.labels)
    other, other_now = (OTHER,) * width, (OTHER,) * len(labels)

    def move(family: str, old: Labels) -> Labels:
        base, closed = old[:width], old[width:]
        if family in ("duration", "first_token") and saved.apart != apart:
            closed = _by_error(family, closed) if apart else _by_status(family, closed)
        return (other_now if base == other else relabelled(base, saved.labels, labels)) + closed

    return move


def _by_error(family: str, closed: Labels) -> Labels:
    return ("unknown",) if family == "duration" and closed == ("error",) else ("",)


def _by_status(family: str, closed: Labels) -> Labels:
    if family == "first_token":
        return ()
    return ("success",) if closed == ("",) else ("error",)


def _summed(name: str, pairs: list[tuple[Labels, float]], move: Move) -> list[tuple[Labels, float]]:
    sums = Counter()
    for old, value in pairs:
        sums.add(move(name, old), value)
    return list(sums.values.items())


def _merged(name: str, distributions: list[tuple[Labels, Bins]], move: Move) -> list[tuple[Labels, Bins]]:
    merged: dict[Labels, Bins] = {}
    for old, bins in distributions:
        merged.setdefault(move(name, old), Bins([0] * len(bins.counts))).add(bins)
    return list(merged.items())
