"""Responses: whole bodies in every status, the events of a stream, and the border to Anthropic's usage."""

from __future__ import annotations

import pytest

from parsers.base import Call, Part, Record, Stage
from parsers.openai_responses import OpenAIResponses
from tests.parsers import bodies

PARSER = OpenAIResponses()


def whole(record: Record) -> Call:
    assert PARSER.matches(record)
    call = PARSER.parse(record)
    assert isinstance(call, Call)
    return call


def part(body: bodies.Json) -> Part:
    assert PARSER.matches(Record(body))
    found = PARSER.parse(Record(body))
    assert isinstance(found, Part)
    return found


def test_an_incomplete_response_is_a_billed_success() -> None:
    body = bodies.response(status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    call = whole(Record(body, status=200))
    assert (call.status, call.finish_reason, call.output_tokens) == ("success", "max_output_tokens", 871)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": "server_error", "message": "An error occurred"}, "server_error"),
        ({"code": "rate_limit_exceeded", "message": "Rate limit reached"}, "rate_limit"),
        ({"code": "invalid_prompt", "message": "Flagged"}, "invalid_request"),
        ({"code": "bio_policy", "message": "Flagged"}, "content_filter"),
        ({"code": "vector_store_timeout", "message": "Too slow"}, "timeout"),
        ({"code": "invalid_image_format", "message": "No image"}, "invalid_request"),
        (None, "unknown"),
    ],
)
def test_a_failed_response_is_an_error_though_its_status_is_200(error: object, expected: str) -> None:
    assert whole(Record(bodies.response(status="failed", usage=None, error=error), status=200)).error_type == expected


def test_a_cancelled_response_is_an_error() -> None:
    assert whole(Record(bodies.response(status="cancelled", usage=None))).error_type == "cancelled"


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_response_still_in_work_is_not_counted_yet(status: str) -> None:
    record = Record(bodies.response(status=status, usage=None))
    assert PARSER.matches(record)
    assert PARSER.parse(record) is None


def test_the_events_of_a_stream_are_pieces_until_its_end() -> None:
    begun = bodies.response(status="in_progress", usage=None)
    events = [
        bodies.event("response.created", response=begun),
        bodies.event("response.in_progress", response=begun),
        bodies.event("response.output_item.added", output_index=0, item={"type": "message"}),
        bodies.event("response.output_text.delta", item_id="msg_1", delta="Hel"),
        bodies.event("response.completed", response=bodies.response()),
    ]
    assert [part(event).stage for event in events] == [*[Stage.PIECE] * 4, Stage.LAST]
    assert part(events[0]).call == Call(
        provider="openai",
        operation="chat",
        model="gpt-5-2025-08-07",
        response_id="resp_68af4030592c81",
        stream=True,
        service_tier="flex",
    )


@pytest.mark.parametrize(
    ("kind", "status", "error_type"),
    [("response.incomplete", "incomplete", None), ("response.failed", "failed", "server_error")],
)
def test_usage_counts_however_a_stream_ends(kind: str, status: str, error_type: str | None) -> None:
    error = {"code": "server_error", "message": "Oops"} if error_type else None
    last = part(bodies.event(kind, response=bodies.response(status=status, error=error)))
    assert (last.stage, last.call.error_type) == (Stage.LAST, error_type)
    assert (last.call.input_tokens, last.call.output_tokens) == (3280, 871)


def test_a_failed_event_without_its_response_is_still_an_error() -> None:
    assert part(bodies.event("response.failed")).call.error_type == "unknown"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down", "param": None},
        bodies.event("error", error={"type": "tokens", "code": "rate_limit_exceeded", "message": "Slow down"}),
    ],
)
def test_a_bare_error_event_ends_the_stream(body: bodies.Json) -> None:
    last = part(body)
    assert (last.stage, last.call.error_type, last.call.stream) == (Stage.LAST, "rate_limit", True)


def test_azure_filters_and_deployment_are_understood() -> None:
    url = "https://acme.openai.azure.com/openai/v1/responses?api-version=preview"
    call = whole(Record(bodies.response(content_filters=[]), {"model": "prod-gpt5", "input": "Hi"}, url=url))
    assert (call.provider, call.request_model, call.model) == ("azure.ai.openai", "prod-gpt5", "gpt-5-2025-08-07")


@pytest.mark.parametrize(
    ("line", "provider"),
    [
        ({"model": "gpt-5", "usage": {"input_tokens": 3, "output_tokens": 4}, "status": "ok"}, "openai"),
        ({"model": "llama", "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}}, None),
        ({"request_id": "r1", "usage": {"input_tokens": 3, "output_tokens": 4}, "status": "failed"}, None),
    ],
)
def test_a_line_with_usage_alone_is_read(line: bodies.Json, provider: str | None) -> None:
    call = whole(Record(line))
    assert (call.provider, call.input_tokens, call.output_tokens) == (provider, 3, 4)
    assert (call.error_type, call.finish_reason) == (None, None)


ANTHROPIC = {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 0}


@pytest.mark.parametrize(
    "record",
    [
        Record({"type": "message", "model": "claude-opus-4-1", "usage": {"input_tokens": 3, "output_tokens": 4}}),
        Record({"model": "claude-opus-4-1", "usage": {"input_tokens": 3, "output_tokens": 4}}),
        Record({"model": "gpt-5", "usage": ANTHROPIC}),
        Record({"usage": {"input_tokens": 3, "output_tokens": 4}}, {"model": "claude-opus-4-1", "messages": []}),
        Record({"usage": {"input_tokens": 3, "output_tokens": 4}}, provider="anthropic"),
        Record({"usage": {"input_tokens": 3, "output_tokens": 4}}, url="https://api.anthropic.com/v1/messages"),
        Record({"text": "Hi", "usage": {"type": "tokens", "input_tokens": 3, "output_tokens": 4}}),
        Record({"type": "response.done", "event_id": "event_1", "response": {"object": "realtime.response"}}),
        Record({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        Record({"type": "error", "message": "disk full", "level": "error"}),
        Record(bodies.chat()),
    ],
)
def test_what_is_anothers_is_left_alone(record: Record) -> None:
    assert not PARSER.matches(record)
