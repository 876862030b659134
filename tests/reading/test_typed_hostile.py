"""Lines that somebody wrote to be read wrong, to cost much, or to be kept: the typed way against the general one."""

from __future__ import annotations

from itertools import product

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.config import Fields
from tailer.reading import doubled
from tailer.reading.reading import LineReader
from tests.parsers import bodies_aws
from tests.reading.lines import BODY, REQUEST, TIME
from tests.reading.test_typed import PARSERS, a_reader, both
from tests.reading.typical import AROUND, CALL, CONTENT, CONVERSE, MESSAGE, Json

SERVED: Json = {"time": TIME, "level": "info", "msg": "served", "status": 200, "duration_ms": 7.5}
ZEROLOG: Json = {
    "level": "info",
    "elapsed": 7,
    "request": REQUEST,
    "response": BODY,
    "time": 1_795_194_007,
    "message": "x",
}
INVOKED: Json = {"id": "c1", "object": "chat.completion.chunk", "model": "openai.gpt-oss-120b-1:0", "choices": []}


def same(lines: list[bytes], reader: LineReader | None = None) -> LineReader:
    """Asserts that each line reads as in the general way after those before it."""
    reader = reader or a_reader()
    for line in lines:
        found, general = both(reader, line)
        assert found == general, line
    return reader


def member(name: str, *values: object) -> bytes:
    """A member, told as often as it has values."""
    return b",".join(b'"%b":%b' % (name.encode(), orjson.dumps(value)) for value in values)


@pytest.mark.parametrize("extra", [b"", b'"n":"\\u00e9",'])
@pytest.mark.parametrize(
    ("body", "name"),
    [(BODY, "prompt_tokens"), (MESSAGE, "input_tokens"), (CONTENT, "promptTokenCount"), (CONVERSE, "inputTokens")],
)
def test_a_count_told_twice_is_seen_whatever_was_seen_before(body: Json, name: str, extra: bytes) -> None:
    """Also where some line of as many names was told twice the same, or has another name in escapes."""
    line = orjson.dumps({**AROUND, "response": body}).replace(b'"ts"', extra + b'"ts"')
    told = member(name, body["usageMetadata" if "usageMetadata" in body else "usage"][name])
    agreeing, contrary = line.replace(told, told + b"," + told), line.replace(told, member(name, 1) + b"," + told)
    last = contrary.rindex(b'Count"' if "usageMetadata" in body else b'okens"')
    escaped = contrary[:last] + b"\\u%04x" % contrary[last] + contrary[last + 1 :]
    fewer = contrary.replace(b'"prompt_tokens_details":{"cached_tokens":1024}', b'"prompt_tokens_details":{}')
    same([line] * 4 + [agreeing] * 4 + [contrary, escaped, fewer] * 2)


TOLD = [
    "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "inputTokens",
    "promptTokenCount", "totalTokenCount", "cached_tokens", "speed",
]  # fmt: skip
NAMES = st.lists(st.sampled_from(TOLD), unique=True, max_size=6)


@given(names=NAMES, more=st.lists(st.tuples(NAMES, st.booleans()), max_size=2), before=st.booleans())
def test_no_closer_look_is_left_out(names: list[str], more: list[tuple[list[str], bool]], before: bool) -> None:
    """Whatever else has such names, as names or in escapes, within the block or beside it."""
    inside = [member(name, 1) for name in names]
    beside: list[bytes] = []
    for others, is_escaped in more:
        told = [member(f"\\u{ord(name[0]):04x}{name[1:]}" if is_escaped else name, 2) for name in others]
        (inside if before else beside).extend(told)
    line = b'{"usage":{%b},"x":{%b}}' % (b",".join(inside), b",".join(beside))
    if doubled.is_told_once(line, doubled.counts_of(names)):
        assert not doubled.may_be_doubled(line)


@pytest.mark.parametrize(
    ("learnt", "odd"),
    [
        (ZEROLOG, orjson.dumps(ZEROLOG).replace(b'"elapsed"', b'"message":"a","elapsed"')),
        (ZEROLOG, orjson.dumps(ZEROLOG).replace(b'"elapsed"', b'"m\\u0065ssage":"a","elapsed"')),
        (dict(sorted(ZEROLOG.items())), orjson.dumps(ZEROLOG).replace(b'"level"', b'"l\\u0065vel"')),
        (dict(sorted(ZEROLOG.items())), orjson.dumps(ZEROLOG).replace(b'{"level"', b'{ "level"')),
    ],
)
def test_the_order_of_keys_counts_however_they_are_written(learnt: Json, odd: bytes) -> None:
    same([orjson.dumps(learnt)] * 3 + [odd])


@pytest.mark.parametrize("number", [b"9" * 20, b"9" * 25, b"-" + b"9" * 20, b"1" * 400, b"1e400"])
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (SERVED, b'"served"'),
        ({"ts": TIME, "trace_id": "t", "chunk": {"type": "content_block_delta", "index": 0, "delta": {}}}, b"0"),
        ({**AROUND, "response": {**MESSAGE, "usage": {**MESSAGE["usage"], "service_tier": "x"}}}, b'"x"'),
        ({**AROUND, "status": 429, "response": {"error": {"type": "rate_limit_error", "message": "x"}}}, b'"x"'),
        ({**CALL, "response_headers": {"x-ratelimit-remaining-tokens": "17"}}, b'"17"'),
        ({**CALL, "team": "me"}, b'"me"'),
    ],
)
def test_numbers_beyond_64_bits_count_as_in_the_general_way(line: Json, told: bytes, number: bytes) -> None:
    text = orjson.dumps(line)
    same([text] * 3 + [text.replace(told, number)])


def test_a_loggers_name_goes_by_the_type_of_its_level_where_another_is_configured() -> None:
    line = {"level": 30, "time": TIME, "msg": "x", "request": REQUEST, "response": BODY, "type": "a"}
    same(
        [orjson.dumps(line)] * 3 + [orjson.dumps({**line, "level": "info"})], LineReader(PARSERS, Fields(level="type"))
    )


@pytest.mark.parametrize("odd", [None, 7, [], "x"])
def test_metrics_that_were_odd_once_count_when_they_are_not(odd: object) -> None:
    metrics = {"inputTokenCount": 25, "outputTokenCount": 31, "invocationLatency": 1200, "firstByteLatency": 300}
    name = "amazon-bedrock-invocationMetrics"
    same([orjson.dumps({**INVOKED, name: odd})] * 4 + [orjson.dumps({**INVOKED, name: metrics})])


def test_other_fields_read_anew() -> None:
    """What one reader has learnt is not the next one's, which a reload makes: not even for lines of the same keys."""
    line = orjson.dumps({**CALL, "team": "a", "other": "2026-01-01T00:00:00Z"})
    same([line] * 4)
    for fields, dimensions in product((Fields(timestamp="other"), Fields(request_id="other")), ({}, {"x": "other"})):
        reader = same([line] * 4, LineReader(PARSERS, fields, dimensions))
        assert reader.typed_lines


def test_a_stream_counted_by_bedrock_itself_is_read_as_one() -> None:
    events = bodies_aws.stream()
    same([orjson.dumps({"ts": TIME, "trace_id": "t", "chunk": event}) for event in events * 4])
