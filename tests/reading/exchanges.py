"""What was asked and answered at each provider, and what failed: to be put into wrappers."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tests.parsers import bodies
from tests.reading.lines import ERROR, REQUEST, TIME, text

Json = dict[str, Any]


class Exchange(NamedTuple):
    """What was asked and answered, and over which path."""

    asked: Json
    answered: Json
    path: str = "/v1/chat/completions"
    status: int = 200

    @property
    def model(self) -> str | None:
        """The model that the path names."""
        named = re.search("/models?/([^/]+)[:/]", self.path)
        return named[1].replace("%3A", ":") if named else None

    @property
    def plain(self) -> Json:
        """Both under the names that most applications use."""
        return {"request_id": "r1", "request": self.asked, "response": self.answered}

    @property
    def texts(self) -> Json:
        return {"request_id": "r1", "request": text(self.asked), "response": text(self.answered)}


def asked(model: str) -> Json:
    return {**REQUEST, "model": model}


EXCHANGES = {
    "openai chat": Exchange(asked("gpt-4o"), bodies.chat()),
    "openai responses": Exchange({"model": "gpt-5", "input": "Hi"}, bodies.response(), "/v1/responses"),
    "openai embeddings": Exchange(
        {"model": "text-embedding-3-small", "input": "Hi"}, bodies.embeddings(), "/v1/embeddings"
    ),
    "anthropic": Exchange(
        asked("claude-sonnet-4-5"),
        {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
            "content": [{"type": "text", "text": "Paris."}], "stop_reason": "end_turn",
            "usage": {
                "input_tokens": 6, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0, "output_tokens": 9,
            },
        },
        "/v1/messages",
    ),
    "gemini": Exchange(
        {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
        {
            "candidates": [{"content": {"parts": [{"text": "Paris."}], "role": "model"}, "finishReason": "STOP"}],
            "usageMetadata": {
                "promptTokenCount": 8, "candidatesTokenCount": 3, "thoughtsTokenCount": 5, "totalTokenCount": 16,
            },
            "modelVersion": "gemini-2.5-flash", "responseId": "q1X",
        },
        "/v1beta/models/gemini-2.5-flash:generateContent",
    ),
    "bedrock converse": Exchange(
        {"modelId": "anthropic.claude-3-5-haiku-20241022-v1:0", "messages": [{"role": "user", "content": []}]},
        {
            "output": {"message": {"role": "assistant", "content": [{"text": "Paris."}]}}, "stopReason": "end_turn",
            "usage": {"inputTokens": 22, "outputTokens": 13, "totalTokens": 35}, "metrics": {"latencyMs": 551},
        },
        "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse",
    ),
    "cohere": Exchange(
        asked("command-a-03-2025"),
        {
            "id": "c14c80c3", "finish_reason": "COMPLETE",
            "message": {"role": "assistant", "content": [{"type": "text", "text": "Paris."}]},
            "usage": {
                "billed_units": {"input_tokens": 5, "output_tokens": 418},
                "tokens": {"input_tokens": 71, "output_tokens": 418},
            },
        },
        "/v2/chat",
    ),
    "ollama": Exchange(
        asked("llama3.2"),
        {
            "model": "llama3.2", "created_at": TIME, "message": {"role": "assistant", "content": "Paris."},
            "done": True, "done_reason": "stop", "total_duration": 5_191_566_416, "prompt_eval_count": 26,
            "eval_count": 298,
        },
        "/api/chat",
    ),
}  # fmt: skip
FAILURES = {
    "openai": Exchange(asked("gpt-4o"), ERROR, status=429),
    "anthropic": Exchange(
        asked("claude-sonnet-4-5"),
        {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}, "request_id": "req_1"},
        "/v1/messages",
        429,
    ),
    "google": Exchange(
        {"contents": []},
        {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}},
        "/v1beta/models/gemini-2.5-flash:generateContent",
        429,
    ),
}
