"""Chat Completions: whole bodies, streams as they arrive, vendors of the same form, lines with usage alone."""

from __future__ import annotations

import pytest

from parsers.base import Call, Part, Record, Stage
from parsers.openai_chat import OpenAIChat
from tests.parsers import bodies

PARSER = OpenAIChat()
USAGE = {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29}


def whole(record: Record) -> Call:
    assert PARSER.matches(record)
    call = PARSER.parse(record)
    assert isinstance(call, Call)
    return call


def part(body: bodies.Json, **around: object) -> Part:
    record = Record(body)._replace(**around)  # type: ignore[arg-type]  # fields by name
    assert PARSER.matches(record)
    found = PARSER.parse(record)
    assert isinstance(found, Part)
    return found


def stages(*chunks: bodies.Json) -> list[Stage]:
    return [part(chunk).stage for chunk in chunks]


def test_usage_inside_a_tool_call_is_never_read() -> None:
    assert whole(Record(bodies.chat(usage=None))).input_tokens is None


def test_audio_and_prediction_tokens_are_details() -> None:
    usage = bodies.chat_usage(
        prompt_tokens_details={"cached_tokens": 0, "audio_tokens": 900, "text_tokens": 600, "image_tokens": 23},
        completion_tokens_details={"audio_tokens": 100, "text_tokens": 112, "rejected_prediction_tokens": 30},
    )
    call = whole(Record(bodies.chat(usage=usage)))
    assert call.faults == ()
    assert call.details["audio_input"] == 900
    assert call.details["image_input"] == 23
    assert call.details["audio_output"] == 100
    assert call.details["rejected_prediction"] == 30


@pytest.mark.parametrize("usage", ["none", [], 17, True])
def test_a_call_with_an_unreadable_usage_block_is_still_a_call(usage: object) -> None:
    call = whole(Record(bodies.chat(usage=usage)))
    assert (call.model, call.input_tokens, call.output_tokens) == ("gpt-4o-2024-08-06", None, None)
    assert len(call.faults) == 1
    assert call.faults[0].startswith("usage: expected an object, got ")


def test_one_bad_count_leaves_the_others() -> None:
    call = whole(Record(bodies.chat(usage=bodies.chat_usage(prompt_tokens="many", prompt_tokens_details=None))))
    assert (call.input_tokens, call.output_tokens) == (None, 212)
    assert call.faults == ("usage.prompt_tokens: expected a count, got 'many'",)


def test_error_null_is_no_error_and_a_failing_status_always_is() -> None:
    assert whole(Record(bodies.chat(error=None), status=200)).error_type is None
    assert whole(Record(bodies.chat(), status=503)).error_type == "overloaded"


def test_an_error_beside_choices_in_a_200_is_an_error() -> None:
    body = bodies.chat(error={"code": 502, "message": "Provider returned error", "metadata": {}}, choices=[])
    assert whole(Record(body, status=200)).error_type == "server_error"


def test_the_request_gives_alias_and_stream() -> None:
    call = whole(Record(bodies.chat(), bodies.chat_request(stream=True)))
    assert (call.request_model, call.model, call.stream) == ("gpt-4o", "gpt-4o-2024-08-06", True)


def test_a_plain_stream_counts_on_its_usage_chunk() -> None:
    assert stages(
        bodies.chunk({"role": "assistant", "content": ""}),
        bodies.chunk({"content": "Hello"}),
        bodies.chunk({"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]}),
        bodies.chunk({}, "stop"),
        bodies.chunk(choices=[], usage=USAGE),
    ) == [Stage.PIECE, Stage.PIECE, Stage.PIECE, Stage.FINISHED, Stage.LAST]


def test_a_stream_without_include_usage_ends_finished() -> None:
    last = part(bodies.chunk({}, "length"))
    assert (last.stage, last.call.finish_reason, last.call.input_tokens) == (Stage.FINISHED, "length", None)


def test_the_first_chunk_of_azure_is_a_piece_with_nothing_known() -> None:
    body = bodies.chunk(id="", model="", choices=[], prompt_filter_results=[{"content_filter_results": {}}])
    first = part(body)
    assert (first.stage, first.call.model, first.call.response_id) == (Stage.PIECE, None, None)
    assert first.call.provider == "azure.ai.openai"


def test_a_mistral_stream_counts_on_the_chunk_that_finishes() -> None:
    last = part(bodies.chunk({"content": ""}, "stop", usage=USAGE, model="mistral-large-latest"))
    assert (last.stage, last.call.input_tokens, last.call.provider) == (Stage.LAST, 19, "mistral_ai")


def test_usage_on_intermediate_chunks_is_kept_on_the_piece() -> None:
    piece = part(
        bodies.chunk({"content": "a"}, usage={"prompt_tokens": 19, "completion_tokens": 1, "total_tokens": 20})
    )
    assert (piece.stage, piece.call.output_tokens) == (Stage.PIECE, 1)


def test_groq_hides_its_usage_in_its_own_member() -> None:
    body = bodies.chunk({}, "stop", x_groq={"id": "req_01", "usage": {**USAGE, "total_time": 0.3}})
    del body["usage"]
    last = part(body)
    assert (last.stage, last.call.provider, last.call.output_tokens) == (Stage.LAST, "groq", 10)


def test_an_error_in_a_chunk_ends_the_stream() -> None:
    body = bodies.chunk({"content": ""}, "error", error={"code": 429, "message": "Rate limited"})
    assert part(body).stage is Stage.LAST
    assert part(body).call.error_type == "rate_limit"


def test_the_reason_to_stop_is_that_of_the_first_choice_that_has_one() -> None:
    choices = [{"index": 0, "delta": {}, "finish_reason": None}, {"index": 1, "delta": {}, "finish_reason": "stop"}]
    assert part(bodies.chunk(choices=choices)).call.finish_reason == "stop"


def test_a_line_with_usage_alone_names_no_provider_it_cannot_know() -> None:
    line = {"ts": "2026-11-20T17:00:07Z", "model": "llama-3.3-70b", "usage": USAGE, "latency_ms": 812}
    call = whole(Record(line))
    assert (call.provider, call.operation, call.input_tokens) == (None, "chat", 19)


def test_a_line_with_usage_and_no_model_is_the_answer_to_a_request_on_another_line() -> None:
    call = whole(Record({"request_id": "r1", "usage": USAGE}))
    assert (call.provider, call.model, call.output_tokens) == (None, None, 10)


def test_the_url_tells_what_a_line_with_usage_alone_was() -> None:
    record = Record({"model": "llama", "usage": USAGE}, url="http://vllm:8000/v1/completions")
    assert whole(record).operation == "text_completion"


def test_a_body_that_lost_its_object_is_known_by_its_choices() -> None:
    body = bodies.chat()
    del body["object"]
    del body["usage"]
    assert whole(Record(body)).finish_reason == "tool_calls"


@pytest.mark.parametrize(
    "body",
    [
        bodies.response(),
        bodies.embeddings(),
        bodies.completion(),
        {"model": "text-embedding-3-large", "usage": {"prompt_tokens": 5, "total_tokens": 5}},
        {"object": ["chat.completion"], "usage": USAGE},
        {"choices": ["red", "green"], "level": "info"},
    ],
)
def test_other_bodies_are_left_alone(body: bodies.Json) -> None:
    assert not PARSER.matches(Record(body))
