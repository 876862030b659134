"""Lines like those read before, by plans learnt from them; whatever is odd about a line is left to the general way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from tailer.reading.chunk import Reading
from tailer.reading.doubled import counts_in, may_be_doubled
from tailer.reading.typed_learning import Learner, Seen
from tailer.reading.typed_plan import Address, Plan

MOST_PLANS = 256
"""So many are kept; a log whose keys are data starts over instead of growing."""
MOST_ALIKE = 16
"""Plans for lines with the same keys, whose values are of other types."""
MOST_HOT = 4
"""So many plans are tried before the line's keys are looked at, as long as each is right for such a share of lines."""
USES_THAT_COUNT = 1024
MOST_ADDRESSES = 64
"""URLs and names of providers that one plan knows."""
MOST_SEEN = 512
"""Sets of keys that are remembered as seen once, or as not to be learnt."""
LONGEST_LEARNT_BYTES = 64 * 1024
"""A plan is tried on the line it was learnt from, which should not take long."""
CRI = re.compile(rb"(\d[^ ]*) std(?:out|err) F (?={)")
"""What the kubelet writes before a whole line: its time, as `text.open_odd` reads it."""

MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Keys = tuple[str, ...]
NONE_KNOWN: tuple[str | None, dict[Keys, list[Plan]]] = (None, {})


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
    """Plans for lines of one kind. The few that are right most often are tried first, the others by a line's keys."""

    __slots__ = ("_by_keys", "_count", "_hot", "_learner", "_seen", "_uses", "lines")

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self._hot: list[Plan] = []
        self._by_keys: dict[Keys, tuple[str | None, dict[Keys, list[Plan]]]] = {}
        self._count = 0
        self._uses = 0
        self._seen: dict[tuple[Keys, Keys, Address], int] = {}
        self.lines = 0

    def read(self, line: bytes, start: int, end: int, number: int, written: bytes | None = None) -> Reading | None:
        """The reading of a line that was `written` then, None where no plan is for it."""
        for plan in self._hot if self._count <= MOST_HOT else self._likely(line):
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
            self._note(plan)
            return reading
        return None

    def learn(self, line: bytes, seen: Seen, written: bytes | None = None) -> None:
        """Makes a plan of a line whose keys have been seen before."""
        if not self._is_due(seen) or len(line) > LONGEST_LEARNT_BYTES:
            return
        answer, known = self._by_keys.get(tuple(seen.line), (seen.answer, {}))
        alike = known.get(seen.body_keys, [])
        if any(_admits(plan, seen.address, line, seen.reading, written) for plan in alike):
            return
        plan = self._learner.plan(seen) if answer == seen.answer and len(alike) < MOST_ALIKE else None
        if plan is None:
            return
        plan.counts = max(counts_in(line), 0)
        if _gives(plan, line, seen.reading, written):
            self._keep(plan, seen)

    def _keep(self, plan: Plan, seen: Seen) -> None:
        if self._count >= MOST_PLANS:
            self._hot, self._by_keys, self._count = [], {}, 0
        _, known = self._by_keys.setdefault(tuple(seen.line), (seen.answer, {}))
        known.setdefault(seen.body_keys, []).append(plan)
        self._count += 1
        if len(self._hot) < MOST_HOT:
            self._hot.append(plan)

    def _likely(self, line: bytes) -> Iterator[Plan]:
        hot = [plan for plan in self._hot if plan.uses * MOST_HOT >= self._uses]
        yield from hot
        try:
            members = MEMBERS.decode(line)
            answer, known = self._by_keys.get(tuple(members), NONE_KNOWN)
            keys = () if answer is None else tuple(MEMBERS.decode(members[answer]))
        except UNREADABLE:
            return
        for plan in known.get(keys, ()):
            if plan not in hot:
                yield plan

    def _is_due(self, seen: Seen) -> bool:
        """Whether lines with these keys were seen twice, four times, eight times: some of them may be odd."""
        keys = (tuple(seen.line), seen.body_keys, seen.address)
        times = self._seen.get(keys, 0) + 1
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[keys] = times
        return times > 1 and not times & (times - 1)

    def _note(self, plan: Plan) -> None:
        self.lines += 1
        self._uses += 1
        plan.uses += 1
        if self._uses >= USES_THAT_COUNT:
            self._rank()

    def _rank(self) -> None:
        """Chooses the likeliest anew, and halves all uses: what a log was once does not count for ever."""
        plans = [plan for _, known in self._by_keys.values() for alike in known.values() for plan in alike]
        self._hot = sorted(plans, key=lambda plan: plan.uses, reverse=True)[:MOST_HOT]
        for plan in plans:
            plan.uses //= 2
        self._uses //= 2


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
