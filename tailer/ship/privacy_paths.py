"""Configured dotted paths with `*` (one step) and `**` (any number), followed step by step into a line; pure."""

from __future__ import annotations

from collections.abc import Mapping

from tailer.config.schema import ContentAction

Pattern = tuple[tuple[str, ...], ContentAction]
Open = tuple[Pattern, ...]
"""What is left of each path that may still match below where one is."""


def patterns(paths: Mapping[str, ContentAction]) -> Open:
    """The configured paths, to be followed from the top of a line."""
    return tuple((tuple(path.split(".")), action) for path, action in paths.items())


def step(paths: Open, key: str) -> tuple[ContentAction | None, Open]:
    """The action for what stands at this key, the first configured path winning, and what may match below it."""
    if not paths:
        return None, paths
    found: ContentAction | None = None
    below: list[Pattern] = []
    for parts, action in paths:
        for rest in _rests(parts, key):
            if rest:
                below.append((rest, action))
            elif found is None:
                found = action
    return found, tuple(below)


def match_inside(paths: Open, value: object, deepest: int) -> bool:
    """Whether any of these paths leads to something in this value."""
    if not paths or not deepest:
        return False
    if isinstance(value, dict):
        return any(_matches(paths, key, item, deepest) for key, item in value.items())
    if isinstance(value, list):
        return any(_matches(paths, str(index), item, deepest) for index, item in enumerate(value))
    return False


def _matches(paths: Open, key: str, item: object, deepest: int) -> bool:
    action, below = step(paths, key)
    return action is not None or match_inside(below, item, deepest - 1)


def _rests(parts: tuple[str, ...], key: str) -> list[tuple[str, ...]]:
    """What is left of a path after a step to this key; a key may itself have dots."""
    if parts[0] == "**":
        further = _rests(parts[1:], key) if len(parts) > 1 else [()]
        return [parts, *further]
    if parts[0] in ("*", key):
        return [parts[1:]]
    pieces = key.split(".") if "." in key else []
    if (
        pieces
        and len(pieces) <= len(parts)
        and all(part in ("*", piece) for part, piece in zip(parts, pieces, strict=False))
    ):
        return [parts[len(pieces) :]]
    return []
