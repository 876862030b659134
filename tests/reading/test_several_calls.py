"""One line that tells of several calls: what it says of all of them together is counted once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from parsers.base import Call
from tests.reading.lines import read

ADVISED = {
    "id": "msg_01Advised",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-4-5-20251001",
    "content": [{"type": "text", "text": "Done."}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 400,
        "output_tokens": 90,
        "iterations": [
            {"type": "message", "input_tokens": 400, "output_tokens": 90},
            {"type": "advisor_message", "model": "claude-opus-4-6", "input_tokens": 900, "output_tokens": 60},
        ],
    },
}
"""A message for which an advisor of another model was asked: two calls, two prices."""

KONG = {
    "ai": {
        "proxy": {
            "meta": {"provider_name": "openai", "request_model": "gpt-4o", "response_model": "gpt-4o-2024-08-06"},
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "cost": 0.00035},
        },
        "ai-request-transformer": {
            "meta": {"provider_name": "cohere", "request_model": "command-r-08-2024"},
            "usage": {"prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55},
        },
    },
}
"""A gateway whose two plugins each asked a model; one tells what it cost."""


def calls_of(line: Mapping[str, object]) -> list[Call]:
    reading = read(line)
    assert reading.call is not None
    return [reading.call, *reading.more]


def test_the_cost_on_a_line_is_that_of_its_calls_together() -> None:
    """At the first of them; the others are in it, so that they are not estimated on top."""
    calls = calls_of({"response": ADVISED, "cost_usd": 0.0074, "duration_ms": 2500})
    assert [call.model for call in calls] == ["claude-haiku-4-5-20251001", "claude-opus-4-6"]
    assert [call.cost_usd for call in calls] == [0.0074, 0.0]


def test_the_duration_of_a_line_is_counted_once() -> None:
    """The advisor took a part of it that nobody logged."""
    calls = calls_of({"response": ADVISED, "duration_ms": 2500, "ttft_ms": 300})
    assert [call.duration_seconds for call in calls] == [2.5, None]
    assert [call.time_to_first_token_seconds for call in calls] == [0.3, None]


def test_without_a_cost_on_the_line_each_call_is_estimated() -> None:
    assert [call.cost_usd for call in calls_of({"response": ADVISED})] == [None, None]


def test_a_call_s_own_cost_makes_that_of_the_line_nobody_s() -> None:
    """What the line says is then the sum of something else: who has no cost of its own is estimated."""
    calls = calls_of({**KONG, "cost_usd": 99.0})
    assert sorted(call.cost_usd or 0.0 for call in calls) == [0.0, 0.00035]
    assert 99.0 not in [call.cost_usd for call in calls]
    assert sum(call.cost_usd is None for call in calls) == 1


@pytest.mark.parametrize("extra", [{}, {"cost_usd": 0.5}])
def test_a_line_of_one_call_keeps_its_cost_and_duration(extra: Mapping[str, object]) -> None:
    alone = {**ADVISED, "usage": {"input_tokens": 400, "output_tokens": 90}}
    (call,) = calls_of({"response": alone, "duration_ms": 2500, **extra})
    assert (call.duration_seconds, call.cost_usd) == (2.5, extra.get("cost_usd"))
