"""Lines near the real ones: every provider's bodies in every wrapper, with something changed, cut, doubled or glued."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.base import Record
from tests.parsers.examples import BY_PARSER
from tests.reading.lines import TIME, read, text
from tests.reading.sound import sound

Json = dict[str, Any]

RECORDS = [record for examples in BY_PARSER.values() for record, _ in examples if record.body is not None]
FORGED = {
    "id": "forged",
    "object": "chat.completion",
    "model": "forged",
    "usage": {"prompt_tokens": 666_001, "completion_tokens": 666_002, "input_tokens": 666_003},
    "usageMetadata": {"promptTokenCount": 666_005, "candidatesTokenCount": 666_006},
}


def _plain(record: Record, body: object) -> Json:
    line: Json = {"ts": TIME, "response": body, "duration_ms": 12, "request": record.request}
    return {key: value for key, value in line.items() if value is not None}


WRAPPERS: list[Callable[[Record, Any], object]] = [
    lambda _, body: body,
    _plain,
    lambda record, body: {**_plain(record, body), "status": record.status, "headers": record.headers},
    lambda _, body: {"level": 30, "time": 1_795_194_007_123, "msg": "x", "res": {"statusCode": 200, "body": body}},
    lambda _, body: {"@t": TIME, "@mt": "x", "Response": text(body), "Elapsed": 5},
    lambda record, body: {"time": 1_795_194_007.1, "event": _plain(record, body)},
    lambda _, body: {"ts": TIME, "message": text(text(body))},
    lambda record, body: {"log": text(_plain(record, body)) + "\n", "stream": "stdout", "time": TIME},
    lambda record, body: {"ts": TIME, "request_id": "r", "url": record.url, "body": body, "url2": None},
    lambda _, body: {"msec": "1795194007.123", "status": "200", "request_time": "0.1", "resp_body": text(body)},
    lambda _, body: {"@timestamp": TIME, "ecs": {}, "http": {"response": {"body": {"content": text(body)}}}},
]
NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "-", "{", "data: {", [], {}, [[]], FORGED, text(FORGED), "\ud7ff\ue000", "x" * 5000]),
)


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [place for key, item in value.items() for place in _places(item, (*path, key))]
    elif isinstance(value, list):
        found += [place for key, item in enumerate(value) for place in _places(item, (*path, key))]
    return found


def _changed(value: Any, path: tuple[str | int, ...], into: object) -> Any:
    if not path:
        return into
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _changed(value[path[0]], path[1:], into)
    return copy


@st.composite
def changed_lines(draw: st.DrawFn) -> bytes:
    record = draw(st.sampled_from(RECORDS))
    line = draw(st.sampled_from(WRAPPERS))(record, record.body)
    for _ in range(draw(st.integers(0, 3))):
        places = _places(line)
        if places:
            line = _changed(line, draw(st.sampled_from(places)), draw(NASTY))
    data = orjson.dumps(line, option=orjson.OPT_NON_STR_KEYS)
    match draw(st.sampled_from(["whole", "whole", "whole", "cut", "flipped", "doubled"])):
        case "cut":
            return data[: draw(st.integers(0, len(data)))]
        case "flipped":
            at = draw(st.integers(0, max(0, len(data) - 1)))
            return data[:at] + draw(st.binary(max_size=2)) + data[at + 1 :]
        case "doubled":
            return data + data
    return data


@settings(max_examples=400, deadline=None)
@given(st.lists(changed_lines(), min_size=1, max_size=3))
def test_no_change_to_a_real_line_breaks_its_reading(lines: list[bytes]) -> None:
    sound(b"\n".join(lines) + b"\n")


@settings(max_examples=150, deadline=None)
@given(changed_lines(), st.integers(1, 6), st.integers(0, 10))
def test_no_line_breaks_as_pieces_of_a_container_runtime(line: bytes, pieces: int, missing: int) -> None:
    line = line.replace(b"\n", b" ")
    size = len(line) // pieces + 1
    parts = [line[at : at + size] for at in range(0, len(line), size)] or [b""]
    tags = [b"P"] * (len(parts) - 1) + [b"F"]
    physical = [b"2026-11-20T17:00:09Z stdout %s %s\n" % pair for pair in zip(tags, parts, strict=True)]
    readings = sound(b"".join(physical))
    whole = read(line)
    assert readings[-1].call == (None if whole.call is None else readings[-1].call)
    assert tokens(readings[-1].call) == tokens(whole.call)
    sound(b"".join(physical[: missing % (len(physical) + 1)]))


CONTENT = ("content", "text", "arguments", "messages", "prompt", "input", "tools", "instructions", "parts", "thinking")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(RECORDS), st.sampled_from(WRAPPERS), st.data())
def test_what_was_said_never_changes_what_is_counted(
    record: Record, wrapper: Callable[[Record, Any], object], data: st.DataObject
) -> None:
    """A body of usage put where texts are, in the answer or in the question."""
    said = [path for path in _places(record.body) if path[-1] in CONTENT and _is_text(_at(record.body, path))]
    if not said:
        return
    body = _changed(record.body, data.draw(st.sampled_from(said)), data.draw(st.sampled_from([text(FORGED), "x"])))
    before, after = read(wrapper(record, record.body)), read(wrapper(record, body))
    assert (before.outcome, tokens(before.call)) == (after.outcome, tokens(after.call))


def _is_text(value: object) -> bool:
    """A chunk on which nothing is said may count for the whole stream, so emptiness is more than content."""
    return isinstance(value, str) and value != ""


def _at(value: Any, path: tuple[str | int, ...]) -> object:
    for key in path:
        value = value[key]
    return value


def tokens(call: Any) -> object:
    return None if call is None else (call.input_tokens, call.output_tokens, dict(call.details), call.model)
