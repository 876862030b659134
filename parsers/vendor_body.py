"""Whose body it is, by the members that one vendor alone adds to OpenAI's form; knows no URL."""

from __future__ import annotations

from collections.abc import Mapping

AZURE = "azure.ai.openai"

BODY_KEYS = (
    ("x_groq", "groq"),
    ("prompt_filter_results", AZURE),
    ("kv_transfer_params", "vllm"),
    ("prompt_logprobs", "vllm"),
    ("search_results", "perplexity"),
)
USAGE_KEYS = (
    ("prompt_cache_hit_tokens", "deepseek"),
    ("cost_in_usd_ticks", "x_ai"),
    ("num_sources_used", "x_ai"),
    ("queue_time", "groq"),
    ("search_context_size", "perplexity"),
    ("connector_tokens", "mistral_ai"),
    ("prompt_audio_seconds", "mistral_ai"),
    ("num_cached_tokens", "mistral_ai"),
    ("cost_details", "openrouter"),
    ("is_byok", "openrouter"),
)
"""Members that one vendor adds to OpenAI's form, asked in this order."""

OLLAMA_FINGERPRINT = "fp_ollama"
"""What Ollama says in place of a fingerprint: its models may be called as other vendors' are (`gpt-oss:20b`)."""

_BODY_MARKS = frozenset(("prompt", "provider", *(key for key, _ in BODY_KEYS)))
_USAGE_MARKS = frozenset(key for key, _ in USAGE_KEYS)


def by_body(body: Mapping[str, object]) -> str | None:
    """The vendor whose members a body of OpenAI's form has."""
    if "object" not in body:
        # A logger's own line may carry any of these keys.
        return None
    if not _BODY_MARKS.isdisjoint(body) and (marked := _by_member(body)) is not None:
        return marked
    if body.get("system_fingerprint") == OLLAMA_FINGERPRINT:
        return "ollama"
    usage = body.get("usage")
    if usage is not None and isinstance(usage, dict):
        if not _USAGE_MARKS.isdisjoint(usage):
            return next(name for key, name in USAGE_KEYS if key in usage)
        if "cost" in usage and is_open_router_id(body.get("id")):
            # Its embeddings name neither the vendor behind them nor the parts of the cost.
            return "openrouter"
    choices = body.get("choices")
    if isinstance(choices, list) and choices:
        first = choices[0]
        if isinstance(first, dict) and ("content_filter_results" in first or "content_filter_result" in first):
            return AZURE
    return None


def _by_member(body: Mapping[str, object]) -> str | None:
    for key, name in BODY_KEYS:
        if key in body:
            return name
    if isinstance(body.get("prompt"), list):
        # Together's bodies have the prompt's tokens, nearly always none.
        return "together"
    return "openrouter" if "provider" in body and is_open_router_id(body.get("id")) else None


def is_open_router_id(response_id: object) -> bool:
    """Whether a response's id is of OpenRouter's form."""
    return isinstance(response_id, str) and response_id.startswith("gen-")
