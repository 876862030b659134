"""Failures and answers that only the request on another line makes part of a call."""

from __future__ import annotations

import json

import pytest

from parsers import registry
from tailer.config import Limits
from tailer.meter.joiner import Joined, Joiner
from tailer.reading.chunk import Chunk
from tailer.reading.reading import LineReader
from tests.reading.lines import BODY, read

READER = LineReader(registry.load())
REQUEST = {"ts": "2026-11-20T17:00:07.000Z", "request_id": "r1", "request": {"model": "gpt-4o", "messages": []}}
LATER = {"ts": "2026-11-20T17:00:08.500Z", "request_id": "r1"}


def joined(*lines: object) -> tuple[list[str], list[Joined]]:
    """The outcomes of the lines, and the calls they come to by the end of the log."""
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    readings = READER.read(Chunk(1, "app.log", 0, len(data), 0, data))
    joiner = Joiner(Limits())
    calls = [call for reading in readings for call in joiner.add(reading, 0)]
    return [reading.outcome for reading in readings], calls + joiner.close_all()


@pytest.mark.parametrize(
    ("failure", "error_type"),
    [
        ({"status": 429, "error": {"message": "slow down", "type": "rate_limit_exceeded"}}, "rate_limit"),
        ({"status": 429, "response": {"error": {"message": "slow down", "type": "rate_limit_exceeded"}}}, "rate_limit"),
        ({"status_code": 500, "error": "boom"}, "server_error"),
        ({"status": 503, "response": "upstream connect error"}, "overloaded"),
        ({"status": 500, "response": None}, "server_error"),
        ({"error": "timeout"}, "timeout"),
        (
            {"level": "error", "msg": "failed", "err": {"type": "APITimeoutError", "message": "x", "stack": "y"}},
            "timeout",
        ),
        ({"status": 504}, "timeout"),
        ({"error": "connect ECONNREFUSED 10.0.0.1:443"}, "connection"),
    ],
)
def test_a_failure_under_the_id_of_a_request_is_its_end(failure: dict[str, object], error_type: str) -> None:
    outcomes, calls = joined(REQUEST, LATER | failure)
    assert outcomes == ["part", "part"]
    assert [(call.error_type, call.request_model, call.duration_seconds) for call, *_ in calls] == [
        (error_type, "gpt-4o", 1.5)
    ]


def test_a_failure_of_something_else_is_no_call() -> None:
    """Most lines of an application with a status of 500 tell of its own requests."""
    _, calls = joined(LATER | {"status": 500, "error": "boom"}, LATER | {"request_id": "r2", "status": 503})
    assert calls == []


def test_a_success_of_something_else_ends_no_call() -> None:
    _, calls = joined(REQUEST, LATER | {"status": 200, "path": "/healthz"})
    assert [(call.error_type, missing) for call, _, missing, _ in calls] == [("unknown", "no_response")]


def test_an_answer_written_before_its_request_is_one_call() -> None:
    """Two threads log: the later line has the earlier time."""
    _, calls = joined(LATER | {"response": BODY}, REQUEST)
    assert len(calls) == 1
    assert calls[0].call.error_type is None


def test_the_next_request_under_the_same_id_is_a_call_of_its_own() -> None:
    again = REQUEST | {"ts": "2026-11-20T17:00:09.000Z"}
    _, calls = joined(LATER | {"response": BODY}, again)
    assert [call.error_type for call, *_ in calls] == [None, "unknown"]


@pytest.mark.parametrize("none", ["0", "0" * 32, "00000000-0000-0000-0000-000000000000"])
def test_lines_outside_of_every_trace_are_not_joined_by_the_zeros_that_stand_for_none(none: str) -> None:
    """OpenTelemetry's logging for Python writes them."""
    ids = {"otelTraceID": none, "otelSpanID": none}
    asked = {"ts": REQUEST["ts"], **ids, "request": REQUEST["request"]}
    assert read(asked).join_key is None
    assert read({"ts": LATER["ts"], **ids, "response": BODY}).trace_id is None


@pytest.mark.parametrize("ids", [{"trace_id": "t1"}, {"trace_id": "t1", "span_id": "s1"}])
def test_a_stream_under_a_trace_is_one_call_though_only_its_first_event_has_an_id(ids: dict[str, str]) -> None:
    """Anthropic's `message_delta` names neither its message nor its model."""
    start = {
        "id": "msg_1",
        "type": "message",
        "model": "claude-sonnet-4-5-20250929",
        "role": "assistant",
        "content": [],
    }
    events = [
        {"type": "message_start", "message": start | {"usage": {"input_tokens": 30, "output_tokens": 1}}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 12}},
        {"type": "message_stop"},
    ]
    asked = {"ts": "2026-11-20T17:00:07.000Z", "request": {"model": "claude-sonnet-4-5", "messages": []}}
    _, calls = joined(asked | ids, *({"ts": "2026-11-20T17:00:09.000Z", "response": event} | ids for event in events))
    assert [(call.input_tokens, call.output_tokens, call.duration_seconds) for call, *_ in calls] == [(30, 12, 2.0)]


ERROR = {"error": {"message": "slow down", "type": "tokens", "code": "rate_limit_exceeded"}}


@pytest.mark.parametrize(
    "line",
    [
        {"model": "gpt-4o", "status": 429, "response": ERROR},
        {"level": 50, "time": 1_795_194_007_123, "model": "gpt-4o", "res": {"statusCode": 429, "body": ERROR}},
        {"model": "gpt-4o", "provider": "openai", "err": {**ERROR["error"], "message": "x"}},
        {"level": "error", "meta": {"model": "gpt-4o", "statusCode": 429, "response": ERROR}},
    ],
)
def test_a_failure_has_the_model_that_its_line_names_beside_it(line: dict[str, object]) -> None:
    _, calls = joined(line)
    assert [(one.call.model, one.call.error_type) for one in calls] == [("gpt-4o", "rate_limit")]


def test_a_failure_with_a_model_beside_it_still_ends_the_request_of_its_trace() -> None:
    asked = {"ts": REQUEST["ts"], "trace_id": "t1", "request": REQUEST["request"]}
    _, calls = joined(asked, {"ts": LATER["ts"], "trace_id": "t1", "model": "gpt-4o", "status": 429, "response": ERROR})
    assert [(one.call.error_type, one.call.duration_seconds) for one in calls] == [("rate_limit", 1.5)]
