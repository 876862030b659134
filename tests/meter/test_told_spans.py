"""Spans and log records on lines of their own: each call of a trace is counted once, whoever tells of it first."""

from __future__ import annotations

import itertools
import json

import pytest

from parsers import registry
from parsers.base import Call, Span
from tailer.config import Limits
from tailer.meter.joiner import Joined, Joiner
from tailer.meter.told_spans import REMEMBERED_MARKS, ToldSpans
from tailer.reading.chunk import Chunk
from tailer.reading.reading import LineReader

TRACE = "5b8efff798038103d269b633813fc60c"
USAGE = {"gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 30}


def attributes(**given: object) -> list[dict[str, object]]:
    kinds = {int: "intValue", str: "stringValue"}
    return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in given.items()]


def chat(response_id: str, usage: dict[str, int] = USAGE, operation: str = "chat") -> list[dict[str, object]]:
    names = {"gen_ai.operation.name": operation, "gen_ai.provider.name": "openai", "gen_ai.response.model": "gpt-4o"}
    return attributes(**names, **usage, **{"gen_ai.response.id": response_id} if response_id else {})


def span_line(span_id: str, parent_id: str, told: list[dict[str, object]], trace: str = TRACE) -> str:
    span = {"traceId": trace, "spanId": span_id, "parentSpanId": parent_id, "name": "chat", "attributes": told}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})


def log_line(told: list[dict[str, object]]) -> str:
    name = "gen_ai.client.inference.operation.details"
    record = {"traceId": TRACE, "spanId": "0000", "eventName": name, "attributes": told}
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})


def counted(joiner: Joiner, *lines: str) -> list[Joined]:
    data = "".join(f"{line}\n" for line in lines).encode()
    readings = LineReader(registry.load()).read(Chunk(1, "spans.log", 0, len(data), 0, data))
    return [joined for reading in readings for joined in joiner.add(reading, 0)]


FRAMEWORK = span_line("aaaa", "", chat(""))
CLIENT = span_line("bbbb", "aaaa", chat("chatcmpl-1"))
EVENT = log_line(chat("chatcmpl-1"))
OTHER_CALL = span_line("cccc", "aaaa", chat("chatcmpl-2"))
EMBEDDING = span_line("dddd", "aaaa", chat("", {"gen_ai.usage.input_tokens": 9}, "embeddings"))


@pytest.mark.parametrize("lines", list(itertools.permutations([CLIENT, EVENT])))
def test_a_span_and_its_event_are_one_call_in_any_order(lines: tuple[str, ...]) -> None:
    [joined] = counted(Joiner(Limits()), *lines)
    assert joined.call.input_tokens == 120


@pytest.mark.parametrize("lines", list(itertools.permutations([FRAMEWORK, CLIENT])))
def test_a_span_around_another_repeats_it_in_any_order(lines: tuple[str, ...]) -> None:
    [joined] = counted(Joiner(Limits()), *lines)
    assert joined.call.input_tokens == 120


def test_calls_beside_each_other_are_all_counted_and_so_is_what_is_no_part_of_the_outer_usage() -> None:
    assert len(counted(Joiner(Limits()), CLIENT, OTHER_CALL, EMBEDDING, FRAMEWORK)) == 3
    assert len(counted(Joiner(Limits()), FRAMEWORK, EMBEDDING)) == 2


def test_a_batch_exported_twice_is_counted_once_also_over_a_restart() -> None:
    first, second = Joiner(Limits()), Joiner(Limits())
    assert len(counted(first, CLIENT)) == 1
    second.load(first.dump(), 0)
    assert counted(second, CLIENT, FRAMEWORK) == []
    assert len(counted(second, span_line("bbbb", "aaaa", chat("chatcmpl-1"), trace="00ff"))) == 1


def test_a_span_without_usage_does_not_stand_in_the_way_of_the_one_that_has_it() -> None:
    joined = counted(Joiner(Limits()), span_line("aaaa", "", chat("", {})), CLIENT)
    assert sum(it.call.input_tokens or 0 for it in joined) == 120


def test_what_is_remembered_is_bounded() -> None:
    told = ToldSpans()
    for number in range(REMEMBERED_MARKS * 2):
        assert not told.is_repeat(Call(input_tokens=1, span=Span((f"t/{number}",), ("t/root",))))
    assert len(told.dump()) == REMEMBERED_MARKS
    assert told.is_repeat(Call(input_tokens=1, span=Span((f"t/{REMEMBERED_MARKS * 2 - 1}",))))
