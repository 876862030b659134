"""When which price holds: conditions of date and time of day, resolved once into a grid. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time

import msgspec

from tailer.meter.price_rates import Rates

DAY_NS = 86_400 * 10**9


class Condition(msgspec.Struct, frozen=True):
    """From a date on (UTC midnight), or between two times of every day (UTC, end excluded, perhaps over midnight)."""

    from_ns: int | None = None
    daily_ns: tuple[int, int] | None = None

    @classmethod
    def read(cls, text: str | None) -> Condition:
        """From `2026-01-31`, `16:30-00:30`, or None for "always"; ValueError for anything else."""
        if text is None:
            return ALWAYS
        if ":" not in text:
            return cls(from_ns=day_ns(date.fromisoformat(text)))
        start, end = (time.fromisoformat(part) for part in text.split("-"))
        return cls(daily_ns=(_time_ns(start), _time_ns(end)))

    def holds(self, now_ns: int) -> bool:
        """Whether a call at that time meets the condition."""
        if self.from_ns is not None and now_ns < self.from_ns:
            return False
        if self.daily_ns is None:
            return True
        (start, end), moment = self.daily_ns, now_ns % DAY_NS
        return start <= moment < end if start <= end else moment >= start or moment < end


ALWAYS = Condition()


class Quote(msgspec.Struct, frozen=True):
    """The rates found for a call and where they come from; `tier` is empty at standard prices."""

    provider: str
    model: str
    origin: str
    rates: Rates
    tier: str = ""


class Schedule:
    """What one model costs at any time: a grid of dates by times of day, each cell resolved at its first use."""

    __slots__ = ("_cells", "_days", "_moments", "_resolve")

    def __init__(self, conditions: Iterable[Condition], resolve: Callable[[int], Quote | None]) -> None:
        """`resolve` gives the quote of one instant, which changes only where one of the conditions does."""
        days, moments = set[int](), {0}
        for condition in conditions:
            if condition.from_ns is not None:
                days.add(condition.from_ns)
            if condition.daily_ns is not None:
                moments.update(condition.daily_ns)
        self._days = sorted(days)
        self._moments = sorted(moments)
        self._resolve = resolve
        self._cells: dict[tuple[int, int], Quote | None] = {}

    def at(self, now_ns: int) -> Quote | None:
        """The quote for a call at that time, None when there is no price."""
        if not self._days and len(self._moments) == 1:
            cell = 0, 0
        else:
            cell = bisect_right(self._days, now_ns), bisect_right(self._moments, now_ns % DAY_NS)
        if cell not in self._cells:
            self._cells[cell] = self._resolve(now_ns)
        return self._cells[cell]


def day_ns(day: date) -> int:
    """The start of a day in UTC, in nanoseconds since the epoch."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9


def _time_ns(moment: time) -> int:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) * 10**9
