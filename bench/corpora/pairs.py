"""Chat Completions, request and response on one line; pure, all chance from the given rng."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

import orjson

from bench.corpora.prose import Prose
from bench.corpora.times import FIRST_SECOND, iso

Json = dict[str, object]

PAIR_BYTES = (300, 30_000)
PAIR_SIGMA = 0.95
PAIR_MU = math.log(1610) - PAIR_SIGMA**2 / 2
"""Sizes are log-normal; cut at both ends and with what surrounds the prose, the mean comes to about 1.6 KB."""
BRIEF_BYTES = 900
"""A pair shorter than this has only the members that every compatible server sends."""

CHAT_MODELS = (
    ("gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    ("gpt-4.1", "gpt-4.1-2025-04-14"),
    ("o3-mini", "o3-mini-2025-01-31"),
)
"""Aliases and what they stand for."""


def chat(rng: Random) -> Iterator[bytes]:
    """Request and response of Chat Completions on one line, 0.35 to 30 KB, every thirtieth refused by a rate limit."""
    prose = Prose(rng)
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(20)
        size = min(max(rng.lognormvariate(PAIR_MU, PAIR_SIGMA), PAIR_BYTES[0]), PAIR_BYTES[1])
        yield pair(rng, prose, second, int(size))


def chat_line(rng: Random, target_bytes: int) -> bytes:
    """A single chat pair of this size or a little less; a prompt of many megabytes repeats its text."""
    prompt = Prose(rng).passage(rng, 64 * 1024).encode("ascii", "ignore").decode()
    line = record(rng, float(FIRST_SECOND), brief=False, asked="@", answered="yes")
    frame = orjson.dumps(line)
    text = orjson.dumps(prompt)[1:-1]
    return frame.replace(b'"@"', b'"' + text * ((target_bytes - len(frame)) // len(text)) + b'"')


def pair(rng: Random, prose: Prose, second: float, size: int) -> bytes:
    """A pair of about this size, at least 345 bytes."""
    if rng.random() < 1 / 30:
        return orjson.dumps(_refused(rng, second))
    brief = size < BRIEF_BYTES
    room = size - (345 if brief else 730)
    asked = prose.passage(rng, max(8, room * rng.randint(50, 85) // 100))
    answered = prose.passage(rng, max(5, room - len(asked)))
    return orjson.dumps(record(rng, second, brief=brief, asked=asked, answered=answered))


def record(rng: Random, second: float, *, brief: bool, asked: str | list[object], answered: str) -> Json:
    """A pair as a record; `asked` is a text or a list of parts."""
    alias, snapshot = rng.choice(CHAT_MODELS)
    read, written = _tokens(asked), len(answered) // 4 + 2
    usage: Json = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    response: Json = {
        "id": f"chatcmpl-{rng.getrandbits(96):024x}",
        "object": "chat.completion",
        "created": int(second),
        "model": snapshot,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": answered}, "finish_reason": "stop"}],
        "usage": usage,
    }
    request: Json = {"model": alias, "messages": [{"role": "user", "content": asked}]}
    if brief:
        return {"ts": round(second, 3), "request": request, "response": response}
    usage["prompt_tokens_details"] = {"cached_tokens": read // 256 * 128, "audio_tokens": 0}
    usage["completion_tokens_details"] = {"reasoning_tokens": 0, "audio_tokens": 0}
    response |= {"service_tier": "default", "system_fingerprint": f"fp_{rng.getrandbits(40):010x}"}
    request |= {"temperature": 0.2, "max_tokens": 1024, "stream": False}
    return envelope(rng, second) | {"request": request, "response": response}


def _tokens(asked: str | list[object]) -> int:
    return len(asked) // 4 + 8 if isinstance(asked, str) else 765 * len(asked)


def _refused(rng: Random, second: float) -> Json:
    alias, _ = rng.choice(CHAT_MODELS)
    error = {
        "message": f"Rate limit reached for {alias}: please try again in {rng.randrange(20)}s.",
        "type": "tokens",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    request = {"model": alias, "messages": [{"role": "user", "content": "Are you there?"}]}
    return envelope(rng, second) | {"level": "error", "status": 429, "request": request, "response": {"error": error}}


def envelope(rng: Random, second: float) -> Json:
    """What a logger writes beside the call."""
    return {
        "timestamp": iso(second),
        "level": "info",
        "msg": "llm call",
        "request_id": f"req_{rng.getrandbits(64):016x}",
        "duration_ms": rng.randint(180, 9000),
    }
