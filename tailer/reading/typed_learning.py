"""From a line that was read in the general way to a plan for those like it; None where there can be none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_origin

import msgspec

from parsers.base import Parser
from tailer.reading.answer import Object
from tailer.reading.asking import Asking
from tailer.reading.formats import ZEROLOG, Format
from tailer.reading.names import ROLES
from tailer.reading.settling import value_at
from tailer.reading.shape import Place, Shape
from tailer.reading.typed_bodies import Seen, Told, created_in, exactly, is_timed, of_call
from tailer.reading.typed_compiled import planned
from tailer.reading.typed_looking import Unwrap, looked_at, wrappers_of
from tailer.reading.typed_plan import BODILY, Exchange, Form, Plan, Role, Source
from tailer.reading.typed_struct import NotTypicalError, attribute_of, struct_of
from tailer.reading.unwrapped import joined
from tailer.reading.wrapper import ENVELOPES, Unwrapper

SCALAR = str | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | None
"""Decoders differ in what they make of a larger number."""
DECODED = (object, SCALAR, str, str | None, Object)
"""Types of which nothing is left out."""
LIKE_ZEROLOG = frozenset({"level", "time", "message"})
"""Keys of lines that are zerolog's only where they stand in its order."""
OF_CALLS = frozenset({"headers", "url", "provider"})
"""Roles that matter to calls alone."""
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

    def plan(self, seen: Seen, counts: int, unwrap: Unwrap) -> Plan | None:
        """The plan for lines like this one, which tells so many counts; `unwrap` is the general way with such lines.

        Whether it gives this very reading is for the caller to see.
        """
        shape, unwrapped, reading = seen.shape, seen.unwrapped, seen.reading
        if self._unwrapper.shape(_reordered(seen)) != shape:
            return None
        if _has_places(shape.form, seen.line) or shape.told or shape.whole or (shape.started and shape.ended):
            return None
        if unwrapped.events is not None or unwrapped.done or unwrapped.broken or reading.more or reading.warnings:
            return None
        try:
            told = (
                self._of_nothing(seen, unwrap) if reading.call is None else of_call(seen, self._parsers, self._asking)
            )
            return (
                None if told is None else planned(self._form(seen, counts, self._wrappers(seen, told, unwrap), *told))
            )
        except NotTypicalError:
            return None

    def _of_nothing(self, seen: Seen, unwrap: Unwrap) -> Told | None:
        line, shape = seen.line, seen.shape
        if seen.reading.outcome != "not_llm" or seen.unwrapped.request is not None:
            return None
        bodies = (*shape.request, *shape.response)
        absent = [place for place in bodies if place.rest]
        if any(value_at(line, place) is not None for place in absent):
            return None
        wanted: dict[str, object] = {key: _message(key, line[key]) for key in shape.nests}
        for place in absent:
            wanted.setdefault(place.key, object)
        finding, asked = looked_at(line, unwrap, self._asking)
        around = {place.key for _, places in shape.roles for place in places}
        around.difference_update(place.key for place in bodies if not place.rest)
        if (shape.asks or shape.announces) and any(ROLES[index] == "request_id" for index, _ in shape.roles):
            return None
        if not asked.isdisjoint(wanted):
            return None
        wanted.update((key, exactly(line[key])) for key in asked | finding.difference(around, wanted, ("event",)))
        if self._asking.keys is None or not self._asking.keys.isdisjoint(line):
            _pin_addresses(shape, line, wanted)
        return (line,), wanted, None, absent

    @staticmethod
    def _wrappers(seen: Seen, told: Told, unwrap: Unwrap) -> tuple[str | None, str | None]:
        _, wanted, exchange, _ = told
        if exchange is not None:
            return (seen.reading.wrapper,) * 2
        texts = [key for key in seen.shape.nests if wanted[key] is not Object]
        plain, opening = wrappers_of(seen.line, texts, unwrap)
        return joined(seen.outer, plain), joined(seen.outer, opening)

    def _form(  # noqa: PLR0913, PLR0917  # all that was told of the line
        self,
        seen: Seen,
        counts: int,
        wrappers: tuple[str | None, str | None],
        levels: Sequence[Object],
        wanted: dict[str, object],
        exchange: Exchange | None,
        absent: Sequence[Place],
    ) -> Form:
        """`levels` are the line and, where it is another, the body; `wanted` is what is to be decoded of the line."""
        line, shape = seen.line, seen.shape
        roles = [
            (index, place)
            for index, places in shape.roles
            for place in places
            if exchange is not None or ROLES[index] not in OF_CALLS
        ]
        for index, place in roles:
            _want(wanted, place, ROLES[index], line)
        if "event" in line:
            wanted.setdefault("event", _exact_type(line["event"]))
        sources = [[_source(path, levels, wanted) for path in paths] for paths in (self._dimensions, self._labels)]

        def attribute(key: str) -> str:
            return attribute_of(line, wanted, key)

        dimensions, labels = [
            tuple(Source(None if key is None else attribute(key), path) for key, path in found) for found in sources
        ]
        return Form(
            decode=msgspec.json.Decoder(struct_of(line, wanted)).decode,
            roles=tuple(Role(index, attribute(place.key), place.rest, place.unit) for index, place in roles),
            dimensions=dimensions,
            labels=labels,
            messages=tuple(map(attribute, shape.nests)) if exchange is None else (),
            wrappers=wrappers,
            parser=seen.reading.parser,
            exchange=exchange,
            zerolog=shape.form is ZEROLOG if line.keys() >= LIKE_ZEROLOG else None,
            absent=tuple(Source(attribute(place.key), place.rest) for place in absent),
            addresses={seen.address},
            counts=counts,
            is_timed=is_timed(seen),
            created=created_in(seen),
        )


