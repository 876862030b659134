"""Whole log lines with Claude's and Bedrock's bodies, in the wrappers that applications put around them."""

from __future__ import annotations

import pytest

from parsers.base import Call, Stage
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tailer.meter.open_call import Joined
from tests.parsers import bodies_anthropic as anthropic
from tests.parsers import bodies_aws as aws
from tests.parsers.bodies import Json
from tests.reading.lines import TIME, read, sse, text


def wrapped(body: Json, request: Json) -> dict[str, Json]:
    """The body as each kind of logger writes it."""
    plain = {"ts": TIME, "request": request, "response": body, "duration_ms": 1500}
    return {
        "request and response": plain,
        "bare": body,
        "pino": {
            "level": 30,
            "time": 1795194007123,
            "pid": 1,
            "msg": "llm",
            "response": body,
            "req": {"body": request},
        },
        "structlog": {"event": "llm call", "level": "info", "timestamp": TIME, "response": body},
        "text": {**plain, "response": text(body)},
        "text of a text": {**plain, "response": text(text(body))},
        "docker": {"log": text(plain) + "\n", "stream": "stdout", "time": TIME},
        "http": {"ts": TIME, "response": {"status": 200, "headers": {"request-id": "req_1"}, "body": body}},
        "payload": {"ts": TIME, "payload": body},
        "splunk": {"time": 1795194007, "event": {"request": request, "response": body, "response_time": 1.5}},
    }


BODIES: dict[str, tuple[Json, Json, tuple[int, int]]] = {
    "anthropic": (anthropic.message(), anthropic.request(), (2566, 503)),
    "converse": (aws.converse(), aws.request(), (3514, 13)),
    "llama": (aws.llama(), {"modelId": "meta.llama3-70b-instruct-v1:0", "body": "{}"}, (25, 31)),
    "titan": (aws.titan(), {"modelId": "amazon.titan-text-express-v1", "body": "{}"}, (7, 55)),
}
CASES = {
    f"{name} in {wrapper}": (line, expected)
    for name, (body, request, expected) in BODIES.items()
    for wrapper, line in wrapped(body, request).items()
}


@pytest.mark.parametrize("case", CASES)
def test_a_body_is_read_in_every_wrapper(case: str) -> None:
    line, expected = CASES[case]
    reading = read(line)
    assert reading.outcome == "call"
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == expected


@pytest.mark.parametrize("key", ["modelId", "model_id", "model"])
def test_the_model_beside_an_answer_that_names_none_is_its_model(key: str) -> None:
    for response in (aws.converse(), aws.stream(), text(aws.converse())):
        call = read({"ts": TIME, key: "amazon.nova-pro-v1:0", "response": response}).call
        assert call is not None
        assert (call.model, call.input_tokens) == ("amazon.nova-pro-v1:0", 3514)


def test_the_model_beside_an_answer_does_not_replace_the_answer_s_own() -> None:
    call = read({"ts": TIME, "model": "my-alias", "response": anthropic.message()}).call
    assert call is not None
    assert call.model == anthropic.MODEL


def test_the_headers_that_botocore_keeps_beside_a_decoded_body_count() -> None:
    response = {
        "ResponseMetadata": {"RequestId": "9c1f", "HTTPStatusCode": 200, "HTTPHeaders": aws.HEADERS},
        "contentType": "application/json",
        "body": {"outputs": [{"text": "Hi"}]},
    }
    call = read({"ts": TIME, "request": {"modelId": "mistral.mistral-large-2402-v1:0"}, "response": response}).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens, call.request_id) == (112, 34, "9c1f")


LOGS = {
    "bare": aws.log(),
    "docker": {"log": text(aws.log()), "stream": "stdout", "time": TIME},
    "message": {"timestamp": 1795194007123, "message": text(aws.log()), "logGroup": "bedrock"},
}


@pytest.mark.parametrize("wrapper", LOGS)
def test_an_invocation_log_is_one_call_by_its_envelope(wrapper: str) -> None:
    reading = read(LOGS[wrapper])
    assert (reading.outcome, reading.parser) == ("call", "bedrock_log")
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == (3514, 13)
    assert reading.call.request_id == "b2a3-log"


def named_sse(events: list[Json]) -> str:
    return "".join(f"event: {event['type']}\ndata: {text(event)}\n\n" for event in events)


STREAM = anthropic.stream()
WHOLE: dict[str, object] = {
    "server-sent events": {"ts": TIME, "request_id": "r1", "response": named_sse(STREAM)},
    "without names": {"ts": TIME, "request_id": "r1", "response": sse(STREAM)},
    "list": {"ts": TIME, "request_id": "r1", "response": STREAM},
    "list of texts": {"ts": TIME, "request_id": "r1", "chunks": [text(event) for event in STREAM]},
    "http": {"ts": TIME, "request_id": "r1", "response": {"status": 200, "body": named_sse(STREAM)}},
}


