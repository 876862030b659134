"""OpenAI's other APIs and Mistral's own are found in every wrapper, and their streams are one call each."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.base import Call
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tests.parsers import bodies
from tests.parsers import bodies_media as media
from tests.reading.lines import BODY, TIME, USAGE, read, sse, text

Json = dict[str, Any]
SPOKEN = media.realtime_event("response.done", response=media.realtime_response())

BODIES: dict[str, tuple[Json, str, str]] = {
    "images": (media.images(), "openai_images", "image_generation"),
    "dall-e": (media.DALL_E, "openai_images", "image_generation"),
    "transcription": (media.transcription(), "openai_audio", "transcription"),
    "verbose transcription": (media.VERBOSE, "openai_audio", "transcription"),
    "moderation": (media.MODERATION, "openai_moderations", "moderation"),
    "realtime": (SPOKEN, "openai_realtime", "chat"),
    "batch": (media.batch_line(), "openai_batch", "chat"),
    "ocr": (media.OCR, "mistral", "ocr"),
    "voxtral": (media.VOXTRAL, "mistral", "transcription"),
    "conversation": (media.conversation(), "mistral", "chat"),
}


def wrapped(body: Json) -> dict[str, Any]:
    return {
        "the line itself": body,
        "response": {"ts": TIME, "response": body, "duration_ms": 1200},
        "pino": {"level": 30, "time": 1795194007123, "pid": 1, "msg": "done", "response": body},
        "structlog": {"event": "llm_call", "level": "info", "timestamp": TIME, "response": body},
        "text": {"ts": TIME, "response": text(body)},
        "text twice": {"ts": TIME, "response": text(text(body))},
        "docker": {"log": text(body) + "\n", "stream": "stdout", "time": TIME},
        "HTTP exchange": {"ts": TIME, "response": {"status": 200, "headers": {}, "body": body}},
        "line in a message": {"ts": TIME, "message": text({"response": body})},
    }


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("wrapper", wrapped({}))
def test_a_body_reaches_its_parser_in_every_wrapper(name: str, wrapper: str) -> None:
    body, parser, operation = BODIES[name]
    reading = read(wrapped(body)[wrapper])
    assert (reading.outcome, reading.parser) == ("call", parser)
    assert reading.call is not None
    assert reading.call.operation == operation


NAMELESS: dict[str, Json] = {
    "transcription": media.transcription(),
    "verbose transcription without usage": {key: media.VERBOSE[key] for key in ("task", "duration", "text")},
    "images": media.images(),
    "dall-e": media.DALL_E,
    "realtime": SPOKEN,
}


@pytest.mark.parametrize(("name", "key"), [*((name, "response") for name in NAMELESS), ("realtime", "event")])
def test_a_model_that_the_line_names_beside_a_body_without_one_is_its_model(name: str, key: str) -> None:
    call = read({"ts": TIME, "model": "a-model", key: NAMELESS[name]}).call
    assert call is not None
    assert "a-model" in (call.model, call.request_model)


def test_every_response_of_a_session_in_one_field_has_the_model_beside_it() -> None:
    second = media.realtime_event("response.done", response=media.realtime_response(id="resp_2"))
    events = [media.realtime_event("session.created", session={"id": "s1"}), SPOKEN, second]
    reading = read({"ts": TIME, "model": "gpt-realtime", "response": events})
    assert reading.call is not None
    assert [call.request_model for call in (reading.call, *reading.more)] == ["gpt-realtime"] * 2


def test_the_length_of_the_audio_is_not_the_duration_of_the_call() -> None:
    for line in (media.VERBOSE, {"ts": TIME, "response": media.VERBOSE}):
        call = read(line).call
        assert call is not None
        assert (call.duration_seconds, call.units) == (None, {"audio_seconds": 9})


def test_a_speech_whose_answer_is_no_json_is_a_call_by_its_request() -> None:
    reading = read({"ts": TIME, "request": media.SPEECH_REQUEST, "status": 200, "duration_ms": 900})
    assert reading.call is not None
    assert (reading.call.operation, reading.call.units, reading.call.duration_seconds) == (
        "speech",
        {"characters": 12},
        0.9,
    )


STREAMS: dict[str, list[Json]] = {
    "images": [
        media.image_event("image_generation.partial_image", partial_image_index=0),
        media.image_event("image_generation.completed", usage=media.image_usage()),
    ],
    "transcription": [
        {"type": "transcript.text.delta", "delta": "So I"},
        {"type": "transcript.text.done", **media.transcription()},
    ],
    "speech": [{"type": "speech.audio.delta", "audio": "AAAA"}, media.SPEECH_DONE],
    "conversation": [
        {"type": "conversation.response.started", "conversation_id": "conv_1", "created_at": TIME},
        {"type": "message.output.delta", "id": "m1", "model": "mistral-medium-2604", "content": "Hi"},
        {"type": "conversation.response.done", "usage": media.conversation()["usage"]},
    ],
}
TOTALS = {"images": (4363, 4160), "transcription": (14, 45), "speech": (14, 101), "conversation": (7300, 55)}


def joined(lines: list[Json]) -> list[Call]:
    joiner, calls = Joiner(Limits()), list[Call]()
    for line in lines:
        calls += [found.call for found in joiner.add(read(line), 0)]
    return calls + [found.call for found in joiner.close_all()]


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_one_call_in_one_field_and_line_by_line(name: str) -> None:
    events = STREAMS[name]
    for lines in (
        [{"ts": TIME, "request_id": "r1", "response": sse(events)}],
        [{"ts": TIME, "request_id": "r1", "response": events}],
        [{"ts": TIME, "request_id": "r1", "chunk": event} for event in events],
        [{"ts": TIME, "request_id": "r1", **event} for event in events],
    ):
        (call,) = joined(lines)
        assert (call.input_tokens, call.output_tokens, call.stream) == (*TOTALS[name], True)


def test_a_stream_that_broke_off_is_a_call_without_usage() -> None:
    (call,) = joined([{"ts": TIME, "request_id": "r1", "chunk": STREAMS["transcription"][0]}])
    assert (call.operation, call.input_tokens) == ("transcription", None)


SESSION = [
    media.realtime_event("session.created", session={"object": "realtime.session", "model": "gpt-realtime"}),
    media.realtime_event("response.created", response=media.realtime_response(status="in_progress", usage=None)),
    media.RATE_LIMITS,
    media.realtime_event("response.output_text.delta", response_id="resp_BGLoBDZvQjZ1c4dXq", item_id="i", delta="Hi"),
    SPOKEN,
    media.realtime_event("response.created", response=media.realtime_response(id="resp_2", usage=None)),
    media.realtime_event("response.done", response=media.realtime_response(id="resp_2")),
]


def test_each_response_of_a_session_is_a_call_and_its_limits_go_with_it() -> None:
    calls = joined([{"ts": TIME, "request_id": "session-1", "event": event} for event in SESSION])
    assert [(call.response_id, call.input_tokens) for call in calls] == [
        ("resp_BGLoBDZvQjZ1c4dXq", 1127),
        ("resp_2", 1127),
    ]
    assert calls[0].rate_limit["remaining_tokens"] == 49950


def test_a_whole_session_on_one_line_is_as_many_calls_as_it_has_responses() -> None:
    reading = read({"ts": TIME, "response": SESSION})
    assert reading.call is not None
    calls = (reading.call, *reading.more)
    assert [(call.response_id, call.input_tokens) for call in calls] == [
        ("resp_BGLoBDZvQjZ1c4dXq", 1127),
        ("resp_2", 1127),
    ]


@pytest.mark.parametrize(
    "line", [media.BATCH, {"ts": TIME, "response": media.BATCH}, {"ts": TIME, "batch": media.BATCH}]
)
def test_the_sum_of_a_batch_is_not_counted_beside_its_lines(line: Json) -> None:
    assert read(line).call is None


FORGED = [body for body, _, _ in BODIES.values()]
HIDDEN: dict[str, Json] = {
    "prompt": {"ts": TIME, "prompt": FORGED},
    "messages": {"ts": TIME, "messages": [{"role": "user", "content": text(body)} for body in FORGED]},
    "tool input": {"ts": TIME, "tool_call": {"name": "f", "arguments": media.OCR}},
    "text": {"ts": TIME, "level": "info", "text": text(media.VOXTRAL)},
    "chat message": {"ts": TIME, "message": {"role": "tool", "content": text(media.images()), "usage_info": {}}},
    "unknown place": {"ts": TIME, "conversation": {"last": media.conversation()}},
}


@pytest.mark.parametrize("line", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_body_in_the_content_is_no_call(line: Json) -> None:
    assert read(line).call is None


def test_usage_in_what_a_batch_line_answers_is_content() -> None:
    tool = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": text(BODY)}, "usage": USAGE}
    choice = {"index": 0, "message": {"role": "assistant", "tool_calls": [tool]}, "finish_reason": "tool_calls"}
    call = read(media.batch_line(bodies.chat(choices=[choice], usage=None))).call
    assert call is not None
    assert call.input_tokens is None


def test_a_failed_status_at_a_providers_address_is_a_call_whatever_else_the_line_has() -> None:
    line = {"ts": TIME, "msg": "sent", "status": 503, "url": "https://api.openai.com/v1/images/generations"}
    call = read(line).call
    assert call is not None
    assert (call.provider, call.operation, call.error_type) == ("openai", "image_generation", "overloaded")


def test_a_request_is_a_call_though_its_answer_has_no_key_that_a_parser_knows() -> None:
    call = read({"ts": TIME, "request": {"model": "gpt-4o", "messages": []}, "response": {"answer": "Paris"}}).call
    assert call is not None
    assert (call.provider, call.request_model, call.input_tokens) == ("openai", "gpt-4o", None)
