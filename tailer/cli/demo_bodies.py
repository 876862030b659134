"""Requests and responses as a provider's API would have them, made up: no I/O, all chance from the given rng."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

Json = dict[str, object]

SUBJECTS = (
    "The refund",
    "Your parcel",
    "This invoice",
    "The report",
    "A new contract",
    "The second meeting",
    "My order",
)
VERBS = ("arrives", "was changed", "needs a signature", "is missing a page", "can be cancelled", "was paid", "moved")
ENDS = (
    "on Friday.",
    "after the weekend.",
    "without any extra charge.",
    "as you asked.",
    "for the whole team.",
    "twice.",
)


class Model(NamedTuple):
    """What a model is called when asked for, what it answers to be, and how much it usually reads and writes."""

    alias: str
    snapshot: str
    input_tokens: tuple[int, int]
    output_tokens: tuple[int, int]
    reasons: bool = False


CHAT = (
    Model("gpt-4o", "gpt-4o-2024-08-06", (300, 4000), (40, 700)),
    Model("gpt-4o-mini", "gpt-4o-mini-2024-07-18", (120, 2500), (20, 400)),
    Model("o3-mini", "o3-mini-2025-01-31", (200, 3000), (300, 2500), reasons=True),
)
AZURE = Model("support-gpt-4o", "gpt-4o-2024-11-20", (300, 2500), (40, 500))
RESPONSES = (
    Model("gpt-4.1", "gpt-4.1-2025-04-14", (400, 6000), (60, 900)),
    Model("gpt-5-mini", "gpt-5-mini-2025-08-07", (300, 5000), (200, 1800), reasons=True),
)
EMBEDDING = Model("text-embedding-3-small", "text-embedding-3-small", (20, 900), (0, 0))


class Usage(NamedTuple):
    """Tokens of one call: cached are part of the input, reasoning of the output."""

    input: int
    output: int
    cached: int
    reasoning: int


def usage(rng: Random, model: Model) -> Usage:
    """A believable split. Only a long prompt is cached, in steps of 128 tokens."""
    read, written = rng.randint(*model.input_tokens), rng.randint(*model.output_tokens)
    cached = rng.randrange(1024, read, 128) if read > 1200 and rng.random() < 0.45 else 0
    reasoning = written * rng.randint(40, 85) // 100 // 64 * 64 if model.reasons else 0
    return Usage(read, written, cached, reasoning)


def prose(rng: Random, sentences: int) -> str:
    """Harmless sentences."""
    return " ".join(" ".join((rng.choice(SUBJECTS), rng.choice(VERBS), rng.choice(ENDS))) for _ in range(sentences))


def identifier(rng: Random, prefix: str) -> str:
    """An opaque id such as `chatcmpl-4f…`."""
    return f"{prefix}{rng.getrandbits(96):024x}"


def chat_request(rng: Random, model: Model) -> Json:
    """What is sent to Chat Completions."""
    return {
        "model": model.alias,
        "messages": [
            {"role": "system", "content": "You answer customers of a mail-order shop, briefly."},
            {"role": "user", "content": prose(rng, rng.randint(2, 9))},
        ],
        "temperature": 0.2,
    }


def chat_usage(tokens: Usage) -> Json:
    """The usage block of Chat Completions."""
    return {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def chat_response(rng: Random, model: Model, created: int) -> Json:
    """A whole answer of Chat Completions."""
    message = {"role": "assistant", "content": prose(rng, rng.randint(1, 6)), "refusal": None}
    return {
        "id": identifier(rng, "chatcmpl-"),
        "object": "chat.completion",
        "created": created,
        "model": model.snapshot,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": chat_usage(usage(rng, model)),
        "service_tier": "default",
        "system_fingerprint": "fp_demo",
    }


def azure_response(rng: Random, created: int) -> Json:
    """The same from Azure, with its content filter's verdicts."""
    safe = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": False, "severity": "safe"}}
    body = chat_response(rng, AZURE, created)
    return body | {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": safe}]}


def chat_chunks(rng: Random, model: Model, created: int, *, with_usage: bool) -> list[Json]:
    """A stream: the role, pieces of text, the end and, if asked for, a last chunk with the usage."""
    words = prose(rng, 2).split()
    step = max(1, len(words) // rng.randint(3, 6))
    pieces = [" ".join(words[start : start + step]) + " " for start in range(0, len(words), step)]
    deltas: list[Json] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in pieces]
    head: Json = {
        "id": identifier(rng, "chatcmpl-"),
        "object": "chat.completion.chunk",
        "created": created,
        "model": model.snapshot,
        "service_tier": "default",
    }
    no_usage: Json = {"usage": None} if with_usage else {}
    chunks = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} | no_usage for delta in deltas]
    chunks.append(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]} | no_usage)
    if with_usage:
        chunks.append(head | {"choices": [], "usage": chat_usage(usage(rng, model))})
    return chunks


def responses_request(rng: Random, model: Model) -> Json:
    """What is sent to the Responses API."""
    return {"model": model.alias, "input": prose(rng, rng.randint(2, 9)), "store": False}


def responses_response(rng: Random, model: Model, created: int) -> Json:
    """A finished answer of the Responses API."""
    tokens = usage(rng, model)
    text = {"type": "output_text", "text": prose(rng, rng.randint(1, 6)), "annotations": []}
    return {
        "id": identifier(rng, "resp_"),
        "object": "response",
        "created_at": created,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": model.snapshot,
        "output": [
            {
                "type": "message",
                "id": identifier(rng, "msg_"),
                "role": "assistant",
                "status": "completed",
                "content": [text],
            }
        ],
        "service_tier": "default",
        "usage": {
            "input_tokens": tokens.input,
            "input_tokens_details": {"cached_tokens": tokens.cached},
            "output_tokens": tokens.output,
            "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
            "total_tokens": tokens.input + tokens.output,
        },
    }


def embedding_request(rng: Random) -> Json:
    """What is sent to Embeddings."""
    return {"model": EMBEDDING.alias, "input": [prose(rng, 3)], "encoding_format": "float"}


def embedding_response(rng: Random) -> Json:
    """A vector, cut short as a log would have it."""
    tokens = rng.randint(*EMBEDDING.input_tokens)
    vector = [round(rng.uniform(-0.08, 0.08), 6) for _ in range(8)]
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": vector}],
        "model": EMBEDDING.snapshot,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def failure(status: int, model: Model) -> Json:
    """The error body of a status: 400 is a prompt too long, 504 a gateway that waited in vain."""
    message, kind, code = {
        400: (
            f"This model's context length is exceeded by the prompt ({model.alias}).",
            "invalid_request_error",
            "context_length_exceeded",
        ),
        429: (f"Too many tokens per minute for {model.alias}; try again shortly.", "tokens", "rate_limit_exceeded"),
        500: ("Something went wrong on our side.", "server_error", None),
        504: ("No answer within 60 seconds.", "timeout", "timeout"),
    }[status]
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
