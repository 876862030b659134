"""Whatever the bytes: one reading for each line, spans without gaps, and no exception."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call
from tailer.reading.chunk import OUTCOMES, Chunk
from tests.reading.lines import BODY, ERROR, REQUEST, STREAM, TIME, USAGE, chunk, read, reader, sse, text

# fmt: off
KEYS = st.sampled_from([
    "ts", "time", "level", "msg", "message", "request", "response", "body", "data", "log", "event", "status", "usage",
    "model", "object", "type", "error", "err", "res", "req", "headers", "choices", "duration_ms", "cost", "stream",
])
# fmt: on
ODD = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20)
PIECES = st.sampled_from([BODY, ERROR, REQUEST, USAGE, STREAM, text(BODY), sse(STREAM), "[DONE]", "{", TIME])
VALUES = st.recursive(
    ODD | PIECES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
LINES = st.dictionaries(KEYS, VALUES, max_size=8).map(orjson.dumps)
NOISE = st.binary(max_size=40) | st.sampled_from(
    [b"\x00" * 9, b"\xef\xbb\xbf{}", b"data: {}", b"\r", b"[DONE]", b"{" * 50]
)


@given(st.lists(NOISE | LINES, max_size=12), st.booleans(), st.integers(0, 10**12), st.integers(0, 10**9))
def test_every_line_has_one_reading_at_its_place(lines: list[bytes], ended: bool, start: int, first: int) -> None:
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    readings = reader().read(chunk(data, start, first))
    expected = data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
    assert [reading.number for reading in readings] == list(range(first, first + expected))
    ends = [start] + [reading.end for reading in readings]
    assert [reading.start for reading in readings] == ends[:-1]
    assert ends[-1] == start + len(data)
    for reading in readings:
        assert reading.outcome in OUTCOMES
        assert (reading.call is not None) == (reading.outcome in ("call", "part", "bad_usage"))
        assert (reading.stage is not None) == (reading.outcome == "part")


@given(LINES)
def test_a_reading_is_a_pure_function_of_the_line(line: bytes) -> None:
    assert read(line) == read(line) == reader().read(chunk(line + b"\n"))[0]


@given(LINES)
def test_explaining_a_line_reads_it_the_same_way(line: bytes) -> None:
    described = reader().describe(line + b"\n").reading
    assert described == read(line)


@given(LINES)
def test_what_is_given_on_can_be_believed(line: bytes) -> None:
    call = read(line).call or Call()
    for seconds in (call.duration_seconds, call.time_to_first_token_seconds):
        assert seconds is None or 0 <= seconds < 10**6
    assert call.cost_usd is None or 0 <= call.cost_usd < 10**10
    assert call.timestamp_ns is None or 0 <= call.timestamp_ns < 2**63


@pytest.mark.parametrize("line", [b"", b" ", b"\t\r", b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing_but_space_is_empty(line: bytes) -> None:
    assert read(line).outcome == "empty"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"a":', "not JSON"),
        (b"Server started", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": \xff"x"}', "invalid UTF-8 at byte 6"),
        ('{"a": "Zürich"}'.encode("utf-16"), "not UTF-8 but UTF-16"),
        ('{"a": "b"}'.encode("utf-16-le"), "not UTF-8 but UTF-16"),
        (b'{"a": 1}{"b": 2}', "not JSON"),
    ],
)
def test_what_does_not_decode_is_bad_json_and_says_why(line: bytes, why: str) -> None:
    reading = read(line)
    assert reading.outcome == "bad_json"
    assert reading.warnings[0].startswith(why)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"  "])
def test_line_endings_and_byte_order_marks_do_not_matter(before: bytes, ending: bytes) -> None:
    data = before + orjson.dumps(BODY) + ending
    (reading,) = reader().read(chunk(data))
    assert (reading.outcome, reading.end, reading.warnings) == ("call", len(data), ())


def test_the_hole_of_a_truncated_file_is_passed_over_and_named() -> None:
    reading = read(b"\x00" * 4096 + orjson.dumps(BODY))
    assert (reading.outcome, reading.warnings) == ("call", ("4096 NUL bytes before the line",))


def test_an_oversize_line_is_one_reading_of_its_whole_length() -> None:
    (reading,) = reader().read(Chunk(1, "app.log", 100, 20_000_100, 7, b'{"head": "x', oversize=True))
    assert (reading.outcome, reading.start, reading.end, reading.number) == ("oversize", 100, 20_000_100, 7)


def test_a_container_prefix_repeated_without_end_is_not_followed() -> None:
    assert read(b"2026-11-20T17:00:09Z stdout F " * 20_000).outcome == "bad_json"


def test_a_container_log_line_keeps_its_time_when_it_is_no_json() -> None:
    reading = read("2026-11-20T17:00:09.000000001Z stderr F Server started")
    assert (reading.outcome, reading.wrapper) == ("bad_json", "cri")
    assert reading.timestamp_ns == 1_795_194_009 * 10**9 + 1


def test_a_log_whose_keys_are_data_does_not_grow_the_reader() -> None:
    lines = b"".join(orjson.dumps({f"user-{number}": 1, "ts": TIME}) + b"\n" for number in range(3000))
    readings = reader().read(chunk(lines))
    assert {reading.outcome for reading in readings} == {"not_llm"}
    shapes = reader()._unwrapper._shapes
    assert len(shapes._known) <= shapes.MOST
