"""Where a line has its body and its request, and who takes it: what is sure for all lines of the same keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from parsers.base import Parser, Typical
from tailer.reading.answer import BESIDE, HTTP_KEYS, METADATA, Object, is_body, may_be_named
from tailer.reading.asking import is_ours
from tailer.reading.chunk import Reading
from tailer.reading.names import OBJECTS, TYPED
from tailer.reading.shape import Place, Shape
from tailer.reading.typed_plan import NOWHERE, Address, Request
from tailer.reading.typed_struct import NotTypicalError
from tailer.reading.unwrapped import Unwrapped

LONGEST_PINNED = 64
"""Of a text that tells what a line is; what is longer is hardly ever there again."""


class Seen(NamedTuple):
    """A line and all that the general way made of it."""

    line: Object
    shape: Shape
    unwrapped: Unwrapped
    reading: Reading
    outer: str | None = None
    """What the text around the line's JSON is called."""

    @property
    def answer(self) -> str | None:
        """The key under which the body is, None where it is the line itself, or elsewhere."""
        body = self.unwrapped.body
        return next((place.key for place in self.shape.response if self.line[place.key] is body), None)

    @property
    def body_keys(self) -> tuple[str, ...]:
        """Those of a body under a key."""
        body = self.unwrapped.body
        return () if body is None or self.answer is None else tuple(body)

    @property
    def address(self) -> Address:
        """The URL and the provider that the line names, where it is of a call."""
        around = self.unwrapped.around
        return (around.url, around.provider) if self.reading.call is not None else NOWHERE


def typical_of(parsers: Sequence[Parser], name: str | None, body: Object) -> Typical | None:
    """What the parser of this name knows of such bodies, unless another may claim some of them before it."""
    earlier = list[Parser]()
    for parser in parsers:
        if parser.name == name:
            make: Callable[[Object], Typical | None] | None = getattr(parser, "typical", None)
            typical = make(body) if make is not None else None
            return None if typical is None or any(_may_claim(one, body, typical) for one in earlier) else typical
        earlier.append(parser)
    return None


def _may_claim(parser: Parser, body: Object, typical: Typical) -> bool:
    """Whether a parser may go by what was not decoded; ours go by the `object` of a body that has one."""
    keys = getattr(parser, "keys", None)
    if not is_ours(parser) or not isinstance(keys, frozenset):
        return not (isinstance(keys, frozenset) and keys.isdisjoint(body))
    return "object" not in body and not keys.isdisjoint(body.keys() - typical.wanted.keys())


def is_bare(seen: Seen) -> bool:
    """Whether lines of these keys are bodies, as far as the values that are pinned tell."""
    shape = seen.shape
    if shape.request:
        return False
    return is_body(seen.line) if shape.typed else shape.usage and not shape.response


def wrapped(seen: Seen, body: Object, typical: Typical) -> dict[str, object]:
    """What is wanted of a line around a body: that first, then the request, if there is one."""
    line, shape = seen.line, seen.shape
    answer, asked = _only(shape.response), _only(shape.request)
    if shape.usage or answer is None or line[answer] is not body or (shape.typed and is_body(line)):
        raise NotTypicalError
    if may_be_named(body) and not line.keys().isdisjoint(BESIDE):
        raise NotTypicalError
    wanted: dict[str, object] = {answer: typical.wanted}
    if shape.request:
        if asked is None or line[asked] is not seen.unwrapped.request:
            raise NotTypicalError
        wanted[asked] = Request
    # Whether the line is itself a body depends on these.
    wanted.update((key, exactly(line[key])) for key in line if key in TYPED)
    return wanted


def has_metadata(body: Object, typical: Typical) -> bool:
    """Whether boto3's account of the answer is in it; raises for what may be another exchange over HTTP."""
    kind = body.get("object")
    if HTTP_KEYS.isdisjoint(body) or (isinstance(kind, str) and kind in OBJECTS):
        return False
    if HTTP_KEYS.intersection(body) != {METADATA} or not {"Headers", "Header"}.isdisjoint(body):
        raise NotTypicalError
    if METADATA not in typical.wanted:
        raise NotTypicalError
    return True


def exactly(value: object) -> object:
    """The type of just this value; raises for what is hardly ever there again."""
    if value is None:
        return None
    if type(value) is not str or len(value) > LONGEST_PINNED:
        raise NotTypicalError
    return Literal[value]


def _only(places: tuple[Place, ...]) -> str | None:
    return places[0].key if len(places) == 1 and not places[0].rest else None
