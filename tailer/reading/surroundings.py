"""What surrounds a body on one level of a line: time, duration, status, ids. What cannot be believed is None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from parsers.base import NOTHING
from tailer.reading.formats import SYSLOG
from tailer.reading.names import ROLES
from tailer.reading.paths import reach
from tailer.reading.shape import Place, Shape
from tailer.reading.times import duration_seconds, timestamp_ns

PINO_LEVELS = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
SYSLOG_LEVELS = {
    "0": "emergency", "1": "alert", "2": "critical", "3": "error", "4": "warning", "5": "notice", "6": "info",
    "7": "debug",
}  # fmt: skip
LEAST_NANOSECONDS = 10**7
"""A whole number from here on is more seconds than any call takes, and more milliseconds than nearly all."""
PLAIN_LEVELS = frozenset(PINO_LEVELS.values())
DURATION = ROLES.index("duration")
MAX_ID_CHARS = 256
UNITLESS_SECONDS = 600.0
"""A duration that long, of a name without a unit, was more likely meant in milliseconds: worth a word."""


class Surroundings(msgspec.Struct, frozen=True, gc=False):
    """What was found, in the order of `ROLES`; `headers` as they were logged."""

    timestamp_ns: int | None = None
    duration_seconds: float | None = None
    time_to_first_token_seconds: float | None = None
    status: int | None = None
    request_id: str | None = None
    span_id: str | None = None
    trace_id: str | None = None
    level: str | None = None
    headers: object = None
    url: str | None = None
    provider: str | None = None
    cost_usd: float | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the status is one of a failure: that alone may make the line a failed call."""
        return self.status is not None and self.status >= 400

    def over(self, outer: Surroundings) -> Surroundings:
        """These, with what they lack taken from the level outside."""
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(outer), strict=True)
        return Surroundings(*[theirs if mine is None else mine for mine, theirs in pairs])


class Notes:
    """What there is to say about one line beside its values: warnings, and for `explain` which path gave what."""

    __slots__ = ("fields", "warnings")

    def __init__(self, *, traced: bool = False) -> None:
        self.warnings: list[str] = []
        self.fields: dict[str, tuple[str, object]] | None = {} if traced else None


def find_surroundings(
    line: dict[str, object], shape: Shape, notes: Notes, at: str = "", outer: dict[str, object] | None = None
) -> Surroundings:
    """The surroundings on this level; `at` is the level's own path, for the notes, `outer` the level around it."""
    found: list[Any] = [None] * len(ROLES)
    for index, places in shape.roles:
        accept = ACCEPT[index]
        for key, rest, unit in places:
            value = reach(line[key], rest) if rest else line[key]
            if value is not None and (answer := accept(value, unit)) is not None:
                found[index] = answer
                break
        else:
            if index == DURATION and (nanos := _go_duration(line, outer or line, places)) is not None:
                found[index] = nanos
            elif index in DOUBTED:
                _doubt(line, ROLES[index], places, notes, at)
    seconds = found[DURATION]
    if seconds is None:
        if shape.started and shape.ended:
            found[DURATION] = _between(line, shape, notes, at)
    elif seconds > UNITLESS_SECONDS:
        _doubt_unit(line, shape, notes, at)
    if notes.fields is not None:
        _trace(line, shape, notes.fields, at)
    return Surroundings(*found)


def _go_duration(line: dict[str, object], logged: dict[str, object], places: tuple[Place, ...]) -> float | None:
    """slog's, logrus' and (as configured) zap's way with a duration, also in a group: whole nanoseconds.

    Their level is a word, and their time a text, or a number beside the `caller`.
    """
    if type(logged.get("level")) is not str or "msg" not in logged:
        return None
    if type(logged.get("time")) is not str and not ("ts" in logged and "caller" in logged):
        return None
    for key, rest, unit in places:
        value = line[key] if not rest else None
        if unit == "auto" and type(value) is int and value >= LEAST_NANOSECONDS:
            return duration_seconds(value, "ns")
    return None


def _trace(line: dict[str, object], shape: Shape, fields: dict[str, tuple[str, object]], at: str) -> None:
    """For `explain`: where each value came from; apart, so that reading a file does not pay for it."""
    for index, places in shape.roles:
        for place in places:
            value = reach(line[place.key], place.rest)
            if value is not None and ACCEPT[index](value, place.unit) is not None:
                fields[ROLES[index]] = (at + place.path, value)
                break


