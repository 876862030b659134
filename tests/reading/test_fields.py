"""What surrounds a body: common names, configured paths, and what the call takes from them."""

from __future__ import annotations

import pytest

from parsers import registry
from tailer.config import Fields
from tailer.reading.reading import LineReader
from tests.reading.lines import BODY, REQUEST, TIME, TIME_NS, USAGE, chunk, read, reader, text


@pytest.mark.parametrize(
    "key", ["timestamp", "@timestamp", "time", "ts", "datetime", "date", "eventTime", "t", "Timestamp"]
)
def test_a_time_is_found_under_the_common_names(key: str) -> None:
    assert read({key: TIME, "msg": "hello"}).timestamp_ns == TIME_NS


@pytest.mark.parametrize(
    "key", ["request_id", "requestId", "req_id", "reqId", "x-request-id", "correlation_id", "RequestID"]
)
def test_a_request_id_is_found_under_the_common_names(key: str) -> None:
    reading = read({"ts": TIME, key: "r1", "response": BODY})
    assert reading.call is not None
    assert (reading.call.request_id, reading.join_key) == ("r1", "r1")


@pytest.mark.parametrize(
    ("written", "level"),
    [
        (30, "info"),
        (60, "fatal"),
        ("INFO", "info"),
        ("Warning", "warning"),
        ("\x1b[32minfo\x1b[39m", "info"),
        (7, None),
    ],
)
def test_a_level_is_a_word_in_lower_case(written: object, level: str | None) -> None:
    assert read({"level": written, "time": TIME}).level == level


@pytest.mark.parametrize(
    ("key", "value"), [("ttft", 0.25), ("ttft_ms", 250), ("timeToFirstTokenMs", 250), ("first_token_ms", "250")]
)
def test_a_time_to_first_token_is_read_where_the_log_names_it(key: str, value: object) -> None:
    call = read({"ts": TIME, "response": BODY, key: value}).call
    assert call is not None
    assert call.time_to_first_token_seconds == 0.25


@pytest.mark.parametrize(
    ("cost", "expected"), [(0.5, 0.5), (0, 0.0), (-1, None), ("0.5", None), (True, None), (None, None)]
)
def test_a_cost_on_the_line_is_taken_if_it_is_a_number(cost: object, expected: float | None) -> None:
    call = read({"ts": TIME, "response": BODY, "cost_usd": cost}).call
    assert call is not None
    assert call.cost_usd == expected


def test_what_cannot_be_believed_is_unknown_and_said() -> None:
    reading = read({"ts": "noon", "response": BODY, "duration_ms": -3})
    assert reading.call is not None
    assert reading.call.duration_seconds is None
    assert reading.warnings == (
        "ts: expected a timestamp, got 'noon'",
        "duration_ms: expected a duration, got -3",
    )


def test_a_long_duration_without_a_unit_is_seconds_and_said() -> None:
    reading = read({"ts": TIME, "response": BODY, "duration": 1843})
    assert reading.call is not None
    assert reading.call.duration_seconds == 1843.0
    assert reading.warnings == ("duration: read as seconds; set fields.duration_unit if it is not",)


def test_an_explicit_duration_beats_the_two_timestamps() -> None:
    line = {"start_time": "2026-11-20T17:00:00Z", "end_time": TIME, "latency_ms": 10, "response": BODY}
    reading = read(line)
    assert reading.call is not None
    assert (reading.call.duration_seconds, reading.timestamp_ns) == (0.01, TIME_NS)


def test_an_end_before_its_start_gives_no_duration() -> None:
    reading = read({"start_time": TIME, "end_time": "2026-11-20T17:00:00Z", "response": BODY})
    assert reading.call is not None
    assert reading.call.duration_seconds is None
    assert reading.warnings == ("end_time: before start_time",)


