"""What Gemini's parser looks at in the usual answers of generateContent, whole or in chunks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, TypedDict

from parsers import google_usage
from parsers.base import Call, Parser
from parsers.google_usage import CAMEL
from parsers.remembered import Again, counted, endings
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


COUNTED = frozenset((
    CAMEL.prompt, *CAMEL.outputs, CAMEL.thoughts, CAMEL.tools, CAMEL.cached, CAMEL.total, *CAMEL.input_modalities,
    *CAMEL.output_modalities, *CAMEL.cached_modalities,
))  # fmt: skip
"""Members of the usage that only count."""
TOLD = ("trafficType", "serviceTier")
"""Its members whose texts tell something."""


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read answers with the keys of this one."""
    is_counted = "usageMetadata" in body or "usage_metadata" in body
    return by_parse(parser, body, MEMBERS, again=_again(body)) if is_counted and ODD.isdisjoint(body) else None


def _again(body: Mapping[str, object]) -> Again | None:
    usage = body.get("usageMetadata")
    wanted = body.keys() & MEMBERS.keys()
    if not isinstance(usage, dict) or not usage.keys() <= COUNTED.union(TOLD):
        return None
    if wanted != {"candidates", "usageMetadata", "modelVersion", "responseId"}:
        return None
    told = [key for key in TOLD if key in usage]

    def facts_of(found: Any) -> Hashable | None:
        ended = endings(found.candidates, "finishReason")
        if ended is None:
            return None
        return ended, found.modelVersion, *map(found.usageMetadata.get, told)

    def call(earlier: Call, found: Any) -> Call | None:
        counts = google_usage.counts(found.usageMetadata)
        return None if counts is None else counted(earlier, counts, found.responseId)

    return Again(facts_of, call)
