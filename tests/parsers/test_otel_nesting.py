"""Of the spans of one batch each call is counted once: frameworks put a span of theirs around the client's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Span
from tests.parsers.examples_otel import ATTRIBUTES, CALL, END_NS, SPAN_CALL, Json, listed, logs, span, spans
from tests.reading.lines import TIME, read, text

CLIENT = ATTRIBUTES
FRAMEWORK: Json = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1523,
    "gen_ai.usage.output_tokens": 212,
}


def at(place: str, attributes: Json, inside: str = "", trace: str = "t1", **changes: object) -> Json:
    """A span with an id of its own, inside another."""
    return span(attributes, spanId=place, parentSpanId=inside, traceId=trace, **changes)


def answers(*members: Json) -> list[tuple[int | None, str | None]]:
    """Input tokens and response id of each call of a batch."""
    reading = read(spans(*members))
    calls = [reading.call, *reading.more] if reading.call is not None else []
    return [(call.input_tokens, call.response_id) for call in calls]


def test_a_framework_s_span_around_the_client_s_own_is_not_counted_again() -> None:
    outer, inner = at("a", FRAMEWORK), at("b", CLIENT, inside="a")
    expected = SPAN_CALL._replace(span=Span(("t1/b", "t1#chatcmpl-123"), ("t1/a",)))
    for members in ((outer, inner), (inner, outer)):
        reading = read(spans(*members))
        assert (reading.outcome, reading.call, reading.more) == ("call", expected, ())


def test_spans_of_something_else_in_between_do_not_hide_that() -> None:
    step = at("b", {"traceloop.span.kind": "task"}, inside="a")
    assert answers(at("a", FRAMEWORK), step, at("c", CLIENT, inside="b")) == [(1523, "chatcmpl-123")]


def test_a_span_around_several_calls_is_none_of_them() -> None:
    several = {**FRAMEWORK, "gen_ai.usage.input_tokens": 3046}
    inner = [at(name, {**CLIENT, "gen_ai.response.id": name}, inside="a") for name in "bcd"]
    assert answers(at("a", several), *inner) == [(1523, "b"), (1523, "c"), (1523, "d")]


def test_three_layers_are_one_call() -> None:
    assert answers(at("a", FRAMEWORK), at("b", FRAMEWORK, inside="a"), at("c", CLIENT, inside="b")) == [
        (1523, "chatcmpl-123")
    ]


def test_a_client_s_span_without_usage_takes_it_from_the_one_around_it() -> None:
    silent = {key: value for key, value in CLIENT.items() if not key.startswith("gen_ai.usage")}
    assert answers(at("a", FRAMEWORK), at("b", silent, inside="a")) == [(1523, "chatcmpl-123")]
    assert answers(at("a", silent), at("b", CLIENT, inside="a")) == [(1523, "chatcmpl-123")]


def test_an_embedding_within_a_chat_accounts_for_nothing_of_it() -> None:
    embedding = {**FRAMEWORK, "gen_ai.operation.name": "embeddings", "gen_ai.usage.input_tokens": 31}
    assert answers(at("a", CLIENT), at("b", embedding, inside="a")) == [(1523, "chatcmpl-123"), (31, None)]


def test_the_same_ids_in_another_trace_are_another_call() -> None:
    assert len(answers(at("a", FRAMEWORK), at("b", {**CLIENT, "gen_ai.response.id": "x"}, inside="a", trace="t2"))) == 2


def test_a_span_that_was_exported_twice_is_counted_once() -> None:
    assert answers(at("a", CLIENT), at("a", CLIENT)) == [(1523, "chatcmpl-123")]
    assert answers(at("a", FRAMEWORK), at("a", FRAMEWORK)) == [(1523, None)]
    assert len(answers(at("a", FRAMEWORK), at("b", FRAMEWORK))) == 2


def test_two_records_of_one_answer_are_one_call() -> None:
    event = {"eventName": "gen_ai.client.inference.operation.details", "attributes": listed(CLIENT), "traceId": "t1"}
    reading = read(logs({**event, "timeUnixNano": str(END_NS)}, {**event, "timeUnixNano": str(END_NS + 1)}))
    assert (reading.call, reading.more) == (CALL._replace(timestamp_ns=END_NS, span=Span(("t1#chatcmpl-123",))), ())


def test_spans_that_are_around_each_other_are_calls_of_their_own() -> None:
    assert answers(at("a", FRAMEWORK, inside="b"), at("b", FRAMEWORK, inside="a")) == [(1523, None), (1523, None)]
    assert answers(at("a", CLIENT, inside="a")) == [(1523, "chatcmpl-123")]


def test_a_sum_on_an_agent_s_span_is_no_call() -> None:
    agent = {"gen_ai.agent.name": "a", "gen_ai.usage.input_tokens": 3046, "gen_ai.usage.output_tokens": 9}
    assert answers(at("a", agent)) == []
    assert answers(at("a", {**agent, **FRAMEWORK})) == [(1523, None)]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_span_keeps_its_own_time_whatever_wraps_the_batch(wrapped: bool) -> None:
    batch = text(spans(at("a", CLIENT), at("b", FRAMEWORK, endTimeUnixNano=str(END_NS + 5))))
    line = {"log": batch + "\n", "stream": "stdout", "time": TIME} if wrapped else batch
    reading = read(line)
    assert reading.call is not None
    assert [call.timestamp_ns for call in (reading.call, *reading.more)] == [END_NS, END_NS + 5]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=8))
def test_no_tree_of_spans_counts_an_answer_twice(tree: list[tuple[int, int, bool]]) -> None:
    members = [
        at(f"s{own}", {**CLIENT, "gen_ai.response.id": f"r{own}"} if asks else {"x": 1}, inside=f"s{parent}")
        for own, parent, asks in tree
    ]
    found = [response for _, response in answers(*members)]
    assert len(found) == len(set(found))
    assert set(found) <= {f"r{own}" for own, _, asks in tree if asks}
