"""OpenAI's other APIs and Mistral's own keep the contract, and are not taken for one another."""

from __future__ import annotations

import pytest

from parsers import registry
from parsers.base import Call, Part, Record, Several
from parsers.contract import check_parser
from tests.parsers import bodies
from tests.parsers import bodies_media as media
from tests.parsers.examples_media import BY_PARSER

PARSERS = {parser.name: parser for parser in registry.load()}


def first_match(record: Record) -> str | None:
    return next((name for name, parser in PARSERS.items() if parser.matches(record)), None)


def parsed(record: Record) -> Call:
    name = first_match(record)
    assert name is not None
    found = PARSERS[name].parse(record)
    call = found.call if isinstance(found, Part) else found
    assert isinstance(call, Call)
    return call


@pytest.mark.parametrize("name", BY_PARSER)
def test_the_parser_keeps_the_contract(name: str) -> None:
    check_parser(PARSERS[name], BY_PARSER[name])


@pytest.mark.parametrize("name", BY_PARSER)
def test_each_example_reaches_its_own_parser_first(name: str) -> None:
    assert [first_match(record) for record, _ in BY_PARSER[name]] == [name] * len(BY_PARSER[name])


@pytest.mark.parametrize(
    "body",
    [
        {"created": 1795194031, "data": [{"url": "https://shop.example/a.png"}]},
        {"created": 1795194031, "data": [{"url": "https://shop.example/a.png", "revised_prompt": "x"}], "user": "u7"},
        {"data": [{"id": 7, "name": "row"}], "usage": {"cpu": 0.5}},
        {"type": "image_generation.started", "job": 7},
        {"object": "video", "title": "Onboarding", "status": "completed", "seconds": 95},
        {"object": "video", "model": "sora-2", "deleted": True},
        {"type": "speech.audio.sent", "bytes": 5120},
        {"text": "hello", "usage": {"characters": 5}},
        {"text": "hello", "duration": 12, "model": "editor"},
        {"model": "ranker", "results": [{"id": 1, "score": 0.5}]},
        {"custom_id": "row-1", "response": {"ok": True}, "error": None},
        {"custom_id": "row-1", "method": "POST", "url": "/v1/chat/completions", "body": bodies.chat_request()},
        {"type": "rate_limits.updated", "tenant": "acme"},
        {"type": "response.done", "event_id": "e1", "order": 5},
        {"type": "error", "event_id": "e1", "message": "no such table"},
        {"usage_info": {"disk": 5}, "model": "t3.large"},
        media.BATCH,
    ],
)
def test_what_only_resembles_a_body_is_no_call(body: dict[str, object]) -> None:
    assert first_match(Record(body)) is None


def test_the_header_of_a_transcription_tells_the_model_that_its_body_does_not() -> None:
    record = Record(media.transcription(), headers={"openai-model": "gpt-4o-transcribe"})
    assert parsed(record).request_model == "gpt-4o-transcribe"


def test_a_dall_e_link_counts_where_a_picture_was_asked_for() -> None:
    body = {"created": 1795194031, "data": [{"url": "https://images.example/1.png"}]}
    asked = parsed(Record(body, {"model": "dall-e-2", "prompt": "A cat"}))
    sent = parsed(Record(body, url="https://api.openai.com/v1/images/generations"))
    assert asked.units == sent.units == {"images": 1}


def test_a_transcription_without_usage_is_still_a_call() -> None:
    call = parsed(Record({"text": "Hello"}, {"model": "whisper-1"}))
    assert (call.operation, call.request_model, call.units, call.faults) == ("transcription", "whisper-1", {}, ())


def test_seconds_that_cannot_be_believed_are_a_fault() -> None:
    call = parsed(Record({"text": "Hello", "usage": {"type": "duration", "seconds": "nine"}}))
    assert (call.units, call.faults) == ({}, ("usage.seconds: expected an amount, got 'nine'",))


def response(**changes: object) -> Call:
    return parsed(Record(media.realtime_event("response.done", response=media.realtime_response(**changes))))


def test_a_response_that_the_speaker_interrupted_is_billed_and_no_failure() -> None:
    details = {"type": "cancelled", "reason": "turn_detected"}
    call = response(status="cancelled", status_details=details)
    assert (call.error_type, call.finish_reason, call.output_tokens) == (None, "turn_detected", 148)


def test_a_response_that_the_client_cancelled_is_billed_and_cancelled() -> None:
    details = {"type": "cancelled", "reason": "client_cancelled"}
    call = response(status="cancelled", status_details=details)
    assert (call.error_type, call.output_tokens) == ("cancelled", 148)


def test_a_response_that_failed_says_why() -> None:
    error = {"type": "insufficient_quota", "code": "insufficient_quota"}
    call = response(status="failed", usage=None, status_details={"type": "failed", "error": error})
    assert (call.error_type, call.input_tokens) == ("quota_exceeded", None)


def test_cached_parts_that_exceed_what_was_cached_are_dropped_with_a_fault() -> None:
    details = {"cached_tokens": 10, "audio_tokens": 1008, "cached_tokens_details": {"audio_tokens": 11}}
    call = response(usage=media.realtime_usage(input_token_details=details))
    assert "cached_audio_input" not in call.details
    assert len(call.faults) == 1


def test_a_realtime_session_without_a_known_model_gives_none() -> None:
    assert (response().model, response().request_model) == (None, None)


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        (bodies.response(), "chat"),
        (bodies.completion(), "text_completion"),
        (media.MODERATION, "moderation"),
        (media.images(), "image_generation"),
    ],
)
def test_a_batch_line_is_a_call_of_its_own_api_at_the_price_of_a_batch(body: dict[str, object], operation: str) -> None:
    call = parsed(Record(media.batch_line(body)))
    assert (call.operation, call.service_tier, call.stream) == (operation, "batch", False)


def test_a_batch_line_that_no_parser_knows_is_still_a_call() -> None:
    call = parsed(Record(media.batch_line({"answer": 42})))
    assert (call.provider, call.service_tier, call.error_type) == ("openai", "batch", None)


def test_images_that_a_response_of_a_batch_made_are_at_the_price_of_a_batch_too() -> None:
    drawn = {"image_gen": {"input_tokens": 318, "output_tokens": 1056}}
    found = PARSERS["openai_batch"].parse(Record(media.batch_line(bodies.response(tool_usage=drawn))))
    assert isinstance(found, Several)
    assert [(call.operation, call.service_tier, call.output_tokens) for call in found.calls] == [
        ("chat", "batch", 871),
        ("image_generation", "batch", 1056),
    ]
