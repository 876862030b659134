"""The exception that a logger wrote beside a line's own fields: its class and what it says. Reads one level, pure."""

from __future__ import annotations

from collections.abc import Mapping

KEYS = ("exc_info", "exception", "exc_text", "stack_trace", "traceback", "exception.stacktrace")
TYPE, MESSAGE = "exception.type", "exception.message"
"""OpenTelemetry's attributes of an exception."""
THROWN = frozenset((*KEYS, TYPE))
NOTHING = ("", "NoneType: None", "None")
"""What Python's formatter writes where nothing was raised."""
MAX_CHARS = 4000


def exception_of(line: Mapping[str, object]) -> object:
    """The exception of a line as the text or the object of an error; None where there is none.

    Of structlog's list the first is the one that was raised, the others are its causes. loguru calls the message
    `value`, structlog `exc_value`.
    """
    if type(line.get(TYPE)) is str:
        return {"type": line[TYPE], "message": line.get(MESSAGE)}
    for key in KEYS:
        value = line.get(key)
        if type(value) is list and value:
            value = value[0]
        if type(value) is str and value.strip() not in NOTHING:
            return _said(value)
        if type(value) is dict:
            kind = value.get("exc_type") or value.get("type") or value.get("class")
            if type(kind) is str:
                message = value.get("exc_value") or value.get("value") or value.get("message")
                return {"type": kind, "message": message}
    return None


def _said(text: str) -> str:
    """The line of a traceback that names the exception: Python's last one, of other languages the first."""
    text = text.strip()
    if text.startswith("Traceback"):
        return text.rpartition("\n")[2][:MAX_CHARS]
    return text.partition("\n")[0][:MAX_CHARS]
