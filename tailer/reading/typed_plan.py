"""Reads lines with one set of keys without decoding what nobody counts: the answer of the general way, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

from msgspec import Raw, Struct

from parsers.base import NOTHING, Call, Part, Record, Stage
from tailer.reading.answer import ASKING_KEYS, METADATA, answer_in
from tailer.reading.chunk import Outcome, Reading
from tailer.reading.finish import finished, join_key
from tailer.reading.names import HINTS, ROLES
from tailer.reading.paths import reach, text_at
from tailer.reading.settling import with_http
from tailer.reading.stream import is_sse
from tailer.reading.surroundings import DOUBTED, DURATION, UNITLESS_SECONDS, Accept, Surroundings, header_map
from tailer.reading.times import timestamp_ns
from tailer.reading.wrapper import OPENINGS

STRICT = DOUBTED | {DURATION}
"""Roles in which a value that cannot be believed needs a word: the general way has it."""
LEVEL_FIRST = b'{"level"'
BODILY = HINTS | {"billed_units"}
"""Keys of objects that may hold a body."""
TELLING = "x-amzn-bedrock-"
"""Headers that begin so may tell whose body it is."""
INT64_DIGITS = 19
"""Decoders differ in what they make of a longer number."""
MAKE = tuple.__new__

Address = tuple[str | None, str | None]
"""The URL and the name of the provider on a line."""
NOWHERE: Address = (None, None)


class Request(TypedDict, total=False):
    """What counts of a request."""

    model: str | None
    modelId: str
    model_id: str
    stream: bool | None
    messages: Raw
    prompt: Raw
    contents: Raw
    body: Raw
    json: Raw
    Body: Raw
    url: Raw
    uri: Raw


class Role(NamedTuple):
    """Where one of `ROLES` may be (position among the picked values, path there, unit), and how its value is made."""

    slot: int
    accept: Accept
    position: int
    rest: tuple[str, ...]
    unit: str


class Source(NamedTuple):
    """Where a dimension or label comes from: position among the picked values, -1 for nowhere, and the path there."""

    position: int
    path: tuple[str, ...]


class Exchange(NamedTuple):
    """Where the call is: the body (None where it is the line itself) and what was asked, and who makes the call.

    `metadata`: the body has botocore's account of the answer.
    """

    body: Callable[[Any], Any] | None
    request: Callable[[Any], Any] | None
    call: Callable[[Any, Record], Call | Part | None]
    metadata: bool


class Plan(Struct, gc=False, eq=False):
    """A line's decoder, and where its values are. Without an `exchange` such lines are of no call."""

    decode: Callable[[bytes], Any]
    pick: Callable[[Any], tuple[Any, ...]]
    roles: tuple[Role, ...]
    dimensions: tuple[Source, ...]
    labels: tuple[Source, ...]
    messages: tuple[int, ...]
    """Positions of texts that may not begin as JSON does, and of objects that may not hold a body."""
    wrappers: tuple[str | None, str | None]
    """What surrounds such a line is called, and what where one of these texts begins as JSON or an event may."""
    parser: str | None
    exchange: Exchange | None
    zerolog: bool | None
    """Whether the order of its keys makes such a line zerolog's; None where the order tells nothing."""
    absent: tuple[Source, ...]
    """Where other lines have a body or a request, and these have nothing."""
    addresses: set[Address]
    """Those with which such lines were seen to be this parser's."""
    counts: int = 0
    """How many counts such a line tells."""
    uses: int = 0
    """How often it was right, lately."""

    def read(self, line: bytes, start: int, end: int, number: int, written: bytes | None = None) -> Reading | None:
        """The reading of a line that was `written` then, as the text around it says.

        Raises msgspec.DecodeError (ValidationError for a line of other keys), RecursionError.
        """
        if self.zerolog is not None and not _is_ordered(line, self.zerolog):
            return None
        found = self.decode(line)
        values = self.pick(found)
        if self.absent and any(reach(values[position], rest) is not None for position, rest in self.absent):
            return None
        around = self._around(values, written)
        opening = _opening(self.messages, values) if self.messages else False
        if around is None or opening is None:
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
            told = self._told(self.exchange, found, around)
            if told is None:
                return None
            call, stage = told
            outcome = "call" if stage is None or stage is Stage.LAST else "part"
            key = around.request_id or join_key(call, stage, around, asked=self.exchange.request is not None)
        return Reading(
            start, end, number, outcome, call, stage, key, around.timestamp_ns, around.level, around.trace_id,
            dimensions, labels, self.wrappers[opening], self.parser,
        )  # fmt: skip

    def _around(self, values: tuple[Any, ...], written: bytes | None) -> Surroundings | None:
        """What surrounds the body; None where the general way may know better, or has a word to say."""
        found: list[Any] = [None] * len(ROLES)
        for slot, accept, position, rest, unit in self.roles:
            value = reach(values[position], rest) if rest else values[position]
            if value is not None and found[slot] is None:
                found[slot] = accept(value, unit)
                if found[slot] is None and slot in STRICT:
                    return None
        if found[0] is None:
            found[0] = timestamp_ns(written.decode("ascii", "replace")) if written is not None else None
            if found[0] is None:
                return None
        around = Surroundings(*found)
        seconds = around.duration_seconds
        return None if around.has_failed or (seconds is not None and seconds > UNITLESS_SECONDS) else around

    def _told(self, exchange: Exchange, found: Any, around: Surroundings) -> tuple[Call, Stage | None] | None:
        if (around.url, around.provider) not in self.addresses:
            return None
        request = None if exchange.request is None else exchange.request(found)
        if request is not None and not ASKING_KEYS.isdisjoint(request) and not _is_plain(request):
            return None
        body = found if exchange.body is None else exchange.body(found)
        if exchange.metadata:
            around = with_http(around, answer_in({METADATA: body.ResponseMetadata}))
            if around.has_failed:
                return None
        headers = NOTHING
        if around.headers is not None:
            headers = header_map(around.headers)
            if any(name.startswith(TELLING) for name in headers):
                return None
        timestamp = around.timestamp_ns
        record: Record = MAKE(Record, (None, request, None, headers, around.url, None, around.provider, timestamp))
        try:
            told = exchange.call(body, record)
        except Exception:  # The general way asks the parser again, and has a word for it.
            return None
        if told is None:
            return None
        stage, call = told if isinstance(told, Part) else (None, told)
        call = finished(call, around, headers, timestamp)
        return None if call.faults else (call, stage)


