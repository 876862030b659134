"""Gemini and Vertex AI: totals, who served, stages of a stream, blocks, errors, embeddings, what is not theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import vendor
from parsers.base import Call, Part, Record, Stage
from parsers.gemini import Gemini
from tests.parsers.examples_gemini import (
    HOST,
    SNAKE,
    STREAM_URL,
    VERTEX_URL,
    WHOLE_URL,
    Json,
    candidate,
    content,
    usage,
)
from tests.parsers.examples_gemini import error as failure

PARSER = Gemini()
CLAUDE = "/v1/projects/acme/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict"


def whole(record: Record) -> Call:
    assert PARSER.matches(record)
    call = PARSER.parse(record)
    assert isinstance(call, Call)
    return call


def part(record: Record) -> Part:
    assert PARSER.matches(record)
    found = PARSER.parse(record)
    assert isinstance(found, Part)
    return found


@given(st.tuples(*[st.integers(0, 10**6)] * 4), st.booleans())
def test_input_takes_in_tool_prompts_and_output_thoughts_in_both_spellings(
    counts: tuple[int, int, int, int], snake: bool
) -> None:
    prompt, tools, written, thoughts = counts
    names = ("promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")
    if snake:
        names = ("prompt_token_count", "tool_use_prompt_token_count", "candidates_token_count", "thoughts_token_count")
    block: Json = dict(zip(names, counts, strict=True))
    block["total_token_count" if snake else "totalTokenCount"] = sum(counts)
    call = whole(Record({"usage_metadata" if snake else "usageMetadata": block}))
    assert (call.input_tokens, call.output_tokens, call.faults) == (prompt + tools, written + thoughts, ())


def test_a_total_that_is_not_the_sum_is_a_fault_and_the_counts_stay() -> None:
    call = whole(Record(content(usageMetadata=usage(totalTokenCount=1290))))
    assert (call.input_tokens, call.output_tokens) == (1240, 350)
    assert call.faults == ("usageMetadata.totalTokenCount: 1290 is not the sum of 1240 and 350",)


def test_modalities_that_do_not_fit_the_total_are_left_out_with_a_fault() -> None:
    block = {
        "promptTokenCount": 351,
        "totalTokenCount": 351,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 417}],
    }
    call = whole(Record(content(usageMetadata=block)))
    assert (call.input_tokens, dict(call.details)) == (351, {})
    assert call.faults == ("usageMetadata.promptTokensDetails: 417 do not fit in 351 input tokens",)


def test_the_total_of_a_live_turn_may_leave_the_thoughts_out() -> None:
    block = {"promptTokenCount": 522, "responseTokenCount": 42, "thoughtsTokenCount": 136}
    for total, faults in ((564, 0), (700, 0), (600, 1)):
        call = whole(Record({"serverContent": {}, "usageMetadata": {**block, "totalTokenCount": total}}))
        assert (call.input_tokens, call.output_tokens, len(call.faults)) == (522, 178, faults)


def test_what_was_cached_is_told_by_modality_too() -> None:
    block = {
        "promptTokenCount": 900,
        "cachedContentTokenCount": 700,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 800}, {"modality": "TEXT", "tokenCount": 100}],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 600}, {"modality": "VIDEO", "tokenCount": 100}],
    }
    call = whole(Record(content(usageMetadata=block)))
    assert call.details == {"cached_input": 700, "audio_input": 800, "text_input": 100, "cached_audio_input": 600}
    block["cacheTokensDetails"] = [{"modality": "AUDIO", "tokenCount": 701}]
    call = whole(Record(content(usageMetadata=block)))
    assert "cached_audio_input" not in call.details
    assert call.faults == ("usageMetadata.cacheTokensDetails: 701 do not fit in 700 cached input tokens",)


@pytest.mark.parametrize(
    ("model", "queries", "searches"),
    [
        ("gemini-2.5-flash", ["a", "b", ""], 1.0),
        ("gemini-3-pro-preview", ["a", "b", "a", ""], 2.0),
        ("gemini-3-pro-preview", [""], None),
        ("gemini-3-pro-preview", "a", None),
    ],
)
def test_grounding_is_billed_by_prompt_before_gemini_3_and_by_query_since(
    model: str, queries: object, searches: float | None
) -> None:
    grounded = candidate(groundingMetadata={"webSearchQueries": queries})
    call = whole(Record(content(candidates=[grounded], modelVersion=model)))
    assert call.units == ({} if searches is None else {"web_searches": searches})
    said = {"groundingMetadata": {"webSearchQueries": queries}, "turnComplete": True}
    live = whole(Record({"serverContent": said, "usageMetadata": usage()}, {"model": f"models/{model}"}))
    assert live.units == call.units


def test_modalities_that_tell_of_less_than_the_total_are_kept() -> None:
    block = {"promptTokenCount": 417, "promptTokensDetails": [{"modality": "VIDEO", "tokenCount": 351}]}
    call = whole(Record(content(usageMetadata=block)))
    assert (dict(call.details), call.faults) == ({"video_input": 351}, ())


@pytest.mark.parametrize("value", ["50", -1, 2.5, True, [], {}])
def test_an_output_that_is_no_count_is_not_known_and_the_input_is(value: object) -> None:
    call = whole(Record(content(usageMetadata=usage(candidatesTokenCount=value))))
    assert (call.input_tokens, call.output_tokens) == (1240, None)
    assert call.faults[0].startswith("usageMetadata.candidatesTokenCount: expected a count")


@pytest.mark.parametrize(
    ("record", "provider"),
    [
        (Record(content()), "gcp.gemini"),
        (Record(content(), url=VERTEX_URL), "gcp.vertex_ai"),
        (Record(content(), url="/v1/publishers/google/models/gemini-2.5-pro:generateContent"), "gcp.vertex_ai"),
        (Record(content(), url="/v1beta/models/gemini-2.5-pro:generateContent"), "gcp.gemini"),
        (Record(content(usageMetadata=usage(trafficType="ON_DEMAND"))), "gcp.vertex_ai"),
        (Record(content(usageMetadata=usage(trafficType="ON_DEMAND")), provider="google"), "gcp.vertex_ai"),
        (Record(content(createTime="2026-11-20T17:00:07Z")), "gcp.vertex_ai"),
        (Record(content(), provider="vertexai"), "gcp.vertex_ai"),
        (Record(content(), provider="Gemini"), "gcp.gemini"),
    ],
)
def test_vertex_is_told_from_the_gemini_api(record: Record, provider: str) -> None:
    assert whole(record).provider == provider


@pytest.mark.parametrize(
    ("block", "headers", "tier"),
    [
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, {}, "provisioned_throughput"),
        ({"trafficType": "TRAFFIC_TYPE_UNSPECIFIED"}, {}, None),
        ({"traffic_type": "TrafficType.ON_DEMAND"}, {}, "on_demand"),
        ({"serviceTier": "priority"}, {"x-gemini-service-tier": "standard"}, "priority"),
        ({}, {"x-gemini-service-tier": "standard"}, "standard"),
        ({}, {"x-gemini-service-tier": "paid"}, None),
    ],
)
def test_the_service_tier_is_the_one_that_was_served(block: Json, headers: dict[str, str], tier: str | None) -> None:
    body = content(usageMetadata={"promptTokenCount": 1, **block})
    assert whole(Record(body, headers=headers)).service_tier == tier


@pytest.mark.parametrize(
    ("url", "model"),
    [
        (WHOLE_URL, "gemini-2.5-pro"),
        (STREAM_URL, "gemini-2.5-pro"),
        (VERTEX_URL, "gemini-2.5-flash"),
        (CLAUDE, "claude-sonnet-4-5@20250929"),
        (CLAUDE.replace("@", "%40").replace("rawPredict", "streamRawPredict"), "claude-sonnet-4-5@20250929"),
        ("https://generativelanguage.googleapis.com/v1beta/models", None),
    ],
)
def test_the_url_names_the_model(url: str, model: str | None) -> None:
    assert vendor.place(url).deployment == model


def test_the_url_of_claude_on_vertex_is_a_chat_at_vertex() -> None:
    assert vendor.place(CLAUDE)[:2] == ("gcp.vertex_ai", "chat")


def test_a_chunk_is_a_piece_until_a_candidate_is_finished() -> None:
    first = content(candidates=None, usageMetadata={"trafficType": "ON_DEMAND"})
    assert part(Record(first)).stage is Stage.PIECE
    assert part(Record(content(candidates=[candidate(None)]))).stage is Stage.PIECE
    assert part(Record(content(candidates=[]), url=STREAM_URL)).stage is Stage.PIECE
    assert part(Record(content(), url=STREAM_URL)).stage is Stage.LAST
    assert whole(Record(content())).stream is False


@pytest.mark.parametrize(
    "record",
    [
        Record(content(candidates=[candidate(None)]), url=WHOLE_URL),
        Record(content(candidates=[candidate(None)]), {"contents": []}),
        Record(content(candidates=[])),
    ],
)
def test_what_is_known_to_be_whole_is_a_call_without_a_finish_reason(record: Record) -> None:
    assert whole(record).finish_reason is None


def test_a_finished_answer_stopped_for_safety_is_a_billed_success() -> None:
    call = whole(Record(content(candidates=[candidate("SAFETY")]), status=200))
    assert (call.status, call.finish_reason, call.output_tokens) == ("success", "SAFETY", 350)


@pytest.mark.parametrize("key", ["promptFeedback", "prompt_feedback"])
def test_a_blocked_prompt_is_an_error_without_usage_too(key: str) -> None:
    reason = "block_reason" if key == "prompt_feedback" else "blockReason"
    assert whole(Record({key: {reason: "SAFETY"}})).error_type == "content_filter"
    assert not PARSER.matches(Record({key: {"safetyRatings": []}}))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (failure(400, "INVALID_ARGUMENT"), "invalid_request"),
        (failure(400, "INVALID_ARGUMENT", "The input token count (2000000) exceeds the maximum number of tokens"),
         "context_length"),
        (failure(400, "INVALID_ARGUMENT", "API key not valid.", {"reason": "API_KEY_INVALID"}), "authentication"),
        (failure(400, "FAILED_PRECONDITION"), "invalid_request"),
        (failure(401, "UNAUTHENTICATED"), "authentication"),
        (failure(403, "PERMISSION_DENIED"), "permission"),
        (failure(404, "NOT_FOUND"), "not_found"),
        (failure(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"), "rate_limit"),
        (failure(499, "CANCELLED"), "cancelled"),
        (failure(500, "INTERNAL"), "server_error"),
        (failure(503, "UNAVAILABLE"), "overloaded"),
        (failure(504, "DEADLINE_EXCEEDED"), "timeout"),
    ],
)  # fmt: skip
def test_every_status_of_google_has_its_error_type(body: Json, expected: str) -> None:
    call = whole(Record(body, url=f"{HOST}/gemini-2.5-flash:generateContent"))
    assert (call.error_type, call.request_model) == (expected, "gemini-2.5-flash")


def test_another_google_services_error_is_not_a_call_to_a_model() -> None:
    body = failure(403, "PERMISSION_DENIED", "caller does not have storage.objects.get access")
    assert not PARSER.matches(Record(body, status=403))
    assert not PARSER.matches(Record(body, status=403, url="https://storage.googleapis.com/storage/v1/b/x"))
    assert not PARSER.matches(Record(body, status=403, provider="openai"))
    metric = {"violations": [{"quotaMetric": "generativelanguage.googleapis.com/generate_requests"}]}
    assert PARSER.matches(Record(failure(429, "RESOURCE_EXHAUSTED", "Quota.", metric)))


def test_an_embedding_without_usage_counts_where_the_url_is_googles() -> None:
    body = {"embedding": {"values": [0.1]}}
    assert not PARSER.matches(Record(body))
    call = whole(Record(body, url=f"{HOST}/gemini-embedding-001:embedContent"))
    assert (call.operation, call.input_tokens, call.request_model) == ("embeddings", None, "gemini-embedding-001")


def test_one_embedding_without_a_count_leaves_the_sum_unknown() -> None:
    good = {"values": [0.1], "statistics": {"token_count": 4.0}}
    call = whole(Record({"embeddings": [good, {"values": [0.1], "statistics": {"token_count": "4"}}]}))
    assert call.input_tokens is None
    assert call.faults == ("embeddings[1].statistics.token_count: expected a count, got '4'",)


@pytest.mark.parametrize(
    "body",
    [
        {"usage_metadata": {"input_tokens": 5, "output_tokens": 3, "total_tokens": 8}},
        {"name": "cachedContents/a1", "model": "models/gemini-2.5-pro", "usageMetadata": {"totalTokenCount": 43}},
        {"totalTokens": 31, "promptTokensDetails": []},
        {"candidates": [{"name": "Ada", "votes": 5}]},
        {"candidates": ["Ada"], "message": "shortlist"},
        {"embeddings": [[0.1, 0.2]]},
        {"predictions": [{"label": "cat", "score": 0.9}]},
    ],
)
def test_what_only_looks_alike_is_left_alone(body: Json) -> None:
    assert not PARSER.matches(Record(body))


def test_numbers_for_finish_reasons_are_read() -> None:
    assert whole(Record({**SNAKE, "candidates": [{"content": {}, "finish_reason": 2}]})).finish_reason == "MAX_TOKENS"
