"""From a line that was read in the general way to a plan for those like it; None where there can be none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, Literal, NamedTuple, get_origin

import msgspec

from parsers.base import Parser, Typical
from tailer.reading.answer import BESIDE, HTTP_KEYS, METADATA, Object, is_body, may_be_named
from tailer.reading.asking import Asking, is_ours
from tailer.reading.chunk import Reading
from tailer.reading.formats import Format
from tailer.reading.names import OBJECTS, ROLES, TYPED
from tailer.reading.shape import Place, Shape
from tailer.reading.surroundings import ACCEPT
from tailer.reading.typed_looking import looked_at, wrappers_of
from tailer.reading.typed_plan import BODILY, NOWHERE, Address, Exchange, Plan, Request, Role, Source
from tailer.reading.typed_struct import NotTypicalError, attribute_of, struct_of
from tailer.reading.unwrapped import Unwrapped, joined
from tailer.reading.wrapper import ENVELOPES, Unwrapper

SCALAR = str | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | None
"""Decoders differ in what they make of a larger number."""
DECODED = (object, SCALAR, str, str | None, Object)
"""Types of which nothing is left out."""
OF_CALLS = frozenset({"headers", "url", "provider"})
"""Roles that matter to calls alone."""
LONGEST_PINNED = 64
"""Of a text that tells what a line is; what is longer is hardly ever there again."""
Path = tuple[str, ...]


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

    def plan(self, seen: Seen) -> Plan | None:
        """The plan for lines like this one. Whether it gives this very reading is for the caller to see."""
        shape, unwrapped, reading = seen.shape, seen.unwrapped, seen.reading
        if _has_places(shape.form, seen.line) or shape.told or shape.whole or (shape.started and shape.ended):
            return None
        if unwrapped.events is not None or unwrapped.done or unwrapped.broken or reading.more or reading.warnings:
            return None
        try:
            return self._of_nothing(seen) if reading.call is None else self._of_call(seen)
        except NotTypicalError:
            return None

    def _of_nothing(self, seen: Seen) -> Plan | None:
        line, shape = seen.line, seen.shape
        if seen.reading.outcome != "not_llm" or seen.unwrapped.request is not None:
            return None
        wanted: dict[str, object] = {key: _message(key, line[key]) for key in shape.nests}
        finding, asked = looked_at(line, self._unwrapper, self._asking)
        around = {place.key for _, places in shape.roles for place in places}
        if (shape.asks or shape.announces) and any(ROLES[index] == "request_id" for index, _ in shape.roles):
            return None
        if not asked.isdisjoint(wanted):
            return None
        wanted.update((key, _exactly(line[key])) for key in asked | finding.difference(around, wanted, ("event",)))
        if self._asking.keys is None or not self._asking.keys.isdisjoint(line):
            _pin_addresses(shape, line, wanted)
        return self._plan(seen, (line,), wanted, None)

    def _wrappers(self, seen: Seen, wanted: dict[str, object]) -> tuple[str | None, str | None]:
        texts = [key for key in seen.shape.nests if wanted[key] is not Object]
        plain, opening = wrappers_of(seen.line, texts, self._unwrapper)
        return joined(seen.outer, plain), joined(seen.outer, opening)

    def _of_call(self, seen: Seen) -> Plan | None:
        line, body = seen.line, seen.unwrapped.body
        typical = _typical(self._parsers, seen.reading.parser, body) if body is not None else None
        if typical is None or body is None or seen.shape.counts:
            return None
        if body is line:
            found = Exchange(None, None, typical.call, metadata=False)
            return self._plan(seen, (line,), dict(typical.wanted), found) if _is_bare(seen) else None
        wanted = _wrapped(seen, body, typical)
        body_of, *request_of = [attrgetter(attribute_of(line, wanted, key)) for key in wanted]
        found = Exchange(
            body_of, request_of[0] if seen.shape.request else None, typical.call, _has_metadata(body, typical)
        )
        return self._plan(seen, (line, body), wanted, found)

    def _plan(self, seen: Seen, levels: Sequence[Object], wanted: dict[str, object], exchange: Exchange | None) -> Plan:
        """`levels` are the line and, where it is another, the body; `wanted` is what is to be decoded of the line."""
        line, shape = seen.line, seen.shape
        messages = shape.nests if exchange is None else ()
        picked = list(messages)
        roles = [
            (index, place)
            for index, places in shape.roles
            for place in places
            if exchange is not None or ROLES[index] not in OF_CALLS
        ]
        for index, place in roles:
            _want(wanted, place, ROLES[index], line)
            picked.append(place.key)
        if "event" in line:
            wanted.setdefault("event", type(line["event"]))
        dimensions = [_source(path, levels, wanted) for path in self._dimensions]
        labels = [_source(path, levels, wanted) for path in self._labels]
        picked += [key for key, _ in (*dimensions, *labels) if key is not None]
        positions = {key: position for position, key in enumerate(dict.fromkeys(picked))}
        return Plan(
            decode=msgspec.json.Decoder(struct_of(line, wanted)).decode,
            pick=_picker([attribute_of(line, wanted, key) for key in positions]),
            roles=tuple(
                Role(index, ACCEPT[index], positions[place.key], place.rest, place.unit) for index, place in roles
            ),
            dimensions=tuple(Source(-1 if key is None else positions[key], path) for key, path in dimensions),
            labels=tuple(Source(-1 if key is None else positions[key], path) for key, path in labels),
            messages=tuple(positions[key] for key in messages),
            wrappers=(seen.reading.wrapper,) * 2 if exchange is not None else self._wrappers(seen, wanted),
            parser=seen.reading.parser,
            exchange=exchange,
            addresses={seen.address},
        )


def _has_places(form: Format | None, line: Object) -> bool:
    """Whether a format has more in places of its own than `Shape` says."""
    return form is not None and bool(
        form.paths or form.level or not line.keys().isdisjoint((*form.contexts, *form.nests))
    )


def _message(key: str, value: object) -> object:
    """The type of what may hold a body on other lines, where on this one it holds none."""
    if type(value) is not dict:
        # Loggers are told apart by the type of this one.
        return str | int | None if key != "event" else type(value)
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
    if shape.typed and is_body(seen.line):
        return True
    return shape.usage and not (shape.typed or shape.request or shape.response)


def _wrapped(seen: Seen, body: Object, typical: Typical) -> dict[str, object]:
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
    wanted.update((key, _exactly(line[key])) for key in line if key in TYPED)
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


def _want(wanted: dict[str, object], place: Place, role: str, line: Object) -> None:
    value = line[place.key]
    if place.rest or (role == "headers" and value is not None):
        known = wanted.setdefault(place.key, object)
        if known not in DECODED:
            raise NotTypicalError
        return
    # A level's type tells loggers apart.
    wanted.setdefault(place.key, type(value) if role == "level" or value is None else SCALAR)


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


def _exactly(value: object) -> object:
    if value is None:
        return None
    if type(value) is not str or len(value) > LONGEST_PINNED:
        raise NotTypicalError
    return Literal[value]


def _only(places: tuple[Place, ...]) -> str | None:
    return places[0].key if len(places) == 1 and not places[0].rest else None


def _picker(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) == 1:
        only = attrgetter(names[0])
        return lambda found: (only(found),)
    pick: Callable[[Any], tuple[Any, ...]] = attrgetter(*names) if names else lambda _: ()
    return pick