@pytest.mark.parametrize("line", WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_stream_is_one_call(line: object) -> None:
    reading = read(line)
    call = reading.call
    assert call is not None
    assert (reading.outcome, call.input_tokens, call.output_tokens, call.stream) == ("call", 1025, 89, True)
    assert (call.model, call.finish_reason, dict(call.details)) == (
        anthropic.MODEL,
        "end_turn",
        {"cached_input": 1000, "cache_write": 0},
    )


def test_the_advisor_of_a_whole_stream_is_a_call_of_its_own() -> None:
    usage = {"input_tokens": 1540, "cache_read_input_tokens": 412, "output_tokens": 531}
    reading = read({"ts": TIME, "response": sse(anthropic.stream(**usage, iterations=anthropic.ITERATIONS))})
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == (1952, 531)
    assert [(call.model, call.input_tokens) for call in reading.more] == [("claude-opus-4-6", 823)]


def joined(lines: list[Json]) -> list[Joined]:
    """What comes of lines read one after another."""
    joiner = Joiner(Limits())
    found = [call for line in lines for call in joiner.add(read(line), 0)]
    return found + joiner.close_all()


def each(events: list[Json]) -> list[Json]:
    return [{"ts": TIME, "request_id": "r1", "chunk": event} for event in events]


@pytest.mark.parametrize(
    "events",
    [
        STREAM,
        STREAM[:-1],
        [*STREAM, STREAM[-1]],
        [*STREAM[:-1], STREAM[-2], STREAM[-1]],
        anthropic.stream(input_tokens=25, cache_read_input_tokens=1000),
    ],
    ids=["whole", "without its end", "end twice", "usage twice", "usage repeats the input"],
)
def test_events_line_by_line_are_one_call_whose_usage_is_counted_once(events: list[Json]) -> None:
    (found,) = joined(each(events))
    assert (found.call.input_tokens, found.call.output_tokens, found.missing) == (1025, 89, None)


def test_a_stream_that_broke_off_counts_what_was_sent_and_is_said_to_be_incomplete() -> None:
    (found,) = joined(each(STREAM[:3]))
    assert (found.call.input_tokens, found.call.output_tokens, found.missing) == (1025, 1, "stream_interrupted")


def test_an_error_in_the_middle_of_a_stream_makes_its_call_a_failure() -> None:
    broken = [*STREAM[:3], {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}]
    (found,) = joined(each(broken))
    assert (found.call.error_type, found.call.input_tokens, found.call.stream) == ("overloaded", 1025, True)
    call = read({"ts": TIME, "response": named_sse(broken)}).call
    assert call is not None
    assert (call.error_type, call.input_tokens) == ("overloaded", 1025)


def test_without_any_id_the_end_of_a_stream_is_not_counted_as_a_second_call() -> None:
    (found,) = joined(STREAM)
    assert (found.call.input_tokens, found.missing) == (1025, "stream_interrupted")


def test_converse_events_line_by_line_are_one_call() -> None:
    asked = {"ts": TIME, "request_id": "r1", "request": aws.request()}
    (found,) = joined([asked, *each(aws.stream())])
    call = found.call
    assert (call.request_model, call.input_tokens, call.output_tokens) == (aws.CLAUDE, 3514, 13)
    assert (call.finish_reason, call.stream, found.missing) == ("end_turn", True, None)


def test_an_exception_in_a_converse_stream_fails_the_call() -> None:
    broken = [*aws.stream()[:2], {"throttlingException": {"message": "Too many tokens"}}]
    for found in (joined(each(broken))[0].call, read({"ts": TIME, "response": broken}).call):
        assert isinstance(found, Call)
        assert found.error_type == "rate_limit"


def test_a_request_without_an_answer_is_a_part() -> None:
    reading = read({"ts": TIME, "request_id": "r1", "request": aws.request()})
    assert (reading.outcome, reading.stage) == ("part", Stage.REQUEST)


def test_cache_counts_that_an_application_logs_beside_its_own_are_in_the_input() -> None:
    line = {"ts": TIME, "model": "claude-sonnet-4-5", "input_tokens": 6, "output_tokens": 9, "latency_ms": 12}
    call = read({**line, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}).call
    assert call is not None
    assert (call.input_tokens, call.details["cached_input"], call.details["cache_write"]) == (126, 100, 20)


def test_anthropic_s_openai_compatible_endpoint_is_anthropic_with_its_flat_cached_tokens() -> None:
    usage = {"prompt_tokens": 120, "completion_tokens": 9, "total_tokens": 129, "cached_tokens": 100}
    message = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    body = {"id": "msg_1", "object": "chat.completion", "model": anthropic.MODEL, "choices": [message], "usage": usage}
    call = read({"ts": TIME, "response": body}).call
    assert call is not None
    assert (call.provider, call.input_tokens, call.details["cached_input"]) == ("anthropic", 120, 100)


def test_the_limits_of_the_headers_are_read_with_their_reset_from_the_line_s_time() -> None:
    response = {"status": 200, "headers": anthropic.HEADERS, "body": anthropic.message()}
    call = read({"ts": "2026-11-20T17:00:07Z", "response": response}).call
    assert call is not None
    assert dict(call.rate_limit) == anthropic.LIMITS
    assert call.request_id == "req_018EeWyXxfu5pfWkrYcMdjWG"
