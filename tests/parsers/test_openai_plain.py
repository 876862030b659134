"""Embeddings and legacy Completions: flat usage, one `object` for whole bodies and chunks."""

from __future__ import annotations

import pytest

from parsers.base import Call, Part, Record, Stage
from parsers.openai_completions import OpenAICompletions
from parsers.openai_embeddings import OpenAIEmbeddings
from tests.parsers import bodies

EMBEDDINGS = OpenAIEmbeddings()
COMPLETIONS = OpenAICompletions()


def embedding(record: Record) -> Call:
    assert EMBEDDINGS.matches(record)
    call = EMBEDDINGS.parse(record)
    assert isinstance(call, Call)
    return call


def test_embeddings_without_their_vectors_are_known_by_their_usage() -> None:
    body = bodies.embeddings()
    del body["data"]
    assert embedding(Record(body)).input_tokens == 8


def test_an_embedding_generates_nothing_and_that_is_known() -> None:
    assert embedding(Record(bodies.embeddings())).output_tokens == 0
    assert embedding(Record(bodies.embeddings(usage=None))).output_tokens is None


def test_an_embedding_whose_total_differs_is_a_fault() -> None:
    call = embedding(Record(bodies.embeddings(usage={"prompt_tokens": 8, "total_tokens": 9})))
    assert (call.input_tokens, call.faults) == (8, ("usage.total_tokens: 9 is not the sum of 8 and 0",))


@pytest.mark.parametrize(
    "record",
    [
        Record({"model": "text-embedding-3-large", "usage": {"prompt_tokens": 8, "total_tokens": 8}}),
        Record({"usage": {"prompt_tokens": 8}}, {"model": "nomic-embed-text", "input": "x"}),
        Record({"usage": {"prompt_tokens": 8}, "model": "bge"}, url="http://tei:8080/v1/embeddings"),
    ],
)
def test_a_line_with_an_embeddings_usage_alone_is_read(record: Record) -> None:
    call = embedding(record)
    assert (call.operation, call.input_tokens, call.output_tokens) == ("embeddings", 8, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": [{"object": "model", "id": "gpt-4o"}], "usage": {"prompt_tokens": 1}},
        {"object": "list", "data": []},
        {"object": "list", "data": ["x"]},
        {"model": "gpt-4o", "usage": {"prompt_tokens": 8}},
        bodies.chat(),
    ],
)
def test_other_lists_are_left_alone(body: bodies.Json) -> None:
    assert not EMBEDDINGS.matches(Record(body))


def completed(body: bodies.Json, request: bodies.Json | None = None) -> Call | Part | None:
    record = Record(body, request)
    assert COMPLETIONS.matches(record)
    return COMPLETIONS.parse(record)


def text(finish: str | None) -> list[bodies.Json]:
    return [{"text": " is", "index": 0, "logprobs": None, "finish_reason": finish}]


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        (bodies.completion(choices=text(None), usage=None), Stage.PIECE),
        (bodies.completion(choices=text("stop"), usage=None), Stage.FINISHED),
        (bodies.completion(choices=[]), Stage.LAST),
        (bodies.completion(choices=text(None)), Stage.PIECE),
    ],
)
def test_chunks_are_told_from_whole_bodies_by_what_they_lack(body: bodies.Json, stage: Stage) -> None:
    found = completed(body)
    assert isinstance(found, Part)
    assert found.stage is stage
    assert found.call.stream is True


def test_with_a_request_a_body_without_usage_is_whole_unless_a_stream_was_asked_for() -> None:
    body = bodies.completion(usage=None)
    assert isinstance(completed(body, {"model": "m", "prompt": "x"}), Call)
    assert isinstance(completed(body, {"model": "m", "prompt": "x", "stream": True}), Part)


def test_a_stream_put_together_before_it_was_logged_is_a_whole_call() -> None:
    call = completed(bodies.completion(), {"model": "m", "prompt": "x", "stream": True})
    assert isinstance(call, Call)
    assert (call.stream, call.output_tokens) == (True, 7)
