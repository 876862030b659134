"""Lines of one kind by their plans, the likeliest first; whatever is odd about a line is left to the general way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from tailer.reading.chunk import Reading
from tailer.reading.typed.learner import Learner
from tailer.reading.typed.nothing import Unwrap
from tailer.reading.typed.plan import Address, Keys, Plan
from tailer.reading.typed.seen import Seen
from tailer.reading.typed.shelf import Shelf
from tailer.reading.typed.structs import has_few

MOST_ALIKE = 8
"""Plans for lines with the same keys, whose values are of other types."""
MOST_HOT = 8
"""So many plans are tried before the line's keys are looked at, each of which is right for a good share of lines."""
LEAST_SHARE, LEAST_SHARE_MARKED = 1 / 32, 1 / 4
HEAD_BYTES = 192
"""Near its beginning a line has what tells it from others, or the telling takes too long."""
USES_THAT_COUNT = 1024
MOST_ADDRESSES, MOST_ADDRESS_CHARS = 64, 512
"""URLs and names of providers that one plan knows; where they are data it starts over instead of growing."""
MOST_SEEN = 512
"""Sets of keys of which is known how often they were seen."""
LINES_A_PLAN, FIRST_PLANS = 64, 128
"""Making a plan takes as long as reading some tens of lines in the general way: each may be made once so many were read
so, and the first ones at once."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Plans:
    """Plans for lines of one kind. The few that are right most often are tried first, the others by a line's keys."""

    __slots__ = ("_hot", "_learner", "_seen", "_shelf", "_spare_lines", "_unwrap")

    def __init__(self, learner: Learner, unwrap: Unwrap) -> None:
        self._learner = learner
        self._unwrap = unwrap
        self._hot: list[tuple[bytes, Plan]] = []
        self._shelf = Shelf()
        self._seen: dict[tuple[Keys, Keys, Address], tuple[int, int]] = {}
        self._spare_lines = FIRST_PLANS * LINES_A_PLAN

    @property
    def knows_any(self) -> bool:
        """Whether there is any plan."""
        return bool(self._shelf.plans)

    @property
    def lines(self) -> int:
        """How many have been read so."""
        return self._shelf.lines

    def read(self, line: bytes, start: int, end: int, number: int, written: bytes | None = None) -> Reading | None:
        """The reading of a line that was `written` then, None where no plan is for it."""
        tried: tuple[Plan, ...] = ()
        try:
            for mark, plan in self._hot:
                if line.find(mark, 0, HEAD_BYTES) < 0:
                    continue
                tried += (plan,)
                try:
                    reading = plan.read(line, start, end, number, written)
                except msgspec.ValidationError:
                    continue
                if reading is None:
                    break
                plan.uses += 1
                return reading
            for plan in self._shelf.for_line(line):
                if plan in tried:
                    continue
                try:
                    reading = plan.read(line, start, end, number, written)
                except msgspec.ValidationError:
                    continue
                if reading is not None:
                    plan.uses += 1
                    return reading
        except UNREADABLE:
            pass
        return None

    def learn(self, line: bytes, seen: Seen, written: bytes | None = None) -> None:
        """Makes a plan of a line whose keys have been seen before."""
        self._spare_lines += 1
        if not _is_learnable(seen) or not self._is_due(seen):
            return
        alike = self._shelf.alike(seen)
        if any(_admits(plan, seen.address, line, seen.reading, written) for plan in alike) or len(alike) >= MOST_ALIKE:
            return
        self._spare_lines -= LINES_A_PLAN
        plan = self._learner.plan(seen, self._unwrap)
        if plan is not None and _gives(plan, line, seen.reading, written):
            plan.place = (tuple(seen.line), seen.where, seen.body_keys)
            plan.marks = _marks(line, plan)
            self._keep(plan)

    def rank(self) -> None:
        """Chooses the likeliest anew, once there are enough uses to go by."""
        if (uses := self._shelf.uses) < USES_THAT_COUNT:
            return
        self._heat([plan for plan in self._shelf.likeliest(MOST_HOT) if plan.uses >= uses * LEAST_SHARE])
        self._shelf.halve_uses()

    def _keep(self, plan: Plan) -> None:
        before = len(self._shelf.plans)
        self._shelf.add(plan)
        if before < MOST_HOT:
            self._heat(self._shelf.plans)
        elif len(self._shelf.plans) < before:
            self._heat(self._shelf.likeliest(MOST_HOT))

    def _heat(self, plans: Sequence[Plan]) -> None:
        """These are tried first, each on the lines that have the rarest of its marks near their beginning.

        To be tried in vain costs more than a look: it must be right for a good share of the lines that have the mark.
        """
        uses = Counter[bytes]()
        for plan in self._shelf.plans:
            for mark in (b"", *plan.marks):
                uses[mark] += plan.uses
        self._hot = []
        for plan in plans:
            mark = min(plan.marks, key=uses.__getitem__, default=b"")
            if plan.uses >= uses[mark] * LEAST_SHARE_MARKED:
                self._hot.append((mark, plan))

    def _is_due(self, seen: Seen) -> bool:
        """Whether lines with these keys were seen twice, or twice as often as at the last try: that one may be odd."""
        keys = (tuple(seen.line), seen.body_keys, seen.address)
        times, due = self._seen.get(keys, (0, 2))
        is_due = times + 1 >= due and self._spare_lines >= LINES_A_PLAN
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[keys] = times + 1, 2 * (times + 1) if is_due else due
        return is_due


def _is_learnable(seen: Seen) -> bool:
    """Whether it is worth while to know how often there are such lines: not where keys or addresses are data."""
    chars = sum(len(text) for text in seen.address if text is not None)
    return chars <= MOST_ADDRESS_CHARS and has_few(seen.line) and has_few(seen.body_keys)


def _marks(line: bytes, plan: Plan) -> tuple[bytes, ...]:
    """What every line of a plan has, and stands near the beginning of this one."""
    head = line[:HEAD_BYTES]
    keys, _, body_keys = plan.place
    pinned = [
        b'"%b":%b%b' % (key.encode(errors="replace"), space, bytes(value))
        for key, value in (*plan.form.pins.items(), *plan.form.body_pins.items())
        for space in (b"", b" ")
    ]
    marks = [*pinned, *(b'"%b"' % key.encode(errors="replace") for key in (*keys, *body_keys))]
    return tuple(mark for mark in marks if mark in head)


def _admits(plan: Plan, address: Address, line: bytes, reading: Reading, written: bytes | None) -> bool:
    """Whether a plan gives this very reading when lines may be of this address; if so they may from now on."""
    known = plan.form.addresses
    if plan.form.exchange is None or address in known:
        return False
    known.add(address)
    if not _gives(plan, line, reading, written):
        known.remove(address)
        return False
    if len(known) > MOST_ADDRESSES:
        known.clear()
        known.add(address)
    return True


def _gives(plan: Plan, line: bytes, reading: Reading, written: bytes | None) -> bool:
    try:
        return plan.read(line, reading.start, reading.end, reading.number, written) == reading
    except UNREADABLE:
        return False
