"""What was counted in each of the last sixty minutes, and today. Bounded, in memory only; told the time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tailer.meter.sums import CALLS, PICO_USD, Counts, Model, Sums, gained, together

MINUTES = 60
MODELS = 20
"""So many models are kept apart in each minute; the rest of them is summed as `OTHERS`."""
OTHERS: Model = ("", "")
DAY_SECONDS = 86_400


class Minute(NamedTuple):
    """What was counted in the minute that began at `start`, in seconds since the epoch."""

    start: int
    sums: Sums


class History:
    """Knows what was counted from its making on. `latest` is the last sum it was told."""

    def __init__(self, sums: Sums, now: float) -> None:
        self.since = now
        self.latest = sums
        self.today = Sums({}, {})
        """Of the day in UTC: the day of the providers' bills, and of `report --by day`."""
        self.today_since = now
        self._minutes: deque[Minute] = deque(maxlen=MINUTES)
        self._day = now // DAY_SECONDS

    def note(self, sums: Sums, now: float) -> None:
        """Takes the sums of `now`. What they have gained is counted in the minute and the day of now."""
        more = gained(sums, self.latest)
        self.latest = sums
        day = now // DAY_SECONDS
        if day != self._day:
            self.today, self.today_since = Sums({}, {}), day * DAY_SECONDS if day > self._day else now
            self._day = day
        if more.models or more.facts:
            self.today = together(self.today, more)
            self._add(more, now)

    def minutes(self, now: float) -> list[Minute]:
        """Those of the last sixty minutes in which something was counted, the oldest first."""
        first = _minute(now) - 60 * (MINUTES - 1)
        return [minute for minute in self._minutes if minute.start >= first]

    def hour(self, now: float) -> Sums:
        """The last sixty minutes together."""
        hour = Sums({}, {})
        for minute in self.minutes(now):
            hour = together(hour, minute.sums)
        return hour

    def _add(self, more: Sums, now: float) -> None:
        start = _minute(now)
        if self._minutes and self._minutes[-1].start > start + 60:
            # The clock has been set back: those minutes have not been yet.
            self._minutes.clear()
            self.since = now
        if self._minutes and self._minutes[-1].start >= start:
            last = self._minutes.pop()
            start, more = last.start, together(last.sums, more)
        self._minutes.append(Minute(start, Sums(_largest(more.models), more.facts)))


def quantile(share: float, counts: Mapping[int, int], bounds: Sequence[float]) -> float | None:
    """As Prometheus' `histogram_quantile`: straight through the bucket, the last bound above all; None without any.

    `counts[i]` values were at most `bounds[i]` and above the bound before.
    """
    wanted = share * sum(counts.values())
    if not wanted:
        return None
    seen = 0
    for place in sorted(counts):
        if seen + counts[place] >= wanted:
            break
        seen += counts[place]
    if place >= len(bounds):
        return bounds[-1]
    below = bounds[place - 1] if place else 0.0
    return below + (bounds[place] - below) * (wanted - seen) / counts[place]


def places(sums: Sums, kind: str = "duration") -> dict[int, int]:
    """The buckets of a distribution that hold something."""
    return {which: count for which, count in sums.of(kind).items() if isinstance(which, int)}


def _minute(now: float) -> int:
    return int(now // 60) * 60


def _largest(models: dict[Model, Counts]) -> dict[Model, Counts]:
    named = sorted(models.keys() - {OTHERS}, key=lambda it: (models[it][PICO_USD], models[it][CALLS]), reverse=True)
    kept = {model: models[model] for model in named[:MODELS]}
    rest = [counts for model, counts in models.items() if model not in kept]
    return kept | {OTHERS: tuple(map(sum, zip(*rest, strict=True)))} if rest else kept
