"""Cohere: what is billed against what was seen, measures beside tokens, finish reasons that are errors, its events."""

from __future__ import annotations

import pytest

from parsers.base import Call, Part, Record, Stage
from parsers.cohere import Cohere
from tests.parsers.examples_cohere import REQUEST, URL, Json, chat, chat_v1, meta, usage

PARSER = Cohere()


def whole(record: Record) -> Call:
    assert PARSER.matches(record)
    call = PARSER.parse(record)
    assert isinstance(call, Call)
    return call


def test_billed_units_win_and_the_cached_tokens_are_cut_to_them() -> None:
    call = whole(Record(chat()))
    assert (call.input_tokens, call.output_tokens, call.details) == (2406, 87, {"cached_input": 2406})
    assert call.faults == ()


def test_cached_tokens_beyond_all_that_was_seen_are_a_fault() -> None:
    call = whole(Record(chat(usage=usage(cached_tokens=3111))))
    assert dict(call.details) == {}
    assert call.faults == ("usage.cached_tokens: 3111 does not fit in 3110 input tokens",)


@pytest.mark.parametrize("billed", [None, {}, {"input_tokens": None, "output_tokens": None}])
def test_tokens_count_where_nothing_says_what_is_billed(billed: object) -> None:
    call = whole(Record(chat(usage=usage(billed_units=billed, cached_tokens=0))))
    assert (call.input_tokens, call.output_tokens) == (3110, 91)


@pytest.mark.parametrize("value", ["5", -1, 2.5, True, float("nan"), 1e12])
def test_a_billed_count_that_is_none_is_a_fault(value: object) -> None:
    call = whole(Record(chat(usage={"billed_units": {"input_tokens": value, "output_tokens": 1}})))
    assert (call.input_tokens, call.output_tokens) == (None, 1)
    assert call.faults[0].startswith("usage.billed_units.input_tokens: expected a count")


def test_v1_says_in_meta_what_v2_says_in_usage() -> None:
    call = whole(Record(chat_v1()))
    assert (call.input_tokens, call.output_tokens, call.response_id) == (5, 2, "gen-7")


def test_searches_are_units_and_no_tokens() -> None:
    call = whole(Record({"results": [{"index": 0, "relevance_score": 0.5}], "meta": meta(search_units=3.0)}))
    assert (call.operation, call.units, call.input_tokens) == ("rerank", {"searches": 3.0}, None)


def test_a_unit_that_is_no_amount_is_a_fault() -> None:
    call = whole(Record({"results": [], "meta": meta(search_units="3")}))
    assert call.units == {}
    assert call.faults == ("meta.billed_units.search_units: expected an amount, got '3'",)


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("COMPLETE", None),
        ("MAX_TOKENS", None),
        ("TOOL_CALL", None),
        ("ERROR", "server_error"),
        ("TIMEOUT", "timeout"),
        ("ERROR_TOXIC", "content_filter"),
        ("ERROR_LIMIT", "context_length"),
        ("USER_CANCEL", "cancelled"),
    ],
)
def test_a_finish_reason_can_be_an_error_inside_a_200(finish: str, expected: str | None) -> None:
    assert whole(Record(chat(finish_reason=finish), status=200)).error_type == expected


@pytest.mark.parametrize(
    ("status", "expected"), [(400, "invalid_request"), (401, "authentication"), (429, "rate_limit"),
                             (498, "authentication"), (499, "cancelled"), (503, "overloaded")]
)  # fmt: skip
def test_a_failure_is_cohere_s_where_the_line_names_it(status: int, expected: str) -> None:
    record = Record({"message": "no"}, status=status, url=URL)
    assert whole(record).error_type == expected
    assert whole(record._replace(url=None, provider="Cohere")).error_type == expected
    assert not PARSER.matches(record._replace(url="https://api.example.com/v2/chat"))
    assert not PARSER.matches(record._replace(status=200))


def test_only_the_ending_of_a_stream_has_usage_and_ends_it() -> None:
    ending = {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage()}}
    found = PARSER.parse(Record(ending, REQUEST))
    assert isinstance(found, Part)
    assert (found.stage, found.call.output_tokens, found.call.request_model) == (Stage.LAST, 87, "command-a-03-2025")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "message-end", "room": 7},
        {"type": "message-start", "delta": 5},
        {"event_type": "stream-end", "bytes": 10},
        {"type": "content-delta", "text": "x"},
        {"meta": {"billed_units": 5}},
        {"meta": {"tokens": "abc"}, "message": "login"},
        {"usage": {"tokens": 12}},
        {"tokens": [1, 2], "meta": {"api_version": {"version": "1"}}},
    ],
)
def test_what_only_looks_alike_is_left_alone(body: Json) -> None:
    assert not PARSER.matches(Record(body))
