"""Types as parsers and tables give them to types that take no value of which decoders make different things. Pure."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Required, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

from msgspec import Meta

from parsers.typical import TEXT
from tailer.reading.finish import MAX_NAME_CHARS

NAME = Annotated[str, Meta(max_length=MAX_NAME_CHARS)]
SHORT_TEXT = NAME | None
"""What the general way cuts is for that."""
INT64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A larger number is a float to some decoders, and to the general way a text where it is beyond all measure."""
LEVELS = 4
"""So deep a value is looked at that may be anything: nobody goes by a number that is deeper."""
KEPT = 256


def _anything(levels: int) -> Any:
    inner = _anything(levels - 1) if levels else object
    return str | INT64 | float | bool | None | dict[str, inner] | list[inner]  # type: ignore[valid-type]


ANYTHING = _anything(LEVELS)


@lru_cache(KEPT)
def exact(kind: Any) -> Any:
    """The same of a type: `int` is one of 64 bits, `TEXT` a short one, in whatever these stand."""
    if kind == TEXT:
        return SHORT_TEXT
    if kind is int:
        return INT64
    if kind is object:
        return ANYTHING
    if is_typeddict(kind):
        return _members(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is list or origin is dict:
        return origin[tuple(map(exact, inner))]
    return reduce(or_, map(exact, inner)) if origin in (UnionType, Union) else kind


def _members(kind: Any) -> Any:
    """A `TypedDict` of exact types; what it requires it requires."""
    types = {name: exact(inner) for name, inner in get_type_hints(kind).items()}
    required = {name: Required[inner] if name in kind.__required_keys__ else inner for name, inner in types.items()}
    return TypedDict(kind.__name__, required, total=False)  # type: ignore[operator]
