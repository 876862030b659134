"""What OpenAI-compatible vendors add to the form: their own costs, times, measures and names."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example, check_parser
from parsers.openai_chat import OpenAIChat
from parsers.openai_responses import OpenAIResponses
from tests.parsers import bodies
from tests.parsers.bodies_vendors import (
    DEEPSEEK,
    GROQ,
    MISTRAL,
    OPENROUTER,
    PERPLEXITY,
    ROUTER,
    VOICE,
    XAI,
    body,
)

CHAT = OpenAIChat()


def parsed(record: Record) -> Call:
    assert CHAT.matches(record)
    found = CHAT.parse(record)
    call = found.call if isinstance(found, Part) else found
    assert isinstance(call, Call)
    return call


def call(provider: str | None, model: str, given: int, made: int, **more: Any) -> Call:
    """What is expected of a body above."""
    fields = {"operation": "chat", "response_id": "gen-1", "stream": False, "finish_reason": "stop"}
    return Call(provider, model=model, input_tokens=given, output_tokens=made, **{**fields, **more})


EXAMPLES: dict[str, Example] = {
    "groq": (Record(GROQ), call("groq", "llama-3.3-70b-versatile", 18, 556, duration_seconds=0.501507683)),
    "xai": (
        Record(XAI),
        call(
            "x_ai",
            "grok-4-0709",
            10120,
            4308,
            details={"cached_input": 4096, "text_input": 10120, "reasoning": 2809},
            cost_usd=0.0318319,
            units={"sources": 14},
        ),
    ),
    "openrouter": (
        Record(OPENROUTER, provider="Anthropic"),
        call(
            "openrouter",
            "anthropic/claude-sonnet-4.5",
            194,
            2,
            details={"cached_input": 100, "cache_write": 50},
            cost_usd=0.000612,
        ),
    ),
    "deepseek": (Record(DEEPSEEK), call("deepseek", "deepseek-chat", 16, 10, details={"cached_input": 12})),
    "mistral": (Record(MISTRAL), call("mistral_ai", "mistral-small-2603", 40, 9, details={"cached_input": 32})),
    "mistral audio": (
        Record(VOICE),
        call("mistral_ai", "voxtral-small-2507", 9, 30, units={"audio_seconds": 30}),
    ),
    "perplexity": (
        Record(PERPLEXITY),
        call(
            "perplexity",
            "sonar-deep-research",
            9202,
            96671,
            details={"reasoning": 92431},
            cost_usd=0.59962,
            units={"searches": 54},
        ),
    ),
    "together": (
        Record(body("deepseek-ai/DeepSeek-V3", {"prompt_tokens": 3, "completion_tokens": 4}, prompt=[])),
        call("together", "deepseek-ai/DeepSeek-V3", 3, 4),
    ),
    "hugging face": (
        Record(ROUTER, url="https://router.huggingface.co/v1/chat/completions"),
        call("huggingface", "meta-llama/Llama-3.3-70B-Instruct", 50, 7, details={"cached_input": 48}),
    ),
    "vllm": (
        Record(body("/models/llama-3", {"prompt_tokens": 3, "completion_tokens": 4}, prompt_logprobs=None)),
        call("vllm", "/models/llama-3", 3, 4),
    ),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_a_vendors_body_keeps_the_contract(example: Example) -> None:
    check_parser(CHAT, [example])


def with_own_key(**details: object) -> Record:
    usage = {**OPENROUTER["usage"], "cost": 0.00003, "is_byok": True, "cost_details": details}
    return Record({**OPENROUTER, "usage": usage})


def test_with_a_key_of_ones_own_the_vendors_charge_is_added_to_openrouters_fee() -> None:
    assert parsed(with_own_key(upstream_inference_cost=0.0006)).cost_usd == pytest.approx(0.00063)


GEMINI = body("gemini-2.5-flash", {"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623})


@pytest.mark.parametrize(
    ("record", "provider"),
    [
        (Record(GEMINI), "gcp.gemini"),
        (
            Record(GEMINI, url="https://us-central1-aiplatform.googleapis.com/v1/p/endpoints/openapi/chat/completions"),
            "gcp.vertex_ai",
        ),
    ],
)
def test_thoughts_that_only_googles_total_tells_are_output(record: Record, provider: str) -> None:
    call = parsed(record)
    assert (call.provider, call.output_tokens, call.details, call.faults) == (provider, 603, {"reasoning": 405}, ())


def test_a_total_that_somebody_else_does_not_explain_stays_a_fault() -> None:
    call = parsed(Record(GEMINI, provider="openrouter"))
    assert (call.output_tokens, call.faults) == (198, ("usage.total_tokens: 623 is not the sum of 20 and 198",))


@pytest.mark.parametrize("names", ["chat", "responses"])
def test_reasoning_beside_the_output_is_told_by_the_total_in_either_form(names: str) -> None:
    if names == "chat":
        usage = {"prompt_tokens": 21, "completion_tokens": 0, "completion_tokens_details": {"reasoning_tokens": 60}}
        found: object = CHAT.parse(Record(body("gemini-3-pro", {**usage, "total_tokens": 81})))
    else:
        usage = {"input_tokens": 21, "output_tokens": 0, "output_tokens_details": {"reasoning_tokens": 60}}
        found = OpenAIResponses().parse(Record(bodies.response(usage={**usage, "total_tokens": 81})))
    assert isinstance(found, Call)
    assert (found.output_tokens, found.details, found.faults) == (60, {"reasoning": 60}, ())


def test_openrouter_tells_its_searches_and_what_was_video() -> None:
    details = {"cached_tokens": 100, "video_tokens": 90, "audio_tokens": 0}
    usage = {
        **OPENROUTER["usage"],
        "server_tool_use": {"web_search_requests": 2},
        "prompt_tokens_details": details,
    }
    call = parsed(Record({**OPENROUTER, "usage": usage}))
    assert (call.units, call.details["video_input"], call.cost_usd) == ({"web_searches": 2}, 90, 0.000612)


def test_hits_and_misses_of_deepseeks_cache_must_be_the_prompt() -> None:
    call = parsed(Record({**DEEPSEEK, "usage": {**DEEPSEEK["usage"], "prompt_cache_miss_tokens": 5}}))
    assert call.faults == ("usage.prompt_cache_miss_tokens: 12 + 5 are not 16 tokens",)
    assert (call.input_tokens, call.details) == (16, {"cached_input": 12})


def test_deepseek_stopping_for_want_of_resources_is_an_error_whose_tokens_count() -> None:
    stopped = [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "insufficient_system_resource"}]
    call = parsed(Record({**DEEPSEEK, "choices": stopped}, status=200))
    assert (call.error_type, call.output_tokens) == ("overloaded", 10)


def test_openrouters_fee_alone_is_not_taken_for_the_cost() -> None:
    assert parsed(with_own_key(upstream_inference_cost=None)).cost_usd is None


def test_a_negative_cost_is_a_fault_and_no_cost() -> None:
    found = parsed(Record({**XAI, "usage": {**XAI["usage"], "cost_in_usd_ticks": -5}}))
    assert (found.cost_usd, found.input_tokens) == (None, 10120)
    assert found.faults == ("usage.cost_in_usd_ticks: expected an amount, got -5",)


def test_xai_tells_its_cost_and_its_searches_in_responses_too() -> None:
    tools = {"web_search_calls": 2, "x_search_calls": 3, "code_interpreter_calls": 0}
    usage = bodies.response_usage(cost_in_usd_ticks=25_000_000, server_side_tool_usage_details=tools)
    found = OpenAIResponses().parse(Record(bodies.response(model="grok-4", usage=usage), provider="xai"))
    assert isinstance(found, Call)
    assert (found.cost_usd, found.units) == (0.0025, {"web_searches": 2})


def chunk(**changes: Any) -> dict[str, Any]:
    return bodies.chunk(model="llama-3.3-70b-versatile", **changes)


def test_groqs_usage_in_the_last_chunk_is_kept_where_it_stands_beside_the_choice() -> None:
    last = chunk(x_groq={"id": "req_1", "usage": GROQ["usage"]})
    last["choices"][0]["finish_reason"] = "stop"
    found = CHAT.parse(Record(last))
    assert isinstance(found, Part)
    assert found.stage is Stage.LAST
    assert (found.call.provider, found.call.input_tokens, found.call.output_tokens) == ("groq", 18, 556)


def test_groqs_error_in_a_stream_ends_the_call() -> None:
    found = CHAT.parse(Record(chunk(x_groq={"id": "req_1", "error": "over capacity"})))
    assert isinstance(found, Part)
    assert (found.stage, found.call.error_type) == (Stage.LAST, "overloaded")


def test_an_error_inside_a_choice_of_a_200_is_an_error() -> None:
    failed = {"index": 0, "finish_reason": "error", "error": {"code": 502, "message": "Provider returned error"}}
    assert parsed(Record({**OPENROUTER, "choices": [failed]}, status=200)).error_type == "server_error"


def test_continuous_usage_of_vllm_is_cumulative_and_the_finished_choice_is_the_last_that_counts() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    piece = CHAT.parse(Record(chunk(usage=usage)))
    assert isinstance(piece, Part)
    assert (piece.stage, piece.call.output_tokens) == (Stage.PIECE, 2)
    ended = chunk(usage={**usage, "completion_tokens": 5, "total_tokens": 14})
    ended["choices"][0]["finish_reason"] = "length"
    last = CHAT.parse(Record(ended))
    assert isinstance(last, Part)
    assert (last.stage, last.call.output_tokens) == (Stage.LAST, 5)
