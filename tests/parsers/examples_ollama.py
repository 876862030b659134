"""Bodies of Ollama's own API, made up for these tests, and what the parser must give for them."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example

Json = dict[str, Any]

URL = "http://localhost:11434/api/chat"

TIMES: Json = {
    "total_duration": 5_043_500_667,
    "load_duration": 5_025_959,
    "prompt_eval_count": 26,
    "prompt_eval_cached_count": 8,
    "prompt_eval_duration": 325_953_000,
    "eval_count": 298,
    "eval_duration": 4_709_213_000,
}


def chat(**changes: object) -> Json:
    body: Json = {
        "model": "llama3.2:3b",
        "created_at": "2026-11-20T17:00:07.123Z",
        "message": {"role": "assistant", "content": "Hello.", "thinking": "Greet."},
        "done": True,
        "done_reason": "stop",
        **TIMES,
    }
    return {**body, **changes}


def chunk(**changes: object) -> Json:
    body: Json = {
        "model": "llama3.2:3b",
        "created_at": "2026-11-20T17:00:06.9Z",
        "message": {"role": "assistant", "content": "Hel"},
        "done": False,
    }
    return {**body, **changes}


def generated(**changes: object) -> Json:
    """The text is JSON with a usage block of its own, as a model that was asked for JSON may write."""
    text = '{"usage": {"prompt_tokens": 999999, "completion_tokens": 999999}, "model": "gpt-4o"}'
    return {**{key: value for key, value in chat().items() if key != "message"}, "response": text, **changes}


CALL = Call(
    provider="ollama",
    operation="chat",
    model="llama3.2:3b",
    input_tokens=26,
    output_tokens=298,
    details={"cached_input": 8},
    duration_seconds=5.043500667,
    stream=False,
    finish_reason="stop",
)

OLLAMA: list[Example] = [
    (Record(chat()), CALL),
    (
        Record(chat(), {"model": "llama3.2", "messages": [], "stream": True}, 200, url=URL),
        CALL._replace(request_model="llama3.2", stream=True),
    ),
    (Record(generated()), CALL._replace(operation="text_completion")),
    (
        Record(chunk()),
        Part(Stage.PIECE, Call(provider="ollama", operation="chat", model="llama3.2:3b", stream=True)),
    ),
    (
        Record({"model": "all-minilm", "embeddings": [[0.01]], "total_duration": 14_143_917, "prompt_eval_count": 8}),
        Call(
            provider="ollama",
            operation="embeddings",
            model="all-minilm",
            input_tokens=8,
            output_tokens=0,
            duration_seconds=0.014143917,
            stream=False,
        ),
    ),
    (
        Record(
            {
                "model": "llama3.2:3b",
                "created_at": "2026-11-20T17:00:06.9Z",
                "response": "",
                "done": True,
                "done_reason": "load",
            }
        ),
        None,
    ),
    (
        Record(
            {"embedding": [0.01, 0.02]},
            {"model": "all-minilm", "prompt": "Hi"},
            200,
            url=URL.replace("chat", "embeddings"),
        ),
        Call(provider="ollama", operation="embeddings", request_model="all-minilm", stream=False),
    ),
    (
        Record({"error": "model 'llama9' not found"}, {"model": "llama9", "messages": []}, 404, url=URL),
        Call(provider="ollama", operation="chat", request_model="llama9", error_type="not_found", stream=False),
    ),
]
