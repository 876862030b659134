"""Whatever is put into what was said, asked or answered, of every provider's bodies: the counts stay as they were."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.base import Call, Record
from tailer.reading.chunk import Reading
from tests.parsers.examples import BY_PARSER
from tests.reading.lines import TIME, read, text

Json = dict[str, Any]
Path = tuple[str | int, ...]

RECORDS = [
    record
    for examples in BY_PARSER.values()
    for record, _ in examples
    if record.body is not None and (record.status is None or record.status < 400)
]
SAID = frozenset({
    "content", "contents", "text", "arguments", "args", "messages", "prompt", "tools", "thinking", "system", "parts",
    "instructions", "functionCall", "toolUse", "reasoning_content", "partial_json", "message_content", "refusal",
    "documents", "history",
})  # fmt: skip
"""Keys below which everything is what was said; a body may have them at any depth."""
STRUCTURE = frozenset({"type", "role", "id", "name", "object", "index"})
USAGES: list[Json] = [
    {"prompt_tokens": 666_001, "completion_tokens": 666_002, "total_tokens": 1_332_003, "cost": 66.6},
    {"input_tokens": 666_003, "output_tokens": 666_004, "cache_read_input_tokens": 666_005},
    {"inputTokens": 666_006, "outputTokens": 666_007, "totalTokens": 1_332_013},
    {"billed_units": {"input_tokens": 666_008, "output_tokens": 666_009}},
]
FORGED: list[Json] = [
    *({"id": "forged", "object": "chat.completion", "model": "forged", "usage": usage} for usage in USAGES),
    {"type": "message", "role": "assistant", "model": "forged", "content": [], "usage": USAGES[1]},
    {"type": "response.completed", "response": {"id": "f", "object": "response", "usage": USAGES[1]}},
    {"usageMetadata": {"promptTokenCount": 666_010, "candidatesTokenCount": 666_011}, "modelVersion": "forged"},
    {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 666_012, "gen_ai.usage.output_tokens": 666_013},
    {"done": True, "model": "forged", "created_at": TIME, "prompt_eval_count": 666_014, "eval_count": 666_015},
    {"metadata": {"usage": USAGES[2]}, "amazon-bedrock-invocationMetrics": {"inputTokenCount": 666_016}},
    {"call_type": "completion", "startTime": 1.0, "endTime": 2.0, "prompt_tokens": 666_017, "completion_tokens": 1},
    {"llm_summary": {"model": "forged", "prompt_tokens": 666_018, "completion_tokens": 1}},
    {"response_metadata": {}, "type": "ai", "usage_metadata": {"input_tokens": 666_019, "output_tokens": 1}},
    {"error": {"message": "forged", "type": "rate_limit_error", "code": "rate_limit_exceeded", "param": None}},
]
NEST = ("usage", "response", "body", "data", "message", "metadata", "input", "output", "arguments", "event", "log")
HIDDEN = st.recursive(
    st.sampled_from(FORGED),
    lambda inner: (
        inner.map(text)
        | st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from(NEST), inner, min_size=1, max_size=2)
    ),
    max_leaves=4,
)
STREAM = "".join(f"data: {text(forged)}\n\n" for forged in FORGED)
TEXTS = HIDDEN.map(text) | st.just(STREAM) | st.just("[DONE]")


def said(value: object, path: Path = (), *, within: bool = False) -> list[Path]:
    """Every place of what was said, below the keys of `SAID`; an empty text is none, since emptiness may tell."""
    is_said = within and isinstance(value, (str, dict, list)) and value != "" and path[-1] not in STRUCTURE
    found = [path] if is_said else []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in members:
        found += said(item, (*path, key), within=within or key in SAID)
    return found


def with_hidden(value: Any, path: Path, hidden: object, as_text: str) -> Any:
    """A copy with something hidden at a place: in the text's stead, among an object's members, in a list."""
    if path:
        copy: Any = dict(value) if isinstance(value, dict) else list(value)
        copy[path[0]] = with_hidden(value[path[0]], path[1:], hidden, as_text)
        return copy
    if isinstance(value, dict):
        return {**value, "hidden": hidden} if "usage" in value else {**value, "hidden": hidden, "usage": hidden}
    return as_text if isinstance(value, str) else [*value, hidden]


def counted(reading: Reading) -> object:
    calls = [call for call in (reading.call, *reading.more) if call is not None]
    return reading.outcome, reading.parser, [_counted(call) for call in calls]


def _counted(call: Call) -> object:
    return (
        call.input_tokens, call.output_tokens, dict(call.details), dict(call.units), call.cost_usd, call.model,
        call.error_type,
    )  # fmt: skip


def lines(record: Record, body: object, request: object) -> list[object]:
    """A body as the lines of an application hold it."""
    pair = {"ts": TIME, "request_id": "r", "request": request, "response": body, "status": record.status}
    return [
        body,
        {key: value for key, value in pair.items() if value is not None},
        {"ts": TIME, "req": {"body": text(request)}, "res": {"statusCode": 200, "body": text(body)}},
        {"log": text({"ts": TIME, "message": text(body)}) + "\n", "stream": "stdout", "time": TIME},
    ]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([record for record in RECORDS if said(record.body)]), HIDDEN, TEXTS, st.data())
def test_nothing_in_what_was_answered_is_counted(
    record: Record, hidden: object, as_text: str, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(said(record.body)))
    body = with_hidden(record.body, path, hidden, as_text)
    for before, after in zip(
        lines(record, record.body, record.request), lines(record, body, record.request), strict=True
    ):
        assert counted(read(after)) == counted(read(before)), (path, after)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(RECORDS), HIDDEN, TEXTS, st.data())
def test_nothing_in_what_was_asked_is_counted(
    record: Record, hidden: object, as_text: str, data: st.DataObject
) -> None:
    asked = {
        "messages": [{"role": "user", "content": "Hi"}, {"role": "tool", "content": [{"type": "text", "text": "4"}]}],
        "system": "Answer briefly.",
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "documents": [{"metadata": {"source": "a"}}],
        **(record.request or {"model": "gpt-4o"}),
    }
    path = data.draw(st.sampled_from(said(asked)))
    request = with_hidden(asked, path, hidden, as_text)
    for before, after in zip(lines(record, record.body, asked), lines(record, record.body, request), strict=True):
        assert counted(read(after)) == counted(read(before)), (path, after)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(RECORDS),
    HIDDEN | TEXTS,
    st.sampled_from(["prompt", "messages", "conversation", "history", "tools", "tool_input", "arguments", "documents"]),
)
def test_nothing_that_stands_beside_an_answer_is_counted(record: Record, hidden: object, key: str) -> None:
    line = {"ts": TIME, "response": record.body, "request": record.request, "status": record.status}
    plain = {name: value for name, value in line.items() if value is not None}
    assert counted(read({**plain, key: hidden})) == counted(read(plain))


@settings(max_examples=200, deadline=None)
@given(
    HIDDEN | TEXTS,
    st.sampled_from(["prompt", "messages", "conversation", "history", "tools", "tool_input", "arguments", "documents"]),
)
def test_nothing_of_it_is_counted_without_an_answer_either(hidden: object, key: str) -> None:
    for line in ({"ts": TIME, "level": "info", "msg": "asked", key: hidden}, {"ts": TIME, "x": 1, key: hidden}):
        assert read(line).call is None


@pytest.mark.parametrize("parser", BY_PARSER)
def test_there_is_somewhere_to_hide_in_nearly_every_api(parser: str) -> None:
    """Else the properties above would say nothing of it."""
    silent = {
        "openai_embeddings", "openai_moderations", "cloudflare", "apisix", "kong", "otel_genai", "openai_images",
        "any_error", "token_counting",
    }  # fmt: skip
    records = [record for record, _ in BY_PARSER[parser] if record.body is not None]
    assert parser in silent or any(said(record.body) for record in records)
