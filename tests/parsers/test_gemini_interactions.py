"""Interactions: what the totals are made of, statuses, searches, what only looks alike; and counting, which is free."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call, Part, Record
from parsers.gemini_interactions import GeminiInteractions
from parsers.token_counting import TokenCounting
from tests.parsers.examples_interactions import REQUEST, URL, Json, interaction, lifecycle, usage
from tests.reading.lines import read

PARSER = GeminiInteractions()
COUNTS = st.integers(0, 10**6)
SNAKE = ("total_input_tokens", "total_tool_use_tokens", "total_output_tokens", "total_thought_tokens", "total_tokens")
CAMEL = ("totalInputTokens", "totalToolUseTokens", "totalOutputTokens", "totalThoughtTokens", "totalTokens")


def whole(body: Json, request: Json | None = None) -> Call:
    record = Record(body, request, 200)
    assert PARSER.matches(record)
    call = PARSER.parse(record)
    assert isinstance(call, Call)
    return call


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.sampled_from([SNAKE, CAMEL]))
def test_input_takes_in_tools_and_output_thoughts(
    given_: int, tools: int, written: int, thoughts: int, names: tuple[str, ...]
) -> None:
    total = given_ + tools + written + thoughts
    block = dict(zip(names, (given_, tools, written, thoughts, total), strict=True))
    call = whole(interaction(usage=block))
    assert (call.input_tokens, call.output_tokens, call.faults) == (given_ + tools, written + thoughts, ())


def test_thoughts_had_another_name_before() -> None:
    block = {"total_input_tokens": 5, "total_output_tokens": 6, "total_reasoning_tokens": 7, "total_tokens": 18}
    call = whole(interaction(usage=block))
    assert (call.output_tokens, call.details, call.faults) == (13, {"reasoning": 7}, ())


@pytest.mark.parametrize("value", ["90", -1, 2.5, True, [], {}])
def test_an_output_that_is_no_count_is_not_known_and_the_input_is(value: object) -> None:
    call = whole(interaction(usage=usage(total_output_tokens=value, output_tokens_by_modality=None)))
    assert (call.input_tokens, call.output_tokens) == (1240, None)
    assert call.faults[0].startswith("usage.total_output_tokens: expected a count")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("completed", None),
        ("requires_action", None),
        ("incomplete", None),
        ("budget_exceeded", None),
        ("failed", "unknown"),
        ("cancelled", "cancelled"),
        ("COMPLETED", None),
    ],
)
def test_only_what_failed_is_an_error_and_what_it_used_counts(status: str, error: str | None) -> None:
    call = whole(interaction(status=status))
    assert (call.error_type, call.finish_reason, call.input_tokens) == (error, status.lower(), 1240)


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_what_is_fetched_before_it_is_finished_is_no_call(status: str) -> None:
    record = Record(interaction(status=status))
    assert PARSER.matches(record)
    assert PARSER.parse(record) is None


@pytest.mark.parametrize("event", ["interaction.complete", "interaction.failed", "interaction.requires_action"])
def test_every_ending_ends_the_stream(event: str) -> None:
    found = PARSER.parse(Record(lifecycle(event)))
    assert isinstance(found, Part)
    assert (found.stage.value, found.call.output_tokens) == ("last", 335)


def test_an_agent_s_name_stands_for_the_model() -> None:
    agent = "deep-research-pro-preview-12-2025"
    call = whole(interaction(model=None, agent=agent), {"agent": agent, "input": "x"})
    assert (call.model, call.request_model) == (agent, agent)


def test_searches_are_counted_as_they_are_billed() -> None:
    assert whole(interaction()).units == {"web_searches": 2.0}
    assert whole(interaction(model="gemini-2.5-flash")).units == {"web_searches": 1.0}
    assert whole(interaction(usage=usage(grounding_tool_count=[{"type": "google_search", "count": -2}]))).units == {}


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "usage": usage()},
        {"model": "gpt-4o", "usage": {"total_input_tokens": 5, "total_output_tokens": 6, "total_tokens": 11}},
        {"event_type": "interaction.created", "user": "U1"},
        {"event_type": "step.start", "name": "deploy"},
        {"event_type": "content.delta", "index": "a"},
        {"event_type": "error", "error": "disk full"},
        {"event_type": 5, "interaction": {}},
    ],
)
def test_what_only_looks_alike_is_left_alone(body: Json) -> None:
    assert not PARSER.matches(Record(body))


COUNTED: list[Json] = [
    {"url": "https://api.anthropic.com/v1/messages/count_tokens", "request": REQUEST, "response": {"input_tokens": 9}},
    {"request": REQUEST, "response": {"input_tokens": 9}, "duration_ms": 12},
    {"url": "/v1beta/models/gemini-2.5-pro:countTokens", "request": REQUEST, "response": {"totalTokens": 31}},
    {"request": REQUEST, "response": {"totalTokens": 31, "promptTokensDetails": []}},
    {"request": {"modelId": "m", "input": {}}, "response": {"inputTokens": 31}},
    {"request": REQUEST, "response": {"object": "response.input_tokens", "input_tokens": 11}},
    {"url": "https://api.cohere.com/v1/tokenize", "request": REQUEST, "response": {"tokens": [1], "meta": {}}},
    {"url": "/v1/publishers/anthropic/models/count-tokens:rawPredict", "request": REQUEST, "request_id": "r1"},
]


@pytest.mark.parametrize("line", COUNTED)
def test_counting_tokens_is_no_call(line: Json) -> None:
    """It is free, and it would stand beside the calls as one whose usage is missing."""
    assert read({"level": "info", **line}).outcome == "not_llm"


@pytest.mark.parametrize(
    "line",
    [
        {"url": URL, "request": REQUEST, "response": interaction()},
        {"model": "claude-sonnet-4-5", "input_tokens": 9, "output_tokens": 3},
        {"request": REQUEST, "response": {"total_tokens": 31}},
    ],
)
def test_what_counts_more_than_a_prompt_is_still_a_call(line: Json) -> None:
    assert read({"level": "info", **line}).outcome == "call"


def test_the_counter_takes_no_usage_of_a_call() -> None:
    for body in ({"inputTokens": 5, "outputTokens": 6}, {"model": "m", "input_tokens": 5}, {"total_tokens": 5}):
        assert not TokenCounting().matches(Record(body))
