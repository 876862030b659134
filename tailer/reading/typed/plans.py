"""Plans for lines of one kind, kept by their keys; whatever is odd about a line is left to the general way."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tailer.reading.chunk import Reading
from tailer.reading.typed.learner import Learner
from tailer.reading.typed.nothing import Unwrap
from tailer.reading.typed.plan import Address, Plan
from tailer.reading.typed.seen import MEMBERS, Keys, Seen, Where, keys_at

MOST_PLANS = 256
"""So many are kept; a log whose keys are data starts over instead of growing."""
MOST_ALIKE = 16
"""Plans for lines with the same keys, whose values are of other types."""
MOST_HOT = 8
"""So many plans are tried before the line's keys are looked at, each of which is right for a good share of lines."""
LEAST_SHARE, LEAST_SHARE_UNMARKED = 1 / 32, 1 / 4
HEAD_BYTES = 192
"""Near its beginning a line has keys that tell it from others, or the telling takes too long."""
USES_THAT_COUNT = 1024
MOST_ADDRESSES = 64
"""URLs and names of providers that one plan knows."""
MOST_SEEN = 512
"""Sets of keys that are remembered as seen once, or as not to be learnt."""
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Alike = dict[Where | None, dict[Keys, list[Plan]]]
"""Plans for lines with the same keys, by where these have the body, and by the keys of that."""
NONE_KNOWN: Alike = {}


class Plans:
    """Plans for lines of one kind. The few that are right most often are tried first, the others by a line's keys."""

    __slots__ = ("_by_keys", "_earlier", "_hot", "_learner", "_plans", "_seen", "_unwrap")

    def __init__(self, learner: Learner, unwrap: Unwrap) -> None:
        self._learner = learner
        self._unwrap = unwrap
        self._hot: list[tuple[bytes, Plan]] = []
        self._by_keys: dict[Keys, Alike] = {}
        self._plans: list[Plan] = []
        self._earlier = 0
        self._seen: dict[tuple[Keys, Keys, Address], int] = {}

    @property
    def knows_any(self) -> bool:
        """Whether there is any plan."""
        return bool(self._plans)

    @property
    def lines(self) -> int:
        """How many have been read so."""
        return self._earlier + sum(plan.uses for plan in self._plans)

    def read(self, line: bytes, start: int, end: int, number: int, written: bytes | None = None) -> Reading | None:
        """The reading of a line that was `written` then, None where no plan is for it."""
        try:
            for mark, plan in self._hot:
                if line.find(mark, 0, HEAD_BYTES) < 0:
                    continue
                try:
                    reading = plan.read(line, start, end, number, written)
                except msgspec.ValidationError:
                    continue
                if reading is None:
                    break
                plan.uses += 1
                return reading
            return self._read_by_keys(line, start, end, number, written)
        except UNREADABLE:
            return None

    def _read_by_keys(self, line: bytes, start: int, end: int, number: int, written: bytes | None) -> Reading | None:
        members = MEMBERS.decode(line)
        for where, known in self._by_keys.get(tuple(members), NONE_KNOWN).items():
            for plan in known.get(keys_at(members, where), ()):
                try:
                    reading = plan.read(line, start, end, number, written)
                except msgspec.ValidationError:
                    continue
                if reading is not None:
                    plan.uses += 1
                    return reading
        return None

    def learn(self, line: bytes, seen: Seen, written: bytes | None = None) -> None:
        """Makes a plan of a line whose keys have been seen before."""
        if not self._is_due(seen):
            return
        alike = self._by_keys.get(tuple(seen.line), NONE_KNOWN).get(seen.where, {}).get(seen.body_keys, ())
        if any(_admits(plan, seen.address, line, seen.reading, written) for plan in alike):
            return
        if len(alike) >= MOST_ALIKE:
            return
        plan = self._learner.plan(seen, self._unwrap)
        if plan is not None and _gives(plan, line, seen.reading, written):
            plan.marks = _marks(line, seen)
            self._keep(plan, seen)

    def _keep(self, plan: Plan, seen: Seen) -> None:
        if len(self._plans) >= MOST_PLANS:
            self._hot, self._by_keys, self._plans = [], {}, []
        known = self._by_keys.setdefault(tuple(seen.line), {}).setdefault(seen.where, {})
        known.setdefault(seen.body_keys, []).append(plan)
        self._plans.append(plan)
        if len(self._plans) <= MOST_HOT:
            self._heat(self._plans)

    def _heat(self, plans: Sequence[Plan], uses: int = 0) -> None:
        """These are tried first, of the lines in so many uses, each on those with a key near their beginning that is
        its own; one without such a key costs all other lines more than a look, and must be right for a good share.
        """
        self._hot = []
        for plan in plans:
            others = {mark for other in plans if other is not plan for mark in other.marks}
            mark = next((mark for mark in plan.marks if mark not in others), b"")
            if mark or plan.uses >= uses * LEAST_SHARE_UNMARKED:
                self._hot.append((mark, plan))

    def _is_due(self, seen: Seen) -> bool:
        """Whether lines with these keys were seen twice, four times, eight times: some of them may be odd."""
        keys = (tuple(seen.line), seen.body_keys, seen.address)
        times = self._seen.get(keys, 0) + 1
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[keys] = times
        return times > 1 and not times & (times - 1)

    def rank(self) -> None:
        """Chooses the likeliest anew, and halves all uses: what a log was once does not count for ever."""
        plans = self._plans
        if (uses := sum(plan.uses for plan in plans)) < USES_THAT_COUNT:
            return
        likeliest = sorted(plans, key=lambda plan: plan.uses, reverse=True)[:MOST_HOT]
        self._heat([plan for plan in likeliest if plan.uses >= uses * LEAST_SHARE], uses)
        self._earlier += uses - sum(plan.uses // 2 for plan in plans)
        for plan in plans:
            plan.uses //= 2


def _marks(line: bytes, seen: Seen) -> tuple[bytes, ...]:
    """The keys that every line like this one has, and that stand near the beginning of this one."""
    head = line[:HEAD_BYTES]
    keys = [b'"%b"' % key.encode(errors="replace") for key in (*seen.line, *seen.body_keys)]
    return tuple(key for key in keys if key in head)


def _admits(plan: Plan, address: Address, line: bytes, reading: Reading, written: bytes | None) -> bool:
    """Whether a plan gives this very reading when lines may be of this address; if so they may from now on."""
    known = plan.form.addresses
    if plan.form.exchange is None or address in known or len(known) >= MOST_ADDRESSES:
        return False
    known.add(address)
    if _gives(plan, line, reading, written):
        return True
    known.remove(address)
    return False


def _gives(plan: Plan, line: bytes, reading: Reading, written: bytes | None) -> bool:
    try:
        return plan.read(line, reading.start, reading.end, reading.number, written) == reading
    except UNREADABLE:
        return False
