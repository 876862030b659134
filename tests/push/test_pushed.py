"""Each push has a later time than the one before, whatever the clock does; what was refused binds nobody."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tailer.push.pushed import Pushed

MS = 1_000_000


@given(st.lists(st.integers(0, 10**6)), st.integers(0, 10**6))
def test_times_only_grow_and_are_never_behind_the_clock(clock_ms: list[int], before_restart_ms: int) -> None:
    pushed = Pushed(before_restart_ms)
    times = [before_restart_ms, *(pushed.next(now * MS) for now in clock_ms)]
    assert all(before < after for before, after in pairwise(times))
    assert all(time >= now for time, now in zip(times[1:], clock_ms, strict=True))
    assert pushed.at_ms == times[-1]


def test_a_clock_that_was_ahead_does_not_bind_for_ever() -> None:
    """A year ahead at the start, and no receiver takes that: once it is right, so are the times."""
    pushed = Pushed(10**9)
    assert pushed.next(1000 * MS) == 10**9 + 1
    pushed.refused(1000 * MS)
    assert pushed.next(1001 * MS) == 1001


def test_what_was_refused_at_its_time_is_never_said_again() -> None:
    pushed = Pushed()
    pushed.next(1000 * MS)
    pushed.refused(1000 * MS)
    assert pushed.next(1000 * MS) == 1001