def _between(line: dict[str, object], shape: Shape, notes: Notes, at: str) -> float | None:
    """Seconds between the line's two timestamps, None unless both are there and in order."""
    first, last = shape.started[0], shape.ended[0]
    started, ended = timestamp_ns(line[first.key]), timestamp_ns(line[last.key])
    if started is None or ended is None:
        return None
    if ended < started:
        notes.warnings.append(f"{at}{last.key}: before {at}{first.key}")
        return None
    if notes.fields is not None:
        notes.fields["duration"] = (f"{at}{last.key} - {at}{first.key}", line[last.key])
    return duration_seconds(ended - started, "ns")


def _doubt(line: dict[str, object], role: str, places: tuple[Place, ...], notes: Notes, at: str) -> None:
    for place in places:
        value = reach(line[place.key], place.rest)
        if value is not None and value != "-" and type(value) is not dict and type(value) is not list:
            notes.warnings.append(f"{at}{place.path}: expected a {role}, got {value!r:.40}")


def _doubt_unit(line: dict[str, object], shape: Shape, notes: Notes, at: str) -> None:
    for index, places in shape.roles:
        if index == DURATION:
            for place in places:
                if place.unit == "auto" and type(line[place.key]) is not str:
                    notes.warnings.append(f"{at}{place.path}: read as seconds; set fields.duration_unit if it is not")


def header_map(headers: object) -> Mapping[str, str]:
    """Headers with names in lower case with dashes and one text each, from a mapping or a list of pairs."""
    if type(headers) is dict:
        pairs = headers.items()
    elif type(headers) is list:
        pairs = dict(pair for pair in headers if type(pair) is list and len(pair) == 2 and type(pair[0]) is str).items()
    else:
        return NOTHING
    tidy: dict[str, str] = {}
    for name, value in pairs:
        text = value if type(value) is str else _header_text(value)
        if text is not None:
            tidy[name.lower().replace("_", "-")] = text
    return tidy


def _header_text(value: object) -> str | None:
    if type(value) is list:
        return _header_text(value[0]) if value else None
    if type(value) is str:
        return value
    return str(value) if type(value) is int or type(value) is float else None


def status_code(value: object) -> int | None:
    """An HTTP status, also as text; a word such as "completed" is none."""
    if type(value) is str:
        value = int(value) if len(value) == 3 and value.isdecimal() else None
    return value if type(value) is int and 100 <= value <= 599 else None


def _status(value: object, _: str) -> int | None:
    return status_code(value)


def _identifier(value: object, _: str) -> str | None:
    if type(value) is str:
        return value if value and value != "-" and len(value) <= MAX_ID_CHARS else None
    return str(value) if type(value) is int else None


def _of_trace(value: object, unit: str) -> str | None:
    """An id of a trace or a span. Tracers write zeros where there is none: lines with those belong to nothing."""
    found = _identifier(value, unit)
    return found if found is not None and found.strip("0-") else None


def _level(value: object, unit: str) -> str | None:
    if unit == SYSLOG:
        digit = str(value) if type(value) is int else value
        return SYSLOG_LEVELS.get(digit) if type(digit) is str else None
    if type(value) is str:
        if value in PLAIN_LEVELS:
            return value
        # winston's colours: ESC [ 32 m info ESC [ 39 m
        text = value.split("m", 1)[1].split("\x1b", 1)[0] if value[:1] == "\x1b" and "m" in value else value
        return text.strip().lower() or None if len(text) <= 20 else None
    return PINO_LEVELS.get(value) if type(value) is int else None


def _container(value: object, _: str) -> object:
    return value if type(value) is dict or type(value) is list else None


def _text(value: object, _: str) -> str | None:
    return value if type(value) is str and 0 < len(value) <= 4096 else None


def _cost(value: object, _: str) -> float | None:
    # NaN is in no range.
    return float(value) if (type(value) is float or type(value) is int) and 0 <= value < 1e9 else None


Accept = Callable[[object, Any], object]
ACCEPT: tuple[Accept, ...] = (
    timestamp_ns, duration_seconds, duration_seconds, _status, _identifier, _of_trace, _of_trace, _level,
    _container, _text, _text, _cost,
)  # fmt: skip
"""What makes a value of each of `ROLES`, None when it is not one."""
DOUBTED = frozenset({0, 1, 2, 11})
"""Roles whose names are plain enough that a strange value deserves a warning."""
