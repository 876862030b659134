"""Lines as applications write them, and one line's reading by the built-in parsers."""

from __future__ import annotations

from functools import cache

import orjson

from parsers import registry
from tailer.config import Fields
from tailer.reading.chunk import Chunk, Reading
from tailer.reading.reading import LineReader

TIME = "2026-11-20T17:00:07.123Z"
TIME_NS = 1_795_194_007_123_000_000

USAGE = {
    "prompt_tokens": 1523,
    "completion_tokens": 212,
    "total_tokens": 1735,
    "prompt_tokens_details": {"cached_tokens": 1024},
}
REQUEST = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Capital of France?"}],
}
BODY = {
    "id": "chatcmpl-AbC123",
    "object": "chat.completion",
    "created": 1_795_194_005,
    "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}],
    "usage": USAGE,
    "service_tier": "default",
}
ERROR = {
    "error": {
        "message": "Rate limit reached for gpt-4o",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
}


def chunk_body(**changes: object) -> dict[str, object]:
    """A chunk of a chat stream."""
    delta = [{"index": 0, "delta": {"content": "Par"}, "finish_reason": None}]
    whole = {**BODY, "object": "chat.completion.chunk", "choices": delta, "usage": None}
    return {**whole, **changes}


STREAM = [
    chunk_body(),
    chunk_body(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
    chunk_body(choices=[], usage=USAGE),
]


def text(value: object) -> str:
    """JSON as an application writes it."""
    return orjson.dumps(value).decode()


def sse(events: list[dict[str, object]]) -> str:
    """A stream as it came over the wire."""
    return "".join(f"data: {text(event)}\n\n" for event in events) + "data: [DONE]\n\n"


@cache
def reader(fields: Fields = Fields()) -> LineReader:  # noqa: B008 - frozen
    """A reader with the built-in parsers."""
    return LineReader(registry.load(), fields)


def chunk(data: bytes, start: int = 0, first_number: int = 0) -> Chunk:
    """These bytes as a chunk of a file."""
    return Chunk(1, "app.log", start, start + len(data), first_number, data)


def read(line: object, fields: Fields = Fields()) -> Reading:  # noqa: B008 - frozen
    """The reading of one line, given as an object, a text or bytes."""
    data = line if isinstance(line, bytes) else line.encode() if isinstance(line, str) else orjson.dumps(line)
    readings = reader(fields).read(chunk(data + b"\n"))
    assert len(readings) == 1
    return readings[0]