CUSTOM = Fields(
    timestamp="meta.at",
    timestamp_unit="ms",
    duration="meta.took",
    duration_unit="ms",
    status="meta.code",
    request_id="meta.rid",
    request="call.ask",
    response="call.reply",
    headers="call.head",
    provider="meta.vendor",
    level="meta.lvl",
    trace_id="meta.trace",
    url="meta.url",
)
META = {"at": TIME_NS // 10**6, "took": 1843, "code": 200, "rid": "r1", "vendor": "groq", "lvl": "INFO", "trace": "t1"}
CALL = {"ask": REQUEST, "reply": BODY, "head": {"x-ratelimit-limit-tokens": "10"}}


@pytest.mark.parametrize(
    "line",
    [{"meta": META, "call": CALL}, {"log": text({"meta": META, "call": CALL}), "stream": "stdout", "time": TIME}],
)
def test_configured_paths_are_read_also_inside_a_container_log(line: object) -> None:
    reading = read(line, CUSTOM)
    call = reading.call
    assert call is not None
    assert (call.provider, call.request_model, call.input_tokens, call.duration_seconds) == (
        "groq",
        "gpt-4o",
        1523,
        1.843,
    )
    assert (reading.timestamp_ns, reading.level, reading.trace_id, call.request_id) == (TIME_NS, "info", "t1", "r1")
    assert call.rate_limit == {"limit_tokens": 10}


def test_a_configured_path_that_a_line_lacks_is_not_replaced_by_finding() -> None:
    reading = read({"ts": TIME, "duration_ms": 5, "response": BODY}, Fields(duration="took", timestamp="at"))
    assert reading.call is not None
    assert reading.call.duration_seconds is None
    assert read({"ts": TIME, "response": BODY}, Fields(response="reply")).outcome == "not_llm"
    assert read({"ts": TIME, "model": "m", "usage": USAGE}, Fields(response="reply")).outcome == "not_llm"


def test_a_key_that_has_dots_itself_is_found_by_its_whole_name() -> None:
    assert read({"a.b": "1795194007", "a": {"b": 1}}, Fields(timestamp="a.b")).timestamp_ns == 1_795_194_007 * 10**9
    assert read({"x": {"a.b": {"c": TIME}}}, Fields(timestamp="x.a.b.c")).timestamp_ns == TIME_NS


def test_dimensions_and_labels_are_texts_in_the_configured_order() -> None:
    paths = {
        "team": "team",
        "tenant": "ctx.tenant",
        "beta": "ctx.beta",
        "n": "ctx.n",
        "reason": "choices.0.finish_reason",
    }
    line_reader = LineReader(
        registry.load(), dimensions=paths, labels={"none": "ctx.none", "object": "ctx", "team": "team"}
    )
    context = {"tenant": "acme", "beta": True, "n": 1.5, "none": None}
    line = {"ts": TIME, "team": "search", "ctx": context, "response": BODY}
    for shape in (line, {"log": text(line), "stream": "stdout", "time": TIME}):
        (reading,) = line_reader.read(chunk(text(shape).encode()))
        assert reading.dimensions == ("search", "acme", "true", "1.5", "stop")
        assert reading.labels == ("", "", "search")
    for odd in (b"", b"{", b"12"):
        assert line_reader.read(chunk(odd + b"\n"))[0].dimensions == ("",) * 5


def test_explaining_names_the_path_of_every_value_found() -> None:
    line = {
        "time": 1_795_194_009,
        "event": {"request": REQUEST, "response": BODY, "response_time": 1.843, "status": 200},
    }
    fields = reader().describe(text(line).encode()).fields
    assert {name: path for name, (path, _) in fields.items()} == {
        "timestamp": "time",
        "duration": "event.response_time",
        "status": "event.status",
        "request": "event.request",
        "response": "event.response",
    }
    assert fields["duration"][1] == 1.843


def test_the_unit_of_a_configured_duration_is_that_of_its_name_or_as_configured() -> None:
    line = {"time": TIME, "x": {"total_ms": 1500}, "response": BODY}
    for fields, seconds in [
        (Fields(duration="x.total_ms"), 1.5),
        (Fields(duration="x.total_ms", duration_unit="s"), 1500.0),
    ]:
        call = reader(fields=fields).read(chunk(text(line).encode()))[0].call
        assert call is not None
        assert call.duration_seconds == seconds
