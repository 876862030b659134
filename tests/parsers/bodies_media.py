"""Bodies of OpenAI's other APIs (images, audio, moderations, Realtime, Batch) and Mistral's own, made up here."""

from __future__ import annotations

from typing import Any

from tests.parsers import bodies

Json = dict[str, Any]


def image_usage(**changes: object) -> Json:
    usage: Json = {
        "input_tokens": 4363,
        "input_tokens_details": {"image_tokens": 4344, "text_tokens": 19},
        "output_tokens": 4160,
        "total_tokens": 8523,
    }
    return {**usage, **changes}


def images(**changes: object) -> Json:
    body: Json = {
        "created": 1795194030,
        "background": "opaque",
        "output_format": "png",
        "quality": "high",
        "size": "1024x1024",
        "data": [{"b64_json": "iVBORw0KGgo="}],
        "usage": image_usage(),
    }
    return {**body, **changes}


DALL_E: Json = {
    "created": 1795194031,
    "data": [
        {"revised_prompt": "A cat on a roof at dusk", "url": "https://images.example/1.png"},
        {"revised_prompt": "A cat on a roof at dusk", "url": "https://images.example/2.png"},
    ],
}
IMAGE_REQUEST: Json = {"model": "gpt-image-1.5", "prompt": "A cat on a roof", "size": "1024x1024", "n": 1}


def image_event(kind: str, **members: object) -> Json:
    body: Json = {
        "type": kind,
        "b64_json": "iVBORw0KGgo=",
        "created_at": 1795194032,
        "size": "1024x1024",
        "quality": "high",
        "background": "opaque",
        "output_format": "png",
    }
    return {**body, **members}


def transcription(**changes: object) -> Json:
    usage: Json = {
        "type": "tokens",
        "input_tokens": 14,
        "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
        "output_tokens": 45,
        "total_tokens": 59,
    }
    return {"text": "So I said that we meet on Friday.", "usage": usage, **changes}


VERBOSE: Json = {
    "task": "transcribe",
    "language": "english",
    "duration": 8.47,
    "text": "The beach was a popular spot.",
    "segments": [
        {
            "id": 0,
            "seek": 0,
            "start": 0.0,
            "end": 3.32,
            "text": " The beach",
            "tokens": [50364, 440],
            "temperature": 0.0,
        }
    ],
    "usage": {"type": "duration", "seconds": 9},
}
TRANSCRIPTION_REQUEST: Json = {"model": "gpt-4o-mini-transcribe", "response_format": "json"}
SPEECH_REQUEST: Json = {"model": "tts-1", "input": "Good morning", "voice": "alloy"}
SPEECH_DONE: Json = {
    "type": "speech.audio.done",
    "usage": {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115},
}


def video(**changes: object) -> Json:
    body: Json = {
        "id": "video_68d7512d",
        "object": "video",
        "created_at": 1795194033,
        "completed_at": 1795194101,
        "status": "completed",
        "model": "sora-2",
        "progress": 100,
        "seconds": "8",
        "size": "1280x720",
        "error": None,
    }
    return {**body, **changes}


AZURE_VIDEO: Json = {
    "object": "video.generation.job",
    "id": "task_01",
    "status": "succeeded",
    "created_at": 1795194033,
    "finished_at": 1795194101,
    "generations": [{"object": "video.generation", "id": "gen_01"}, {"object": "video.generation", "id": "gen_02"}],
    "prompt": "A cat on a roof",
    "model": "sora",
    "n_variants": 2,
    "n_seconds": 5,
    "height": 480,
    "width": 480,
    "failure_reason": None,
}

MODERATION: Json = {
    "id": "modr-970d409ef3bef3b70c73d8232df86e7d",
    "model": "omni-moderation-latest",
    "results": [
        {
            "flagged": True,
            "categories": {"violence": True, "hate": False},
            "category_scores": {"violence": 0.86, "hate": 0.0001},
            "category_applied_input_types": {"violence": ["text"], "hate": ["text"]},
        }
    ],
}


def realtime_usage(**changes: object) -> Json:
    usage: Json = {
        "total_tokens": 1275,
        "input_tokens": 1127,
        "output_tokens": 148,
        "input_token_details": {
            "text_tokens": 119,
            "audio_tokens": 1008,
            "image_tokens": 0,
            "cached_tokens": 832,
            "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 768, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": 30, "audio_tokens": 118},
    }
    return {**usage, **changes}


def realtime_response(**changes: object) -> Json:
    body: Json = {
        "object": "realtime.response",
        "id": "resp_BGLoBDZvQjZ1c4dXq",
        "status": "completed",
        "status_details": None,
        "conversation_id": "conv_BGLo9Kx",
        "output_modalities": ["audio"],
        "output": [{"id": "item_1", "type": "message", "role": "assistant", "content": [{"type": "output_audio"}]}],
        "usage": realtime_usage(),
        "metadata": None,
    }
    return {**body, **changes}


def realtime_event(kind: str, **members: object) -> Json:
    return {"type": kind, "event_id": "event_BGLoC5", **members}


REALTIME_URL = "wss://api.openai.com/v1/realtime?model=gpt-realtime-2025-08-28"
RATE_LIMITS = realtime_event(
    "rate_limits.updated",
    rate_limits=[
        {"name": "requests", "limit": 1000, "remaining": 999, "reset_seconds": 60},
        {"name": "tokens", "limit": 50000, "remaining": 49950, "reset_seconds": 0.06},
    ],
)


def batch_line(body: object = None, status: int = 200, **changes: object) -> Json:
    line: Json = {
        "id": "batch_req_67ea8f1c",
        "custom_id": "row-17",
        "response": {"status_code": status, "request_id": "req_b17", "body": bodies.chat() if body is None else body},
        "error": None,
    }
    return {**line, **changes}


BATCH: Json = {
    "id": "batch_67ea8e9b",
    "object": "batch",
    "endpoint": "/v1/chat/completions",
    "model": "gpt-4o-2024-08-06",
    "errors": None,
    "status": "completed",
    "request_counts": {"total": 100, "completed": 98, "failed": 2},
    "usage": {
        "input_tokens": 152300,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 21200,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 173500,
    },
}

OCR: Json = {
    "pages": [
        {"index": 0, "markdown": "# Invoice", "images": [], "dimensions": {"dpi": 200, "height": 2200, "width": 1700}}
    ],
    "model": "mistral-ocr-2512-completion",
    "document_annotation": None,
    "usage_info": {"pages_processed": 29, "doc_size_bytes": 3002783},
}
VOXTRAL: Json = {
    "model": "voxtral-mini-2602",
    "text": "This week I travelled to Chicago.",
    "language": None,
    "segments": [],
    "usage": {"prompt_audio_seconds": 203, "prompt_tokens": 4, "total_tokens": 3264, "completion_tokens": 635},
}


def conversation(**changes: object) -> Json:
    body: Json = {
        "object": "conversation.response",
        "conversation_id": "conv_06835a34f58a",
        "outputs": [
            {"type": "tool.execution", "name": "web_search", "object": "entry", "id": "tool_exec_1"},
            {"type": "message.output", "object": "entry", "model": "mistral-medium-2604", "role": "assistant"},
        ],
        "usage": {
            "prompt_tokens": 188,
            "completion_tokens": 55,
            "total_tokens": 7355,
            "connector_tokens": 7112,
            "connectors": {"web_search": 1},
        },
    }
    return {**body, **changes}
