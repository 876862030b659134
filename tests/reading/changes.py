"""What may be different about a line: one thing, or a few at random, with values that decide about it or are odd."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
from hypothesis import strategies as st

from tests.parsers import bodies_anthropic
from tests.reading.lines import BODY, REQUEST, TIME

Path = tuple[str | int, ...]
# fmt: off
VALUES: st.SearchStrategy[Any] = st.sampled_from([
    None, True, False, 0, 1, -1, 1735, 1736, 10**9, 10**9 + 1, 2**64 - 1, 0.5, 12.0, 1e300, 200, "200", 404, 700.0,
    1_795_194_007, TIME, "2026-11-20T17:00:07.123456789+02:00", "1.5s", "", "x", "{", "-", "error", "stop", "gpt-4o",
    "claude-3", "grok-4", "fp_ollama", "gen-1", "\u00e9", "\ud7ff\uffff", "d" * 600, [], {}, [1], {"a": 1}, [{}],
    {"model": "x"}, "list", "done", "event: x", "data: {}",
])
NAMES = [
    "error", "err", "status", "url", "headers", "provider", "cost", "usage", "model", "team", "meta", "trace_id",
    "span_id", "event", "message", "exc_info", "connector_tokens", "cached_tokens", "prompt_tokens", "total_tokens",
    "end_time", "x", "object", "type", "id", "request_id", "input_tokens", "output_tokens", "cache_read_input_tokens",
    "cache_creation", "server_tool_use", "iterations", "service_tier", "inference_geo", "stop_reason", "custom_id",
    "response", "request", "output", "tool_usage", "incomplete_details", "background", "deleted", "sequence_number",
    "thoughtsTokenCount", "promptTokenCount", "totalTokenCount", "modelVersion", "promptFeedback", "createTime",
    "trafficType", "serverContent", "candidates", "inputTokens", "cacheReadInputTokens", "cacheDetails",
    "totalTokens", "metrics", "stopReason", "trace", "modelId", "ResponseMetadata", "performanceConfig", "body",
    "uri", "stream", "exception.type", "billed_units", "contents", "choices", "content", "role", "index",
    "finish_reason", "x_groq", "done", "model_id", "predictions", "http", "res", "req", "data", "context",
]
KEYS = st.sampled_from(NAMES)
ODD_VALUES: list[Any] = [None, "x", "200", {}, True, 7, 0.5, "", [], {"a": 1}]
MISSING = object()
URLS = [
    "https://api.openai.com/v1/chat/completions", "/v1/messages/count_tokens", "/v1/responses/resp_1", "/orders/7",
    "https://x.openai.azure.com/openai/deployments/mine/chat/completions", "https://api.groq.com/openai/v1/embeddings",
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream", "http://localhost:11434/api/generate",
    "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/m:rawPredict",
    "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent",
]
COUNTS = [
    {"prompt_tokens": 7, "completion_tokens": 1}, {"input_tokens": 7, "output_tokens": 8}, {"total_tokens": 9},
    {"inputTokens": 7, "outputTokens": 8}, {"promptTokenCount": 7}, {"billed_units": {"input_tokens": 7}},
    {"input_tokens": 7, "output_tokens": 8, "cache_read_input_tokens": 5, "type": "tokens"},
    {"prompt_audio_seconds": 3},
]
LIKELY: dict[str, list[Any]] = {
    "body": [BODY, {"model": "m", "usage": COUNTS[0]}, "data: {}"], "data": [BODY, [BODY]], "req": [{"body": REQUEST}],
    "res": [{"body": BODY}, {"statusCode": 500}, {"data": BODY, "statusCode": 200}], "http": [{"status_code": 404}],
    "type": ["message", "ping", "error", "message_delta", "message_stop", "response.failed", "response.completed", "x",
             "response.in_progress", "content_block_stop", "message-end", "session.created", "transcription.done"],
    "object": ["chat.completion", "chat.completion.chunk", "response", "list", "text_completion", "error", "invoice"],
    "event": ["llm_request", "x", {"usage": {}}], "msg": ["llm request sent", "done", "data: {}", "42"],
    "status": ["completed", "failed", "in_progress", "cancelled", "200", 200, 302, 429, 500],
    "stop_reason": ["end_turn", "refusal"], "finish_reason": ["stop", "error", "COMPLETE", "ERROR_TOXIC"],
    "finishReason": ["STOP", "SAFETY", "FinishReason.STOP", 1, "FINISH_REASON_UNSPECIFIED"], "done_reason": ["load"],
    "id": ["msg_bdrk_1", "msg_vrtx_1", "gen-1"], "inference_geo": ["us", "global"], "speed": ["fast"],
    "model": ["models/gemini-2.5-pro", "arn:aws:bedrock:x::foundation-model/m", "mistral-large", "claude-x", "gpt-4o"],
    "provider": ["anthropic", "AzureOpenAI", "google", "bedrock", "nobody", "Anthropic", "groq", "some one"],
    "url": URLS, "uri": URLS, "usage": COUNTS, "meta": COUNTS, "usageMetadata": COUNTS,
    "metadata": [{"usage": COUNTS[3]}],
    "error": ["timeout", {"type": "overloaded_error", "message": "x"}, {"message": "x", "type": "y", "code": 1}],
    "exc_info": ["Traceback: ValueError: x"], "incomplete_details": [{"reason": "max_output_tokens"}],
    "output": [[{"type": "web_search_call", "action": {"type": "search"}}], [{"type": "file_search_call"}], [1]],
    "server_tool_use": [{"web_search_requests": 2}], "iterations": bodies_anthropic.ITERATIONS,
    "tool_usage": [{"web_search": {"num_requests": 2}}, {"image_gen": {"input_tokens": 7, "output_tokens": 8}}],
    "candidates": [[{"finishReason": "STOP", "groundingMetadata": {"webSearchQueries": ["a"]}}], [{}]],
    "promptFeedback": [{"blockReason": "SAFETY"}], "cacheDetails": [[{"ttl": "1h", "inputTokens": 3}]],
    "trace_id": ["0", "0" * 32, "a1"], "span_id": ["0000000000000000"],
    "trace": [{"promptRouter": {"invokedModelId": "m"}}, {"id": "t2"}], "message": ["done", {"role": "x", "usage": {}}],
    "headers": [{"x-request-id": "h1"}, {"apim-request-id": "h2"}, {"x-amzn-bedrock-input-token-count": "7"}],
    "context": [{"user": "u"}, {"trace_id": "t9"}, {"request": {"model": "m"}}, {"body": BODY}],
    "choices": [[{"finish_reason": "error", "error": {"message": "x"}}], [{"content_filter_results": {}}]],
}
"""What may decide about a line where it is found."""
# fmt: on


MEMBER = re.compile(rb'"([\w.@-]+)":("[^"\\]*"|-?[\d.]+|true|false|null)')
NUMBER = re.compile(rb"(?<=[:,\[])-?\d+(?:\.\d+)?(?=[,}\]])")
NUMBERS = [
    b"-0", b"-0.0", b"1735.0", b"1E3", b"1e400", b"9223372036854775808", b"-9223372036854775809",
    b"18446744073709551616",
    b"9" * 25, b"1" * 400,
]  # fmt: skip
"""Of which decoders make different things."""


def objects(value: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All containers in a value, with their paths."""
    if isinstance(value, dict | list):
        yield path, value
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from objects(inner, (*path, key))


