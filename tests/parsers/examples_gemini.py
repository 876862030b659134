"""Bodies of the Gemini API and Vertex AI, made up for these tests, and what the parser must give for them."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example
from tests.parsers import bodies_anthropic

Json = dict[str, Any]

HOST = "https://generativelanguage.googleapis.com/v1beta/models"
WHOLE_URL = f"{HOST}/gemini-2.5-pro:generateContent"
STREAM_URL = f"{HOST}/gemini-2.5-pro:streamGenerateContent?alt=sse"
VERTEX_URL = (
    "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4"
    "/publishers/google/models/gemini-2.5-flash:generateContent"
)


def usage(**changes: object) -> Json:
    block: Json = {
        "promptTokenCount": 1200,
        "candidatesTokenCount": 50,
        "thoughtsTokenCount": 300,
        "toolUsePromptTokenCount": 40,
        "cachedContentTokenCount": 1000,
        "totalTokenCount": 1590,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 842},
            {"modality": "IMAGE", "tokenCount": 258},
            {"modality": "DOCUMENT", "tokenCount": 100},
        ],
        "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}],
        "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 40}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 50}],
        "serviceTier": "flex",
    }
    return {**block, **changes}


def candidate(finish: str | None = "STOP", **changes: object) -> Json:
    call = {"functionCall": {"name": "lookup", "args": {"usageMetadata": {"promptTokenCount": 999_999}}}}
    made: Json = {"content": {"role": "model", "parts": [{"text": "Paris."}, call]}, "index": 0, **changes}
    return {**made, "finishReason": finish} if finish else made


def content(**changes: object) -> Json:
    body: Json = {
        "candidates": [candidate(safetyRatings=[], groundingMetadata={"webSearchQueries": ["capital"]})],
        "usageMetadata": usage(),
        "modelVersion": "gemini-2.5-pro",
        "responseId": "q1Xf6NvTKa",
    }
    return {**body, **changes}


SNAKE: Json = {
    "candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finish_reason": "FinishReason.MAX_TOKENS", "index": None}],
    "create_time": None,
    "model_version": "gemini-2.5-flash",
    "response_id": "vx91",
    "prompt_feedback": None,
    "usage_metadata": {
        "prompt_token_count": 10,
        "candidates_token_count": 4,
        "thoughts_token_count": None,
        "cached_content_token_count": None,
        "total_token_count": 14,
        "prompt_tokens_details": [{"modality": "MediaModality.AUDIO", "token_count": 10}],
        "traffic_type": "ON_DEMAND_PRIORITY",
    },
}
"""As the Python SDK's models are dumped."""


def error(code: int, status: str, message: str = "Failed.", *details: Json) -> Json:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


RETRY: Json = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"}

CALL = Call(
    provider="gcp.gemini",
    operation="generate_content",
    model="gemini-2.5-pro",
    input_tokens=1240,
    output_tokens=350,
    details={
        "cached_input": 1000,
        "tool_input": 40,
        "reasoning": 300,
        "text_input": 882,
        "image_input": 258,
        "document_input": 100,
        "cached_text_input": 1000,
        "text_output": 50,
    },
    units={"web_searches": 1.0},
    response_id="q1Xf6NvTKa",
    stream=False,
    service_tier="flex",
    finish_reason="STOP",
)
PIECE = CALL._replace(
    input_tokens=9,
    output_tokens=34,
    details={"reasoning": 34},
    units={},
    stream=True,
    finish_reason=None,
    service_tier=None,
)
EMBEDDED = Call(provider="gcp.gemini", operation="embeddings", input_tokens=6, output_tokens=0, stream=False)

