"""The typed way of reading against the general one: the same answer, whatever is odd about a line."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import corpora
from parsers import registry
from parsers.base import Call, Record
from tailer.config import Fields
from tailer.reading.chunk import Reading
from tailer.reading.reading import LineReader
from tests.parsers import bodies_anthropic
from tests.reading.lines import BODY, TIME, chunk
from tests.reading.seeds import seeds
from tests.reading.typical import lines

Path = tuple[str | int, ...]
DIMENSIONS = {"team": "team", "key": "scope.key"}
LABELS = {"app": "app"}
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
    "finish_reason", "x_groq", "done", "model_id", "predictions", "http", "res", "context",
]
KEYS = st.sampled_from(NAMES)
ODD_VALUES: list[Any] = [None, "x", "200", {}, True, 7, 0.5, "", [], {"a": 1}]
MISSING = object()
CHANGES = 100
PARSERS = registry.load()
CONFIGURED = [
    Fields(response="response", timestamp="ts"),
    Fields(response="response.body", request="request"),
    Fields(response="chunk", trace_id="trace_id", timestamp="time", duration="elapsed", duration_unit="ms"),
    Fields(model="model", input_tokens="usage.prompt_tokens", output_tokens="usage.completion_tokens"),
    Fields(request_id="id", level="type", provider="object", url="url", status="status"),
]
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
    "trace": [{"promptRouter": {"invokedModelId": "m"}}, {"id": "t2"}], "message": ["done", {"role": "x", "usage": {}}],
    "headers": [{"x-request-id": "h1"}, {"apim-request-id": "h2"}, {"x-amzn-bedrock-input-token-count": "7"}],
    "context": [{"user": "u"}, {"trace_id": "t9"}, {"request": {"model": "m"}}, {"body": BODY}],
    "choices": [[{"finish_reason": "error", "error": {"message": "x"}}], [{"content_filter_results": {}}]],
}
"""What may decide about a line where it is found."""
# fmt: on


def a_reader() -> LineReader:
    return LineReader(PARSERS, dimensions=DIMENSIONS, labels=LABELS)


def objects(value: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All containers in a value, with their paths."""
    if isinstance(value, dict | list):
        yield path, value
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from objects(inner, (*path, key))


def both(reader: LineReader, line: bytes) -> tuple[Reading, Reading]:
    """What the reader makes of a line that it may know, and what the general way does."""
    (found,) = reader.read(chunk(line + b"\n"))
    general = reader.describe(line).reading
    return found, msgspec.structs.replace(general, end=general.end + 1)


def a_value(key: str | int) -> st.SearchStrategy[Any]:
    """Any value, or one of those that make a difference under this key."""
    likely = LIKELY.get(str(key))
    return st.one_of(VALUES, st.sampled_from(likely)) if likely else VALUES


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
    kind = draw(st.sampled_from(["no", "no", "no", "twice", "bytes", "space"]))
    if kind == "space":
        return head + spoilt.replace(b'":', b'" : ').replace(b',"', b',\t "')
    places = [place for place in range(len(spoilt)) if spoilt[place : place + 1] == b"{"]
    if kind == "twice" and places:
        place = draw(st.sampled_from(places)) + 1
        added = draw(KEYS)
        told = orjson.dumps({added: draw(a_value(added))})[1:-1]
        return head + spoilt[:place] + told + (b"," if spoilt[place : place + 1] != b"}" else b"") + spoilt[place:]
    spoilt = head + spoilt
    if kind == "bytes" and spoilt:
        place = draw(st.integers(0, len(spoilt) - 1))
        return (
            spoilt[:place]
            + draw(st.sampled_from([b"\xff", b"\\", b"\x01", b'"', b"\xc3\xa9", b""]))
            + spoilt[place + 1 :]
        )
    return spoilt


SEEDS = [seed for seed in dict.fromkeys(seeds()) if seed[:1] == b"{" and b"\n" not in seed and len(seed) < 20_000]
TYPICAL = lines()
READERS: dict[bytes, LineReader] = {}


def learnt(line: bytes) -> LineReader:
    """A reader that has learnt from this line and what is like it."""
    reader = READERS.get(line)
    if reader is None:
        reader = READERS[line] = a_reader()
        for _ in range(3):
            both(reader, line)
    return reader


