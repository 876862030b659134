"""Calls of OpenAI, of Azure and of those who speak its language; the shapes are those of `tests/parsers/bodies*.py`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.corpora.exchange import Exchange, Json, Said, pieces

STREAM_PIECES = 6


def chat(it: Said, rng: Random) -> Exchange:
    """Chat Completions, with a system prompt and a tool at hand."""
    tool = {"type": "function", "function": {"name": "lookup", "parameters": {"type": "object", "properties": {}}}}
    usage = _usage(it, prompt_tokens_details={"cached_tokens": it.cached, "audio_tokens": 0})
    usage["completion_tokens_details"] = {"reasoning_tokens": 0, "audio_tokens": 0}
    model = rng.choice(("gpt-4o", "gpt-4.1-mini"))
    dated = {"gpt-4o": "gpt-4o-2024-08-06", "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14"}[model]
    asked: Json = {"model": model, "messages": _messages(it), "temperature": 0.2, "tools": [tool]}
    return Exchange(asked, _completion(it, dated, usage, service_tier="default", system_fingerprint="fp_83df987f64"))


def stream(it: Said, rng: Random) -> Exchange:
    """Chat Completions in chunks, the usage in the last."""
    model = rng.choice(("gpt-4o-2024-08-06", "gpt-4.1-2025-04-14"))
    asked: Json = {"model": model[:-11], "messages": _messages(it), "stream": True}
    asked["stream_options"] = {"include_usage": True}
    chunks = [_chunk(it, model, {"content": piece}) for piece in pieces(it.reply, STREAM_PIECES)]
    end = _chunk(it, model, {}, "stop")
    last = _chunk(it, model, {}) | {"choices": [], "usage": _usage(it)}
    return Exchange(asked, {}, stream=(*chunks, end, last))


def responses(it: Said, _: Random) -> Exchange:
    """The Responses API, with reasoning."""
    thought = it.written // 2
    usage: Json = {
        "input_tokens": it.read,
        "input_tokens_details": {"cached_tokens": it.cached},
        "output_tokens": it.written + thought,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": it.read + it.written + thought,
    }
    text = {"type": "output_text", "text": it.reply, "annotations": []}
    answered: Json = {
        "id": f"resp_{it.name}",
        "object": "response",
        "created_at": it.second,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": "gpt-5-2025-08-07",
        "output": [
            {"id": f"rs_{it.name}", "type": "reasoning", "summary": []},
            {"id": f"msg_{it.name}", "type": "message", "role": "assistant", "content": [text]},
        ],
        "reasoning": {"effort": "medium", "summary": None},
        "service_tier": "default",
        "usage": usage,
        "metadata": {},
    }
    return Exchange({"model": "gpt-5", "input": it.prompt}, answered, "/v1/responses")


def azure(it: Said, _: Random) -> Exchange:
    """A deployment of Azure OpenAI, with the results of its filters."""
    filters: Json = {
        kind: {"filtered": False, "severity": "safe"} for kind in ("hate", "self_harm", "sexual", "violence")
    }
    answered = _completion(it, "gpt-4o-2024-11-20", _usage(it), content_filter_results=filters)
    answered["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": filters}]
    return Exchange({"messages": _messages(it)}, answered, "/openai/deployments/chat-prod/chat/completions")


def mistral(it: Said, _: Random) -> Exchange:
    """Mistral's own count of what was cached."""
    usage = _usage(it, num_cached_tokens=it.cached)
    return _vendor(it, "mistral-small-latest", _completion(it, "mistral-small-2603", usage))


def groq(it: Said, _: Random) -> Exchange:
    """Groq's times in the usage."""
    usage = _usage(it, queue_time=0.0375, prompt_time=0.0007, completion_time=0.4633, total_time=0.464)
    model = "llama-3.3-70b-versatile"
    return _vendor(it, model, _completion(it, model, usage, x_groq={"id": f"req_{it.name}"}))


def deepseek(it: Said, _: Random) -> Exchange:
    """DeepSeek's hits and misses."""
    usage = _usage(it, prompt_cache_hit_tokens=it.cached, prompt_cache_miss_tokens=it.read - it.cached)
    return _vendor(it, "deepseek-chat", _completion(it, "deepseek-chat", usage))


def openrouter(it: Said, _: Random) -> Exchange:
    """OpenRouter, which says what it cost."""
    usage = _usage(it, cost=round(it.written * 1.5e-5, 8), is_byok=False)
    model = "anthropic/claude-sonnet-4.5"
    return _vendor(it, model, _completion(it, model, usage, provider="Anthropic"))


def refused(it: Said, _: Random) -> Exchange:
    """A rate limit."""
    error = {"message": "Rate limit reached for gpt-4o", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}
    return Exchange({"model": "gpt-4o", "messages": _messages(it)}, {"error": error}, status=429)


OPENAI_LIKE: dict[Callable[[Said, Random], Exchange], int] = {
    chat: 24, stream: 3, responses: 8, azure: 8, mistral: 4, groq: 3, deepseek: 3, openrouter: 4, refused: 2
}  # fmt: skip
"""Each with its share of a hundred calls."""


def _vendor(it: Said, model: str, answered: Json) -> Exchange:
    return Exchange({"model": model, "messages": _messages(it), "max_tokens": 2048}, answered)


def _messages(it: Said) -> list[Json]:
    return [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": it.prompt}]


def _usage(it: Said, **more: object) -> Json:
    counts: Json = {"prompt_tokens": it.read, "completion_tokens": it.written, "total_tokens": it.read + it.written}
    return counts | more


def _completion(it: Said, model: str, usage: Json, **more: object) -> Json:
    message = {"role": "assistant", "content": it.reply, "refusal": None}
    head: Json = {"id": f"chatcmpl-{it.name}", "object": "chat.completion", "created": it.second, "model": model}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return head | {"choices": [choice], "usage": usage, **more}


def _chunk(it: Said, model: str, delta: Json, finish: str | None = None) -> Json:
    head: Json = {"id": f"chatcmpl-{it.name}", "object": "chat.completion.chunk", "created": it.second, "model": model}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return head | {"choices": [choice], "usage": None}
