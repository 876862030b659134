"""Gemini's, Cohere's and Ollama's own bodies are read out of the shapes in which applications log them."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.base import Stage
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tests.parsers import examples_cohere as cohere
from tests.parsers import examples_gemini as gemini
from tests.parsers import examples_interactions as interactions
from tests.parsers import examples_ollama as ollama
from tests.reading.lines import TIME, read, text

Json = dict[str, Any]

BODIES: dict[str, tuple[Json, tuple[str, int, int]]] = {
    "gemini": (gemini.content(), ("gcp.gemini", 1240, 350)),
    "gemini snake": (gemini.SNAKE, ("gcp.vertex_ai", 10, 4)),
    "interaction": (interactions.interaction(), ("gcp.gemini", 1240, 335)),
    "cohere v2": (cohere.chat(), ("cohere", 2406, 87)),
    "cohere v1": (cohere.chat_v1(), ("cohere", 5, 2)),
    "cohere embed": ({"id": "e", "embeddings": [[0.1]], "meta": cohere.meta(input_tokens=2)}, ("cohere", 2, 0)),
    "ollama chat": (ollama.chat(), ("ollama", 26, 298)),
    "ollama generate": (ollama.generated(), ("ollama", 26, 298)),
    "vertex embeddings": (gemini.GEMINI[-1][0].body, ("gcp.vertex_ai", 6, 0)),  # type: ignore[dict-item]  # it has one
}


def wrapped(body: Json) -> dict[str, object]:
    request = {"model": "asked", "messages": [{"role": "user", "content": text(body)}]}
    line = {"ts": TIME, "response": body, "duration_ms": 12}
    return {
        "bare": body,
        "spread": {"ts": TIME, "level": "info", **body},
        "pair": {"ts": TIME, "request": request, "response": body, "duration_ms": 12},
        "http": {"ts": TIME, "response": {"status": 200, "headers": {}, "body": body}},
        "http text": {"ts": TIME, "response": {"status": 200, "body": text(body)}},
        "pino": {"level": 30, "time": 1_795_194_007_123, "pid": 7, "msg": "x", "response": body, "responseTime": 12},
        "structlog": {"event": "llm_call", "level": "info", "timestamp": TIME, "response": body, "elapsed": 0.012},
        "winston": {"level": "info", "message": "done", "timestamp": TIME, "meta": {"response": body}},
        "data": {"ts": TIME, "data": body},
        "text": {"ts": TIME, "response_body": text(body)},
        "text of a text": {"ts": TIME, "response": text(text(body))},
        "message": {"ts": TIME, "message": text(body)},
        "docker": {"log": text(line) + "\n", "stream": "stdout", "time": TIME},
        "docker bare": {"log": text(body) + "\n", "stream": "stdout", "time": TIME},
        "cri": f"{TIME} stdout F {text(line)}",
    }


@pytest.mark.parametrize("name", BODIES)
def test_every_wrapper_gives_the_same_call(name: str) -> None:
    body, expected = BODIES[name]
    found = {}
    for shape, line in wrapped(body).items():
        reading = read(line)
        call = reading.call
        found[shape] = call and (call.provider, call.input_tokens, call.output_tokens)
        assert reading.outcome == "call", shape
    assert set(found.values()) == {expected}, found


CHUNKS: list[Json] = [
    gemini.content(candidates=[gemini.candidate(None)], usageMetadata={"promptTokenCount": 1240}),
    gemini.content(
        candidates=[gemini.candidate(None)], usageMetadata=gemini.usage(thoughtsTokenCount=9, totalTokenCount=1299)
    ),
    gemini.content(),
]
EVENTS: list[Json] = [
    {"type": "message-start", "id": "c9", "delta": {"message": {"role": "assistant"}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hel"}}}},
    {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": cohere.usage()}},
]
EVENTS_V1: list[Json] = [
    {"event_type": "stream-start", "generation_id": "gen-7", "is_finished": False},
    {"event_type": "text-generation", "text": "data: Hi", "is_finished": False},
    {"event_type": "stream-end", "is_finished": True, "finish_reason": "COMPLETE", "response": cohere.chat_v1()},
]
STREAMS: dict[str, tuple[list[Json], tuple[int, int]]] = {
    "gemini": (CHUNKS, (1240, 350)),
    "interaction": (interactions.stream(), (1240, 335)),
    "cohere v2": (EVENTS, (2406, 87)),
    "cohere v1": (EVENTS_V1, (5, 2)),
    "ollama": ([ollama.chunk(), ollama.chunk(), ollama.chat()], (26, 298)),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_whole_stream_in_one_field_is_one_call(name: str) -> None:
    events, expected = STREAMS[name]
    fields = {
        "list": events,
        "text of a list": text(events),
        "server-sent events": "".join(f"data: {text(event)}\n\n" for event in events),
        "a JSON object on each line": "\n".join(text(event) for event in events) + "\n",
        "texts": [text(event) for event in events],
    }
    for shape, field in fields.items():
        reading = read({"ts": TIME, "request_id": "r1", "response": field})
        assert reading.call is not None, shape
        assert (reading.outcome, reading.stage) == ("call", None), shape
        assert (reading.call.input_tokens, reading.call.output_tokens) == expected, shape
        assert reading.call.stream is True, shape


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_logged_line_by_line_ends_with_its_usage(name: str) -> None:
    events, expected = STREAMS[name]
    readings = [read({"ts": TIME, "request_id": "r1", "chunk": event}) for event in events]
    assert {reading.join_key for reading in readings} == {"r1"}
    assert [reading.stage for reading in readings[:-1]] == [Stage.PIECE] * (len(events) - 1)
    last = readings[-1]
    assert last.stage in (None, Stage.LAST)
    assert last.call is not None
    assert (last.call.input_tokens, last.call.output_tokens) == expected


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("ids", [{}, {"request_id": "r1"}])
def test_a_stream_logged_line_by_line_is_one_call_with_and_without_an_id(name: str, ids: Json) -> None:
    events, expected = STREAMS[name]
    joiner = Joiner(Limits())
    joined = [call for event in events for call in joiner.add(read({"ts": TIME, "chunk": event, **ids}), 0)]
    joined += joiner.close_all()
    assert [(one.call.input_tokens, one.call.output_tokens, one.missing) for one in joined] == [(*expected, None)]


def test_a_json_array_of_chunks_as_a_line_is_a_stream() -> None:
    call = read(CHUNKS).call
    assert call is not None
    assert (call.input_tokens, call.output_tokens, call.response_id) == (1240, 350, "q1Xf6NvTKa")


def test_an_error_ends_an_array_that_has_begun_and_is_one_alone() -> None:
    broken = gemini.error(503, "UNAVAILABLE", "The model is overloaded.")
    for events in ([*CHUNKS[:2], broken], [broken]):
        call = read({"ts": TIME, "response": events}).call
        assert call is not None
        assert call.error_type == "overloaded"


FAILURES: dict[str, tuple[Json, str]] = {
    "google": ({"url": gemini.WHOLE_URL, "status": 400, "response": gemini.error(400, "INVALID_ARGUMENT")}, "gemini"),
    "google at the top": ({"url": gemini.WHOLE_URL, **gemini.error(400, "INVALID_ARGUMENT")}, "gemini"),
    "cohere": ({"url": cohere.URL, "status": 400, "response": {"message": "bad"}}, "cohere"),
    "cohere at the top": ({"provider": "cohere", "status": 400, "message": "bad"}, "cohere"),
    "ollama": ({"url": ollama.URL, "status": 400, "response": {"error": "bad"}}, "ollama"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_read_by_the_parser_of_its_api(name: str) -> None:
    line, parser = FAILURES[name]
    reading = read({"ts": TIME, **line})
    assert reading.call is not None
    assert (reading.parser, reading.call.error_type) == (parser, "invalid_request")


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("place", ["prompt", "messages", "input", "conversation", "arguments"])
def test_these_bodies_in_the_content_are_no_calls(name: str, place: str) -> None:
    body = BODIES[name][0]
    for content in (body, text(body), [body], {"role": "tool", "content": text(body)}):
        assert read({"ts": TIME, "level": "info", place: content}).call is None


def test_what_ollama_wrote_is_not_read_as_an_answer() -> None:
    for written in (text(gemini.content()), "data: " + text(gemini.content()), text([gemini.content()])):
        call = read({"ts": TIME, **ollama.generated(response=written)}).call
        assert call is not None
        assert (call.provider, call.input_tokens) == ("ollama", 26)
