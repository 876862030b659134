"""Lines like those read before, by plans learnt from them; whatever is odd about a line is left to the general way."""

from __future__ import annotations

import msgspec

from tailer.reading.chunk import Reading
from tailer.reading.doubled import counts_in
from tailer.reading.typed_learning import Learner, Seen
from tailer.reading.typed_plan import Plan

MOST_PLANS = 8
MOST_SEEN = 512
"""Sets of keys that are remembered as seen once, or as not to be learnt."""
LONGEST_LEARNT_BYTES = 64 * 1024
"""A plan is tried on the line it was learnt from, which should not take long."""
ENOUGH = 2
"""So many lines with the same keys make a plan worth while."""

Keys = tuple[tuple[str, ...], tuple[str, ...]]


class Typed:
    """Reads typical lines. The plan most often right is tried first."""

    __slots__ = ("_learner", "_plans", "_seen", "_uses", "lines")

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._plans: list[Plan] = []
        self._uses: list[int] = []
        self._seen: dict[Keys, int] = {}
        self.lines = 0
        """How many have been read so."""

    def read(self, line: bytes, start: int, end: int, number: int) -> Reading | None:
        """The reading of a typical line of valid UTF-8, None for any other."""
        for index, plan in enumerate(self._plans):
            try:
                reading = plan.read(line, start, end, number)
            except msgspec.ValidationError:
                continue
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return None
            if reading is None or (reading.call is not None and plan.counts != counts_in(line)):
                return None
            self._note(index)
            return reading
        return None

    def learn(self, line: bytes, seen: Seen) -> None:
        """Takes note of a line that was read in the general way."""
        body = seen.unwrapped.body
        keys = (tuple(seen.line), () if body is None or body is seen.line else tuple(body))
        times = self._seen.get(keys, 0) + 1
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[keys] = times
        if times != ENOUGH or len(line) > LONGEST_LEARNT_BYTES:
            return
        plan = self._learner.plan(seen)
        if plan is not None and _gives(plan, line, seen.reading):
            if len(self._plans) >= MOST_PLANS:
                del self._plans[-1], self._uses[-1]
            self._plans.append(plan)
            self._uses.append(0)

    def _note(self, index: int) -> None:
        self.lines += 1
        uses = self._uses
        uses[index] += 1
        if index and uses[index] > uses[index - 1]:
            plans = self._plans
            plans[index], plans[index - 1] = plans[index - 1], plans[index]
            uses[index], uses[index - 1] = uses[index - 1], uses[index]


def _gives(plan: Plan, line: bytes, reading: Reading) -> bool:
    plan.counts = counts_in(line)
    try:
        return plan.counts >= 0 and plan.read(line, reading.start, reading.end, reading.number) == reading
    except msgspec.DecodeError:
        return False
