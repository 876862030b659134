"""What a line is when freed of its wrappers, and what these are called."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from tailer.reading.answer import Object
from tailer.reading.names import CONTAINER_LOGGERS
from tailer.reading.shape import Shape
from tailer.reading.stream import Event
from tailer.reading.surroundings import Surroundings
from tailer.reading.text import Closed


class Unwrapped(Struct, frozen=True, gc=False):
    """What a line holds when freed of its wrappers.

    With `events` the body is a whole stream, `done` is its end mark. `levels` are the line and the objects inside it
    that were opened, outermost first. `broken` is a wrapped line whose JSON does not decode.
    """

    around: Surroundings
    levels: tuple[Object, ...]
    body: Object | None = None
    request: Object | None = None
    events: list[Event] | None = None
    done: bool = False
    broken: bool = False
    wrapper: str | None = None


class Level(Struct, frozen=True, gc=False):
    """One object on the way to the body: the line itself or one inside it, with its path."""

    line: Object
    shape: Shape
    around: Surroundings
    at: str
    depth: int

    @property
    def wrapper(self) -> str | None:
        """What this level is called in the name of the wrapper."""
        return logger_name(self.line, self.shape)


def logger_name(line: Object, shape: Shape) -> str | None:
    """The wrapper that this level is, as far as its keys and the types of the telling ones say."""
    name = shape.logger
    if name == "pino" and type(line.get("level")) is str:
        return "logger"
    if name == "structlog" and type(line["event"]) is not str:
        return "logger"
    return name


def in_text(found: Unwrapped) -> Unwrapped:
    """The same, found in JSON that was a text."""
    return replace(found, wrapper=joined(found.wrapper, "json_string"))


def joined(outer: str | None, inner: str | None) -> str | None:
    """The names of two wrappers, one inside the other; what every logger does inside a known one is not named."""
    if outer is None or inner is None:
        return outer or inner
    first, _, rest = inner.partition("+")
    if first == outer or (outer not in CONTAINER_LOGGERS and first in ("logger", "request_response")):
        return f"{outer}+{rest}" if rest else outer
    return f"{outer}+{inner}"


def in_words(unwrapped: Unwrapped, text: Closed) -> Unwrapped:
    """The same with what the text around the JSON said, the time there being the last resort."""
    around = unwrapped.around
    if around.timestamp_ns is None:
        around = replace(around, timestamp_ns=text.timestamp_ns)
    names = [name for name in (text.wrapper, unwrapped.wrapper) if name is not None]
    return replace(unwrapped, around=around, wrapper="+".join(names) or None)
