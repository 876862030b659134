"""Plans for lines with one set of keys: what they are made of, and what their straight-line source calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypedDict

from msgspec import Raw, Struct

from parsers.typical import Typical
from tailer.reading.chunk import Reading
from tailer.reading.names import HINTS
from tailer.reading.paths import text_at
from tailer.reading.stream import is_sse
from tailer.reading.times import timestamp_ns
from tailer.reading.typed.exact import NAME, SHORT_TEXT
from tailer.reading.wrapper import OPENINGS

BODILY = HINTS | {"billed_units"}
"""Keys of objects that may hold a body."""
INT64_DIGITS = 19
"""Decoders differ in what they make of a longer number."""

Address = tuple[str | None, str | None]
"""The URL and the name of the provider on a line."""
NOWHERE: Address = (None, None)
Path = tuple[str, ...]
Keys = tuple[str, ...]
Pins = Mapping[str, Raw]
"""Members that have the same value on every line, as it is usually written."""
NO_PINS: Pins = {}


class Where(NamedTuple):
    """Where an object is: the keys down to it, and whether it is JSON in a text there."""

    path: Path
    in_text: bool = False


class Request(TypedDict, total=False):
    """What counts of a request."""

    model: SHORT_TEXT
    modelId: NAME
    model_id: NAME
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
    """Where one of `ROLES` may be: its place there, the attribute of the decoded line, the path below, and the unit."""

    slot: int
    attribute: str
    rest: Path
    unit: str


class Source(NamedTuple):
    """Where a dimension or label comes from: the attribute of the decoded line, None for nowhere, and the path."""

    attribute: str | None
    path: Path


class Held(NamedTuple):
    """The attribute of an object, and how to decode it where it is JSON in a text."""

    attribute: str
    decode: Callable[[str], Any] | None = None


class Exchange(NamedTuple):
    """Where the call is: the body (None where it is the line itself) and what was asked.

    `metadata`: the body has botocore's account of the answer. `failed`: the call may have any status.
    """

    body: Held | None
    request: Held | None
    typical: Typical
    metadata: bool = False
    failed: bool = False


class Form(NamedTuple):
    """What is to be made of lines with one set of keys. Without an `exchange` they are of no call."""

    decode: Callable[[bytes], Any]
    roles: tuple[Role, ...]
    dimensions: tuple[Source, ...]
    labels: tuple[Source, ...]
    messages: tuple[str, ...]
    """Attributes of texts that may not begin as JSON does, and of objects that may not hold a body."""
    wrappers: tuple[str | None, str | None]
    """What surrounds such a line is called, and what where one of these texts begins as JSON or an event may."""
    parser: str | None
    exchange: Exchange | None
    zerolog: bool | None
    """Whether the order of its keys makes such a line zerolog's; None where the order tells nothing."""
    absent: tuple[Source, ...]
    """Where other lines have a body or a request, and these have nothing."""
    pins: Pins
    body_pins: Pins
    addresses: set[Address]
    """Those with which such lines were seen to be this parser's."""
    counts: int
    """How many members named like counts such a line surely has, by `doubled.counts_of`."""
    is_timed: bool = True
    """Whether such lines tell when they were written."""
    created: str | None = None
    """The member of the body that tells when it was created, which counts where nothing else tells a time."""


class Read(Protocol):
    """Reads a line that was `written` then, as the text around it says; None where the general way may know better.

    Raises msgspec.DecodeError (ValidationError for a line of other keys), RecursionError.
    """

    def __call__(
        self, line: bytes, start: int, end: int, number: int, written: bytes | None = None, /
    ) -> Reading | None: ...


class Plan(Struct, gc=False, eq=False):
    """A form, the source composed from it, and the function that this is."""

    form: Form
    source: str
    read: Read
    place: tuple[Keys, Where | None, Keys] = ((), None, ())
    """The keys of such lines, where they have the body, and the keys of that."""
    marks: tuple[bytes, ...] = ()
    """What every such line has, as it stands near the beginning of the first."""
    uses: int = 0
    """How often it was right, lately."""


def written_ns(written: bytes | None) -> int | None:
    """The time in the text around a line."""
    return None if written is None else timestamp_ns(written.decode("ascii", "replace"))


def is_plain(request: Request) -> bool:
    """Whether a request is the body itself, and nothing that is around one."""
    if "url" in request or "uri" in request:
        return False
    return "model" in request or "modelId" in request


def is_opening(value: object) -> bool | None:
    """Whether a message begins as an event of a stream may; None where it may be more than a message."""
    if type(value) is str:
        start = value[:1]
        if start in OPENINGS:
            return None if start not in "de" or is_sse(value) else True
    elif type(value) is dict and not BODILY.isdisjoint(value):
        return None
    return False


def texts(paths: Sequence[Path | None], values: Sequence[Any]) -> tuple[str, ...] | None:
    """The configured values, None where one is empty: another level may have it then."""
    found = []
    for path, value in zip(paths, values, strict=True):
        text = ""
        if path is not None:
            text = value if type(value) is str and len(path) == 1 else text_at(({path[0]: value},), path)
            if not text or (len(text) > INT64_DIGITS and text[1:].isdecimal()):
                return None
        found.append(text)
    return tuple(found)
