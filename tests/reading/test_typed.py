"""The typed way of reading against the general one: the same answer, whatever is odd about a line."""

from __future__ import annotations

from itertools import permutations
from random import Random

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
from tests.reading.changes import changed, every_change, with_change
from tests.reading.lines import BODY, REQUEST, TIME, chunk
from tests.reading.seeds import seeds
from tests.reading.typical import Json, lines

CHANGES = 100
PARSERS = registry.load()
CONFIGURED = [
    Fields(response="response", timestamp="ts"),
    Fields(response="response.body", request="request"),
    Fields(response="chunk", trace_id="trace_id", timestamp="time", duration="elapsed", duration_unit="ms"),
    Fields(model="model", input_tokens="usage.prompt_tokens", output_tokens="usage.completion_tokens"),
    Fields(request_id="id", level="type", provider="object", url="url", status="status"),
]
DIMENSIONS = {"team": "team", "key": "scope.key"}
LABELS = {"app": "app"}


SKIPPED = ("not JSON: a number beyond all measure, read as a text", "nested deeper than 100 levels: left out")
"""What is only said of values that nobody looks at is not said where these are skipped. `explain` reads all in full."""


def a_reader() -> LineReader:
    return LineReader(PARSERS, dimensions=DIMENSIONS, labels=LABELS)


def both(reader: LineReader, line: bytes) -> tuple[Reading, Reading]:
    """What the reader makes of a line that it may know, and what the general way does."""
    (found,) = reader.read(chunk(line + b"\n"))
    general = reader.describe(line).reading
    warnings = tuple(said for said in general.warnings if found.warnings or said not in SKIPPED)
    return found, msgspec.structs.replace(general, end=general.end + 1, warnings=warnings)


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


@pytest.mark.parametrize(
    "key", ["a\\b", 'a"b', "a\x01b", "class", "_0", "_1", "__class__", "__x", "loose_0", "", "\u00e9"]
)
def test_any_key_may_stand_in_a_line(key: str) -> None:
    reader = LineReader(registry.load(), Fields(trace_id=key or None), dimensions={"x": key})
    for line in ({"ts": TIME, key: "v", "b": 1}, {"ts": TIME, key: "v", "response": {**BODY, key: 2}}):
        for _ in range(3):
            found, general = both(reader, orjson.dumps(line))
            assert found == general


ORDERED = [
    {"level": "info", "elapsed": 700_000, "time": 1_795_194_007, "message": "served"},
    {"level": "info", "n": 1, "time": 1_795_194_007, "message": "served", "x": {"time": 1, "message": "y"}},
    {"level": "info", "elapsed": 7, "time": 1_795_194_007, "message": "answered", "request": REQUEST, "response": BODY},
    {"time": TIME, "requestId": "a", "request_id": "b", "request": REQUEST, "response": BODY},
    {"time": TIME, "Message": "data: {}", "message": "served", "durationMs": 7, "duration_ms": 8},
]


@pytest.mark.parametrize("line", ORDERED, ids=range(len(ORDERED)))
def test_the_order_of_the_keys_tells_as_much_as_in_the_general_way(line: Json) -> None:
    """It tells zerolog's lines from others, and of two names for one thing the first counts."""
    orders = list(permutations(line))
    for learnt in (orders[0], orders[-1], orders[len(orders) // 2]):
        reader = a_reader()
        for order in (learnt, learnt, learnt, *orders[:: max(1, len(orders) // 150)]):
            found, general = both(reader, orjson.dumps({key: line[key] for key in order}))
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
