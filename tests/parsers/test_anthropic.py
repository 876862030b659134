"""Messages: what the totals are made of, who answered, errors, and what is somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.anthropic import Anthropic
from parsers.base import Call, Record, Several, Stage
from parsers.contract import check_parser
from tests.parsers import bodies_anthropic as bodies
from tests.parsers.examples_anthropic import EXAMPLES
from tests.reading.lines import read

PARSER = Anthropic()
COUNTS = st.integers(0, 10**6)


def call(record: Record) -> Call:
    assert PARSER.matches(record)
    found = PARSER.parse(record)
    assert isinstance(found, Call)
    return found


def test_it_keeps_the_contract() -> None:
    check_parser(PARSER, EXAMPLES)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_input_is_all_that_was_sent_and_its_parts_fit(
    fresh: int, read: int, minutes: int, hour: int, output: int
) -> None:
    usage = {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": minutes + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": minutes, "ephemeral_1h_input_tokens": hour},
        "output_tokens": output,
    }
    found = call(Record(bodies.message(usage=usage)))
    assert found.input_tokens == fresh + read + minutes + hour
    assert found.details == {"cached_input": read, "cache_write": minutes + hour, "cache_write_1h": hour}
    assert found.faults == ()


@pytest.mark.parametrize("model", [None, "deepseek-chat", "claude-sonnet-4-5"])
def test_the_event_that_counts_is_no_call_of_its_own_whoever_made_the_model(model: str | None) -> None:
    line = {"type": "message_delta", "delta": {}, "usage": {"input_tokens": 9, "output_tokens": 12}}
    found = read(line if model is None else {**line, "model": model})
    assert (found.parser, found.stage) == ("anthropic", Stage.PIECE)


def test_a_split_that_is_not_the_sum_of_the_writes_is_a_fault() -> None:
    split = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 600}
    found = call(Record(bodies.message(usage=bodies.usage(cache_creation=split))))
    assert found.faults == ("usage.cache_creation: 1 + 600 is not the 512 tokens that were written",)
    assert "cache_write_1h" not in found.details
    assert found.input_tokens == 2566


def test_the_split_alone_tells_the_writes() -> None:
    found = call(Record(bodies.message(usage=bodies.usage(cache_creation_input_tokens=None))))
    assert (found.input_tokens, found.details["cache_write"], found.details["cache_write_1h"]) == (2566, 512, 128)


def test_thinking_beyond_the_output_is_a_fault() -> None:
    usage = bodies.usage(output_tokens_details={"thinking_tokens": 504})
    assert call(Record(bodies.message(usage=usage))).faults == (
        "usage.output_tokens_details.thinking_tokens: 504 does not fit in 503 output tokens",
    )


@pytest.mark.parametrize("usage", [None, "many", [], {}, {"input_tokens": "9"}, {"input_tokens": -1}])
def test_a_message_without_a_believable_usage_is_still_a_call(usage: object) -> None:
    found = call(Record(bodies.message(usage=usage)))
    assert (found.input_tokens, found.output_tokens, found.model) == (None, None, bodies.MODEL)
    assert bool(found.faults) == (usage not in (None, {}))


def test_the_tokens_of_a_compaction_are_added_to_the_call() -> None:
    iterations = [
        {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
        {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
    ]
    usage = {"input_tokens": 23_000, "output_tokens": 1_000, "iterations": iterations}
    found = call(Record(bodies.message(usage=usage)))
    assert (found.input_tokens, found.output_tokens, found.faults) == (203_000, 4_500, ())


def test_iterations_that_the_totals_already_include_are_not_added_again() -> None:
    iterations = [
        {"type": "compaction", "input_tokens": 10, "output_tokens": 2},
        {"type": "message", "input_tokens": 20, "output_tokens": 3},
    ]
    usage = {"input_tokens": 30, "output_tokens": 5, "iterations": iterations}
    found = call(Record(bodies.message(usage=usage)))
    assert (found.input_tokens, found.output_tokens, found.faults) == (30, 5, ())


def test_iterations_that_do_not_make_up_the_totals_are_a_fault_and_not_added() -> None:
    usage = {"input_tokens": 1, "output_tokens": 5, "iterations": bodies.ITERATIONS}
    found = call(Record(bodies.message(usage=usage)))
    assert (found.input_tokens, found.output_tokens) == (1, 5)
    assert found.faults == ("usage.iterations: their messages do not make up the totals, so none is added",)


def test_the_advisor_at_the_end_of_a_stream_is_a_call_of_its_own() -> None:
    body = bodies.delta(input_tokens=1540, cache_read_input_tokens=412, output_tokens=531, iterations=bodies.ITERATIONS)
    found = PARSER.parse(Record(body))
    assert isinstance(found, Several)
    assert [(one.model, one.input_tokens, one.output_tokens) for one in found.calls] == [
        (None, 1952, 531),
        ("claude-opus-4-6", 823, 1612),
    ]


@pytest.mark.parametrize(
    ("kind", "status", "message", "expected"),
    [
        ("invalid_request_error", 400, "max_tokens: too large", "invalid_request"),
        ("invalid_request_error", 400, "prompt is too long: 210000 tokens > 200000 maximum", "context_length"),
        ("invalid_request_error", 400, "Your credit balance is too low", "quota_exceeded"),
        ("authentication_error", 401, "invalid x-api-key", "authentication"),
        ("billing_error", 402, "Pay", "quota_exceeded"),
        ("permission_error", 403, "No", "permission"),
        ("not_found_error", 404, "model: claude-9", "not_found"),
        ("request_too_large", 413, "Too large", "invalid_request"),
        ("rate_limit_error", 429, "Slow down", "rate_limit"),
        ("api_error", 500, "Internal server error", "server_error"),
        ("timeout_error", 504, "Too slow", "timeout"),
        ("overloaded_error", 529, "Overloaded", "overloaded"),
    ],
)
def test_errors_are_told_with_and_without_their_status(kind: str, status: int, message: str, expected: str) -> None:
    body = bodies.error(kind, message)
    assert call(Record(body, bodies.request(), status)).error_type == expected
    assert call(Record(body)).error_type == expected


def test_a_failure_is_read_as_the_sdk_s_exception_is_logged() -> None:
    inner = bodies.error("overloaded_error", "Overloaded")
    thrown = {"type": "InternalServerError", "message": "529 Overloaded", "stack": "x", "status": 529, "error": inner}
    found = read({"level": 50, "time": 1_795_194_007_000, "pid": 7, "msg": "llm failed", "err": thrown})
    assert found.call is not None
    assert (found.call.provider, found.call.error_type, found.outcome) == ("anthropic", "overloaded", "call")


def test_the_id_of_a_message_names_the_cloud_whatever_the_log_calls_it() -> None:
    found = call(Record(bodies.plain(id="msg_bdrk_1"), provider="anthropic"))
    assert found.provider == "aws.bedrock"


def test_claude_on_azure_is_not_openai() -> None:
    url = "https://acme.services.ai.azure.com/anthropic/v1/messages"
    assert call(Record(bodies.plain(), url=url)).provider == "azure.ai.inference"


def test_other_vendors_that_speak_this_form_keep_their_names() -> None:
    assert call(Record(bodies.plain(model="deepseek-chat"))).provider == "deepseek"


STRANGERS = [
    {"type": "message", "content": "hello", "user": "U1"},
    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": []},
    {**bodies.message(), "role": "user"},
    {"type": "error", "error": {"type": "ValidationError", "message": "no such field"}},
    {"type": "error", "event_id": "e1", "error": {"type": "invalid_request_error", "code": None, "message": "x"}},
    {"type": "ping"},
    {"type": "message_start", "channel": "general"},
    {"type": "message_sent", "usage": 3},
    {"input_tokens": 2095},
    {"usage": {"input_tokens": 5, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 1}}, "model": "gpt-4o"},
    {"usage": {"input_tokens": 5, "output_tokens": 3}, "model": "gpt-4o"},
    {"custom_id": "a", "response": {"status_code": 200, "body": {}}},
]


@pytest.mark.parametrize("body", STRANGERS)
def test_what_is_not_of_this_api_is_left_alone(body: dict[str, object]) -> None:
    assert not PARSER.matches(Record(body))