def _is_ordered(line: bytes, is_zerolog: bool) -> bool:
    """Whether a line with zerolog's keys has them in its order, by `formats.format_of`, or surely has not."""
    if not is_zerolog:
        return line[1:2] == b'"' and not line.startswith(LEVEL_FIRST)
    last = line.rfind(b',"message":"')
    time = line.rfind(b',"time":', 0, last)
    if not line.startswith(LEVEL_FIRST) or time < 0 or not line.endswith(b'"}') or line.find(b'":', last + 12) >= 0:
        return False
    between = line[time + 8 : last]
    return between.count(b'":') <= 1 and b"}" not in between


def _is_plain(request: Request) -> bool:
    """Whether a request is the body itself, and nothing that is around one."""
    if "url" in request or "uri" in request:
        return False
    return "model" in request or "modelId" in request


def _opening(positions: tuple[int, ...], values: tuple[Any, ...]) -> bool | None:
    """Whether a message begins as an event of a stream may; None where one of these may be more than a message."""
    found = False
    for position in positions:
        value = values[position]
        if type(value) is str:
            start = value[:1]
            if start in OPENINGS:
                if start not in "de" or is_sse(value):
                    return None
                found = True
        elif type(value) is dict and not BODILY.isdisjoint(value):
            return None
    return found


def _texts(sources: tuple[Source, ...], values: tuple[Any, ...]) -> tuple[str, ...] | None:
    """The configured values, None where one is empty: another level may have it then."""
    found = []
    for position, path in sources:
        text = ""
        if position >= 0:
            value = values[position]
            text = value if type(value) is str and len(path) == 1 else text_at(({path[0]: value},), path)
            if not text or (len(text) > INT64_DIGITS and text[1:].isdecimal()):
                return None
        found.append(text)
    return tuple(found)
