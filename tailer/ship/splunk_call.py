"""A line to the Splunk monitor's event: `{"request": …, "response": …, "response_time": seconds}`; pure.

What the line says is found as for the metrics, in the text that privacy has let out.
"""

from __future__ import annotations

import orjson

from tailer.config import Fields
from tailer.reading.answer import is_body
from tailer.reading.surroundings import Notes
from tailer.reading.text import Closed, open_odd
from tailer.reading.unwrapped import Unwrapped
from tailer.reading.wrapper import Unwrapper
from tailer.ship.splunk_events import is_object, line_event

SHAPE = frozenset({"request", "response", "response_time"})


class Calls:
    """Makes events of texts. A line that holds neither a request nor a response goes as it is."""

    def __init__(self, fields: Fields) -> None:
        self._unwrapper = Unwrapper(fields)

    def event(self, text: bytes) -> bytes:
        """One event. A line that has this shape already is the same to the byte."""
        line = _decoded(text)
        if line is None or (is_object(text) and _has_the_shape(line)):
            return line_event(text)
        notes = Notes(traced=True)
        found = self._unwrapper.unwrap(line, notes)
        response = _response(found, notes)
        if found.request is None and response is None:
            return line_event(text)
        parts = {"request": found.request, "response": response, "response_time": found.around.duration_seconds}
        return orjson.dumps({name: part for name, part in parts.items() if part is not None})


def _decoded(text: bytes) -> dict[str, object] | None:
    """The object that a line is, also behind what a container runtime writes before it; None where there is none."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        opened = open_odd(text, [])
        value = None if isinstance(opened, Closed) or opened.cut else opened.value
    return value if type(value) is dict else None


def _has_the_shape(line: dict[str, object]) -> bool:
    bodies = [line[name] for name in ("request", "response") if name in line]
    # JSON in a text is still to be decoded.
    return SHAPE.issuperset(line) and bool(bodies) and all(type(body) is not str for body in bodies)


def _response(found: Unwrapped, notes: Notes) -> object:
    """The body that came back, or the pieces of a stream as they were logged; None where the line has none."""
    if found.body is None:
        return (notes.fields or {}).get("response", ("", None))[1] if found.events else None
    is_whole_line = found.body is found.levels[-1]
    return found.body if not is_whole_line or is_body(found.body) else None
