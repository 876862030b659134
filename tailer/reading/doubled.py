"""Counts that a line tells twice under one name: which of them is meant nobody knows, so none is. Plain JSON only.

Decoders keep the last value of a name without a word. For what loggers double (a level, a time) that is as good as any.
"""

from __future__ import annotations

import json
import re

INPUT_AND_OUTPUT = (
    (b'"prompt_tokens"', b'"completion_tokens"'),
    (b'"input_tokens"', b'"output_tokens"'),
    (b'"promptTokenCount"', b'"candidatesTokenCount"'),
    (b'"inputTokens"', b'"outputTokens"'),
)
ENDINGS = ("_tokens", "Tokens", "TokenCount")
BLOCKS = ("usage", "usageMetadata")
USAGE = re.compile(rb'"usage')


def may_be_doubled(line: bytes) -> bool:
    """Whether a closer look is due: quick, and seldom true of a line that tells everything once."""
    at = line.rfind(b'"usage')
    if at < 0:
        return False
    if line.find(b'"usage"', 0, at) >= 0:
        return True
    block = line[at:]
    for told_in, told_out in INPUT_AND_OUTPUT:
        if told_in in block or told_out in block:
            return block.count(told_in) > 1 or block.count(told_out) > 1 or block.count(b'"total_tokens"') > 1
    return False


def counts_in(line: bytes) -> int:
    """How many members named like counts a line has from its usage block on; -1 when a closer look is due."""
    first = USAGE.search(line)
    if first is None:
        return 0
    at = line.rfind(b'"usage')
    if at != first.start():
        return -1
    return line.count(b'okens"', at) or line.count(b'Count"', at)


def without_doubled(line: bytes) -> tuple[object, list[str]]:
    """The line decoded without the counts that an object in it tells twice, unless they agree; and their names."""
    doubled: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            for name in [name for name in found if name in BLOCKS or name.endswith(ENDINGS)]:
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
