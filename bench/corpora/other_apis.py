"""Calls of the APIs that are not OpenAI's; the shapes are those of `tests/parsers/`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.corpora.exchange import Exchange, Json, Said, pieces


def anthropic(it: Said, _: Random) -> Exchange:
    """The Messages API: what is cached is not in its input."""
    answered = _message(it, [{"type": "text", "text": it.reply}], "end_turn")
    return Exchange(_claude(it), answered, "/v1/messages")


def anthropic_stream(it: Said, _: Random) -> Exchange:
    """Its events: input at the start, output at the end."""
    start: Json = {"type": "message_start", "message": _message(it, [], None)}
    deltas: list[Json] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in pieces(it.reply, 6)
    ]
    usage: Json = {"output_tokens": it.written}
    end: Json = {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage}
    return Exchange(_claude(it) | {"stream": True}, {}, "/v1/messages", stream=(start, *deltas, end))


def gemini(it: Said, rng: Random) -> Exchange:
    """Gemini: thoughts are not in the candidates' count; the model is named by the path and the answer."""
    model = rng.choice(("gemini-2.5-flash", "gemini-2.5-pro"))
    thoughts = it.written // 3
    usage: Json = {
        "promptTokenCount": it.read,
        "candidatesTokenCount": it.written,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": it.read + it.written + thoughts,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": it.read}],
    }
    content = {"parts": [{"text": it.reply}], "role": "model"}
    answered: Json = {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": usage,
        "modelVersion": model,
        "responseId": it.name,
    }
    asked: Json = {"contents": [{"role": "user", "parts": [{"text": it.prompt}]}]}
    return Exchange(asked, answered, f"/v1beta/models/{model}:generateContent")


def converse(it: Said, _: Random) -> Exchange:
    """Bedrock's Converse as boto3 gives it, the model in the request alone."""
    model = "anthropic.claude-3-5-haiku-20241022-v1:0"
    usage = {"inputTokens": it.read, "outputTokens": it.written, "totalTokens": it.read + it.written}
    answered: Json = {
        "ResponseMetadata": {"RequestId": it.name, "HTTPStatusCode": 200, "RetryAttempts": 0},
        "output": {"message": {"role": "assistant", "content": [{"text": it.reply}]}},
        "stopReason": "end_turn",
        "usage": usage,
        "metrics": {"latencyMs": 551},
    }
    asked: Json = {"modelId": model, "messages": [{"role": "user", "content": [{"text": it.prompt}]}]}
    return Exchange(asked, answered, f"/model/{model.replace(':', '%3A')}/converse")


def cohere(it: Said, _: Random) -> Exchange:
    """Cohere v2: billed and counted tokens are two things."""
    usage: Json = {
        "billed_units": {"input_tokens": it.read, "output_tokens": it.written},
        "tokens": {"input_tokens": it.read + 66, "output_tokens": it.written},
    }
    message = {"role": "assistant", "content": [{"type": "text", "text": it.reply}]}
    answered: Json = {"id": it.name, "finish_reason": "COMPLETE", "message": message, "usage": usage}
    return Exchange({"model": "command-a-03-2025", "messages": _user(it)}, answered, "/v2/chat")


def ollama(it: Said, _: Random) -> Exchange:
    """Ollama, with its times in nanoseconds."""
    answered: Json = {
        "model": "llama3.2",
        "created_at": "2026-11-20T17:00:07.123456789Z",
        "message": {"role": "assistant", "content": it.reply},
        "done": True,
        "done_reason": "stop",
        "total_duration": 5_191_566_416,
        "load_duration": 2_154_458,
        "prompt_eval_count": it.read,
        "prompt_eval_duration": 383_809_000,
        "eval_count": it.written,
        "eval_duration": 4_799_921_000,
    }
    return Exchange({"model": "llama3.2", "messages": _user(it), "stream": False}, answered, "/api/chat")


OTHER_APIS: dict[Callable[[Said, Random], Exchange], int] = {
    anthropic: 16, anthropic_stream: 2, gemini: 10, converse: 7, cohere: 3, ollama: 3
}  # fmt: skip
"""Each with its share of a hundred calls."""


def _claude(it: Said) -> Json:
    return {"model": "claude-sonnet-4-5", "max_tokens": 1024, "system": "Answer briefly.", "messages": _user(it)}


def _message(it: Said, content: list[Json], stopped: str | None) -> Json:
    usage: Json = {
        "input_tokens": it.read - it.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": it.cached,
        "output_tokens": it.written if stopped else 1,
        "service_tier": "standard",
    }
    head: Json = {"id": f"msg_{it.name}", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929"}
    return head | {"content": content, "stop_reason": stopped, "stop_sequence": None, "usage": usage}


def _user(it: Said) -> list[Json]:
    return [{"role": "user", "content": it.prompt}]
