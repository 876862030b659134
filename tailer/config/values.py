"""A given value to the type its key has: each item of a list or map is judged alone, so every fault is found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from tailer.config.faults import HIDDEN, Fault, closest, hint, kind, shown
from tailer.config.sources import Given, is_secret


def convert(given: Given, annotation: Any, faults: list[Fault]) -> object:
    """The value in the key's own type, without the items (None: nothing) whose faults are added to `faults`."""
    target = _without_none(annotation)
    match get_origin(target):
        case origin if origin is dict:
            return _pairs(given, faults)
        case origin if origin is tuple:
            items = _items(given.value)
            values = (_scalar(given, item, get_args(target)[0], faults, number) for number, item in enumerate(items))
            return tuple(value for value in values if value is not None)
    return _scalar(given, given.value, target, faults)


def place(given: Given, at: str) -> str:
    """The origin and what in it: `x.yaml: label.team`, `--label team`."""
    if not at or (is_secret(given.key) and not re.fullmatch(r"\.[A-Za-z0-9-]{1,64}", at)):
        return given.origin  # what looks like no header name may be the header's value
    if not given.textual:
        return f"{given.origin}{at}"
    return f"{given.origin} {at[1:]}" if at.startswith(".") else given.origin


def display(key: str, value: object) -> str:
    """A value for a message, hidden where it is a secret."""
    return HIDDEN if is_secret(key) else shown(value)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return next(member for member in get_args(annotation) if member is not NoneType)


def _items(value: object) -> list[object]:
    """One text stands for a list of one from a file, and for several from the environment."""
    match value:
        case list():
            return value
        case str():
            return [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    return [value]


def _pairs(given: Given, faults: list[Fault]) -> dict[str, str]:
    """NAME: VALUE from a map, or from texts `NAME=VALUE`."""
    pairs: dict[str, str] = {}
    for name, value in _named(given, faults):
        at = f".{name}"
        if not isinstance(name, str) or not isinstance(value, str):
            expected = "text (put it in quotes)" if isinstance(value, (int, float)) or value is None else "text"
            faults.append(Fault(place(given, at), display(given.key, value), expected))
        elif name in pairs:
            faults.append(Fault(place(given, at), "it more than once", "each name once"))
        else:
            pairs[name] = value
    return pairs


def _named(given: Given, faults: list[Fault]) -> Iterator[tuple[object, object]]:
    if isinstance(given.value, Mapping):
        yield from given.value.items()
        return
    for item in _items(given.value):
        name, equals, value = item.partition("=") if isinstance(item, str) else ("", "", "")
        if equals and name.strip():
            yield name.strip(), value.strip()
        else:
            faults.append(Fault(given.origin, display(given.key, item), "NAME=VALUE"))


def _scalar(given: Given, value: object, target: Any, faults: list[Fault], number: int | None = None) -> object:
    """None where the value is at fault: None itself is never given."""
    try:
        converted: object = msgspec.convert(value, target, strict=not given.textual)
    except msgspec.ValidationError:
        at = "" if number is None else f"[{number}]"
        faults.append(Fault(place(given, at), display(given.key, value), *_expected(value, target)))
        return None
    return converted


def _expected(value: object, target: Any) -> tuple[str, str]:
    if get_origin(target) is Literal:
        words = [str(word) for word in get_args(target)]
        near = hint(closest(value, words)) if isinstance(value, str) else ""
        return (f"one of {', '.join(words)}" if len(words) > 1 else f"{words[0]}, the only one there is"), near
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    quotes = "put it in quotes" if target is str and kind(value) in ("a number", "true or false") else ""
    return names.get(target, "another kind of value"), quotes
