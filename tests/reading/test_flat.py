"""Applications that log the facts of a call as fields of their own, and what is not to be taken for that."""

from __future__ import annotations

import json

import pytest

from parsers import registry
from parsers.base import Stage
from tailer.reading.chunk import Chunk, Reading
from tailer.reading.reading import LineReader

READER = LineReader(registry.load())
TIME = "2026-11-20T17:00:08.250Z"


def read(**fields: object) -> Reading:
    line = json.dumps(fields).encode() + b"\n"
    return READER.read(Chunk(1, "app.log", 0, len(line), 0, line))[0]


def test_counts_beside_a_model_are_the_usage_of_a_call() -> None:
    reading = read(
        event="llm_call", timestamp=TIME, model="gpt-4o", prompt_tokens=100, completion_tokens=20, latency_ms=90
    )
    assert reading.outcome == "call"
    assert reading.call is not None
    assert (reading.call.provider, reading.call.model) == ("openai", "gpt-4o")
    assert (reading.call.input_tokens, reading.call.output_tokens, reading.call.duration_seconds) == (100, 20, 0.09)


def test_flat_details_are_parts_of_the_totals() -> None:
    reading = read(
        ts=TIME,
        model="gpt-4o",
        input_tokens=100,
        output_tokens=20,
        total_tokens=120,
        cached_tokens=64,
        reasoning_tokens=5,
    )
    assert reading.call is not None
    assert reading.call.details == {"cached_input": 64, "reasoning": 5}
    assert reading.warnings == ()


def test_a_flat_count_that_cannot_be_believed_is_not_counted() -> None:
    reading = read(ts=TIME, model="gpt-4o", prompt_tokens="many", completion_tokens=20)
    assert reading.outcome == "bad_usage"
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == (None, 20)


def test_counts_without_a_model_are_no_call() -> None:
    """A budget report has token counts too."""
    assert read(ts=TIME, msg="budget", prompt_tokens=100, completion_tokens=20).outcome == "not_llm"


@pytest.mark.parametrize(
    "said",
    [
        "llm_request",
        "request",
        "LLM request sent",
        "openai.chat.request",
        "llm_call_started",
        "chat completion request",
    ],
)
@pytest.mark.parametrize("field", ["event", "msg", "type"])
def test_a_line_that_says_it_is_a_request_is_one(field: str, said: str) -> None:
    reading = read(timestamp=TIME, request_id="r1", model="gpt-4o", **{field: said})
    assert (reading.outcome, reading.stage, reading.join_key) == ("part", Stage.REQUEST, "r1")


@pytest.mark.parametrize(
    "said",
    ["cache hit", "incoming request", "request completed", "request failed", "retrying", "llm_call", "started", ""],
)
def test_a_model_bound_to_every_line_makes_no_requests(said: str) -> None:
    assert read(timestamp=TIME, request_id="r1", model="gpt-4o", event=said).outcome == "not_llm"


def test_a_request_that_nothing_can_be_joined_to_is_none() -> None:
    assert read(timestamp=TIME, model="gpt-4o", event="llm_request").outcome == "not_llm"


def test_a_request_without_its_messages_is_a_request() -> None:
    """Applications leave the prompt out of the log."""
    reading = read(timestamp=TIME, request_id="r1", request={"model": "gpt-4o", "temperature": 0})
    assert (reading.outcome, reading.stage) == ("part", Stage.REQUEST)
