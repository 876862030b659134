"""OTLP/JSON and dumped spans to plain attributes: undoes the encoding, knows no attribute's meaning.

Formats: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding, as the collector's file exporter writes one
request a line, and `to_json()` of the Python SDK's spans. 64-bit integers and nanoseconds are texts there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from parsers.recorded import elapsed, numeral
from parsers.usage import text

Object = Mapping[str, object]

MAX_RECORDS = 10_000
"""Spans or log records read of one line; a collector's batch has some thousands at most."""
ERROR_CODES = (2, "STATUS_CODE_ERROR", "ERROR")
LISTS = {
    "resourceSpans": (("scopeSpans", "instrumentationLibrarySpans"), "spans"),
    "resourceLogs": (("scopeLogs", "instrumentationLibraryLogs"), "logRecords"),
}


class Told(NamedTuple):
    """One span or log record: its attributes, and what stands beside them."""

    attributes: Object
    is_span: bool = False
    event: str | None = None
    failed: bool = False
    message: str | None = None
    exception: str | None = None
    """The type of an exception that was recorded on the span."""
    timestamp_ns: int | None = None
    duration_seconds: float | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_id: str | None = None


def told(body: Object) -> Iterator[Told]:
    """Every span and log record of a line in OTLP/JSON, or the one span that the line is."""
    if "attributes" in body:
        yield _span(body)
        return
    left = MAX_RECORDS
    for key, (scopes, members) in LISTS.items():
        for resource in _objects(body.get(key)):
            for name in scopes:
                for scope in _objects(resource.get(name)):
                    for record in _objects(scope.get(members)):
                        if left <= 0:
                            return
                        left -= 1
                        yield _span(record) if members == "spans" else _log(record)


def attributes(value: object) -> Object:
    """Attributes as a mapping, from OTLP's list of keys and typed values or from a mapping already."""
    if isinstance(value, dict):
        return value
    found: dict[str, object] = {}
    for pair in _objects(value):
        key = pair.get("key")
        if isinstance(key, str):
            found[key] = _plain(pair.get("value"))
    return found


def dotted(body: Object, keys: tuple[str, ...]) -> Object:
    """The objects under these keys as attributes with dotted names, four levels deep."""
    found: dict[str, object] = {}
    level: list[tuple[str, object]] = [(key, body[key]) for key in keys if key in body]
    for _ in range(4):
        deeper: list[tuple[str, object]] = []
        for name, value in level:
            if isinstance(value, dict):
                deeper += [(f"{name}.{key}", inner) for key, inner in value.items()]
            else:
                found[name] = value
        level = deeper
    return found


def _plain(value: object, depth: int = 0) -> object:
    """The value of an `AnyValue`; nested lists of them no deeper than anything this project reads."""
    if not isinstance(value, dict) or depth > 3:
        return None
    for kind, inner in value.items():
        if kind == "intValue":
            return numeral(inner)
        if kind in ("stringValue", "boolValue", "doubleValue"):
            return inner
        if kind == "arrayValue" and isinstance(inner, dict):
            members = inner.get("values")
            return [_plain(member, depth + 1) for member in members] if isinstance(members, list) else None
    return None


def _span(span: Object) -> Told:
    status = span.get("status")
    status = status if isinstance(status, dict) else {}
    context = span.get("context")
    context = context if isinstance(context, dict) else {}
    start, end = span.get("startTimeUnixNano"), span.get("endTimeUnixNano")
    return Told(
        attributes(span.get("attributes")),
        is_span=True,
        failed=_code(status) in ERROR_CODES,
        message=text(status.get("message")) or text(status.get("description")),
        exception=_exception(span.get("events")),
        timestamp_ns=_time(end),
        duration_seconds=elapsed(start, end, 10**9),
        trace_id=_id(span.get("traceId"), context.get("trace_id")),
        span_id=_id(span.get("spanId"), context.get("span_id")),
        parent_id=_id(span.get("parentSpanId"), span.get("parent_id")),
    )


def _id(wired: object, dumped: object) -> str | None:
    """Hexadecimal digits: bare in OTLP/JSON, after `0x` in a dumped span."""
    found = text(wired) or text(dumped)
    return found.removeprefix("0x") if found is not None else None


def _log(record: Object) -> Told:
    found = attributes(record.get("attributes"))
    stamp = _time(record.get("timeUnixNano"))
    return Told(
        found,
        event=text(record.get("eventName")) or text(found.get("event.name")),
        exception=text(found.get("exception.type")),
        message=text(found.get("exception.message")),
        timestamp_ns=_time(record.get("observedTimeUnixNano")) if stamp is None else stamp,
        trace_id=text(record.get("traceId")),
    )


def _code(status: Object) -> object:
    """OTLP's `code`, a number or its name; the SDK's `status_code`."""
    code = status.get("code")
    return status.get("status_code") if code is None else numeral(code)


def _exception(events: object) -> str | None:
    for event in _objects(events):
        if event.get("name") == "exception":
            return text(attributes(event.get("attributes")).get("exception.type"))
    return None


def _time(value: object) -> int | None:
    number = numeral(value)
    return number if type(number) is int and 0 < number < 2**63 else None


def _objects(value: object) -> Iterator[Object]:
    if isinstance(value, list):
        for member in value:
            if isinstance(member, dict):
                yield member
