"""LiteLLM payloads, made up for these tests, with what the parser must give for them."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Record
from parsers.contract import Example

Json = dict[str, Any]

START = 1_795_194_005.25


def usage(**changes: object) -> Json:
    """The usage block that LiteLLM keeps of an answer of Anthropic's, in OpenAI's words."""
    return {
        "completion_tokens": 212,
        "prompt_tokens": 4130,
        "total_tokens": 4342,
        "completion_tokens_details": {"reasoning_tokens": 64, "text_tokens": 148, "audio_tokens": None},
        "prompt_tokens_details": {
            "cached_tokens": 3000,
            "cache_creation_tokens": 1000,
            "cache_creation_token_details": {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 600},
            "audio_tokens": None,
        },
        "cache_creation_input_tokens": 1000,
        "cache_read_input_tokens": 3000,
        "server_tool_use": {"web_search_requests": 2},
        **changes,
    }


def payload(**changes: object) -> Json:
    """The standard logging payload of a successful streamed chat."""
    return {
        "id": "chatcmpl-7d1c",
        "trace_id": "f2a9",
        "litellm_call_id": "b980db26-9512",
        "call_type": "acompletion",
        "stream": True,
        "response_cost": 0.0123,
        "cost_breakdown": {"input_cost": 0.009, "output_cost": 0.0033, "total_cost": 0.0123},
        "response_cost_failure_debug_info": None,
        "status": "success",
        "status_fields": {"llm_api_status": "success", "guardrail_status": "not_run"},
        "custom_llm_provider": "anthropic",
        "total_tokens": 4342,
        "prompt_tokens": 4130,
        "completion_tokens": 212,
        "startTime": START,
        "endTime": START + 2.5,
        "completionStartTime": START + 0.75,
        "response_time": 0.75,
        "model_map_information": {"model_map_key": "claude-sonnet-4-5", "model_map_value": None},
        "model": "claude-sonnet-4-5",
        "model_id": "8f14",
        "model_group": "smart",
        "api_base": "https://api.anthropic.com/v1/messages",
        "metadata": {"user_api_key_alias": "team-a", "usage_object": usage(), "requester_ip_address": "10.0.0.4"},
        "cache_hit": False,
        "cache_key": None,
        "saved_cache_cost": 0.0,
        "request_tags": [],
        "end_user": "",
        "messages": [{"role": "user", "content": '{"usage": {"prompt_tokens": 999999}}'}],
        "response": {
            "id": "chatcmpl-7d1c",
            "object": "chat.completion",
            "model": "claude-sonnet-4-5-20250929",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris."}}],
            "usage": usage(),
        },
        "error_str": None,
        "error_information": {"error_code": "", "error_class": "", "llm_provider": "", "error_message": ""},
        "model_parameters": {"stream": True, "max_tokens": 400},
        "hidden_params": {
            "model_id": "8f14",
            "response_cost": "0.0123",
            "additional_headers": {
                "x_ratelimit_limit_requests": 4000,
                "x_ratelimit_remaining_requests": 3999,
                "x_ratelimit_remaining_tokens": "399000",
            },
        },
        **changes,
    }


def failure(code: str, name: str, message: str, **changes: object) -> Json:
    """The payload of a failed attempt: LiteLLM writes 0 for what it does not know."""
    told = {"error_code": code, "error_class": name, "llm_provider": "openai", "error_message": message}
    failed: Json = {
        "status": "failure",
        "custom_llm_provider": "openai",
        "model": "gpt-4o",
        "stream": False,
        "response_cost": 0,
        "total_tokens": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "completionStartTime": START + 2.5,
        "response": {},
        "metadata": {"usage_object": None},
        "hidden_params": {"additional_headers": None},
        "error_str": message,
        "error_information": told,
    }
    return payload(**{**failed, **changes})


def spend_log(**changes: object) -> Json:
    """A row of the proxy's spend log."""
    return {
        "request_id": "chatcmpl-9",
        "call_type": "aembedding",
        "api_key": "88dc28d0f030c55e",
        "spend": 1.6e-07,
        "total_tokens": 8,
        "prompt_tokens": 8,
        "completion_tokens": 0,
        "startTime": "2026-11-20T17:00:05.250000Z",
        "endTime": "2026-11-20T17:00:05.500000Z",
        "completionStartTime": "2026-11-20T17:00:05.500000Z",
        "model": "text-embedding-3-small",
        "model_group": "embed",
        "custom_llm_provider": "openai",
        "metadata": {"status": "success"},
        "cache_hit": "False",
        **changes,
    }


CALL = Call(
    provider="anthropic",
    operation="chat",
    model="claude-sonnet-4-5-20250929",
    request_model="claude-sonnet-4-5",
    input_tokens=4130,
    output_tokens=212,
    details={
        "cached_input": 3000,
        "cache_write": 1000,
        "cache_write_1h": 600,
        "reasoning": 64,
        "text_output": 148,
    },
    units={"web_searches": 2},
    cost_usd=0.0123,
    duration_seconds=2.5,
    time_to_first_token_seconds=0.75,
    request_id="b980db26-9512",
    response_id="chatcmpl-7d1c",
    stream=True,
    rate_limit={"limit_requests": 4000, "remaining_requests": 3999, "remaining_tokens": 399000},
    finish_reason="stop",
)
FAILED = Call(
    provider="openai",
    operation="chat",
    request_model="gpt-4o",
    duration_seconds=2.5,
    request_id="b980db26-9512",
    response_id="chatcmpl-7d1c",
    stream=False,
)

LITELLM: list[Example] = [
    (Record(payload()), CALL),
    (
        Record(payload(cache_hit=True, response_cost=0.0)),
        CALL._replace(input_tokens=0, output_tokens=0, details={}, cost_usd=0.0),
    ),
    (
        Record(failure("429", "RateLimitError", "litellm.RateLimitError: slow down")),
        FAILED._replace(error_type="rate_limit"),
    ),
    (
        Record(failure("400", "ContextWindowExceededError", "too long", custom_llm_provider=None)),
        FAILED._replace(error_type="context_length"),
    ),
    (
        Record(spend_log()),
        Call(
            provider="openai",
            operation="embeddings",
            request_model="text-embedding-3-small",
            input_tokens=8,
            output_tokens=0,
            cost_usd=1.6e-07,
            stream=False,
        ),
    ),
    (Record(payload(call_type="alist_batches", prompt_tokens=0, completion_tokens=0, total_tokens=0)), None),
]