@pytest.mark.parametrize("line", TYPICAL, ids=range(len(TYPICAL)))
def test_a_typical_line_is_read_the_typed_way_once_two_were_seen(line: bytes) -> None:
    reader = a_reader()
    for _ in range(3):
        found, general = both(reader, line)
        assert found == general
    assert reader.typed_lines == 1


@pytest.mark.parametrize("key", ["a\\b", 'a"b', "a\x01b", "class", "_0", "_1", "__class__", "", "\u00e9"])
def test_any_key_may_stand_in_a_line(key: str) -> None:
    reader = LineReader(registry.load(), dimensions={"x": key})
    for line in ({"ts": TIME, key: "v", "b": 1}, {"ts": TIME, key: "v", "response": {**BODY, key: 2}}):
        for _ in range(3):
            found, general = both(reader, orjson.dumps(line))
            assert found == general


class Mine:
    """Somebody's own parser, for calls to a model of their own."""

    name = "mine"

    def matches(self, record: Record) -> bool:
        """By the model alone."""
        return record.body is not None and record.body.get("model") == "mine"

    def parse(self, record: Record) -> Call:
        """Every one is a call."""
        return Call(provider="mine")


def test_lines_that_somebody_elses_parser_may_claim_are_read_in_the_general_way() -> None:
    reader = LineReader([Mine(), *registry.load()])
    for model in ("gpt-4o", "gpt-4o", "gpt-4o", "mine"):
        found, general = both(reader, orjson.dumps({"ts": TIME, "response": {**BODY, "model": model}}))
        assert found == general
    assert found.parser == "mine"


def test_every_line_of_every_kind_reads_the_same_when_it_comes_again() -> None:
    reader = a_reader()
    for line in SEEDS:
        for _ in range(3):
            found, general = both(reader, line)
            assert found == general, line
    assert reader.typed_lines > 0


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


@pytest.mark.parametrize("line", TYPICAL, ids=range(len(TYPICAL)))
def test_any_single_change_of_a_typical_line_reads_as_in_the_general_way(line: bytes) -> None:
    try_changes(a_reader(), line, CHANGES)


@pytest.mark.parametrize("fields", CONFIGURED, ids=range(len(CONFIGURED)))
def test_configured_paths_count_as_in_the_general_way(fields: Fields) -> None:
    dimensions, labels = {"user": "context.user", "type": "type"}, {"model": "response.model"}
    for line in TYPICAL:
        try_changes(LineReader(PARSERS, fields, dimensions, labels), line, CHANGES // 20)


def try_changes(reader: LineReader, line: bytes, number: int) -> None:
    """A sample of all changes; the reader learns from the changed lines too."""
    for _ in range(3):
        found, general = both(reader, line)
        assert found == general
    changes = list(every_change(orjson.loads(line[line.index(b"{") :])))
    for change in Random(line).sample(changes, number):
        spoilt = with_change(line, *change)
        found, general = both(reader, spoilt)
        assert found == general, spoilt


@given(st.data())
def test_whatever_is_changed_about_a_typical_line_reads_as_in_the_general_way(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(TYPICAL))
    spoilt = data.draw(changed(line))
    if b"\n" not in spoilt:
        found, general = both(learnt(line), spoilt)
        assert found == general


@given(st.data())
def test_a_line_learnt_and_then_changed_reads_as_in_the_general_way(data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(SEEDS))
    reader = a_reader()
    reader.read(chunk(b"\n".join([line, line, line, b""])))
    changed_line = data.draw(changed(line))
    if b"\n" not in changed_line:
        found, general = both(reader, changed_line)
        assert found == general


@pytest.mark.parametrize(("name", "least"), [("chat", 0.9), ("embeddings", 0.99), ("plain", 0.9)])
def test_most_of_what_the_bench_reads_is_read_the_typed_way(name: str, least: float) -> None:
    reader, lines = a_reader(), [line for line, _ in zip(corpora.CORPORA[name](Random(7)), range(300), strict=False)]
    for line in lines:
        found, general = both(reader, line)
        assert found == general
    assert reader.typed_lines > least * len(lines)
