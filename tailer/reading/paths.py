"""Dotted paths into a decoded line."""

from __future__ import annotations


def path_of(dotted: str) -> tuple[str, ...]:
    """The parts of a configured path."""
    return tuple(dotted.split("."))


def reach(value: object, path: tuple[str, ...]) -> object:
    """What lies at a path below a value, None when nothing does. A list takes an index; a key may itself have dots."""
    for index, part in enumerate(path):
        if type(value) is dict:
            if part not in value:
                return _reach_joined(value, path[index:])
            value = value[part]
        elif type(value) is list:
            if not (part.isdecimal() and len(part) < 10 and int(part) < len(value)):
                return None
            value = value[int(part)]
        else:
            return None
    return value


def _reach_joined(value: dict[str, object], path: tuple[str, ...]) -> object:
    for size in range(len(path), 1, -1):
        key = ".".join(path[:size])
        if key in value:
            return reach(value[key], path[size:])
    return None


def text_at(levels: tuple[dict[str, object], ...], path: tuple[str, ...]) -> str:
    """The value at a path as a label's text: the outermost object that has it gives it, "" when none does."""
    for level in levels:
        value = level.get(path[0]) if len(path) == 1 else reach(level, path)
        if type(value) is str:
            return value
        if value is True or value is False:
            return "true" if value else "false"
        if type(value) is int or type(value) is float:
            return str(value)
    return ""
