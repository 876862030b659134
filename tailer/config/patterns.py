"""Whether a regular expression of the user's own may be put to lines: its time must stay in proportion to their length.

It is judged by the tree that Python's own parser makes of it; nothing is matched here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]  # the only way to see a pattern's structure
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LONGEST_PATTERN = 500
MOST_STEPS = 100_000
"""The widths of all its repeats multiplied: how much may be tried at one place of a text."""


def objection(pattern: str) -> str | None:
    """What a pattern would have to be, None when it is sound."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        return f"a regular expression of 1 to {LONGEST_PATTERN} characters"
    try:
        tree = parser.parse(pattern)
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"a regular expression ({error})"
    if compiled.match(""):
        return "a regular expression that does not match an empty text"
    steps = 1
    for width, inner in _repeats(tree):
        if width > 1000:
            return "repeats with an upper bound of at most 1000, such as {1,200} for +"
        steps *= width + 1
        if any(True for _ in _repeats(inner)) or _chooses(inner):
            return "no repeat or choice inside a repeat"
    if steps > MOST_STEPS:
        return "fewer or smaller repeats: together they could try too much"
    return None


def _repeats(tree: Any) -> Iterator[tuple[int, Any]]:
    """Every repeat of variable width: how much it may vary, and what it repeats."""
    for code, argument in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            low, high, inner = argument
            unbounded = high is codes.MAXREPEAT or high > 10**6
            if high != low:
                yield (10**6 if unbounded else int(high) - int(low)), inner
            yield from _repeats(inner)
        else:
            for inner in _inside(argument):
                yield from _repeats(inner)


def _chooses(tree: Any) -> bool:
    return any(code is codes.BRANCH or any(map(_chooses, _inside(argument))) for code, argument in tree)


def _inside(argument: Any) -> Iterator[Any]:
    """The sub-patterns in a node's argument."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for item in argument:
            yield from _inside(item)
