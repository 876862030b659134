"""The same call is read out of every shape in which applications log it."""

from __future__ import annotations

import pytest

from tests.reading.lines import BODY, ERROR, REQUEST, TIME, TIME_NS, USAGE, read, text

HEADERS = {"X-Request-Id": ["req_9"], "x-ratelimit-limit-requests": 10_000, "X_RateLimit_Remaining_Requests": "9998"}
PINO = {"level": 30, "time": TIME_NS // 10**6, "pid": 7, "hostname": "web-1"}
LINE = {"ts": TIME, "response": BODY, "duration": "1.843s"}

SHAPES: dict[str, tuple[object, str]] = {
    "pair": ({"ts": TIME, "request": REQUEST, "response": BODY, "duration_ms": 1843}, "request_response"),
    "splunk": (
        {"time": TIME_NS / 10**9, "event": {"request": REQUEST, "response": BODY, "response_time": 1.843}},
        "splunk",
    ),
    "pino": ({**PINO, "msg": "llm call", "response": BODY, "responseTime": 1843}, "pino"),
    "pino-http": (
        {**PINO, "req": {"id": 5, "url": "/chat"}, "res": {"statusCode": 200, "body": BODY}, "responseTime": 1843},
        "pino",
    ),
    "winston": (
        {"level": "info", "message": "done", "timestamp": TIME, "response": BODY, "durationMs": 1843},
        "winston",
    ),
    "winston meta": (
        {"level": "info", "message": "done", "timestamp": TIME, "meta": {"response": BODY, "durationMs": 1843}},
        "winston",
    ),
    "structlog": (
        {"event": "llm_call", "level": "info", "timestamp": TIME, "completion": BODY, "elapsed": 1.843},
        "structlog",
    ),
    "python-json-logger": (
        {
            "asctime": "2026-11-20 17:00:07,123",
            "levelname": "INFO",
            "message": "x",
            "response_body": BODY,
            "took": 1.843,
        },
        "python_json_logger",
    ),
    "text": ({"ts": TIME, "response": text(BODY), "latency_ms": 1843}, "logger+json_string"),
    "text of a text": ({"ts": TIME, "response_body": text(text(BODY)), "latency_ms": 1843}, "logger+json_string"),
    "message as JSON": ({"ts": TIME, "message": text(BODY), "latency_ms": 1843}, "logger+json_string"),
    "data": ({"ts": TIME, "data": BODY, "latency": 1.843}, "logger"),
    "dotted key": ({"ts": TIME, "llm.response": BODY, "latency": 1.843}, "logger"),
    "attributes": ({"ts": TIME, "attributes": {"response": BODY, "latency": 1.843}}, "logger"),
    "http": (
        {"ts": TIME, "response": {"status": 200, "headers": HEADERS, "body": BODY}, "duration_s": 1.843},
        "logger",
    ),
    "http with a text": (
        {"ts": TIME, "response": {"status_code": 200, "body": text(BODY)}, "duration_s": 1.843},
        "logger+json_string",
    ),
    "http at the top": ({"ts": TIME, "status": 200, "headers": HEADERS, "body": BODY, "duration_s": 1.843}, "logger"),
    "axios": ({"ts": TIME, "response": {"status": 200, "data": BODY}, "duration_s": 1.843}, "logger"),
    "docker": ({"log": text(LINE) + "\n", "stream": "stdout", "time": "2026-11-20T17:00:09.5Z"}, "docker+logger"),
    "cri": (f"2026-11-20T17:00:09.669794202Z stdout F {text(LINE)}", "cri+logger"),
    "docker in a shipper": (
        {"date": 1_795_194_009.5, "log_processed": LINE, "kubernetes": {"pod_name": "web-1"}},
        "fluentbit+logger",
    ),
    "spread": ({**BODY, "ts": TIME, "duration_ms": 1843}, "logger"),
    "usage beside the response": (
        {"ts": TIME, "response": {k: v for k, v in BODY.items() if k != "usage"}, "usage": USAGE, "took_ms": 1843},
        "logger",
    ),
    "two timestamps": ({"started_at": "2026-11-20T17:00:05.280Z", "finished_at": TIME, "response": BODY}, "logger"),
}


@pytest.mark.parametrize(("line", "wrapper"), SHAPES.values(), ids=SHAPES.keys())
def test_the_call_is_found_with_its_time_and_duration(line: object, wrapper: str) -> None:
    reading = read(line)
    call = reading.call
    assert call is not None
    assert (reading.outcome, reading.wrapper, reading.warnings) == ("call", wrapper, ())
    assert (call.model, call.input_tokens, call.output_tokens) == ("gpt-4o-2024-08-06", 1523, 212)
    assert call.details["cached_input"] == 1024
    assert (call.duration_seconds, call.timestamp_ns, reading.timestamp_ns) == (1.843, TIME_NS, TIME_NS)


def test_a_bare_body_has_no_wrapper_and_the_time_at_which_it_was_created() -> None:
    reading = read(BODY)
    assert (reading.outcome, reading.wrapper, reading.timestamp_ns) == ("call", None, 1_795_194_005 * 10**9)


def test_a_line_with_only_usage_is_its_own_body() -> None:
    reading = read({"ts": TIME, "model": "gpt-4o", "usage": USAGE, "duration_ms": 12.5, "provider": "azure"})
    call = reading.call
    assert call is not None
    assert (call.provider, call.model, call.input_tokens, call.duration_seconds) == (
        "azure.ai.openai",
        "gpt-4o",
        1523,
        0.0125,
    )


@pytest.mark.parametrize("headers", [HEADERS, [[name, value] for name, value in HEADERS.items()]])
def test_headers_are_read_as_a_mapping_and_as_pairs_whatever_their_spelling(headers: object) -> None:
    call = read({"ts": TIME, "response": {"status": 200, "headers": headers, "body": BODY}}).call
    assert call is not None
    assert call.request_id == "req_9"
    assert call.rate_limit == {"limit_requests": 10_000, "remaining_requests": 9998}


ERRORS: dict[str, object] = {
    "bare": ERROR,
    "with a logger": {**PINO, "level": 50, **ERROR},
    "beside the request": {"ts": TIME, "request": REQUEST, "status": 429, **ERROR},
    "as a response": {"ts": TIME, "request": REQUEST, "status": 429, "response": ERROR},
    "as an HTTP response": {"ts": TIME, "response": {"status": 429, "headers": {}, "body": ERROR}},
    "as an HTTP text": {"ts": TIME, "response": {"statusCode": 429, "body": text(ERROR)}},
    "under res": {**PINO, "req": {"id": 1}, "res": {"statusCode": 429, "body": ERROR}},
    "thrown": {**PINO, "err": {"type": "RateLimitError", "message": "429", "stack": "at …", "status": 429, **ERROR}},
    "status alone": {"ts": TIME, "request": REQUEST, "response": None, "statusCode": "429"},
    "a text": {"ts": TIME, "request": REQUEST, "error": "Too many requests", "status_code": 429},
}


@pytest.mark.parametrize("line", ERRORS.values(), ids=ERRORS.keys())
def test_a_failed_call_is_one_call_with_its_error(line: object) -> None:
    reading = read(line)
    assert reading.outcome == "call"
    assert reading.call is not None
    assert (reading.call.status, reading.call.error_type) == ("error", "rate_limit")


NOT_CALLS: dict[str, object] = {
    "message": {**PINO, "msg": "user logged in", "user": 7},
    "http": {**PINO, "req": {"id": 1, "url": "/"}, "res": {"statusCode": 500, "headers": {}}, "responseTime": 3},
    "own error": {
        **PINO,
        "error": {"message": "connect refused", "type": "Error", "code": "ECONNREFUSED", "stack": "…"},
    },
    "own data": {**PINO, "data": {"usage": {"cpu": 3}, "object": "pod"}},
    "own event": {"ts": TIME, "type": "response.sent", "response": {"ok": True}},
    "braces": {**PINO, "msg": "{not json"},
    "number": 12,
    "array": [1, 2, 3],
    "string": '"hello"',
    "null": None,
    "empty object": {},
}


@pytest.mark.parametrize("line", NOT_CALLS.values(), ids=NOT_CALLS.keys())
def test_what_an_application_logs_otherwise_is_no_call(line: object) -> None:
    reading = read(line)
    assert (reading.outcome, reading.call, reading.parser) == ("not_llm", None, None)


def test_the_request_beside_an_answer_deeper_down_is_kept() -> None:
    for line in (
        {"ts": TIME, "request": REQUEST, "data": BODY},
        {"ts": TIME, "request": {"url": "https://api.groq.com/v1", "body": text(REQUEST)}, "message": text(BODY)},
    ):
        call = read(line).call
        assert call is not None
        assert (call.request_model, call.input_tokens) == ("gpt-4o", 1523)


def test_a_request_alone_is_a_part_that_waits_under_its_id() -> None:
    asked = read({"ts": TIME, "request_id": "r9", "request": REQUEST})
    answered = read({"ts": TIME, "request_id": "r9", "usage": USAGE, "duration_ms": 5})
    assert (asked.outcome, asked.join_key, answered.outcome, answered.join_key) == ("part", "r9", "call", "r9")
    assert asked.call is not None
    assert asked.call.request_model == "gpt-4o"


def test_halves_without_an_id_share_their_span_and_whole_calls_do_not() -> None:
    span = {"ts": TIME, "trace_id": "t1", "span_id": "s1"}
    assert read({**span, "request": REQUEST}).join_key == "s1"
    assert read({**span, "usage": USAGE}).join_key == "s1"
    assert read({**span, "request": REQUEST, "response": BODY}).join_key is None


def test_a_truncated_line_in_a_container_log_is_bad_json_and_not_silence() -> None:
    reading = read({"log": text(LINE)[:80], "stream": "stdout", "time": TIME})
    assert (reading.outcome, reading.warnings) == ("bad_json", ("log: begins like JSON but is not",))
    assert reading.timestamp_ns == TIME_NS
