"""Calls told in fields of the application's own, where the configuration names them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.config import Fields
from tests.reading.lines import BODY, TIME, read, text

TOLD = Fields(
    model="ai.mdl",
    input_tokens="ai.tk.i",
    output_tokens="ai.tk.o",
    cached_input_tokens="ai.tk.c",
    status="code",
    duration="took",
    duration_unit="ms",
)
LINE = {"ts": TIME, "ai": {"mdl": "gpt-4o", "tk": {"i": 900, "o": 20, "c": 512}}, "took": 300, "code": 200}


@pytest.mark.parametrize("line", [LINE, {"log": text(LINE), "stream": "stdout", "time": TIME}])
def test_the_configured_fields_make_a_call(line: object) -> None:
    call = read(line, TOLD).call
    assert call is not None
    assert (call.provider, call.model, call.input_tokens, call.output_tokens) == ("openai", "gpt-4o", 900, 20)
    assert (call.details, call.duration_seconds, call.error_type) == ({"cached_input": 512}, 0.3, None)


def test_counts_as_texts_are_counts() -> None:
    call = read({"ai": {"mdl": "gpt-4o", "tk": {"i": "900", "o": "20"}}}, TOLD).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens) == (900, 20)


def test_a_failure_needs_no_counts() -> None:
    call = read({"ts": TIME, "ai": {"mdl": "gpt-4o"}, "code": 429, "took": 80}, TOLD).call
    assert call is not None
    assert (call.request_model, call.error_type, call.duration_seconds) == ("gpt-4o", "rate_limit", 0.08)


@pytest.mark.parametrize(
    "line",
    [
        {"ts": TIME, "ai": {"mdl": "gpt-4o"}, "code": 200},
        {"ts": TIME, "ai": {"mdl": None}, "code": 500},
        {"ts": TIME, "ai": "off", "code": 500},
        {"ts": TIME, "ai": {"tk": {"i": None}}},
    ],
)
def test_a_line_without_counts_that_has_not_failed_is_no_call(line: object) -> None:
    assert read(line, TOLD).outcome == "not_llm"


def test_a_provider_s_body_is_still_found_on_other_lines() -> None:
    call = read({"ts": TIME, "response": BODY}, TOLD).call
    assert call is not None
    assert call.input_tokens == 1523


@given(st.sampled_from([-1, 1.5, True, "many", [], {}, 1e300, "9" * 40]), st.sampled_from(["i", "o"]))
def test_a_count_that_cannot_be_believed_is_a_fault_and_the_call_is_counted(value: object, side: str) -> None:
    reading = read({"ai": {"mdl": "gpt-4o", "tk": {"i": 900, "o": 20} | {side: value}}}, TOLD)
    assert reading.outcome == "bad_usage"
    assert reading.call is not None
    assert [reading.call.input_tokens, reading.call.output_tokens][side == "o"] is None
    assert any("expected" in fault or "not" in fault for fault in reading.call.faults)
