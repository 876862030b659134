"""LiteLLM's payload gives its call as LiteLLM counted it, in every wrapper, and nothing else of LiteLLM's is a call."""

from __future__ import annotations

import pytest

from parsers.base import Call, Record
from parsers.litellm import LiteLLM
from tailer.meter.prices import Prices
from tests.parsers.examples_litellm import CALL, START, failure, payload, spend_log, usage
from tests.reading.lines import read, text

PARSER = LiteLLM()


def parsed(body: dict[str, object]) -> Call:
    call = PARSER.parse(Record(body))
    assert call is not None
    return call


LINES: dict[str, tuple[object, str]] = {
    "bare": (payload(), "litellm"),
    "logger": ({"level": "info", "event": payload()}, "splunk+litellm"),
    "docker": ({"log": text(payload()) + "\n", "stream": "stdout", "time": "2026-11-20T17:00:09Z"}, "docker+litellm"),
    "datadog": ({"ddsource": "litellm", "message": text(payload()), "service": "proxy"}, "litellm+json_string"),
    "callback": ({"model": "m", "messages": [], "standard_logging_object": payload()}, "litellm"),
}


@pytest.mark.parametrize(("line", "wrapper"), LINES.values(), ids=LINES.keys())
def test_the_payload_is_read_whole_in_every_wrapper(line: object, wrapper: str) -> None:
    reading = read(line)
    assert (reading.outcome, reading.parser, reading.wrapper) == ("call", "litellm", wrapper)
    assert reading.call is not None
    assert reading.call._replace(timestamp_ns=None) == CALL
    assert reading.timestamp_ns == int((START + 2.5) * 1000) * 10**6
    assert reading.warnings == ()


def test_the_duration_is_not_the_response_time_of_a_stream() -> None:
    call = read(payload()).call
    assert call is not None
    assert (call.duration_seconds, call.time_to_first_token_seconds) == (2.5, 0.75)


def test_a_row_of_the_spend_log_has_its_duration_from_its_own_times() -> None:
    call = read(spend_log()).call
    assert call is not None
    assert (call.duration_seconds, call.cost_usd, call.request_id) == (0.25, 1.6e-07, "chatcmpl-9")


def test_the_cache_is_not_added_a_second_time() -> None:
    call = parsed(payload())
    assert call.input_tokens == 4130


def test_a_cost_of_zero_is_a_model_without_a_price_and_not_a_free_one() -> None:
    call = read(payload(response_cost=0.0, model="my-model")).call
    assert call is not None
    assert call.cost_usd is None


def test_an_answer_without_usage_has_its_usage_missing() -> None:
    call = parsed(payload(prompt_tokens=0, completion_tokens=0, total_tokens=0))
    assert (call.input_tokens, call.output_tokens) == (None, None)


def test_the_parts_are_found_in_the_response_where_the_metadata_has_none() -> None:
    assert parsed(payload(metadata={})).details == CALL.details
    assert parsed(payload(metadata={}, response="redacted-by-litellm")).details == {}


def test_the_parts_are_found_by_their_flat_names_too() -> None:
    flat = usage(prompt_tokens_details=None)
    assert parsed(payload(metadata={"usage_object": flat})).details["cached_input"] == 3000


def test_parts_that_do_not_fit_are_named_and_dropped() -> None:
    call = parsed(payload(metadata={"usage_object": usage(cache_read_input_tokens=4000, prompt_tokens_details=None)}))
    assert "cached_input" not in call.details
    assert call.faults == ("metadata.usage_object: cached_input 4000 + cache_write 1000 do not fit in 4130 tokens",)


def test_the_alias_of_the_proxy_is_not_the_model() -> None:
    call = parsed(payload(response={"model": "smart"}))
    assert (call.model, call.request_model) == (None, "claude-sonnet-4-5")


ERRORS = {
    ("429", "RateLimitError", "slow down"): "rate_limit",
    ("429", "RateLimitError", "You exceeded your current quota"): "quota_exceeded",
    ("401", "AuthenticationError", "bad key"): "authentication",
    ("400", "BadRequestError", "bad"): "invalid_request",
    ("400", "ContentPolicyViolationError", "no"): "content_filter",
    ("400", "BudgetExceededError", "budget"): "quota_exceeded",
    ("408", "Timeout", "timed out"): "timeout",
    ("500", "APIConnectionError", "reset by peer"): "connection",
    ("503", "ServiceUnavailableError", "busy"): "overloaded",
    ("500", "InternalServerError", "oops"): "server_error",
    ("", "RateLimitError", "slow down"): "rate_limit",
    ("", "ProxyException", "what"): "unknown",
}


@pytest.mark.parametrize(("told", "expected"), ERRORS.items())
def test_a_failed_attempt_is_an_error_of_the_closed_set(told: tuple[str, str, str], expected: str) -> None:
    reading = read(failure(*told))
    assert reading.call is not None
    assert (reading.outcome, reading.call.error_type, reading.call.input_tokens) == ("call", expected, None)
    assert reading.call.cost_usd is None


@pytest.mark.parametrize(
    ("named", "model", "provider"),
    [
        ("azure", "gpt-4o", "azure.ai.openai"),
        ("vertex_ai_beta", "gemini-2.5-pro", "gcp.vertex_ai"),
        ("bedrock_converse", "anthropic.claude-3-haiku-20240307-v1:0", "aws.bedrock"),
        ("hosted_vllm", "Qwen/Qwen3-8B", "vllm"),
        ("text-completion-openai", "gpt-3.5-turbo-instruct", "openai"),
        (None, "groq/llama-3.3-70b-versatile", "groq"),
        # Others serve models of that name; the log's own word for the provider stays.
        ("my_gpu_cloud", "gpt-oss-120b", "my_gpu_cloud"),
    ],
)
def test_the_provider_is_the_one_that_was_asked(named: str | None, model: str, provider: str) -> None:
    call = read(payload(custom_llm_provider=named, model=model)).call
    assert call is not None
    assert call.provider == provider


NOISE = [
    {"message": "LiteLLM Proxy: 200 OK", "level": "INFO", "timestamp": "2026-11-20T17:00:07", "component": "LiteLLM"},
    {"message": "selected model gpt-4o", "model": "gpt-4o", "level": "DEBUG", "logger": "router.py:120"},
    {"message": '{"call_type": "acompletion", "cache_hit": false}', "level": "DEBUG", "component": "LiteLLM"},
    payload(call_type="call_mcp_tool", prompt_tokens=0, completion_tokens=0, total_tokens=0, response_cost=0),
]


@pytest.mark.parametrize("line", NOISE)
def test_operational_lines_and_tools_are_no_calls(line: object) -> None:
    assert read(line).call is None


def test_what_litellm_gives_no_cost_is_priced_by_the_table() -> None:
    prices = Prices.load()
    for provider, model in (("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4-5"), ("gemini", "gemini-2.5-pro")):
        bare = payload(custom_llm_provider=provider, model=model, response={}, response_cost=0)
        assert (prices.estimate(parsed(bare)) or 0) > 0
