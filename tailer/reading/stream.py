"""A whole stream logged in one field: server-sent events as a text, or a list of event objects, to single events."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from tailer.reading.mending import mend

MAX_EVENTS = 100_000
"""Events read of one line; a line is bounded, so this only guards against a text of empty events."""


class Event(NamedTuple):
    """One event of a stream: its name where it has one, and its decoded data."""

    name: str | None
    data: dict[str, object]


def is_sse(text: str) -> bool:
    """Whether a text is a stream of server-sent events."""
    return text.startswith(("data:", "event:"))


def sse_events(text: str) -> tuple[list[Event], bool]:
    """The events of a text in their order, and whether it ends with `[DONE]`. Broken events are left out."""
    events: list[Event] = []
    name, done = None, False
    for line in text.splitlines()[:MAX_EVENTS]:
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data = line[5:].strip()
            done = data == "[DONE]"
            value = None if done else decoded(data)
            if type(value) is dict:
                events.append(Event(name, value))
            name = None
    return events, done


def listed_events(values: list[object]) -> tuple[list[Event], bool]:
    """The events of a list: objects, objects `{event, data}`, or the texts of either."""
    events: list[Event] = []
    done = False
    for item in values[:MAX_EVENTS]:
        if type(item) is str and is_sse(item):
            more, done = sse_events(item)
            events += more
            continue
        done = item == "[DONE]"
        value = decoded(item) if type(item) is str else item
        if type(value) is dict:
            events.append(_event(value))
    return events, done


def _event(value: dict[str, object]) -> Event:
    data, name = value.get("data"), value.get("event")
    if type(data) is str:
        data = decoded(data)
    if type(data) is dict and len(value) <= 4:
        return Event(name if type(name) is str else None, data)
    return Event(None, value)


def json_lines(text: str) -> list[object]:
    """The objects of a text with one JSON object on each line, as Ollama streams; empty where it is none of that."""
    if not text.startswith("{") or "}\n" not in text:
        return []
    return [value for line in text.splitlines()[:MAX_EVENTS] if type(value := decoded(line)) is dict]


def decoded(text: str) -> object:
    """The JSON in a text, encoded up to three times over; None when there is none."""
    value: Any = text
    for _ in range(3):
        if type(value) is not str or value.lstrip()[:1] not in ("{", "[", '"'):
            break
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            mended = mend(value.encode("utf-8", "replace"), ends=True)
            value = mended.value if mended is not None else None
    return value if type(value) is dict or type(value) is list else None
