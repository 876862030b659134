"""Counts that a line tells twice under one name: which of them is meant nobody knows, so none is. Plain JSON only.

Decoders keep the last value of a name without a word. For what loggers double (a level, a time) that is as good as any.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable

INPUT_AND_OUTPUT = (
    (b'"prompt_tokens"', b'"completion_tokens"'),
    (b'"input_tokens"', b'"output_tokens"'),
    (b'"promptTokenCount"', b'"candidatesTokenCount"'),
    (b'"inputTokens"', b'"outputTokens"'),
)
FIRST_PAIRS = frozenset(name.decode().strip('"') for pair in INPUT_AND_OUTPUT[:2] for name in pair)
PAIRED = (*(name.decode().strip('"') for pair in INPUT_AND_OUTPUT for name in pair), "total_tokens")
ENDINGS = ("_tokens", "Tokens", "TokenCount")
BLOCKS = ("usage", "usageMetadata")
USAGE = re.compile(rb'"usage')
BACKSLASH = ord("\\")
"""To look for a number is quicker than for a text of one byte."""


def may_be_doubled(line: bytes) -> bool:
    """Whether a closer look is due: quick, and seldom true of a line that tells everything once."""
    at = line.rfind(b'"usage')
    return at >= 0 and (line.find(b'"usage"', 0, at) >= 0 or _is_told_twice(line, at))


def is_told_once(line: bytes, counts: int) -> bool:
    """Whether no closer look is due, for a line whose usage block has members of so many names: see `counts_of`."""
    first = USAGE.search(line)
    if first is None:
        return True
    at = first.start()
    if line.rfind(b'"usage') != at:
        return not may_be_doubled(line)
    # An escape may stand for any letter of a name.
    has_escapes = BACKSLASH in line
    if has_escapes and not _is_told_twice(line, at):
        return True
    if (line.count(b'okens"', at) or -line.count(b'Count"', at)) == counts:
        return not has_escapes or line.find(b"\\u") < 0
    return not has_escapes and not _is_told_twice(line, at)


def counts_of(names: Iterable[str]) -> int:
    """How many of these names are such as counts have: as many as a line has after `usage` that tells each once.

    Less than zero where they are in Google's form; 0 where a closer look is due for other reasons.
    """
    told = Counter(names)
    if any(told[name] > 1 for name in PAIRED):
        return 0
    of_tokens = sum(name.endswith("okens") for name in told.elements())
    if not FIRST_PAIRS.isdisjoint(told):
        return of_tokens
    return 0 if of_tokens else -sum(name.endswith("Count") for name in told.elements())


def tells_twice(line: bytes) -> bool:
    """Whether an object in the line has a count twice, the same or not: the closer look."""
    found = False

    def once(pairs: list[tuple[str, object]]) -> None:
        nonlocal found
        if not found and len(names := dict(pairs)) < len(pairs):
            found = bool(_counted(names))

    try:
        json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return True
    return found


def _counted(names: Iterable[str]) -> list[str]:
    return [name for name in names if name in BLOCKS or name.endswith(ENDINGS)]


def _is_told_twice(line: bytes, at: int) -> bool:
    for told_in, told_out in INPUT_AND_OUTPUT:
        given, made = line.count(told_in, at), line.count(told_out, at)
        if given or made:
            return given > 1 or made > 1 or line.count(b'"total_tokens"', at) > 1
    return False


def without_doubled(line: bytes) -> tuple[object, list[str]]:
    """The line decoded without the counts that an object in it tells twice, unless they agree; and their names."""
    doubled: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            for name in _counted(found):
                values = [value for key, value in pairs if key == name and value is not None]
                found[name] = values[0] if values else None
                if any(value != values[0] for value in values):
                    del found[name]
                    doubled.append(f"{name}: told more than once, and not the same")
        return found

    try:
        value: object = json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return None, []
    return value, doubled
