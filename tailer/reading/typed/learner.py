"""From a line that was read in the general way to a plan for those like it; None where there can be none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_origin

import msgspec

from parsers.base import Parser
from tailer.reading.answer import Object
from tailer.reading.asking import Asking
from tailer.reading.doubled import counts_of
from tailer.reading.formats import ZEROLOG
from tailer.reading.names import ROLES
from tailer.reading.shape import Shape
from tailer.reading.typed.calls import created_in, is_timed, of_call
from tailer.reading.typed.compiled import planned
from tailer.reading.typed.nothing import OF_CALLS, Unwrap, of_nothing
from tailer.reading.typed.opened import LIKE_ZEROLOG, exact_type, has_places
from tailer.reading.typed.plan import NO_PINS, Exchange, Form, Plan, Role, Source
from tailer.reading.typed.seen import Level, Seen
from tailer.reading.typed.source import STRICT
from tailer.reading.typed.structs import NotTypicalError
from tailer.reading.typed.wanted import Spot, Told, Wanted, pins_of
from tailer.reading.wrapper import Unwrapper

SCALAR = str | int | float | None
DECODED = (object, SCALAR, str, str | None, Object)
"""Types of which nothing is left out."""
TOLD_BY_TYPE = {"pino": "level", "structlog": "event"}
"""What tells a logger by the type that its value has, as `unwrapped.logger_name` says."""
Path = tuple[str, ...]


class Learner:
    """Makes plans with these parsers' knowledge and the configured paths of dimensions and labels."""

    def __init__(
        self,
        parsers: Sequence[Parser],
        unwrapper: Unwrapper,
        asking: Asking,
        dimensions: Sequence[Path],
        labels: Sequence[Path],
    ) -> None:
        self._parsers = parsers
        self._unwrapper = unwrapper
        self._asking = asking
        self._dimensions = dimensions
        self._labels = labels

    def plan(self, seen: Seen, unwrap: Unwrap) -> Plan | None:
        """The plan for lines like this one; `unwrap` is the general way with such lines.

        Whether it gives this very reading is for the caller to see.
        """
        unwrapped, reading = seen.unwrapped, seen.reading
        if not all(map(self._is_known, seen.levels)):
            return None
        if unwrapped.events is not None or unwrapped.done or unwrapped.broken or reading.more or reading.warnings:
            return None
        try:
            if reading.call is None:
                told = of_nothing(seen, self._parsers, self._asking, unwrap)
            else:
                told = of_call(seen, self._parsers, self._asking)
            return None if told is None else planned(self._form(seen, told))
        except NotTypicalError:
            return None

    def _is_known(self, level: Level) -> bool:
        """Whether the shape says all that there is to such a level, in any order of its keys."""
        line, shape = level.line, level.shape
        if self._unwrapper.shape(_reordered(line, shape)) != shape or has_places(shape.form, line):
            return False
        return not (shape.told or shape.whole or (shape.started and shape.ended))

    def _form(self, seen: Seen, told: Told) -> Form:
        line, shape, body = seen.line, seen.shape, seen.unwrapped.body
        wanted, exchange = told.wanted, told.exchange
        roles = _roles(seen, wanted, is_call=exchange is not None)
        for level in seen.levels:
            telling = TOLD_BY_TYPE.get(level.shape.logger or "")
            if telling in level.line:
                _want_type(wanted, (*level.path, telling))
        inside = body if exchange is not None and exchange.body is not None else None
        sources = [
            [_source(path, seen.levels, inside, wanted) for path in paths] for paths in (self._dimensions, self._labels)
        ]
        dimensions, labels = [
            tuple(Source(None if at is None else wanted.attribute(at), path) for at, path in found) for found in sources
        ]
        return Form(
            decode=msgspec.json.Decoder(wanted.struct()).decode,
            roles=tuple(Role(index, wanted.attribute(spot.path), spot.rest, spot.unit) for index, spot in roles),
            dimensions=dimensions,
            labels=labels,
            messages=tuple(map(wanted.attribute, told.messages)),
            wrappers=told.wrappers,
            parser=seen.reading.parser,
            exchange=exchange,
            zerolog=shape.form is ZEROLOG if line.keys() >= LIKE_ZEROLOG else None,
            absent=tuple(Source(wanted.attribute((place.key,)), place.rest) for place in told.absent),
            pins=wanted.pins(),
            body_pins=NO_PINS if exchange is None or seen.where is None else pins_of(exchange.typical.wanted),
            addresses={seen.address},
            counts=_counts(exchange),
            is_timed=is_timed(seen),
            created=created_in(seen),
        )


def _counts(exchange: Exchange | None) -> int:
    """How many counts such a line surely tells where it has no quotes within quotes."""
    if exchange is None or (exchange.body is not None and exchange.body.decode is not None):
        return 0
    return counts_of(exchange.typical.told)


def _roles(seen: Seen, wanted: Wanted, *, is_call: bool) -> list[tuple[int, Spot]]:
    """What surrounds such lines, the innermost level first, and wants it."""
    found: list[tuple[int, Spot]] = []
    for level in reversed(seen.levels):
        known = {index for index, _ in found}
        for index, places in level.shape.roles:
            if not is_call and ROLES[index] in OF_CALLS:
                continue
            if index in known and index in STRICT:
                # What cannot be believed needs a word, whatever another level says.
                raise NotTypicalError
            for place in places:
                spot = wanted.spot(level.path, place)
                if spot is not None:
                    _want(wanted, spot, ROLES[index])
                    found.append((index, spot))
    return found


def _reordered(line: Object, shape: Shape) -> Object:
    """The line the other way round, since of two keys for one thing the first counts; zerolog's keep their ends."""
    pairs = list(line.items())
    if shape.form is ZEROLOG:
        return dict([pairs[0], *reversed(pairs[1:-3]), *pairs[-3:]])
    return dict(reversed(pairs))


def _want(wanted: Wanted, spot: Spot, role: str) -> None:
    value = wanted.value(spot.path)
    if spot.rest or (role == "headers" and value is not None):
        _want_whole(wanted, spot.path)
    else:
        # A level's type tells loggers apart.
        wanted.want(spot.path, exact_type(value) if role == "level" or value is None else SCALAR)


def _want_type(wanted: Wanted, path: Path) -> None:
    kind = exact_type(wanted.value(path))
    known = wanted.want(path, kind)
    if known != kind and get_origin(known) is not Literal:
        raise NotTypicalError


def _want_whole(wanted: Wanted, path: Path) -> None:
    known = wanted.want(path, object)
    if known not in DECODED and get_origin(known) is not Literal:
        raise NotTypicalError


def _source(path: Path, levels: Sequence[Level], body: Object | None, wanted: Wanted) -> tuple[Path | None, Path]:
    """The keys down to where a configured path begins, None where no level has anything there."""
    head = path[0]
    for level in levels:
        if head in level.line:
            at = (*level.path, head)
            _want_whole(wanted, at)
            return at, path
        _has_nothing(level.line, head)
    _has_nothing(body or {}, head)
    return None, path


def _has_nothing(level: Object, head: str) -> None:
    if any(key == head or key.startswith(f"{head}.") for key in level):
        raise NotTypicalError
