"""Where the body of a typical call is, and what of it and of the line around it has to be decoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from parsers.base import Parser
from parsers.typical import Typical
from tailer.reading.answer import BESIDE, HTTP_KEYS, METADATA, Object, is_body, may_be_named
from tailer.reading.asking import Asking
from tailer.reading.names import OBJECTS, ROLES, TYPED
from tailer.reading.shape import Place
from tailer.reading.typed.exact import exact
from tailer.reading.typed.failures import failing
from tailer.reading.typed.forms import form_of
from tailer.reading.typed.opened import before, exactly
from tailer.reading.typed.plan import Exchange, Held, Request, Where
from tailer.reading.typed.seen import Level, Seen, first_place
from tailer.reading.typed.structs import NotTypicalError, struct_of
from tailer.reading.typed.wanted import Told, Wanted

CREATED = ("created", "created_at")
OVER_HTTP = frozenset({"status", "headers", "request_id"})
"""Roles that boto3's account of an answer has too."""
Path = tuple[str, ...]


def of_call(seen: Seen, parsers: Sequence[Parser], asking: Asking) -> Told | None:
    """What is to be decoded of a line of a call like this one, None where that cannot be told.

    Raises NotTypicalError where other lines with these keys may be other things.
    """
    line, body, call = seen.line, seen.unwrapped.body, seen.reading.call
    if body is None or call is None:
        return None
    failed = call.error_type is not None
    typical = failing(asking, seen.reading.parser, body) if failed else form_of(parsers, seen.reading.parser, body)
    if typical is None:
        return None
    if (created := created_in(seen)) is not None:
        typical = typical._replace(wanted={**typical.wanted, created: int})
    if body is line:
        wanted = Wanted(line)
        for key, kind in typical.wanted.items():
            wanted.put((key,), kind)
        return Told(wanted, seen.wrappers, Exchange(None, None, typical)) if _is_bare(seen) and not failed else None
    return _wrapped(seen, body, typical, failed=failed)


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
    if len(seen.levels) > 1:
        raise NotTypicalError
    levels = (line, body or {})
    if any("response" in level and (body is None or level["response"] is not body) for level in levels):
        raise NotTypicalError
    told = [key for key in CREATED if any(key in level for level in levels)]
    if not told:
        return None
    if body is None or len(told) > 1 or (body is not line and told[0] in line) or type(body[told[0]]) is not int:
        raise NotTypicalError
    return told[0]


def _is_bare(seen: Seen) -> bool:
    """Whether lines of these keys are bodies, as far as the values that are pinned tell."""
    shape = seen.shape
    if shape.request or shape.counts:
        return False
    return is_body(seen.line) if shape.typed else shape.usage and not shape.response


def _wrapped(seen: Seen, body: Object, typical: Typical, *, failed: bool) -> Told:
    """What is wanted of a line around a body: that and the request, if there is one."""
    level = seen.levels[-1]
    line, shape, where = level.line, level.shape, seen.where
    if where is None or shape.usage or shape.counts or (shape.typed and is_body(line)):
        raise NotTypicalError
    if may_be_named(body) and not line.keys().isdisjoint(BESIDE):
        raise NotTypicalError
    asked = first_place(level, shape.request)
    wanted = Wanted(seen.line, [place.path for place in (where, asked) if place is not None])
    messages = [message for one, inner in pairwise(seen.levels) for message in before(one, inner, wanted)]
    held = _held(level, shape.response, where, body, typical.wanted, wanted)
    request = None
    if shape.request:
        if asked is None or seen.unwrapped.request is None:
            raise NotTypicalError
        request = _held(level, shape.request, asked, seen.unwrapped.request, Object if failed else Request, wanted)
    # Whether a level is itself a body depends on these.
    for one in seen.levels:
        for key in TYPED.intersection(one.line):
            wanted.put((*one.path, key), exactly(one.line[key]))
    has_metadata = _has_metadata(body, typical)
    if any(_comes_after(outer, body, has_metadata=has_metadata) for outer in seen.levels[:-1]):
        raise NotTypicalError
    return Told(wanted, seen.wrappers, Exchange(held, request, typical, has_metadata, failed), messages)


def _comes_after(outer: Level, body: Object, *, has_metadata: bool) -> bool:
    """Whether what an outer level says counts where the body, which is inside, says nothing."""
    if "event_id" in body:
        return True
    return has_metadata and any(ROLES[index] in OVER_HTTP for index, _ in outer.shape.roles)


def _held(  # noqa: PLR0913, PLR0917  # where it is, what it is, and what is wanted of it
    level: Level, places: Sequence[Place], where: Where, value: Object, kind: object, wanted: Wanted
) -> Held:
    """An object at the first of these places where lines with these keys have anything."""
    spots = (wanted.spot(level.path, place) for place in places)
    spot = next((spot for spot in spots if spot is not None), None)
    if spot is None or spot.path != where.path or spot.rest:
        raise NotTypicalError
    if where.in_text:
        wanted.put(where.path, str)
        decode = msgspec.json.Decoder(struct_of(value, kind) if isinstance(kind, Mapping) else exact(kind)).decode
        return Held(wanted.attribute(where.path), decode)
    if wanted.value(where.path) is not value:
        raise NotTypicalError
    wanted.put(where.path, kind)
    return Held(wanted.attribute(where.path))


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
