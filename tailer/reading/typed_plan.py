"""Reads lines with one set of keys without decoding what nobody counts: the answer of the general way, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import UNSET, Raw, Struct, UnsetType

from parsers.base import Asked, Call, Part, Stage, Supplied
from tailer.reading.chunk import Outcome, Reading
from tailer.reading.finish import MAX_COST_USD, join_key
from tailer.reading.names import ROLES
from tailer.reading.paths import text_at
from tailer.reading.surroundings import DOUBTED, DURATION, UNITLESS_SECONDS, Accept, Surroundings
from tailer.reading.wrapper import OPENINGS

NOBODY = Asked()
STRICT = DOUBTED | {DURATION}
"""Roles in which a value that cannot be believed needs a word: the general way has it."""
MAKE = tuple.__new__


class Request(Struct, gc=False):
    """What a request must hold to be typical: a model, and no address beside it."""

    model: str
    stream: bool | None = None
    url: Raw | UnsetType = UNSET
    uri: Raw | UnsetType = UNSET


class Role(NamedTuple):
    """Where one of `ROLES` may be (position among the picked values, and unit), and how its value is made."""

    slot: int
    accept: Accept
    position: int
    unit: str


class Source(NamedTuple):
    """Where a dimension or label comes from: position among the picked values, -1 for nowhere, and the path there."""

    position: int
    path: tuple[str, ...]


class Exchange(NamedTuple):
    """Where the call is: the body (None where it is the line itself) and what was asked, and who makes the call."""

    body: Callable[[Any], Any] | None
    request: Callable[[Any], Any] | None
    call: Callable[[Any, Asked, Supplied], Call | Part | None]


class Plan(Struct, gc=False):
    """A line's decoder, and where its values are. Without an `exchange` such lines are of no call."""

    decode: Callable[[bytes], Any]
    pick: Callable[[Any], tuple[Any, ...]]
    roles: tuple[Role, ...]
    dimensions: tuple[Source, ...]
    labels: tuple[Source, ...]
    messages: tuple[int, ...]
    """Positions of texts that may not begin as JSON does."""
    wrapper: str | None
    parser: str | None
    exchange: Exchange | None
    counts: int = 0
    """How many counts such a line tells."""

    def read(self, line: bytes, start: int, end: int, number: int) -> Reading | None:
        """Raises msgspec.DecodeError (ValidationError for a line of other keys), RecursionError."""
        found = self.decode(line)
        values = self.pick(found)
        around = self._around(values)
        if around is None or (self.messages and _may_hold(self.messages, values)):
            return None
        dimensions = _texts(self.dimensions, values) if self.dimensions else ()
        labels = _texts(self.labels, values) if self.labels else ()
        if dimensions is None or labels is None:
            return None
        call: Call | None = None
        stage: Stage | None = None
        key: str | None = None
        outcome: Outcome = "not_llm"
        if self.exchange is not None:
            told = _told(self.exchange, found, around)
            if told is None:
                return None
            stage, call = told if isinstance(told, Part) else (None, told)
            outcome = "call" if stage is None or stage is Stage.LAST else "part"
            key = around.request_id or join_key(call, stage, around, asked=self.exchange.request is not None)
        return Reading(
            start, end, number, outcome, call, stage, key, around.timestamp_ns, around.level, around.trace_id,
            dimensions, labels, self.wrapper, self.parser,
        )  # fmt: skip

    def _around(self, values: tuple[Any, ...]) -> Surroundings | None:
        """What surrounds the body; None where the general way may know better, or has a word to say."""
        found: list[Any] = [None] * len(ROLES)
        for slot, accept, position, unit in self.roles:
            value = values[position]
            if value is not None and found[slot] is None:
                found[slot] = accept(value, unit)
                if found[slot] is None and slot in STRICT:
                    return None
        around = Surroundings(*found)
        seconds, cost = around.duration_seconds, around.cost_usd
        if around.timestamp_ns is None or around.has_failed:
            return None
        if (seconds is not None and seconds > UNITLESS_SECONDS) or (cost is not None and cost > MAX_COST_USD):
            return None
        return around


def _told(exchange: Exchange, found: Any, around: Surroundings) -> Call | Part | None:
    supplied: Supplied = MAKE(
        Supplied,
        (
            around.cost_usd,
            around.timestamp_ns,
            around.duration_seconds,
            around.time_to_first_token_seconds,
            around.request_id,
        ),
    )
    body = found if exchange.body is None else exchange.body(found)
    if exchange.request is None:
        return exchange.call(body, NOBODY, supplied)
    request = exchange.request(found)
    if request.url is not UNSET or request.uri is not UNSET:
        return None
    return exchange.call(body, MAKE(Asked, (request.model, request.stream)), supplied)


def _may_hold(positions: tuple[int, ...], values: tuple[Any, ...]) -> bool:
    """Whether one of these texts may be more than a message."""
    for position in positions:
        text = values[position]
        if type(text) is str and text[:1] in OPENINGS:
            return True
    return False


def _texts(sources: tuple[Source, ...], values: tuple[Any, ...]) -> tuple[str, ...] | None:
    """The configured values, None where one is empty: another level may have it then."""
    found = []
    for position, path in sources:
        text = ""
        if position >= 0:
            value = values[position]
            text = value if type(value) is str and len(path) == 1 else text_at(({path[0]: value},), path)
            if not text:
                return None
        found.append(text)
    return tuple(found)
