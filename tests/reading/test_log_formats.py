"""Each logging library's own form: the call, its time, its duration and its request's id are found in their places."""

from __future__ import annotations

import pytest

from tests.reading.lines import BODY, REQUEST, TIME, TIME_NS, read, text

LINE = text({"ts": TIME, "request_id": "r1", "response": BODY, "duration_ms": 1843})
LATER = "2026-11-20T17:00:09.5Z"
KUBERNETES = {"pod_name": "web-1", "namespace_name": "default", "labels": {"app": "web", "usage": "batch"}}
INSTANT = {"epochSecond": TIME_NS // 10**9, "nanoOfSecond": TIME_NS % 10**9}
GO_HEADERS = {"X-Request-Id": ["r1"], "X-Ratelimit-Limit-Requests": ["10000"], "Content-Type": ["application/json"]}

SHIPPERS: dict[str, tuple[object, str]] = {
    "fluent bit with metadata": ({"date": 1.5e9, "log": LINE + "\n", "kubernetes": KUBERNETES}, "fluentbit+logger"),
    "fluent bit that merged the line": (
        {"date": 1.5e9, "stream": "stdout", "log": LINE, "kubernetes": KUBERNETES, "ts": TIME, "request_id": "r1",
         "response": BODY, "duration_ms": 1843},
        "fluentbit",
    ),
    "fluent bit without a parser": (
        {"@timestamp": LATER, "log": f"2026-11-20T17:00:09.669794202Z stdout F {LINE}", "kubernetes": KUBERNETES},
        "fluentbit+logger",
    ),
    "fluentd": (
        {"log": LINE, "docker": {"container_id": "9f"}, "kubernetes": KUBERNETES, "tag": "kube.web"},
        "fluentbit+logger",
    ),
    "vector": (
        {"file": "/var/log/pods/x", "kubernetes": KUBERNETES, "message": LINE, "stream": "stdout", "timestamp": LATER},
        "logger+json_string",
    ),
    "filebeat": (
        {"@timestamp": LATER, "message": LINE, "log": {"offset": 7, "file": {"path": "/x"}}, "ecs": {"version": "8"}},
        "ecs+json_string",
    ),
    "journald": ({"__REALTIME_TIMESTAMP": "1795194009500000", "MESSAGE": LINE, "_PID": "7"}, "journald+json_string"),
    "google cloud": (
        {"insertId": "x", "jsonPayload": {"ts": TIME, "request_id": "r1", "response": BODY, "duration_ms": 1843},
         "timestamp": LATER, "severity": "INFO"},
        "google_cloud",
    ),
    "google cloud text": ({"textPayload": LINE, "timestamp": LATER, "severity": "INFO"}, "google_cloud+json_string"),
    "a line that is a text": (text(text(LINE)), "json_string+logger"),
}  # fmt: skip

LIBRARIES: dict[str, tuple[object, str]] = {
    "winston with metadata": (
        {"level": "info", "message": "done", "timestamp": TIME, "metadata": {"requestId": "r1", "response": BODY,
         "durationMs": 1843}},
        "winston",
    ),
    "log4j": (
        {"instant": INSTANT, "level": "INFO", "loggerName": "llm.Client", "message": text(BODY), "threadId": 1,
         "contextMap": {"requestId": "r1", "durationMs": "1843"}},
        "log4j+json_string",
    ),
    "log4j with a map": (
        {"timeMillis": TIME_NS // 10**6, "level": "INFO", "loggerName": "llm.Client", "message": "answered",
         "contextMap": {"requestId": "r1", "response": text(BODY), "duration_ms": "1843"}},
        "log4j+json_string",
    ),
    "log4j in ECS": (
        {"@timestamp": TIME, "ecs.version": "1.2.0", "log.level": "INFO", "message": "answered",
         "http.request.id": "r1", "response": BODY, "event.duration": 1_843_000_000},
        "ecs",
    ),
    "ECS with objects": (
        {"@timestamp": TIME, "log": {"level": "info", "logger": "llm"}, "event": {"duration": 1_843_000_000},
         "http": {"request": {"id": "r1", "body": {"content": text(REQUEST)}},
                  "response": {"status_code": 200, "body": {"content": text(BODY)}}}},
        "ecs+json_string",
    ),
    "ECS with labels": (
        {"@timestamp": TIME, "log.level": "INFO", "message": text(BODY), "labels": {"request_id": "r1"},
         "event": {"duration": 1_843_000_000}},
        "ecs+json_string",
    ),
    "GELF": (
        {"version": "1.1", "host": "web-1", "short_message": "answered", "timestamp": TIME_NS / 10**9, "level": 6,
         "_response": text(BODY), "_duration_ms": 1843, "_request_id": "r1"},
        "gelf+json_string",
    ),
    "serilog compact": (
        {"@t": TIME, "@mt": "{Model} answered", "@l": "Information", "RequestId": "r1", "Response": BODY,
         "Elapsed": 1843.0},
        "serilog",
    ),
    "serilog compact, rendered": (
        {"@t": TIME, "@m": "gpt-4o answered", "@i": "7a", "@x": "System.Exception: …", "RequestId": "r1",
         "Response": text(BODY), "ElapsedMilliseconds": 1843},
        "serilog+json_string",
    ),
    "serilog": (
        {"Timestamp": TIME, "Level": "Information", "MessageTemplate": "…", "RenderedMessage": "…",
         "Properties": {"RequestId": "r1", "Response": BODY, "Elapsed": 1843.0}},
        "serilog",
    ),
    ".NET console": (
        {"Timestamp": TIME, "EventId": 0, "LogLevel": "Information", "Category": "Llm", "Message": "…",
         "State": {"RequestId": "r1", "Response": text(BODY), "DurationMs": 1843, "{OriginalFormat}": "…"}},
        "dotnet+json_string",
    ),
    "NLog": (
        {"time": TIME, "level": "INFO", "message": "…",
         "eventProperties": {"RequestId": "r1", "Response": BODY, "DurationMs": 1843}},
        "nlog",
    ),
    "logrus": (
        {"level": "info", "msg": "answered", "time": TIME, "request_id": "r1", "response": BODY, "duration": "1.843s"},
        "logger",
    ),
    "slog with a duration": (
        {"time": TIME, "level": "INFO", "msg": "answered", "request_id": "r1", "response": BODY,
         "duration": 1_843_000_000},
        "logger",
    ),
    "zap": (
        {"level": "info", "ts": TIME_NS / 10**9, "caller": "llm/x.go:7", "msg": "answered", "request_id": "r1",
         "response": BODY, "duration": 1.843},
        "logger",
    ),
    "hclog": (
        {"@level": "info", "@message": "answered", "@timestamp": TIME, "request_id": "r1", "response": text(BODY),
         "duration": "1.843s"},
        "logger+json_string",
    ),
    "Go's response": (
        {"time": TIME, "level": "INFO", "msg": "answered", "duration_ms": 1843,
         "response": {"Status": "200 OK", "StatusCode": 200, "Header": GO_HEADERS, "Body": text(BODY)}},
        "logger+json_string",
    ),
    "Go's headers": (
        {"time": TIME, "level": "INFO", "msg": "answered", "resp_header": GO_HEADERS, "response": BODY,
         "duration_ms": 1843},
        "logger",
    ),
    "loguru": (
        {"text": "…", "record": {"elapsed": {"repr": "0:00:05", "seconds": 5.0}, "level": {"name": "INFO", "no": 20},
         "extra": {"request_id": "r1", "response": BODY, "duration_ms": 1843}, "message": "answered", "process": {},
         "time": {"repr": TIME, "timestamp": TIME_NS / 10**9}}},
        "loguru",
    ),
    "tracing": (
        {"timestamp": TIME, "level": "INFO", "target": "app",
         "fields": {"message": "answered", "request_id": "r1", "response": text(BODY), "duration_ms": 1843}},
        "logger+json_string",
    ),
    "lograge": (
        {"controller": "ChatController", "action": "create", "duration": 1843.0, "status": 200, "time": TIME,
         "request_id": "r1", "response": BODY},
        "lograge",
    ),
    "whole nanoseconds": (
        {"ts": TIME_NS, "request_id": "r1", "response": BODY, "duration_ns": 1_843_000_000}, "logger",
    ),
}  # fmt: skip

FORMATS = SHIPPERS | LIBRARIES


@pytest.mark.parametrize(("line", "wrapper"), FORMATS.values(), ids=FORMATS.keys())
def test_the_call_is_found_with_its_time_duration_and_id(line: object, wrapper: str) -> None:
    reading = read(line)
    call = reading.call
    assert call is not None
    assert (reading.outcome, reading.wrapper, reading.warnings) == ("call", wrapper, ())
    assert (call.model, call.input_tokens, call.details["cached_input"]) == ("gpt-4o-2024-08-06", 1523, 1024)
    assert (call.duration_seconds, call.timestamp_ns, call.request_id) == (1.843, TIME_NS, "r1")


@pytest.mark.parametrize(
    ("line", "level", "trace"),
    [
        ({"@t": TIME, "@mt": "…", "@l": "Warning", "@tr": "t1", "@sp": "s1", "Response": BODY}, "warning", "t1"),
        ({"@timestamp": TIME, "log": {"level": "WARN"}, "ecs": {}, "trace": {"id": "t1"}, "body": BODY}, "warn", "t1"),
        ({"time": TIME, "level": "WARN", "msg": "x", "trace_id": "t1", "response": BODY}, "warn", "t1"),
        ({"@t": TIME, "@mt": "…", "@tr": "t1", "Response": BODY}, "information", "t1"),
        ({"__REALTIME_TIMESTAMP": "1795194007123000", "PRIORITY": "3", "MESSAGE": text(BODY)}, "error", None),
        ({"version": "1.1", "host": "h", "short_message": "x", "level": 6, "_response": BODY}, "info", None),
        ({"version": "1.1", "host": "h", "short_message": "x", "level": 60, "_response": BODY}, None, None),
        ({"version": "1.1", "host": "h", "short_message": "x", "level": "", "_response": BODY}, None, None),
        ({"version": "1.1", "host": "h", "short_message": "x", "level": "12", "_response": BODY}, None, None),
        ({"version": "1.1", "host": "h", "short_message": "x", "level": True, "_response": BODY}, None, None),
        ({"timestamp": TIME, "severity": "", "body": text(BODY)}, None, None),
    ],
)
def test_level_and_trace_are_found_in_their_places(line: object, level: str | None, trace: str | None) -> None:
    reading = read(line)
    assert (reading.outcome, reading.level, reading.trace_id) == ("call", level, trace)


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("key", ["response", "response_body", "message", "log", "data"])
def test_a_body_made_a_text_up_to_three_times_is_read(key: str, times: int) -> None:
    value: object = BODY
    for _ in range(times):
        value = text(value)
    call = read({"ts": TIME, key: value, "duration_ms": 1843}).call
    assert call is not None
    assert (call.input_tokens, call.duration_seconds) == (1523, 1.843)


def test_nanoseconds_beyond_the_whole_numbers_of_a_float_are_exact() -> None:
    exact = TIME_NS + 456_789
    for line in ({"ts": exact, "response": BODY}, {"ts": str(exact), "response": BODY}):
        assert read(line).timestamp_ns == exact


def test_a_go_duration_is_told_from_milliseconds_and_seconds() -> None:
    """Only whole numbers too large for both, from a logger of Go's."""
    line = {"time": TIME, "level": "INFO", "msg": "x", "response": BODY}
    found = [read({**line, "duration": value}).call for value in (1_843_000_000, 1.843, 900_000)]
    assert [call and call.duration_seconds for call in found] == [1.843, 1.843, None]
    pino = read({**line, "level": 30, "time": TIME_NS // 10**6, "duration": 1_843_000_000})
    assert pino.call is not None
    assert (pino.call.duration_seconds, len(pino.warnings)) == (None, 1)


def test_only_a_line_in_zerolog_s_order_has_its_milliseconds() -> None:
    told = {"response": BODY, "duration": 1.843}
    zerolog = read({"level": "info", **told, "time": TIME, "message": "x"})
    called = read(
        {"level": "info", "response": BODY, "duration": 1843.0, "time": TIME, "caller": "x:7", "message": "x"}
    )
    other = [
        read({"time": TIME, "level": "info", **told, "message": "x"}),
        read({"level": "info", "time": TIME, "message": "x", **told}),
    ]
    calls = [reading.call for reading in (zerolog, called, *other)]
    assert [call and call.duration_seconds for call in calls] == [0.001843, 1.843, 1.843, 1.843]
    named = read({"level": "info", "response": BODY, "duration_s": 1.843, "time": TIME, "message": "x"}).call
    assert named is not None
    assert named.duration_seconds == 1.843


@pytest.mark.parametrize(
    "beside", [{"date": 1.5e9}, {"container_id": "9f", "container_name": "/web", "source": "stdout"}]
)
def test_what_ships_a_container_s_lines_is_named(beside: dict[str, object]) -> None:
    reading = read({**beside, "log": LINE})
    assert (reading.outcome, reading.wrapper, reading.timestamp_ns) == ("call", "fluentbit+logger", TIME_NS)
