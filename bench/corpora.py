"""What applications log, made up: line after line, pure, all chance from the given rng; writing is another module's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random

import orjson

from bench.prose import Prose

Json = dict[str, object]

PAIR_BYTES = (300, 30_000)
PAIR_SIGMA = 0.95
PAIR_MU = math.log(1610) - PAIR_SIGMA**2 / 2
"""Sizes are log-normal; cut at both ends and with what surrounds the prose, the mean comes to about 1.6 KB."""
BRIEF_BYTES = 900
"""A pair shorter than this has only the members that every compatible server sends."""
FLOATS = 1536
FIRST_SECOND = 1_795_194_000

CHAT_MODELS = (
    ("gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    ("gpt-4.1", "gpt-4.1-2025-04-14"),
    ("o3-mini", "o3-mini-2025-01-31"),
)


def chat(rng: Random) -> Iterator[bytes]:
    """Request and response of Chat Completions on one line, 0.35 to 30 KB, every thirtieth refused by a rate limit."""
    prose = Prose(rng)
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(20)
        size = min(max(rng.lognormvariate(PAIR_MU, PAIR_SIGMA), PAIR_BYTES[0]), PAIR_BYTES[1])
        yield _pair(rng, prose, second, int(size))


def embeddings(rng: Random) -> Iterator[bytes]:
    """An embeddings request with its response of 1,536 floats on each line, about 20 KB."""
    prose = Prose(rng)
    floats = [b"%.9f" % rng.gauss(0, 0.025) for _ in range(64 * 1024)]
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(20)
        start = rng.randrange(len(floats) - FLOATS)
        tokens = rng.randint(20, 500)
        model = "text-embedding-3-small"
        line = _envelope(rng, second) | {
            "request": {"model": model, "input": prose.passage(rng, tokens * 4)},
            "response": {
                "object": "list",
                "data": [{"object": "embedding", "index": 0, "embedding": "@"}],
                "model": model,
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            },
        }
        vector = b"[" + b",".join(floats[start : start + FLOATS]) + b"]"
        yield orjson.dumps(line).replace(b'"embedding":"@"', b'"embedding":' + vector)


def plain(rng: Random) -> Iterator[bytes]:
    """What else an application logs, 70 to 190 bytes: requests served, queries, jobs, here and there a line of text."""
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(200)
        kind = rng.random()
        if kind < 0.04:
            told = f"connection {rng.randrange(64)} was idle for {rng.randrange(600)}s"
            yield f"{_time(second)} WARN  pool  {told}".encode()
        else:
            yield orjson.dumps(_plain_record(rng, second, kind))


CORPORA: dict[str, Callable[[Random], Iterator[bytes]]] = {"chat": chat, "embeddings": embeddings, "plain": plain}
"""Endless lines by the name of a corpus."""


def chat_line(rng: Random, target_bytes: int) -> bytes:
    """A single chat pair of this size or a little less; a prompt of many megabytes repeats its text."""
    prompt = Prose(rng).passage(rng, 64 * 1024).encode("ascii", "ignore").decode()
    line = _record(rng, float(FIRST_SECOND), brief=False, asked="@", answered="yes")
    frame = orjson.dumps(line)
    text = orjson.dumps(prompt)[1:-1]
    return frame.replace(b'"@"', b'"' + text * ((target_bytes - len(frame)) // len(text)) + b'"')


def _pair(rng: Random, prose: Prose, second: float, size: int) -> bytes:
    if rng.random() < 1 / 30:
        return orjson.dumps(_refused(rng, second))
    brief = size < BRIEF_BYTES
    room = size - (345 if brief else 730)
    asked = prose.passage(rng, max(8, room * rng.randint(50, 85) // 100))
    answered = prose.passage(rng, max(5, room - len(asked)))
    return orjson.dumps(_record(rng, second, brief=brief, asked=asked, answered=answered))


def _record(rng: Random, second: float, *, brief: bool, asked: str, answered: str) -> Json:
    alias, snapshot = rng.choice(CHAT_MODELS)
    read, written = len(asked) // 4 + 8, len(answered) // 4 + 2
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
    return _envelope(rng, second) | {"request": request, "response": response}


def _refused(rng: Random, second: float) -> Json:
    alias, _ = rng.choice(CHAT_MODELS)
    error = {
        "message": f"Rate limit reached for {alias}: please try again in {rng.randrange(20)}s.",
        "type": "tokens",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    request = {"model": alias, "messages": [{"role": "user", "content": "Are you there?"}]}
    return _envelope(rng, second) | {"level": "error", "status": 429, "request": request, "response": {"error": error}}


def _envelope(rng: Random, second: float) -> Json:
    return {
        "timestamp": _time(second),
        "level": "info",
        "msg": "llm call",
        "request_id": f"req_{rng.getrandbits(64):016x}",
        "duration_ms": rng.randint(180, 9000),
    }


def _plain_record(rng: Random, second: float, kind: float) -> Json:
    head: Json = {"time": _time(second), "level": rng.choice(("info", "info", "info", "debug", "warning"))}
    number = rng.randrange(1_000_000)
    if kind < 0.6:
        served: Json = {"path": f"/api/orders/{number}", "method": rng.choice(("GET", "POST")), "status": 200}
        return head | {"logger": "http", "msg": "served", **served, "duration_ms": round(rng.uniform(1, 90), 2)}
    if kind < 0.85:
        return head | {"logger": "db", "msg": "query", "statement": "select * from orders where id = $1", "rows": 1}
    return head | {"logger": "jobs", "msg": "job finished", "job": f"mail-{number}", "tries": 1, "queue": "default"}


def _time(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="milliseconds")
