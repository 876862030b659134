"""What the calls of one label set are added to: looked up in the families once, then at hand. Counts nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from tailer.meter.exemplars import Fresh
from tailer.tally import Bins, Child, Labels

C = TypeVar("C", Child, Bins)

Find = Callable[[Labels, str, Labels], tuple[C, bool]]
"""From base labels, a family and its closed labels to the child to add to, and whether it is the base's own."""

FreshOf = Callable[[Labels | None, str, Labels], Fresh]
"""Where the newest calls of a series are noted; without a base it is that of `__other__`."""


class Children(dict[Labels, C], Generic[C]):
    """The children of one base by family and closed labels, `("tokens", "input")`; each is found at its first use.

    One that had no room is asked for at every use: `find` gives that of `__other__`, and counts it.
    """

    __slots__ = ("_base", "_find")

    def __init__(self, base: Labels, find: Find[C]) -> None:
        super().__init__()
        self._base = base
        self._find: Find[C] = find

    def __missing__(self, key: Labels) -> C:
        child, is_own = self._find(self._base, key[0], key[1:])
        if is_own:
            self[key] = child
        return child


class Marked(dict[str, tuple[C, Fresh]], Generic[C]):
    """The children of one base in a family with one closed label, each beside where its newest calls are noted."""

    __slots__ = ("_base", "_family", "_find", "_fresh")

    def __init__(self, base: Labels, family: str, find: Find[C], fresh: FreshOf) -> None:
        super().__init__()
        self._base = base
        self._family = family
        self._find: Find[C] = find
        self._fresh = fresh

    def __missing__(self, closed: str) -> tuple[C, Fresh]:
        child, is_own = self._find(self._base, self._family, (closed,))
        marked = child, self._fresh(self._base if is_own else None, self._family, (closed,))
        if is_own:
            self[closed] = marked
        return marked


class Account:
    """The base labels of some calls, their sums and their distributions."""

    __slots__ = ("base", "bins", "costs", "durations", "sums")

    def __init__(self, base: Labels, sum_of: Find[Child], bins_of: Find[Bins], fresh_of: FreshOf) -> None:
        self.base = base
        self.sums = Children(base, sum_of)
        self.bins = Children(base, bins_of)
        self.costs = Marked(base, "cost", sum_of, fresh_of)
        self.durations = Marked(base, "duration", bins_of, fresh_of)
