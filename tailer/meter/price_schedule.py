"""When which price holds: conditions of date, time of day and day of rest, resolved once into a grid. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time

import msgspec

from tailer.meter.price_rates import Rates

DAY_NS = 86_400 * 10**9
REST_DAYS = "rest-days"


class Condition(msgspec.Struct, frozen=True):
    """From a moment on, between two times of every day (end excluded, perhaps over midnight), on days of rest only.

    All that is given must hold; all times are UTC.
    """

    from_ns: int | None = None
    daily_ns: tuple[int, int] | None = None
    rest_days: bool = False

    @classmethod
    def read(cls, text: str | None) -> Condition:
        """From words such as `2026-01-31`, `2026-08-16T16:00`, `16:30-00:30`, `rest-days`; None is "always".

        ValueError for anything else.
        """
        if text is None:
            return ALWAYS
        from_ns, daily_ns, rest_days = None, None, False
        for word in text.split():
            if word == REST_DAYS:
                rest_days = True
            elif word[4:5] == "-":
                from_ns = int(datetime.fromisoformat(word).replace(tzinfo=UTC).timestamp()) * 10**9
            else:
                start, end = (time.fromisoformat(part) for part in word.split("-"))
                daily_ns = _time_ns(start), _time_ns(end)
        return cls(from_ns, daily_ns, rest_days)

    def holds(self, now_ns: int) -> bool:
        """Whether a call at that time meets the condition."""
        if self.from_ns is not None and now_ns < self.from_ns:
            return False
        if self.rest_days and not is_rest_day(now_ns):
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
    """What one model costs at any time: a grid of dates by times of day by days of rest, resolved cell by cell."""

    __slots__ = ("_cells", "_days", "_moments", "_resolve", "_rests", "always")

    def __init__(self, conditions: Iterable[Condition], resolve: Callable[[int], Quote | None]) -> None:
        """`resolve` gives the quote of one instant, which changes only where one of the conditions does."""
        days, moments = set[int](), {0}
        self._rests = False
        for condition in conditions:
            if condition.from_ns is not None:
                days.add(condition.from_ns)
            if condition.daily_ns is not None:
                moments.update(condition.daily_ns)
            self._rests = self._rests or condition.rest_days
        self._days = sorted(days)
        self._moments = sorted(moments)
        self._resolve = resolve
        self._cells: dict[tuple[int, int, bool], Quote | None] = {}
        varies = days or len(moments) > 1 or self._rests
        self.always = None if varies else resolve(0)
        """The quote for a call at any time, where there is one and time makes no difference."""

    def at(self, now_ns: int) -> Quote | None:
        """The quote for a call at that time, None when there is no price."""
        moment = bisect_right(self._moments, now_ns % DAY_NS)
        cell = bisect_right(self._days, now_ns), moment, self._rests and is_rest_day(now_ns)
        if cell not in self._cells:
            self._cells[cell] = self._resolve(now_ns)
        return self._cells[cell]


def is_rest_day(now_ns: int) -> bool:
    """Whether it is a weekend or a public holiday in China, where a seller makes the difference (DeepSeek).

    By the UTC day: the hours for which it matters are within the same day of Beijing.
    """
    day = now_ns // DAY_NS
    # The epoch was a Thursday.
    return (day + 3) % 7 >= 5 or day in HOLIDAYS


def day_ns(day: date) -> int:
    """The start of a day in UTC, in nanoseconds since the epoch."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9


def _time_ns(moment: time) -> int:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) * 10**9


HOLIDAYS = frozenset(
    day_ns(date.fromisoformat(day)) // DAY_NS
    for day in (
        "2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07", "2027-01-01",
    )
)  # fmt: skip
"""China's public holidays on weekdays since DeepSeek prices them like weekends, as far as they are announced: up to
2027-01-01. The State Council tells those of a year in the November before; until one is added here it is a working day,
and its peak hours are dear."""