def _reordered(seen: Seen) -> Object:
    """The line the other way round, since of two keys for one thing the first counts; zerolog's keep their ends."""
    pairs = list(seen.line.items())
    if seen.shape.form is ZEROLOG:
        return dict([pairs[0], *reversed(pairs[1:-3]), *pairs[-3:]])
    return dict(reversed(pairs))


def _has_places(form: Format | None, line: Object) -> bool:
    """Whether a format has more in places of its own than `Shape` says."""
    return form is not None and bool(
        form.paths or form.level or not line.keys().isdisjoint((*form.contexts, *form.nests))
    )


def _message(key: str, value: object) -> object:
    """The type of what may hold a body on other lines, where on this one it holds none."""
    if type(value) is not dict:
        # Loggers are told apart by the type of this one.
        return str | int | None if key != "event" else _exact_type(value)
    if key in ENVELOPES or not BODILY.isdisjoint(value):
        raise NotTypicalError
    return Object


def _pin_addresses(shape: Shape, line: Object, wanted: dict[str, object]) -> None:
    """Parsers may go by these too."""
    for index, places in shape.roles:
        for place in places:
            if ROLES[index] in OF_CALLS:
                if line[place.key] is not None:
                    raise NotTypicalError
                wanted[place.key] = None


def _want(wanted: dict[str, object], place: Place, role: str, line: Object) -> None:
    value = line[place.key]
    if place.rest or (role == "headers" and value is not None):
        known = wanted.setdefault(place.key, object)
        if known not in DECODED:
            raise NotTypicalError
        return
    # A level's type tells loggers apart.
    wanted.setdefault(place.key, _exact_type(value) if role == "level" or value is None else SCALAR)


def _exact_type(value: object) -> object:
    """The type of a value that takes no other: a number with a fraction would take whole ones."""
    if value is None or type(value) is str or type(value) is int:
        return type(value)
    raise NotTypicalError


def _source(path: Path, levels: Sequence[Object], wanted: dict[str, object]) -> tuple[str | None, Path]:
    """The key of the line under which a configured path begins, None where no level has anything there."""
    head, line = path[0], levels[0]
    if head in line:
        known: object = wanted.setdefault(head, object)
        if known not in DECODED and get_origin(known) is not Literal:
            raise NotTypicalError
        return head, path
    if any(key == head or key.startswith(f"{head}.") for level in levels for key in level):
        raise NotTypicalError
    return None, path
