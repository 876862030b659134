"""Interactions of the Gemini API, made up for these tests, and what the parser must give for them."""

from __future__ import annotations

from typing import Any

from parsers.base import Call, Part, Record, Stage
from parsers.contract import Example

Json = dict[str, Any]

URL = "https://generativelanguage.googleapis.com/v1beta/interactions"
REQUEST: Json = {"model": "gemini-3.5-flash", "input": "What is the capital of France?"}


def usage(**changes: object) -> Json:
    """1200 of the prompt, 1000 of them cached, and 40 of a tool's; 90 written and 245 thought."""
    block: Json = {
        "total_tokens": 1575,
        "total_input_tokens": 1200,
        "input_tokens_by_modality": [{"modality": "text", "tokens": 942}, {"modality": "image", "tokens": 258}],
        "total_cached_tokens": 1000,
        "cached_tokens_by_modality": [{"modality": "text", "tokens": 1000}],
        "total_output_tokens": 90,
        "output_tokens_by_modality": [{"modality": "text", "tokens": 90}],
        "total_tool_use_tokens": 40,
        "tool_use_tokens_by_modality": [{"modality": "text", "tokens": 40}],
        "total_thought_tokens": 245,
        "grounding_tool_count": [{"type": "google_search", "count": 2}, {"type": "google_maps", "count": 7}],
    }
    return {**block, **changes}


def interaction(**changes: object) -> Json:
    """With a tool call whose arguments hold a forged usage."""
    arguments = {"usage": {"total_input_tokens": 999_999, "total_thought_tokens": 1}}
    body: Json = {
        "id": "v1_ChdGUVFJ",
        "object": "interaction",
        "model": "gemini-3.5-flash",
        "status": "completed",
        "created": "2026-11-20T17:00:07Z",
        "updated": "2026-11-20T17:00:09Z",
        "service_tier": "flex",
        "steps": [
            {"type": "thought", "signature": "EqQB"},
            {"type": "function_call", "id": "f1", "name": "lookup", "arguments": arguments},
            {"type": "model_output", "content": [{"type": "text", "text": "Paris."}]},
        ],
        "usage": usage(),
    }
    return {**body, **changes}


def lifecycle(event: str, **changes: object) -> Json:
    held = {key: value for key, value in interaction(**changes).items() if key != "steps"}
    return {"event_type": event, "event_id": "e1", "interaction": held}


def stream() -> list[Json]:
    """As it comes; the usage at a step's end is of all steps so far."""
    soon: Json = {"total_input_tokens": 1200, "total_output_tokens": 12, "total_thought_tokens": 245}
    return [
        lifecycle("interaction.created", status="in_progress", usage=None),
        {"event_type": "interaction.status_update", "interaction_id": "v1_ChdGUVFJ", "status": "in_progress"},
        {"event_type": "step.start", "index": 0, "step": {"type": "thought"}},
        {"event_type": "step.delta", "index": 1, "delta": {"type": "text", "text": "Pa"}},
        {"event_type": "step.stop", "index": 1, "usage": soon, "step_usage": {"total_output_tokens": 12}},
        lifecycle("interaction.completed"),
    ]


CALL = Call(
    provider="gcp.gemini",
    operation="generate_content",
    model="gemini-3.5-flash",
    input_tokens=1240,
    output_tokens=335,
    details={
        "tool_input": 40,
        "reasoning": 245,
        "cached_input": 1000,
        "text_input": 982,
        "image_input": 258,
        "cached_text_input": 1000,
        "text_output": 90,
    },
    units={"web_searches": 2.0},
    response_id="v1_ChdGUVFJ",
    stream=False,
    service_tier="flex",
    finish_reason="completed",
)
PIECE = Call(provider="gcp.gemini", operation="generate_content", stream=True)
EMPTY: Json = {"total_input_tokens": 9, "total_output_tokens": 0, "total_thought_tokens": 0, "total_tokens": 9}

INTERACTIONS: list[Example] = [
    (Record(interaction()), CALL),
    (
        Record(interaction(), REQUEST, 200, url=URL),
        CALL._replace(request_model="gemini-3.5-flash"),
    ),
    (
        Record(
            {
                "model": "gemini-3.5-flash",
                "usage": {"totalInputTokens": 7, "totalOutputTokens": 12, "totalThoughtTokens": 3, "totalTokens": 22},
            },
            provider="vertexai",
        ),
        Call(
            provider="gcp.vertex_ai",
            operation="generate_content",
            model="gemini-3.5-flash",
            input_tokens=7,
            output_tokens=15,
            details={"reasoning": 3},
            stream=False,
        ),
    ),
    (
        Record(interaction(model=None, agent="deep-research-pro-preview-12-2025", status="failed", usage=EMPTY)),
        CALL._replace(
            model="deep-research-pro-preview-12-2025",
            error_type="unknown",
            input_tokens=9,
            output_tokens=0,
            details={"reasoning": 0},
            units={},
            finish_reason="failed",
        ),
    ),
    (Record(interaction(status="in_progress", usage=None)), None),
    (
        Record(stream()[0]),
        Part(
            Stage.PIECE,
            PIECE._replace(model="gemini-3.5-flash", response_id="v1_ChdGUVFJ", service_tier="flex"),
        ),
    ),
    (Record(stream()[1]), Part(Stage.PIECE, PIECE._replace(response_id="v1_ChdGUVFJ"))),
    *[(Record(event), Part(Stage.PIECE, PIECE)) for event in stream()[2:4]],
    (
        Record(stream()[4]),
        Part(Stage.PIECE, PIECE._replace(input_tokens=1200, output_tokens=257, details={"reasoning": 245})),
    ),
    (Record(stream()[5]), Part(Stage.LAST, CALL._replace(stream=True))),
    (
        Record({"event_type": "error", "error": {"message": "Deadline expired.", "code": "gateway_timeout"}}),
        Part(Stage.LAST, PIECE._replace(error_type="timeout")),
    ),
]

COUNTINGS: list[Example] = [
    (Record({"input_tokens": 2095}), None),
    (Record({"input_tokens": 2095, "context_management": {"original_input_tokens": 70_000}}), None),
    (Record({"object": "response.input_tokens", "input_tokens": 11}, {"model": "gpt-5", "input": "Hi"}), None),
    (Record({"inputTokens": 31, "ResponseMetadata": {"HTTPStatusCode": 200}}), None),
    (Record({"totalTokens": 31, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 31}]}), None),
    (Record({"total_tokens": 31, "cached_content_token_count": None}, {"model": "gemini-2.5-pro"}), None),
    (
        Record(None, {"model": "claude-sonnet-4-5", "messages": []}, 429, url="/v1/messages/count_tokens?beta=true"),
        None,
    ),
]
