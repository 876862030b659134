"""Typical bodies by the parser's own `parse`, put to what alone was decoded of them; knows no provider.

A form is a table: the members that the parser looks at, each with its type. Types are those of the standard library: a
`TypedDict` that is not total for an object of which only these members count, `Literal` where a value tells whose body
it is, `object` for what may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from parsers.base import Call, Parser, Part, Record, Several
from parsers.remembered import Again, remembering

TEXT = str | None
Object = dict[str, object]
"""Decoded whole; its keys are those of the sample, for these may tell whose body it is."""
Members = Mapping[str, object]

Names = frozenset[str] | tuple[frozenset[str] | None, ...] | None
"""Of the members of an object, of those of each object of a list, or of nothing."""
Inner = tuple[tuple[str, Names], ...]
"""What is in a usage block, and what is in that."""

NAMING = frozenset(("object", "type"))
"""Members that tell whose body it is wherever they are: a form has their value, or is none for bodies with them."""
SKIPPED = object()
"""Stands in a body for what was not decoded: the member is there."""
MAKE = tuple.__new__

Supplied = tuple[float | None, int | None, float | None, float | None, str | None]
"""What stands beside a body: the cost, the time in nanoseconds, two durations in seconds and the id of the request."""
UNSUPPLIED: Supplied = (None,) * 5


class Typical(NamedTuple):
    """How to read the usual bodies with one set of keys without decoding what nobody counts.

    `wanted` holds the members that are needed: a type for a value, a mapping for an object, a list of one mapping for a
    list of objects. Bodies with other keys, or with other types at these, are read in the general way; all else is
    skipped. `call` gets an object with the wanted members as attributes and a record without a body, whose request has
    no more than its model and whether it asked for a stream. It gives what `parse` would, or None for a body whose
    values are not usual.

    With `takes_supplied` it is called with a third argument, the `Supplied` values, and puts them into the call: only
    for bodies that never have one of these themselves, whose calls have no faults, and whose names are all `TEXT`.

    `told` are the names of all members that every such body surely has in its usage block, and in the objects in that;
    the block's own name begins with `usage`.
    """

    wanted: Mapping[str, object]
    call: Callable[..., Call | Part | None]
    takes_supplied: bool = False
    told: Collection[str] = ()


class Block(NamedTuple):
    """An object that is decoded whole, of bodies that have the same members there."""

    get: Callable[[Any], dict[str, object]]
    names: frozenset[str]
    inner: Inner
    is_usage: bool

    @classmethod
    def of(cls, key: str, block: Object) -> Block:
        """The block of a body under this key."""
        is_usage = key.startswith("usage")
        inner = [(name, _names(value)) for name, value in block.items()] if is_usage else []
        return cls(attrgetter(key), frozenset(block), tuple(one for one in inner if one[1] is not None), is_usage)

    def told(self) -> list[str]:
        """What stands in every usage block like this one: see `Typical.told`."""
        held = [names for _, inner in self.inner for names in (inner if isinstance(inner, tuple) else (inner,))]
        return [name for names in (self.names, *held) for name in names or ()] if self.is_usage else []


def _has_inner(block: Object, inner: Inner) -> bool:
    for name, names in inner:
        value = block[name]
        if not (value.keys() == names if isinstance(value, dict) else _names(value) == names):
            return False
    return True


def _names(value: object) -> Names:
    if isinstance(value, dict):
        return frozenset(value)
    if isinstance(value, list):
        return tuple([frozenset(one) if isinstance(one, dict) else None for one in value])
    return None


def by_parse(
    parser: Parser, body: Members, members: Members, *, repeats: bool = False, again: Again | None = None
) -> Typical | None:
    """How to read bodies with the keys of `body` when of these the parser looks at no more than `members`.

    With `repeats` many bodies in a row say the same, by members that are texts and numbers: the parser, which must then
    go by no time where there are no headers, is asked once. With `again` many say the same but for what they count.
    """
    wanted = {key: _type(body[key], members[key]) for key in body if key in members}
    if not wanted or not all(map(str.isidentifier, wanted)) or not NAMING.isdisjoint(body.keys() - wanted):
        return None
    # A getter of a single attribute would give it bare.
    keys = tuple(wanted) if len(wanted) > 1 else (*wanted, *wanted)
    pick: Callable[[Any], tuple[Any, ...]] = attrgetter(*keys)
    blocks = [Block.of(key, block) for key in wanted if wanted[key] is Object and isinstance(block := body[key], dict)]
    skipped: dict[str, Any] = dict.fromkeys(body, SKIPPED)

    last: tuple[object, Call | Part | None] = (None, None)

    def call(found: Any, record: Record) -> Call | Part | None:
        nonlocal last
        values = pick(found)
        if repeats and record.request is None and not record.headers:
            told = values, record.url, record.provider
            if told != last[0]:
                last = told, parsed(values, record)
            return last[1]
        return parsed(values, record)

    def parsed(values: tuple[Any, ...], record: Record) -> Call | Part | None:
        held: dict[str, Any] = skipped.copy()
        held.update(zip(keys, values, strict=True))
        _, request, status, headers, url, event, provider, timestamp = record
        whole: Record = MAKE(Record, (held, request, status, headers, url, event, provider, timestamp))
        told = parser.parse(whole) if parser.matches(whole) else None
        if told is None or isinstance(told, Several):
            return None
        made = told.call if isinstance(told, Part) else told
        return None if made.faults or made.error_type is not None else told

    ask = call if again is None else remembering(call, again)

    def call_alike(found: Any, record: Record) -> Call | Part | None:
        for get, names, inner, _ in blocks:
            block = get(found)
            if block.keys() != names or (inner and not _has_inner(block, inner)):
                return None
        return ask(found, record)

    return Typical(wanted, call_alike, told=[name for block in blocks for name in block.told()])


def _type(value: object, kind: object) -> object:
    """The type of a member: null where that is what the sample has, and its own type would not take it."""
    return None if value is None and kind not in (TEXT, object) else kind
