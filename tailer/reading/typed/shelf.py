"""Plans by the keys of the lines that they are for, and of the bodies in these. Bounded, as `MOST_PLANS` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter, eq

from msgspec import Raw

from tailer.reading.typed.plan import Keys, Pins, Plan, Where
from tailer.reading.typed.seen import MEMBERS, Seen, members_at

MOST_PLANS = 256
"""So many are kept; where a log has more kinds of lines, the half of them that was right more often."""

Alike = dict[Where | None, dict[Keys, list[Plan]]]
"""Plans for lines with the same keys, by where these have the body, and by the keys of that."""
NONE_KNOWN: Alike = {}
NO_PLANS: list[Plan] = []


class Shelf:
    """All plans for lines of one kind."""

    __slots__ = ("_by_keys", "_taken_off", "plans")

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self._by_keys: dict[Keys, Alike] = {}
        self._taken_off = 0

    @property
    def uses(self) -> int:
        """How many lines were read by these plans, lately."""
        return sum(plan.uses for plan in self.plans)

    @property
    def lines(self) -> int:
        """How many were read by all plans there ever were."""
        return self._taken_off + self.uses

    def likeliest(self, most: int) -> list[Plan]:
        """The plans that were right most often lately."""
        return sorted(self.plans, key=attrgetter("uses"), reverse=True)[:most]

    def for_line(self, line: bytes) -> list[Plan]:
        """Those for lines with the keys of this one. Raises msgspec.DecodeError, RecursionError."""
        members = MEMBERS.decode(line)
        found = list[Plan]()
        for where, known in self._by_keys.get(tuple(members), NONE_KNOWN).items():
            body = members_at(members, where)
            alike = known.get(tuple(body), NO_PLANS)
            if len(alike) > 1:
                alike = [one for one in alike if _has(members, one.form.pins) and _has(body, one.form.body_pins)]
            found += alike
        return found

    def alike(self, seen: Seen) -> Sequence[Plan]:
        """Those for lines with the keys of this one, whose values may be others."""
        return self._by_keys.get(tuple(seen.line), NONE_KNOWN).get(seen.where, {}).get(seen.body_keys, ())

    def add(self, plan: Plan) -> None:
        """Keeps a plan. Whoever goes by `plans` looks there again: it may be at the cost of others."""
        if len(self.plans) >= MOST_PLANS:
            kept = self.likeliest(MOST_PLANS // 2)
            self._taken_off = self.lines - sum(plan.uses for plan in kept)
            self.plans, self._by_keys = [], {}
            for one in kept:
                self._put(one)
        self._put(plan)

    def halve_uses(self) -> None:
        """What a log was once does not count for ever."""
        before = self.lines
        for plan in self.plans:
            plan.uses //= 2
        self._taken_off += before - self.lines

    def _put(self, plan: Plan) -> None:
        keys, where, body_keys = plan.place
        self._by_keys.setdefault(keys, {}).setdefault(where, {}).setdefault(body_keys, []).append(plan)
        self.plans.append(plan)


def _has(members: Mapping[str, Raw], pins: Pins) -> bool:
    """Whether what is the same on all lines of a plan is so on this one: quicker than to decode it in vain."""
    return all(map(eq, map(members.get, pins), pins.values()))
