"""Ollama: counts left out, durations, chunks, failures, and lines of others that are done too."""

from __future__ import annotations

import pytest

from parsers import vendor
from parsers.base import Call, Part, Record, Stage
from parsers.ollama import Ollama
from tests.parsers.examples_ollama import TIMES, URL, Json, chat, chunk, generated

PARSER = Ollama()


def whole(record: Record) -> Call:
    assert PARSER.matches(record)
    call = PARSER.parse(record)
    assert isinstance(call, Call)
    return call


@pytest.mark.parametrize(
    ("left_out", "tokens"),
    [("prompt_eval_count", (None, 298)), ("eval_count", (26, 0)), ("total_duration", (26, 298))],
)
def test_an_output_that_is_left_out_is_zero_and_a_prompt_unknown(left_out: str, tokens: tuple[int | None, int]) -> None:
    """Old servers left the prompt's count out when it was cached, and a prompt is never empty."""
    body = chat(prompt_eval_cached_count=None)
    del body[left_out]
    call = whole(Record(body))
    assert ((call.input_tokens, call.output_tokens), call.faults) == (tokens, ())


def test_an_answer_stripped_of_all_its_measures_has_unknown_usage() -> None:
    call = whole(Record({key: value for key, value in chat().items() if key not in TIMES}))
    assert (call.input_tokens, call.output_tokens, call.duration_seconds) == (None, None, None)


def test_cached_tokens_are_part_of_the_prompt() -> None:
    assert whole(Record(chat())).details == {"cached_input": 8}
    call = whole(Record(chat(prompt_eval_cached_count=27)))
    assert (dict(call.details), call.input_tokens) == ({}, 26)
    assert call.faults == ("prompt_eval_cached_count: 27 does not fit in 26 input tokens",)


@pytest.mark.parametrize("value", ["26", -1, 0.5, True])
def test_a_count_that_is_none_is_a_fault_and_not_zero(value: object) -> None:
    call = whole(Record(chat(prompt_eval_count=value, prompt_eval_cached_count=None)))
    assert call.input_tokens is None
    assert call.faults[0].startswith("prompt_eval_count: expected a count")


@pytest.mark.parametrize(("value", "seconds"), [(1_500_000_000, 1.5), (-1, None), ("5", None), (10**16, None)])
def test_durations_are_nanoseconds(value: object, seconds: float | None) -> None:
    assert whole(Record(chat(total_duration=value))).duration_seconds == seconds


def test_its_fingerprint_tells_it_where_it_speaks_openai_s_form() -> None:
    """Its models may be called as another vendor's are."""
    body = {"object": "chat.completion", "model": "gpt-oss:20b", "system_fingerprint": "fp_ollama", "choices": []}
    assert vendor.provider(Record(body), "gpt-oss:20b", "openai") == "ollama"


def test_a_chunk_that_is_not_done_counts_nothing() -> None:
    found = PARSER.parse(Record(chunk()))
    assert isinstance(found, Part)
    assert (found.stage, found.call.input_tokens, found.call.stream) == (Stage.PIECE, None, True)


def test_chat_and_generate_are_told_apart() -> None:
    assert whole(Record(chat())).operation == "chat"
    assert whole(Record(generated())).operation == "text_completion"
    bare = {key: value for key, value in chat().items() if key != "message"}
    assert whole(Record(bare, url=URL.replace("chat", "generate"))).operation == "text_completion"


@pytest.mark.parametrize("reason", ["load", "unload"])
def test_loading_a_model_is_no_call(reason: str) -> None:
    assert (
        PARSER.parse(Record({"model": "m", "created_at": "x", "response": "", "done": True, "done_reason": reason}))
        is None
    )


@pytest.mark.parametrize(
    ("status", "expected"), [(400, "invalid_request"), (404, "not_found"), (500, "server_error"), (503, "overloaded")]
)
def test_an_error_text_counts_where_the_line_names_ollama(status: int, expected: str) -> None:
    record = Record({"error": "something about the model"}, status=status, url=URL)
    assert whole(record).error_type == expected
    assert whole(record._replace(url=None, provider="ollama")).error_type == expected
    assert not PARSER.matches(record._replace(url="http://localhost:8080/api/chat"))


@pytest.mark.parametrize(
    "body",
    [
        {"model": "T", "done": True},
        {"model": "T", "done": "true", "eval_count": 5},
        {"done": True, "created_at": "x", "message": {"text": "job"}},
        {"total_duration": 5, "model": "T", "steps": 3},
        {"error": "disk full"},
    ],
)
def test_what_only_looks_alike_is_left_alone(body: Json) -> None:
    assert not PARSER.matches(Record(body))
