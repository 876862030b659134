"""Bodies of OpenAI-compatible vendors with what each of them adds to the form, made up for these tests."""

from __future__ import annotations

from typing import Any

MESSAGE = [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]


def body(model: str, usage: dict[str, Any], **members: object) -> dict[str, Any]:
    return {
        "id": "gen-1",
        "object": "chat.completion",
        "created": 1795194007,
        "model": model,
        "choices": MESSAGE,
        "usage": usage,
        **members,
    }


GROQ = body(
    "llama-3.3-70b-versatile",
    {
        "queue_time": 0.037493756,
        "prompt_tokens": 18,
        "prompt_time": 0.000680594,
        "completion_tokens": 556,
        "completion_time": 0.463333333,
        "total_tokens": 574,
        "total_time": 0.464013927,
    },
    x_groq={"id": "req_01jbd6g2qdfw2adyrt2az8hz4w"},
)
XAI = body(
    "grok-4-0709",
    {
        "prompt_tokens": 10120,
        "completion_tokens": 1499,
        "total_tokens": 14428,
        "prompt_tokens_details": {"text_tokens": 10120, "cached_tokens": 4096},
        "completion_tokens_details": {"reasoning_tokens": 2809},
        "num_sources_used": 14,
        "cost_in_usd_ticks": 318319000,
    },
)
OPENROUTER = body(
    "anthropic/claude-sonnet-4.5",
    {
        "prompt_tokens": 194,
        "completion_tokens": 2,
        "total_tokens": 196,
        "cost": 0.000612,
        "is_byok": False,
        "prompt_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 50},
        "cost_details": {"upstream_inference_cost": None},
    },
    provider="Anthropic",
)
DEEPSEEK = body(
    "deepseek-chat",
    {
        "prompt_tokens": 16,
        "completion_tokens": 10,
        "total_tokens": 26,
        "prompt_cache_hit_tokens": 12,
        "prompt_cache_miss_tokens": 4,
    },
)
MISTRAL = body(
    "mistral-small-2603",
    {"prompt_tokens": 40, "completion_tokens": 9, "total_tokens": 49, "num_cached_tokens": 32},
)
VOICE = body(
    "voxtral-small-2507",
    {"prompt_tokens": 9, "completion_tokens": 30, "total_tokens": 414, "prompt_audio_seconds": 30},
)
PERPLEXITY = body(
    "sonar-deep-research",
    {
        "prompt_tokens": 1188,
        "completion_tokens": 4240,
        "total_tokens": 5428,
        "citation_tokens": 8014,
        "num_search_queries": 54,
        "reasoning_tokens": 92431,
        "cost": {"input_tokens_cost": 0.00238, "output_tokens_cost": 0.03392, "total_cost": 0.59962},
    },
    search_results=[],
)
ROUTER = body(
    "meta-llama/Llama-3.3-70B-Instruct",
    {
        "prompt_tokens": 50,
        "completion_tokens": 7,
        "total_tokens": 57,
        "cached_tokens": 48,
        "prompt_tokens_details": None,
        "completion_tokens_details": None,
    },
)
