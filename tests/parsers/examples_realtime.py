"""Records of Realtime sessions and of Batch output with what each parser must give: input of the contract suite."""

from __future__ import annotations

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example
from tests.parsers import bodies
from tests.parsers import bodies_media as media

SPOKEN = Call(
    provider="openai",
    operation="chat",
    request_model="gpt-realtime-2025-08-28",
    input_tokens=1127,
    output_tokens=148,
    details={
        "text_input": 119,
        "audio_input": 1008,
        "image_input": 0,
        "cached_input": 832,
        "cached_text_input": 64,
        "cached_audio_input": 768,
        "cached_image_input": 0,
        "text_output": 30,
        "audio_output": 118,
    },
    response_id="resp_BGLoBDZvQjZ1c4dXq",
    stream=True,
    finish_reason="completed",
)
REALTIME: list[Example] = [
    (Record(media.realtime_event("response.done", response=media.realtime_response()), url=media.REALTIME_URL), SPOKEN),
    (
        Record(media.realtime_event("response.output_audio.delta", response_id="resp_1", item_id="i", delta="UklG")),
        Part(Stage.PIECE, Call("openai", "chat", response_id="resp_1", stream=True)),
    ),
    (
        Record(media.RATE_LIMITS),
        Part(
            Stage.PIECE,
            Call(
                rate_limit={
                    "limit_requests": 1000,
                    "remaining_requests": 999,
                    "reset_requests_seconds": 60,
                    "limit_tokens": 50000,
                    "remaining_tokens": 49950,
                    "reset_tokens_seconds": 0.06,
                }
            ),
        ),
    ),
    (
        Record(
            media.realtime_event(
                "conversation.item.input_audio_transcription.completed",
                item_id="item_1",
                transcript="Hello",
                usage={"type": "duration", "seconds": 2.5},
            ),
            url=media.REALTIME_URL,
        ),
        Call("openai", "transcription", units={"audio_seconds": 2.5}, stream=True),
    ),
    (
        Record(media.realtime_event("error", error={"type": "invalid_request_error", "code": "invalid_value"})),
        None,
    ),
    (
        Record(media.realtime_event("error", error={"type": "server_error", "code": None, "message": "Oops"})),
        Call("openai", "chat", error_type="server_error", stream=True),
    ),
]

BATCHED = Call(
    provider="openai",
    operation="chat",
    model="gpt-4o-2024-08-06",
    input_tokens=1523,
    output_tokens=212,
    details={
        "cached_input": 1024,
        "audio_input": 0,
        "reasoning": 128,
        "audio_output": 0,
        "accepted_prediction": 0,
        "rejected_prediction": 0,
    },
    request_id="req_b17",
    response_id="chatcmpl-CeXq8aTt1",
    stream=False,
    service_tier="batch",
    finish_reason="tool_calls",
)
FAILED = Call("openai", stream=False, service_tier="batch")
BATCH: list[Example] = [
    (Record(media.batch_line()), BATCHED),
    (
        Record(media.batch_line(bodies.embeddings())),
        Call(
            provider="openai",
            operation="embeddings",
            model="text-embedding-3-small",
            input_tokens=8,
            output_tokens=0,
            request_id="req_b17",
            stream=False,
            service_tier="batch",
        ),
    ),
    (
        Record(media.batch_line(bodies.error("No", code="model_not_found"), 404)),
        FAILED._replace(operation="chat", error_type="not_found", request_id="req_b17"),
    ),
    (
        Record(media.batch_line(response=None, error={"code": "batch_expired", "message": "Not run in time"})),
        FAILED._replace(error_type="timeout", request_id="batch_req_67ea8f1c"),
    ),
]