GEMINI: list[Example] = [
    (Record(content()), CALL),
    (
        Record(content(modelVersion="models/gemini-2.5-pro"), {"contents": []}, 200, url=WHOLE_URL),
        CALL._replace(request_model="gemini-2.5-pro"),
    ),
    (
        Record(SNAKE),
        Call(
            provider="gcp.vertex_ai",
            operation="generate_content",
            model="gemini-2.5-flash",
            input_tokens=10,
            output_tokens=4,
            details={"audio_input": 10},
            response_id="vx91",
            stream=False,
            service_tier="on_demand_priority",
            finish_reason="MAX_TOKENS",
        ),
    ),
    (
        Record(
            content(
                candidates=[candidate(None)],
                usageMetadata={"promptTokenCount": 9, "thoughtsTokenCount": 34, "totalTokenCount": 43},
            )
        ),
        Part(Stage.PIECE, PIECE),
    ),
    (
        Record(content(), status=200, url=STREAM_URL),
        Part(Stage.LAST, CALL._replace(stream=True, request_model="gemini-2.5-pro")),
    ),
    (
        Record(
            {
                "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
                "usageMetadata": {"promptTokenCount": 12, "totalTokenCount": 12},
                "modelVersion": "gemini-2.5-pro",
            },
            status=200,
        ),
        Call(
            provider="gcp.gemini",
            operation="generate_content",
            model="gemini-2.5-pro",
            error_type="content_filter",
            input_tokens=12,
            output_tokens=0,
            stream=False,
            finish_reason="PROHIBITED_CONTENT",
        ),
    ),
    (
        Record(
            {
                "serverContent": {"turnComplete": True},
                "usageMetadata": {
                    "promptTokenCount": 373,
                    "responseTokenCount": 23,
                    "totalTokenCount": 396,
                    "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 23}],
                },
            },
            {"model": "models/gemini-2.0-flash-live-001"},
        ),
        Call(
            provider="gcp.gemini",
            operation="generate_content",
            request_model="gemini-2.0-flash-live-001",
            input_tokens=373,
            output_tokens=23,
            details={"audio_output": 23},
            stream=True,
        ),
    ),
    (
        Record(error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", RETRY), status=429, url=WHOLE_URL),
        Call(
            provider="gcp.gemini",
            operation="generate_content",
            request_model="gemini-2.5-pro",
            error_type="rate_limit",
            stream=False,
            rate_limit={"retry_after_seconds": 37.0},
        ),
    ),
    (
        Record(error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")),
        Call(provider="gcp.gemini", operation="generate_content", error_type="overloaded", stream=False),
    ),
    (
        Record({"embedding": {"values": [0.1]}, "usageMetadata": {"promptTokenCount": 6, "totalTokenCount": 6}}),
        EMBEDDED,
    ),
    (
        Record(
            {"predictions": [{"bytesBase64Encoded": "aGk=", "mimeType": "image/png"}] * 2},
            {"instances": [{"prompt": "A cat"}], "parameters": {"sampleCount": 2}},
            200,
            url=VERTEX_URL.replace("gemini-2.5-flash:generateContent", "imagen-4.0-generate-001:predict"),
        ),
        Call(
            provider="gcp.vertex_ai",
            operation="image_generation",
            request_model="imagen-4.0-generate-001",
            units={"images": 2.0},
            stream=False,
        ),
    ),
    (
        Record(
            {
                "predictions": [
                    {"embeddings": {"values": [0.1], "statistics": {"token_count": 4.0, "truncated": False}}},
                    {"embeddings": {"values": [0.2], "statistics": {"token_count": 2.0, "truncated": False}}},
                ],
                "metadata": {"billableCharacterCount": 25},
            }
        ),
        EMBEDDED._replace(provider="gcp.vertex_ai"),
    ),
]


VERTEX_BATCH: list[Example] = [
    (
        Record(
            {
                "status": "",
                "processed_time": "2026-11-20T17:00:07.123+00:00",
                "request": {"contents": [{"role": "user", "parts": [{"text": '{"usageMetadata":{}}'}]}]},
                "response": content(candidates=[candidate()]),
            }
        ),
        CALL._replace(provider="gcp.vertex_ai", service_tier="batch", units={}),
    ),
    (
        Record(
            {
                "status": 'Bad Request: {"error": {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}}',
                "processed_time": "2026-11-20T17:00:07.123+00:00",
                "request": {"contents": []},
                "response": {},
            }
        ),
        Call(
            provider="gcp.vertex_ai",
            operation="generate_content",
            error_type="invalid_request",
            stream=False,
            service_tier="batch",
        ),
    ),
    (
        Record(
            {
                "custom_id": "c1",
                "status": "",
                "processed_time": "2026-11-20T17:00:07.123+00:00",
                "request": {"messages": [], "max_tokens": 9},
                "response": bodies_anthropic.plain(id="msg_vrtx_9"),
            }
        ),
        Call(
            provider="gcp.vertex_ai",
            operation="chat",
            model=bodies_anthropic.MODEL,
            input_tokens=25,
            output_tokens=15,
            response_id="msg_vrtx_9",
            stream=False,
            service_tier="batch",
            finish_reason="end_turn",
        ),
    ),
]
