"""Responses: whole bodies in every status, the events of a stream, and the border to Anthropic's usage."""

from __future__ import annotations

import pytest

from parsers.base import Call, Part, Record, Several, Stage
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


RETRIEVED = "https://api.openai.com/v1/responses/resp_68af4030592c81"


def test_a_stored_response_that_is_looked_up_again_is_no_second_call() -> None:
    assert PARSER.parse(Record(bodies.response(), url=f"{RETRIEVED}?include=x", status=200)) is None
    assert PARSER.parse(Record({"id": "resp_68af4030592c81", "object": "response", "deleted": True})) is None


@pytest.mark.parametrize("url", [RETRIEVED, f"{RETRIEVED}/cancel"])
def test_a_response_made_in_the_background_counts_when_it_is_looked_up(url: str) -> None:
    assert whole(Record(bodies.response(background=True), url=url)).output_tokens == 871


def test_a_compaction_is_billed_like_a_response() -> None:
    usage = bodies.response_usage()
    body = {"id": "resp_c1", "object": "response.compaction", "created_at": 1795194007, "output": [], "usage": usage}
    call = whole(Record(body, {"model": "gpt-5", "input": []}, url="https://api.openai.com/v1/responses/compact"))
    assert (call.request_model, call.input_tokens, call.output_tokens) == ("gpt-5", 3280, 871)
    assert call.details["cached_input"] == 2048


def searched(action: str | None, number: int = 1) -> bodies.Json:
    return {
        "id": f"ws_{number}",
        "type": "web_search_call",
        "status": "completed",
        "action": action and {"type": action, "query": "web_search_call"},
    }


SEARCHES = [
    searched("search"),
    searched("open_page", 2),
    searched("find_in_page", 3),
    searched(None, 4),
    {"type": "file_search_call", "id": "fs_1", "queries": ["x"], "results": None},
    {"type": "message", "content": [{"type": "output_text", "text": "web_search_call"}]},
]


def test_searches_are_billed_beside_the_tokens_but_opening_a_page_is_not() -> None:
    call = whole(Record(bodies.response(output=SEARCHES)))
    assert call.units == {"web_searches": 2, "storage_searches": 1}
    assert part(bodies.event("response.completed", response=bodies.response(output=SEARCHES))).call.units == call.units


def test_the_number_of_searches_that_the_response_tells_itself_is_taken() -> None:
    told = bodies.response(output=SEARCHES, tool_usage={"web_search": {"num_requests": 5}, "image_gen": {}})
    assert whole(Record(told)).units == {"web_searches": 5, "storage_searches": 1}


def test_a_number_of_searches_that_is_none_is_a_fault_and_the_searches_are_counted() -> None:
    call = whole(Record(bodies.response(output=SEARCHES, tool_usage={"web_search": {"num_requests": "5"}})))
    assert call.units["web_searches"] == 2
    assert call.faults == ("tool_usage.web_search.num_requests: expected a count, got '5'",)


def test_searches_without_usage_do_not_hide_that_it_is_missing() -> None:
    assert whole(Record(bodies.response(output=SEARCHES, usage=None))).units == {}


DREW = bodies.response(
    tools=[{"type": "web_search"}, {"type": "image_generation", "model": "gpt-image-1.5", "size": "auto"}],
    tool_usage={
        "web_search": {"num_requests": 0},
        "image_gen": {
            "input_tokens": 318,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 318},
            "output_tokens": 1056,
            "output_tokens_details": {"image_tokens": 1056, "text_tokens": 0},
            "total_tokens": 1374,
        },
    },
)


@pytest.mark.parametrize("body", [DREW, bodies.event("response.completed", response=DREW)])
def test_images_that_a_response_made_are_a_call_to_their_own_model(body: bodies.Json) -> None:
    found = PARSER.parse(Record(body))
    assert isinstance(found, Several)
    spoken, drawn = found.calls
    assert (spoken.model, spoken.input_tokens, spoken.output_tokens) == ("gpt-5-2025-08-07", 3280, 871)
    assert drawn == Call(
        provider="openai",
        operation="image_generation",
        request_model="gpt-image-1.5",
        input_tokens=318,
        output_tokens=1056,
        details={"image_input": 0, "text_input": 318, "image_output": 1056, "text_output": 0},
        stream=spoken.stream,
        service_tier="flex",
    )


@pytest.mark.parametrize("usage", [None, {}, {"image_gen": None}, {"image_gen": {"input_tokens": 0}}, "none", [1]])
def test_a_response_that_made_no_images_is_one_call(usage: object) -> None:
    assert isinstance(PARSER.parse(Record({**DREW, "tool_usage": usage})), Call)


def test_an_images_usage_that_cannot_be_believed_is_named() -> None:
    found = PARSER.parse(Record({**DREW, "tool_usage": {"image_gen": {"input_tokens": "9", "output_tokens": 1056}}}))
    assert isinstance(found, Several)
    assert found.calls[1].faults == ("tool_usage.image_gen: usage.input_tokens: expected a count, got '9'",)
    assert found.calls[1].details == {"image_output": 1056}


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
