"""What a parser must bear: other things' log lines, junk, spoilt copies of good records; it checks nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from parsers.base import Record

JUNK: tuple[object, ...] = (
    None,
    "",
    "many",
    -1,
    0,
    3.5,
    10**30,
    True,
    float("nan"),
    float("inf"),
    [],
    {},
    [[]],
    [None],
)
"""What may stand in any place of a line that somebody's logger wrote."""


def _nested(depth: int) -> dict[str, object]:
    """Each key in turn holds the next level; no level is held twice, or looking at it would never end."""
    body: dict[str, object] = {}
    for level in range(depth):
        body = {("usage", "error", "response")[level % 3]: body, "choices": [None], "model": "deep"}
    return body


NOT_LLM: tuple[Record, ...] = (
    Record({}),
    Record(None),
    Record({"level": "info", "msg": "server started", "port": 8080, "time": 1795194011532}),
    Record({"level": 30, "req": {"method": "GET", "url": "/users"}, "res": {"statusCode": 200}, "responseTime": 12}),
    Record(
        {"level": "error", "error": {"message": "no such table", "code": "42P01", "stack": "at x"}, "msg": "failed"}
    ),
    Record({"level": "error", "error": "disk is full", "path": "/var"}, status=507),
    Record({"message": "created", "id": 7, "object": "invoice", "usage": "metered"}),
    Record({"object": "list", "data": [{"id": "gpt-4o", "object": "model", "owned_by": "openai"}]}),
    Record({"error": {"code": "NOT_FOUND", "message": "no such user"}}, status=404, url="/api/users/7"),
    Record({"usage": {"cpu": 0.5, "memory": 1024}, "model": "t3.large", "type": "metrics"}),
    Record({"status": 500, "path": "/checkout"}, status=500, url="https://shop.example/checkout"),
    Record({"type": "response.sent", "event_id": "evt_1", "bytes": 512}),
    Record({"type": "response.completed", "response": {"status": 200}, "request_id": "r1"}, status=200),
)
"""Lines of applications, databases and web servers: nothing in them may be counted as a call."""

FOREIGN: tuple[Record, ...] = (
    Record(_nested(150)),
    Record(
        {
            "type": "message",
            "id": "msg_1",
            "model": "claude-sonnet-4-5",
            "usage": {"input_tokens": 3, "output_tokens": 5},
        }
    ),
    Record({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 15}}),
    Record({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, status=529),
    Record(
        {
            "candidates": [],
            "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5},
            "modelVersion": "gemini-2.5-pro",
        }
    ),
    Record({"output": {"message": {}}, "usage": {"inputTokens": 22, "outputTokens": 13, "totalTokens": 35}}),
    Record({"schemaType": "ModelInvocationLog", "input": {"inputTokenCount": 4}, "output": {"outputTokenCount": 9}}),
    Record({"id": "c1", "usage": {"billed_units": {"input_tokens": 1.0}, "tokens": {"input_tokens": 9.0}}}),
    Record({"model": "llama3", "done": True, "prompt_eval_count": 26, "eval_count": 298, "total_duration": 5043500667}),
    Record({"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 12}),
    Record({"object": "chat.completion", "id": "chatcmpl-1", "model": "gpt-4o", "choices": [], "usage": None}),
    Record({"object": "response", "id": "resp_1", "status": "completed", "usage": None}),
    Record(None, request={"model": "gpt-4o", "messages": []}, status=500),
)
"""Records of one provider or another: whoever matches one must bear it."""


def spoilt(record: Record) -> Iterator[tuple[str, Record]]:
    """Copies of a record, each with one place of its body or request replaced by junk or taken out, and where."""
    for field, whole in (("body", record.body), ("request", record.request)):
        for path in _paths(whole):
            where = f"{field}.{'.'.join(str(step) for step in path)}"
            yield f"{where} taken out", _placed(record, field, _without(whole, path))
            for junk in JUNK:
                yield f"{where} = {junk!r}", _placed(record, field, _with(whole, path, junk))
    for name in record.headers:
        for value in ("", "-1", "many", "9" * 40, "nan"):
            yield f"headers.{name} = {value!r}", record._replace(headers={**record.headers, name: value})


def surroundings(record: Record) -> Iterator[tuple[str, Record]]:
    """Copies of a record in every state of what stands around a body."""
    for status in (None, 0, 200, 400, 429, 503, 999):
        yield f"status = {status}", record._replace(status=status)
    for url in (
        None,
        "",
        "/",
        "://",
        "https://api.openai.com/v1/embeddings",
        "http://[::1/x",
        "?",
        "/v1/chat/completions",
    ):
        yield f"url = {url!r}", record._replace(url=url)
    for hint in (None, "", "openai", "Azure", "my own gateway!", "x" * 300):
        yield f"provider = {hint!r}", record._replace(provider=hint)
    for event in (None, "", "error", "ping"):
        yield f"event = {event!r}", record._replace(event=event)
    yield "no request", record._replace(request=None)
    yield "empty request", record._replace(request={})
    yield "no body", record._replace(body=None)
    yield "no timestamp", record._replace(timestamp_ns=None)


Path = tuple[str | int, ...]


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value, containers too; of a long list the first and the last member stand for all."""
    if path:
        yield path
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _paths(member, (*path, key))
    elif isinstance(value, list):
        for index in sorted({0, len(value) - 1} if value else ()):
            yield from _paths(value[index], (*path, index))


def _placed(record: Record, field: str, whole: object) -> Record:
    mapping = whole if isinstance(whole, dict) else None
    return record._replace(body=mapping) if field == "body" else record._replace(request=mapping)


def _with(whole: object, path: Path, junk: object) -> object:
    """A copy that shares nothing, with `junk` in that place."""
    copied = copy.deepcopy(whole)
    _parent(copied, path)[path[-1]] = copy.copy(junk)
    return copied


def _without(whole: object, path: Path) -> object:
    copied = copy.deepcopy(whole)
    del _parent(copied, path)[path[-1]]
    return copied


def _parent(whole: Any, path: Path) -> Any:
    """The container of the last step, a dict that takes the key or a list that takes the index."""
    for step in path[:-1]:
        whole = whole[step]
    return whole
