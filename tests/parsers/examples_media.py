"""Records of OpenAI's other APIs and Mistral's own with what each parser must give: input of the contract suite."""

from __future__ import annotations

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example
from tests.parsers import bodies, examples_realtime
from tests.parsers import bodies_media as media

IMAGE = Call(
    provider="openai",
    operation="image_generation",
    input_tokens=4363,
    output_tokens=4160,
    details={"image_input": 4344, "text_input": 19, "image_output": 4160},
    stream=False,
)
IMAGES: list[Example] = [
    (Record(media.images()), IMAGE),
    (
        Record(media.images(), media.IMAGE_REQUEST, 200, bodies.OPENAI_HEADERS),
        IMAGE._replace(request_model="gpt-image-1.5", rate_limit=bodies.OPENAI_LIMITS),
    ),
    (
        Record(media.DALL_E, {"model": "dall-e-3", "prompt": "A cat"}),
        Call("openai", "image_generation", request_model="dall-e-3", units={"images": 2}, stream=False),
    ),
    (
        Record(media.image_event("image_generation.partial_image", partial_image_index=0)),
        Part(Stage.PIECE, Call("openai", "image_generation", stream=True)),
    ),
    (
        Record(media.image_event("image_edit.completed", usage=media.image_usage())),
        Part(Stage.LAST, IMAGE._replace(stream=True)),
    ),
    (
        Record(
            {
                "data": [{"b64_json": "/9j/4AAQ", "mime_type": "image/jpeg"}],
                "usage": {"cost_in_usd_ticks": 700_000_000},
            },
            {"model": "grok-2-image", "prompt": "A cat"},
        ),
        Call(
            "x_ai", "image_generation", request_model="grok-2-image", units={"images": 1}, cost_usd=0.07, stream=False
        ),
    ),
    (
        Record({"data": [{"b64_json": None}], "usage": media.image_usage()}, media.IMAGE_REQUEST),
        IMAGE._replace(request_model="gpt-image-1.5"),
    ),
    (Record({"model": "gpt-image-1.5", "usage": media.image_usage()}), IMAGE._replace(model="gpt-image-1.5")),
]

FILMED = Call(
    "openai",
    "video_generation",
    model="sora-2",
    units={"video_seconds": 8},
    response_id="video_68d7512d",
    stream=False,
    finish_reason="completed",
)
VIDEOS: list[Example] = [
    (Record(media.video()), FILMED),
    (Record(media.video(status="queued", progress=0)), None),
    (Record(media.video(status="in_progress", progress=40)), None),
    (
        Record(media.video(status="failed", error={"code": "moderation_blocked", "message": "Blocked"}), status=200),
        FILMED._replace(units={}, finish_reason="failed", error_type="content_filter"),
    ),
    (
        Record(media.video(seconds="long")),
        FILMED._replace(units={}, faults=("body.seconds: expected an amount, got 'long'",)),
    ),
    (
        Record(media.AZURE_VIDEO, url="https://acme.openai.azure.com/openai/v1/video/generations/jobs/task_01"),
        FILMED._replace(
            provider="azure.ai.openai",
            model="sora",
            units={"video_seconds": 10},
            response_id="task_01",
            finish_reason="succeeded",
        ),
    ),
]

AUDIO: list[Example] = [
    (
        Record(media.transcription(), media.TRANSCRIPTION_REQUEST),
        Call(
            provider="openai",
            operation="transcription",
            request_model="gpt-4o-mini-transcribe",
            input_tokens=14,
            output_tokens=45,
            details={"text_input": 4, "audio_input": 10},
            stream=False,
        ),
    ),
    (Record(media.VERBOSE), Call("openai", "transcription", units={"audio_seconds": 9}, stream=False)),
    (
        Record(
            {**{key: value for key, value in media.VERBOSE.items() if key != "usage"}, "x_groq": {"id": "req_1"}},
            {"model": "whisper-large-v3"},
        ),
        Call(
            provider="groq",
            operation="transcription",
            request_model="whisper-large-v3",
            units={"audio_seconds": 8.47},
            stream=False,
        ),
    ),
    (
        Record({"type": "transcript.text.delta", "delta": "So I"}),
        Part(Stage.PIECE, Call("openai", "transcription", stream=True)),
    ),
    (
        Record({"type": "transcript.text.done", **media.transcription()}),
        Part(
            Stage.LAST,
            Call(
                provider="openai",
                operation="transcription",
                input_tokens=14,
                output_tokens=45,
                details={"text_input": 4, "audio_input": 10},
                stream=True,
            ),
        ),
    ),
    (
        Record(media.SPEECH_DONE),
        Part(
            Stage.LAST,
            Call("openai", "speech", input_tokens=14, output_tokens=101, details={"audio_output": 101}, stream=True),
        ),
    ),
    (
        Record(None, media.SPEECH_REQUEST, 200),
        Call("openai", "speech", request_model="tts-1", units={"characters": 12}, stream=False),
    ),
]

MODERATIONS: list[Example] = [
    (
        Record(media.MODERATION),
        Call(
            provider="openai",
            operation="moderation",
            model="omni-moderation-latest",
            output_tokens=0,
            response_id="modr-970d409ef3bef3b70c73d8232df86e7d",
            stream=False,
        ),
    ),
    (
        Record(
            {
                "id": "4d71ae51",
                "model": "mistral-moderation-2411",
                "usage": {"prompt_tokens": 11, "total_tokens": 11, "completion_tokens": 0},
                "results": [{"categories": {"pii": False}, "category_scores": {"pii": 0.002}}],
            }
        ),
        Call(
            provider="mistral_ai",
            operation="moderation",
            model="mistral-moderation-2411",
            input_tokens=11,
            output_tokens=0,
            response_id="4d71ae51",
            stream=False,
        ),
    ),
]

CONVERSED = Call(
    provider="mistral_ai",
    operation="chat",
    model="mistral-medium-2604",
    input_tokens=7300,
    output_tokens=55,
    details={"tool_input": 7112},
    units={"web_searches": 1},
    stream=False,
)
MISTRAL: list[Example] = [
    (
        Record(media.OCR),
        Call("mistral_ai", "ocr", "mistral-ocr-2512-completion", units={"pages": 29}, stream=False),
    ),
    (
        Record(media.VOXTRAL),
        Call(
            provider="mistral_ai",
            operation="transcription",
            model="voxtral-mini-2602",
            input_tokens=4,
            output_tokens=635,
            units={"audio_seconds": 203},
            stream=False,
        ),
    ),
    (Record(media.conversation()), CONVERSED),
    (
        Record({"type": "conversation.response.done", "created_at": "x", "usage": media.conversation()["usage"]}),
        Part(Stage.LAST, CONVERSED._replace(model=None, stream=True)),
    ),
    (
        Record({"type": "conversation.response.error", "message": "Overloaded", "code": 503}),
        Part(Stage.LAST, Call("mistral_ai", "chat", error_type="overloaded", stream=True)),
    ),
]

BY_PARSER: dict[str, list[Example]] = {
    "openai_images": IMAGES,
    "openai_videos": VIDEOS,
    "openai_audio": AUDIO,
    "openai_moderations": MODERATIONS,
    "openai_realtime": examples_realtime.REALTIME,
    "openai_batch": examples_realtime.BATCH,
    "mistral": MISTRAL,
}
