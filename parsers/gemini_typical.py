"""What Gemini's parser looks at in the usual answers of generateContent, whole or in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from parsers.base import Parser
from parsers.typical import TEXT, Object, Typical, by_parse

ODD = frozenset((
    "error", "predictions", "embedding", "embeddings", "serverContent", "server_content",
    "setupComplete", "setup_complete", "toolCall", "tool_call", "usage",
))  # fmt: skip


class Candidate(TypedDict, total=False):
    """What counts of a candidate."""

    finishReason: TEXT
    finish_reason: TEXT
    groundingMetadata: object
    grounding_metadata: object


MEMBERS: Mapping[str, object] = {
    "candidates": list[Candidate], "usageMetadata": Object, "usage_metadata": Object, "modelVersion": TEXT,
    "model_version": TEXT, "model": TEXT, "responseId": TEXT, "response_id": TEXT, "promptFeedback": Object,
    "prompt_feedback": Object,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read answers with the keys of this one."""
    is_counted = "usageMetadata" in body or "usage_metadata" in body
    return by_parse(parser, body, MEMBERS) if is_counted and ODD.isdisjoint(body) else None
