"""Where the body of a typical call is, and what of it and of the line around it has to be decoded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from parsers.base import Parser
from parsers.typical import Typical
from tailer.reading.answer import BESIDE, HTTP_KEYS, METADATA, Object, is_body, may_be_named
from tailer.reading.asking import Asking, is_ours
from tailer.reading.chunk import Reading
from tailer.reading.names import OBJECTS, TYPED
from tailer.reading.shape import Place, Shape
from tailer.reading.typed_failures import failing
from tailer.reading.typed_plan import NOWHERE, Address, Exchange, Request
from tailer.reading.typed_struct import NotTypicalError, attribute_of
from tailer.reading.unwrapped import Unwrapped

LONGEST_PINNED = 64
"""Of a text that tells what a line is; what is longer is hardly ever there again."""
CREATED = ("created", "created_at")
Told = tuple[Sequence[Object], dict[str, object], Exchange | None, Sequence[Place]]
"""The line and, where it is another, the body; what is to be decoded of the line; where the call is in that; and where
other lines have a body, and these have nothing."""


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


def of_call(seen: Seen, parsers: Sequence[Parser], asking: Asking) -> Told | None:
    """What is to be decoded of a line of a call like this one, None where that cannot be told.

    Raises NotTypicalError where other lines with these keys may be other things.
    """
    line, body, call = seen.line, seen.unwrapped.body, seen.reading.call
    if body is None or call is None or seen.shape.counts:
        return None
    failed = call.error_type is not None
    typical = failing(asking, seen.reading.parser, body) if failed else _typical(parsers, seen.reading.parser, body)
    if typical is None:
        return None
    if (created := created_in(seen)) is not None:
        typical = typical._replace(wanted={**typical.wanted, created: int})
    if body is line:
        found = Exchange(None, None, typical)
        return ((line,), dict(typical.wanted), found, ()) if _is_bare(seen) and not failed else None
    wanted = _wrapped(seen, body, typical, Object if failed else Request)
    body_of, *request_of = [attribute_of(line, wanted, key) for key in wanted]
    asked = request_of[0] if seen.shape.request else None
    return (line, body), wanted, Exchange(body_of, asked, typical, _has_metadata(body, typical), failed), ()


def is_timed(seen: Seen) -> bool:
    """Whether a line tells when it was written."""
    return seen.unwrapped.around.timestamp_ns is not None


def created_in(seen: Seen) -> str | None:
    """The member of the body by which a line without a time of its own has one; None for lines that have, or never.

    Raises NotTypicalError where other lines with these keys may have one from elsewhere.
    """
    line, body = seen.line, seen.unwrapped.body
    if is_timed(seen):
        return None
    levels = (line, body or {})
    if any("response" in level and (body is None or level["response"] is not body) for level in levels):
        raise NotTypicalError
    told = [key for key in CREATED if any(key in level for level in levels)]
    if not told:
        return None
    if body is None or len(told) > 1 or (body is not line and told[0] in line) or type(body[told[0]]) is not int:
        raise NotTypicalError
    return told[0]


def _typical(parsers: Sequence[Parser], name: str | None, body: Object) -> Typical | None:
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


def _is_bare(seen: Seen) -> bool:
    """Whether lines of these keys are bodies, as far as the values that are pinned tell."""
    shape = seen.shape
    if shape.request:
        return False
    return is_body(seen.line) if shape.typed else shape.usage and not shape.response


def _wrapped(seen: Seen, body: Object, typical: Typical, request: object) -> dict[str, object]:
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
        wanted[asked] = request
    # Whether the line is itself a body depends on these.
    wanted.update((key, exactly(line[key])) for key in line if key in TYPED)
    return wanted


def _has_metadata(body: Object, typical: Typical) -> bool:
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
    """The type of just this short text, or of null; raises NotTypicalError for anything else."""
    if value is None:
        return None
    if type(value) is not str or len(value) > LONGEST_PINNED:
        raise NotTypicalError
    return Literal[value]


def _only(places: tuple[Place, ...]) -> str | None:
    return places[0].key if len(places) == 1 and not places[0].rest else None
