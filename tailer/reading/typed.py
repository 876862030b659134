"""Lines like those read before, by plans learnt from them; whatever is odd about a line is left to the general way."""

from __future__ import annotations

import re

import msgspec

from tailer.reading.chunk import Reading
from tailer.reading.doubled import counts_in, may_be_doubled
from tailer.reading.typed_learning import Learner, Seen
from tailer.reading.typed_plan import Address, Plan

MOST_PLANS = 8
MOST_ADDRESSES = 64
"""URLs and names of providers that one plan knows."""
MOST_SEEN = 512
"""Sets of keys that are remembered as seen once, or as not to be learnt."""
LONGEST_LEARNT_BYTES = 64 * 1024
"""A plan is tried on the line it was learnt from, which should not take long."""
CRI = re.compile(rb"(\d[^ ]*) std(?:out|err) F (?={)")
"""What the kubelet writes before a whole line: its time, as `text.open_odd` reads it."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Keys = tuple[tuple[str, ...], tuple[str, ...], Address]


class Typed:
    """Reads typical lines, bare ones and those of the kubelet, which come from files of their own."""

    __slots__ = ("_bare", "_cri")

    def __init__(self, learner: Learner) -> None:
        self._bare = Plans(learner)
        self._cri = Plans(learner)

    @property
    def lines(self) -> int:
        """How many have been read so."""
        return self._bare.lines + self._cri.lines

    def read(self, line: bytes, start: int, end: int, number: int) -> Reading | None:
        """The reading of a typical line of valid UTF-8, None for any other."""
        if line[:1] == b"{":
            return self._bare.read(line, start, end, number)
        head = CRI.match(line)
        return None if head is None else self._cri.read(line[head.end() :], start, end, number, head[1])

    def learn(self, line: bytes, seen: Seen) -> None:
        """Takes note of a line that was read in the general way."""
        if line[:1] == b"{":
            self._bare.learn(line, seen)
        elif (head := CRI.match(line)) is not None:
            self._cri.learn(line[head.end() :], seen, head[1])


class Plans:
    """Plans for lines of one kind; the one most often right is tried first."""

    __slots__ = ("_learner", "_plans", "_seen", "_uses", "lines")

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._plans: list[Plan] = []
        self._uses: list[int] = []
        self._seen: dict[Keys, int] = {}
        self.lines = 0

    def read(self, line: bytes, start: int, end: int, number: int, written: bytes | None = None) -> Reading | None:
        """The reading of a line that was `written` then, None where no plan is for it."""
        for index, plan in enumerate(self._plans):
            try:
                reading = plan.read(line, start, end, number, written)
            except msgspec.ValidationError:
                continue
            except UNREADABLE:
                return None
            if reading is None or (
                reading.call is not None and plan.counts != counts_in(line) and may_be_doubled(line)
            ):
                return None
            self._note(index)
            return reading
        return None

    def learn(self, line: bytes, seen: Seen, written: bytes | None = None) -> None:
        """Makes a plan of a line whose keys have been seen before."""
        address = seen.address
        if not self._is_due(seen) or len(line) > LONGEST_LEARNT_BYTES:
            return
        if any(_admits(plan, address, line, seen.reading, written) for plan in self._plans):
            return
        plan = self._learner.plan(seen)
        if plan is None:
            return
        plan.counts = max(counts_in(line), 0)
        if _gives(plan, line, seen.reading, written):
            if len(self._plans) >= MOST_PLANS:
                del self._plans[-1], self._uses[-1]
            self._plans.append(plan)
            self._uses.append(0)

    def _is_due(self, seen: Seen) -> bool:
        """Whether lines with these keys were seen twice, four times, eight times: some of them may be odd."""
        body = seen.unwrapped.body
        inside = () if body is None or body is seen.line else tuple(body)
        keys = (tuple(seen.line), inside, seen.address)
        times = self._seen.get(keys, 0) + 1
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[keys] = times
        return times > 1 and not times & (times - 1)

    def _note(self, index: int) -> None:
        self.lines += 1
        uses = self._uses
        uses[index] += 1
        if index and uses[index] > uses[index - 1]:
            plans = self._plans
            plans[index], plans[index - 1] = plans[index - 1], plans[index]
            uses[index], uses[index - 1] = uses[index - 1], uses[index]


def _admits(plan: Plan, address: Address, line: bytes, reading: Reading, written: bytes | None) -> bool:
    """Whether a plan gives this very reading when lines may be of this address; if so they may from now on."""
    if plan.exchange is None or address in plan.addresses or len(plan.addresses) >= MOST_ADDRESSES:
        return False
    plan.addresses.add(address)
    if plan.counts == counts_in(line) and _gives(plan, line, reading, written):
        return True
    plan.addresses.remove(address)
    return False


def _gives(plan: Plan, line: bytes, reading: Reading, written: bytes | None) -> bool:
    try:
        return plan.read(line, reading.start, reading.end, reading.number, written) == reading
    except UNREADABLE:
        return False
