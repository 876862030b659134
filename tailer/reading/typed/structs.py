"""A decoder for objects with just these keys: what is wanted is decoded, all else checked and skipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from keyword import iskeyword
from typing import Annotated, Any

from msgspec import Meta, Raw, defstruct

from tailer.reading.typed.exact import exact

Wanted = Mapping[str, object]
KEPT = 256
"""Structs that are kept to be used again."""
MOST_KEYS, MOST_KEY_CHARS = 64, 2048
"""Of one object that is learnt: where keys are data there is nothing to learn, and what is learnt is kept."""
NO_ELEMENT = Annotated[list[Raw], Meta(max_length=0)]
NOTHING_AT_ALL = Annotated[str, Meta(min_length=1, max_length=0)]
"""What no value is."""


class NotTypicalError(ValueError):
    """The sample is not of the types wanted of it."""


def has_few(keys: Collection[str]) -> bool:
    """Whether these are as many keys, and as short ones, as one object may have that is learnt."""
    return len(keys) <= MOST_KEYS and sum(map(len, keys)) <= MOST_KEY_CHARS


def struct_of(sample: Mapping[str, object], wanted: Wanted) -> type[Any]:
    """A struct with exactly the keys of the sample, all required; what is not wanted stays raw.

    A wanted type is a type, a mapping for an object, a list of one mapping for a list of objects. An empty list and
    null in such a place are that on every line. What the sample lacks is None.
    """
    if not has_few(sample):
        raise NotTypicalError
    names = {attribute_of(sample, wanted, key): key for key in sample}
    fields: list[Any] = [(name, _type(sample[key], wanted.get(key, Raw))) for name, key in names.items()]
    for key, want in wanted.items():
        if key not in sample and not isinstance(want, (Mapping, list)):
            fields.append((key, NOTHING_AT_ALL, None))
    return _struct(tuple(fields), tuple(names.items()))


@lru_cache(KEPT)
def _struct(fields: tuple[Any, ...], names: tuple[tuple[str, str], ...]) -> type[Any]:
    # The same bodies stand in many kinds of lines, and to define a struct takes a good part of learning a plan.
    try:
        return defstruct("Typical", fields, rename=dict(names), forbid_unknown_fields=True, gc=False)
    except ValueError as error:
        # A quote or a backslash in a key, say.
        raise NotTypicalError from error


def attribute_of(sample: Mapping[str, object], wanted: Wanted, key: str) -> str:
    """The name that the value of a key of the sample has in the struct: one that may stand in source."""
    is_name = key.isascii() and key.isidentifier() and key[0] != "_" and not iskeyword(key)
    return key if key in wanted and is_name else f"_{list(sample).index(key)}"


def _type(value: object, want: object) -> Any:
    if isinstance(want, Mapping):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise NotTypicalError
        return struct_of(value, want)
    if isinstance(want, list):
        if not isinstance(value, list) or not all(isinstance(element, dict) for element in value):
            raise NotTypicalError
        element: Any = struct_of(value[0], want[0]) if value else None
        return list[element] if value else NO_ELEMENT
    return exact(want)
