"""A stream is one call, whether its events are on one line or each on its own."""

from __future__ import annotations

import pytest

from parsers.base import Stage
from tests.reading.lines import BODY, STREAM, TIME, USAGE, chunk_body, read, sse, text

WHOLE: dict[str, object] = {
    "server-sent events": {"ts": TIME, "request_id": "r1", "response": sse(STREAM)},
    "list of events": {"ts": TIME, "request_id": "r1", "response": STREAM},
    "list of texts": {"ts": TIME, "request_id": "r1", "chunks": [text(event) for event in STREAM] + ["[DONE]"]},
    "list of SSE texts": {"ts": TIME, "request_id": "r1", "chunks": [f"data: {text(event)}" for event in STREAM]},
    "events with names": {
        "ts": TIME,
        "request_id": "r1",
        "chunks": [{"event": "x", "data": event} for event in STREAM],
    },
    "body of an HTTP response": {"ts": TIME, "request_id": "r1", "response": {"status": 200, "body": sse(STREAM)}},
    "nested payload": {"ts": TIME, "request_id": "r1", "payload": STREAM},
}


@pytest.mark.parametrize("line", WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_stream_in_one_field_is_one_call_counted_once(line: object) -> None:
    reading = read(line)
    call = reading.call
    assert call is not None
    assert (reading.outcome, reading.stage, reading.join_key) == ("call", None, "r1")
    assert (call.input_tokens, call.output_tokens, call.stream, call.finish_reason) == (1523, 212, True, "stop")


def test_a_json_array_of_events_as_a_line_is_a_stream_with_the_time_of_its_first_event() -> None:
    reading = read(STREAM)
    assert reading.outcome == "call"
    assert reading.timestamp_ns == 1_795_194_005 * 10**9


def test_an_interrupted_stream_is_a_call_whose_usage_is_not_known() -> None:
    call = read({"ts": TIME, "response": sse(STREAM[:1])}).call
    assert call is not None
    assert (call.model, call.input_tokens, call.output_tokens) == ("gpt-4o-2024-08-06", None, None)


def test_each_event_on_its_own_line_is_a_part_under_the_id_of_the_response() -> None:
    readings = [read(f"data: {text(event)}") for event in STREAM]
    assert [reading.stage for reading in readings] == [Stage.PIECE, Stage.FINISHED, Stage.LAST]
    assert {reading.join_key for reading in readings} == {"chatcmpl-AbC123"}
    assert {reading.wrapper for reading in readings} == {"sse"}


def test_the_end_mark_ends_a_stream_that_has_an_id_and_is_nothing_without_one() -> None:
    ended = read({"ts": TIME, "request_id": "r1", "chunk": "[DONE]"})
    assert (ended.outcome, ended.stage, ended.join_key) == ("part", Stage.LAST, "r1")
    for line in ("data: [DONE]", "[DONE]", "event: ping", ": keep-alive", "id: 7", "retry: 3000"):
        assert read(line).outcome == "not_llm"


def test_a_broken_event_is_left_out_and_the_rest_of_the_stream_counts() -> None:
    broken = f"data: {text(chunk_body())[:50]}\n\n" + sse(STREAM)
    call = read({"ts": TIME, "response": broken}).call
    assert call is not None
    assert call.input_tokens == 1523


def test_two_whole_calls_on_one_line_are_each_counted() -> None:
    other = {**BODY, "id": "chatcmpl-other", "usage": {**USAGE, "prompt_tokens": 1, "total_tokens": 213}}
    reading = read({"ts": TIME, "response": [BODY, other]})
    assert reading.call is not None
    assert reading.call.input_tokens == 1523
    assert [more.input_tokens for more in reading.more] == [1]


def test_events_of_a_responses_stream_are_not_taken_for_a_wrapper_around_a_response() -> None:
    usage = {"input_tokens": 5, "output_tokens": 3, "total_tokens": 8}
    response = {
        "object": "response",
        "id": "resp_1",
        "created_at": 1_795_194_007,
        "status": "completed",
        "model": "gpt-4o",
    }
    reading = read({"type": "response.completed", "response": {**response, "usage": usage}})
    assert (reading.outcome, reading.stage, reading.join_key) == ("call", Stage.LAST, "resp_1")
    assert reading.timestamp_ns == 1_795_194_007 * 10**9


def test_an_event_name_of_the_application_s_own_does_not_hide_the_response() -> None:
    assert read({"ts": TIME, "type": "response.received", "response": BODY}).outcome == "call"


@pytest.mark.parametrize("beside", [{}, {"ResponseMetadata": {"RequestId": "r1", "HTTPStatusCode": 200}}])
def test_a_stream_as_boto3_gives_it_is_one_call(beside: dict[str, object]) -> None:
    usage = {"inputTokens": 5, "outputTokens": 6, "totalTokens": 11}
    events = [
        {"messageStart": {"role": "assistant"}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": usage, "metrics": {"latencyMs": 300}}},
    ]
    request = {"modelId": "amazon.nova-pro-v1:0", "messages": []}
    call = read({"ts": TIME, "request": request, "response": {**beside, "stream": events}}).call
    assert call is not None
    assert (call.request_model, call.input_tokens, call.output_tokens, call.stream) == (
        "amazon.nova-pro-v1:0", 5, 6, True,
    )  # fmt: skip
    broken = [events[0], {"throttlingException": {"message": "Too many requests"}}]
    failed = read({"ts": TIME, "request": request, "response": {**beside, "stream": broken}}).call
    assert failed is not None
    assert (failed.error_type, failed.output_tokens) == ("rate_limit", None)
