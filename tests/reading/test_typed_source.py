"""What a plan is composed to, for a human to read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from parsers import composed, openai_typical
from parsers.base import DETAILS
from tailer.config import Fields
from tailer.reading.names import ROLES
from tailer.reading.reading import LineReader
from tailer.reading.typed import compiled
from tests.reading.lines import BODY, TIME, USAGE, chunk
from tests.reading.test_typed import PARSERS, a_reader
from tests.reading.test_typed_hostile import same
from tests.reading.typical import AROUND, CALL, MESSAGE, Json

SERVED_LINE = b'{"time":"2026-11-20T17:00:07Z","level":"info","msg":"served","status":200,"duration_ms":7}\n'
SOURCE = """\
def read(line, start, end, number, written=None):
    found = decode(line)
    value = found.time
    timestamp = to_timestamp(value, 'auto')
    if timestamp is None and value is not None:
        return None
    value = found.duration_ms
"""


def test_a_plan_is_source_that_can_be_read() -> None:
    """`pytest -s` shows it whole."""
    reader = a_reader()
    reader.read(chunk(SERVED_LINE * 2))
    (plan,) = reader._typed._bare._shelf.plans
    print(plan.source)
    assert plan.source.startswith(SOURCE)


def test_what_is_the_same_for_all_lines_is_not_in_the_source() -> None:
    reader = a_reader()
    reader.read(chunk(orjson.dumps(CALL) + b"\n" + orjson.dumps(CALL) + b"\n"))
    (plan,) = reader._typed._bare._shelf.plans
    print(plan.source)
    assert "headers" not in plan.source
    assert "status" not in plan.source
    assert "request_id or join_key" in plan.source


SERVED: Json = orjson.loads(SERVED_LINE)
MARK = "zq'\"\\\n\t}{`;#"
KEYS = [
    "__class__",
    "__import__('os')",
    'a"b',
    "a\\b",
    "a\nb",
    "lambda: 0",
    "found",
    "x" * 2000,
    MARK,
    "\u2028",
    "None",
]
OURS = {
    *compiled.KNOWN, *ROLES, "type", "str", "isinstance", "Exception", "line", "start", "end", "number", "written",
    "found", "value", "begins", "wrapper", "body", "logged", "call_id", "answer", "told", "stage", "call", "outcome",
    "key", "request", "dimensions", "labels", "decode", "decode_body", "decode_request", "addresses", "counts",
    "parser", "wrapper_plain", "wrapper_opening", "call_of",
}  # fmt: skip
COUNTED = {*DETAILS, "usage", "given", "made", "block", "dict", "NO_COUNTS"}
TEXTS = {*DETAILS, "auto", "ms", "not_llm", "call", "part", "{", "statusCode", "id", "status", "headers", "body"}


def hostile(key: str) -> Iterator[Json]:
    """Lines with this key, and this value, wherever something may stand that goes into a plan."""
    for value in (key, {key: key}, 1):
        yield {**SERVED, key: value, "type": key, "event": key, "team": key, "scope": {"key": key}}
        yield {**CALL, key: value, "url": key, "provider": key, "team": key, "scope": {key: key}, "app": key}
        yield {**CALL, "response": {**BODY, key: value, "model": key, "usage": {**USAGE, key: 1}}}
        yield {**CALL, "response": {**BODY, "usage": {**USAGE, "prompt_tokens_details": {"cached_tokens": 1, key: 1}}}}
        yield {**AROUND, "response": {**MESSAGE, "type": "message", key: value, "stop_reason": key}}
        yield {**AROUND, "metadata": {key: value, "response": BODY}, "res": {"headers": {key: key}}}
        yield {**AROUND, "status": 429, "response": {"error": {"message": key, key: value}, key: value}}
        yield {
            "ts": TIME,
            "chunk": {"type": f"response.{key}", "sequence_number": 1, "response": {"object": "response"}},
        }


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_nothing_that_stands_in_a_line_is_run(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is composed has names of ours, attributes that are plain names, and literals of the configuration."""
    sources: list[str] = []

    def noting(name: str, source: str, known: Any) -> Any:
        sources.append(source)
        return composed.composed(name, source, known)

    monkeypatch.setattr(compiled, "composed", noting)
    monkeypatch.setattr(openai_typical, "composed", noting)
    fields = Fields(trace_id=f"meta.{key}")
    reader = LineReader(PARSERS, fields, {"team": "team", "odd": f"scope.{key}", "own": key}, {"app": "app"})
    same([orjson.dumps(line) for line in hostile(key) for _ in range(3)], reader)
    assert reader.typed_lines
    configured = {key, "team", "scope", "app", "meta", *f"meta.{key}".split(".")}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Name(id=name):
                    assert name in (OURS if "def read(" in source else COUNTED), source
                case ast.Attribute(attr=name):
                    assert name.isidentifier(), source
                    assert not name.startswith("__"), source
                case ast.Constant(value=str(text)):
                    assert text in TEXTS or text in configured, source
                case ast.Call(func=called):
                    assert isinstance(called, ast.Name) or ast.unparse(called) == "ASKING_KEYS.isdisjoint", source