def a_value(key: str | int) -> st.SearchStrategy[Any]:
    """Any value, or one of those that make a difference under this key."""
    likely = LIKELY.get(str(key))
    return st.one_of(VALUES, st.sampled_from(likely)) if likely else VALUES


@st.composite
def retold(draw: st.DrawFn, line: bytes) -> bytes:
    """The line with a member told again, the same or not, a number that decoders differ about, or a name in escapes."""
    kind = draw(st.sampled_from(["again", "again", "number", "escape"]))
    found = list((NUMBER if kind == "number" else MEMBER).finditer(line))
    if not found:
        return line
    token = draw(st.sampled_from(found))
    if kind == "number":
        return line[: token.start()] + draw(st.sampled_from(NUMBERS)) + line[token.end() :]
    name, value = token[1], token[2]
    if kind == "escape":
        at = draw(st.integers(0, len(name) - 1))
        return line[: token.start() + 1 + at] + b"\\u%04x" % name[at] + line[token.start() + 2 + at :]
    again = b'"%b":%b,' % (name, draw(st.sampled_from([value, value, *NUMBERS, b"0", b"null", b'"x"'])))
    return line[: token.start()] + again + line[token.start() :]


@st.composite
def changed(draw: st.DrawFn, line: bytes) -> bytes:
    """The line with a few things changed, added, left out or told twice; or its bytes spoilt."""
    at = line.index(b"{")
    head, value = line[:at], orjson.loads(line[at:])
    for _ in range(draw(st.integers(0, 2))):
        _, inside = draw(st.sampled_from(list(objects(value))))
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        kind = draw(st.sampled_from(["set", "set", "drop", "add"]))
        if kind == "add" and isinstance(inside, dict):
            added = draw(KEYS)
            inside[added] = deepcopy(draw(a_value(added)))
        elif keys:
            key = draw(st.sampled_from(keys))
            if kind == "drop":
                del inside[key]
            else:
                inside[key] = deepcopy(draw(a_value(key)))
    spoilt = orjson.dumps(value)
    kind = draw(st.sampled_from(["no", "no", "no", "twice", "token", "token", "bytes", "space", "order"]))
    if kind == "order":
        return head + orjson.dumps({key: value[key] for key in draw(st.permutations(list(value)))})
    if kind == "space":
        return head + spoilt.replace(b'":', b'" : ').replace(b',"', b',\t "')
    places = [place for place in range(len(spoilt)) if spoilt[place : place + 1] == b"{"]
    if kind == "twice" and places:
        place = draw(st.sampled_from(places)) + 1
        added = draw(KEYS)
        told = orjson.dumps({added: draw(a_value(added))})[1:-1]
        return head + spoilt[:place] + told + (b"," if spoilt[place : place + 1] != b"}" else b"") + spoilt[place:]
    if kind == "token":
        return head + draw(retold(spoilt))
    spoilt = head + spoilt
    if kind == "bytes" and spoilt:
        place = draw(st.integers(0, len(spoilt) - 1))
        return (
            spoilt[:place]
            + draw(st.sampled_from([b"\xff", b"\\", b"\x01", b'"', b"\xc3\xa9", b""]))
            + spoilt[place + 1 :]
        )
    return spoilt


def every_change(line: Any) -> Iterator[tuple[Path, str, Any]]:
    """Any one thing set, added or left out, wherever there is an object: where, under which key, and what."""
    for path, inside in objects(line):
        if isinstance(inside, dict):
            for key in dict.fromkeys((*inside, *NAMES)):
                for value in (MISSING, *LIKELY.get(key, ()), *(ODD_VALUES if key in inside else ODD_VALUES[:4])):
                    yield path, key, value


def with_change(line: bytes, path: Path, key: str, value: object) -> bytes:
    at = line.index(b"{")
    whole = inside = orjson.loads(line[at:])
    for part in path:
        inside = inside[part]
    if value is MISSING:
        inside.pop(key, None)
    else:
        inside[key] = value
    return line[:at] + orjson.dumps(whole)
