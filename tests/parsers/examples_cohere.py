"""Bodies of Cohere v1 and v2, made up for these tests, and what the parser must give for them."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example

Json = dict[str, Any]

URL = "https://api.cohere.com/v2/chat"
REQUEST: Json = {"model": "command-a-03-2025", "messages": [{"role": "user", "content": "Hi"}]}


def usage(**changes: object) -> Json:
    block: Json = {
        "billed_units": {"input_tokens": 2406.0, "output_tokens": 87.0},
        "tokens": {"input_tokens": 3110.0, "output_tokens": 91.0},
        "cached_tokens": 2928.0,
    }
    return {**block, **changes}


def chat(**changes: object) -> Json:
    body: Json = {
        "id": "c14c80c3-18eb",
        "finish_reason": "COMPLETE",
        "message": {
            "role": "assistant",
            "tool_calls": [{"id": "t1", "function": {"name": "f", "arguments": '{"usage":{"billed_units":{}}}'}}],
            "content": [{"type": "text", "text": "Hello."}],
        },
        "usage": usage(),
    }
    return {**body, **changes}


def meta(**billed: object) -> Json:
    return {"api_version": {"version": "1"}, "billed_units": billed, "warnings": None}


def chat_v1(**changes: object) -> Json:
    body: Json = {
        "response_id": "resp-7",
        "generation_id": "gen-7",
        "text": "Hello.",
        "chat_history": [{"role": "USER", "message": "Hi"}],
        "finish_reason": "COMPLETE",
        "meta": {**meta(input_tokens=5, output_tokens=2), "tokens": {"input_tokens": 71, "output_tokens": 2}},
    }
    return {**body, **changes}


CALL = Call(
    provider="cohere",
    operation="chat",
    input_tokens=2406,
    output_tokens=87,
    details={"cached_input": 2406},
    response_id="c14c80c3-18eb",
    stream=False,
    finish_reason="COMPLETE",
)
PIECE = Call(provider="cohere", operation="chat", stream=True)

COHERE: list[Example] = [
    (Record(chat()), CALL),
    (
        Record(chat(), REQUEST, 200, {"retry-after": "2"}, URL),
        CALL._replace(request_model="command-a-03-2025", rate_limit={"retry_after_seconds": 2}),
    ),
    (
        Record(chat_v1()),
        CALL._replace(input_tokens=5, output_tokens=2, details={}, response_id="gen-7"),
    ),
    (
        Record({"type": "message-start", "id": "c2", "delta": {"message": {"role": "assistant"}}}),
        Part(Stage.PIECE, PIECE),
    ),
    (
        Record({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hel"}}}}),
        Part(Stage.PIECE, PIECE),
    ),
    (
        Record({"type": "message-end", "id": "c2", "delta": {"finish_reason": "MAX_TOKENS", "usage": usage()}}),
        Part(Stage.LAST, CALL._replace(response_id="c2", finish_reason="MAX_TOKENS", stream=True)),
    ),
    (
        Record({"event_type": "stream-start", "generation_id": "gen-7", "is_finished": False}),
        Part(Stage.PIECE, PIECE._replace(response_id="gen-7")),
    ),
    (
        Record({"event_type": "stream-end", "is_finished": True, "finish_reason": "COMPLETE", "response": chat_v1()}),
        Part(
            Stage.LAST,
            CALL._replace(input_tokens=5, output_tokens=2, details={}, response_id="gen-7", stream=True),
        ),
    ),
    (
        Record({"id": "e1", "embeddings": {"float": [[0.1]]}, "texts": ["a"], "meta": meta(input_tokens=2)}),
        Call(
            provider="cohere", operation="embeddings", input_tokens=2, output_tokens=0, response_id="e1", stream=False
        ),
    ),
    (
        Record({"id": "e2", "embeddings": {"float": [[0.1]]}, "meta": meta(images=1, image_tokens=260)}),
        Call(
            provider="cohere",
            operation="embeddings",
            input_tokens=260,
            output_tokens=0,
            details={"image_input": 260},
            units={"images": 1},
            response_id="e2",
            stream=False,
        ),
    ),
    (
        Record({"id": "r1", "results": [{"index": 3, "relevance_score": 0.99}], "meta": meta(search_units=1)}),
        Call(provider="cohere", operation="rerank", units={"searches": 1}, response_id="r1", stream=False),
    ),
    (
        Record({"id": "k1", "classifications": [{"prediction": "Spam"}], "meta": meta(classifications=2)}),
        Call(
            provider="cohere", operation="classification", units={"classifications": 2}, response_id="k1", stream=False
        ),
    ),
    (
        Record({"id": "x1", "message": "invalid api token"}, REQUEST, 498, url=URL),
        Call(
            provider="cohere",
            operation="chat",
            request_model="command-a-03-2025",
            error_type="authentication",
            response_id="x1",
            stream=False,
        ),
    ),
]
