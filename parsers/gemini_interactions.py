"""The Interactions API of Gemini and Vertex AI: whole interactions and the events of their streams.

Format: https://ai.google.dev/api/interactions-api. `total_input_tokens` includes cached tokens but not those of tools,
`total_output_tokens` leaves out thoughts: input and output here are the sums, as `total_tokens` is. Usage on
`step.stop` is cumulative. An interaction may be an agent's; the agent's name then stands for the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from parsers import google_grounding, google_usage, vendor
from parsers import openai_family as family
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.errors import classify
from parsers.limits import rate_limit
from parsers.usage import Counts, text

Body = Mapping[str, object]

OBJECT = "interaction"
UNFINISHED = frozenset(("queued", "in_progress"))
FAILURES = {"failed": "unknown", "cancelled": "cancelled"}
"""A status that is an error by itself → its error type when nothing more exact is said. Out of tokens is none."""
PIECES = ("step.", "content.")
"""How the events between the first and the last one are called, now and before May 2026."""
STARTS = frozenset(("interaction.start", "interaction.created", "interaction.in_progress", "interaction.queued"))
UPDATE = "interaction.status_update"
TIER_UNKNOWN = "unspecified"


class Names(NamedTuple):
    """What one spelling calls the counts."""

    input: str
    output: str
    thoughts: tuple[str, ...]
    tools: str
    cached: str
    total: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    cached_modalities: tuple[str, ...]


SNAKE = Names(
    "total_input_tokens",
    "total_output_tokens",
    ("total_thought_tokens", "total_reasoning_tokens"),
    "total_tool_use_tokens",
    "total_cached_tokens",
    "total_tokens",
    ("input_tokens_by_modality", "tool_use_tokens_by_modality"),
    ("output_tokens_by_modality",),
    ("cached_tokens_by_modality",),
)
CAMEL = Names(
    "totalInputTokens",
    "totalOutputTokens",
    ("totalThoughtTokens",),
    "totalToolUseTokens",
    "totalCachedTokens",
    "totalTokens",
    ("inputTokensByModality", "toolUseTokensByModality"),
    ("outputTokensByModality",),
    ("cachedTokensByModality",),
)
MARKS = frozenset(
    name for names in (SNAKE, CAMEL) for name in (names.thoughts[0], names.tools, names.input_modalities[0])
)
"""Members of the usage that only this API has; its totals are called as anybody's sums may be."""


class GeminiInteractions:
    """Interactions by `object: interaction`, by their events, or by a usage block that only this API has."""

    name = "gemini_interactions"
    keys = frozenset(("object", "usage", "event_type"))

    def matches(self, record: Record) -> bool:
        """Whether the body is an interaction, an event of its stream, or carries the usage of one."""
        body = record.body
        if body is None:
            return False
        kind = body.get("object")
        if kind is not None:
            return kind == OBJECT
        if "event_type" in body:
            return _is_event(body, body["event_type"])
        usage = body.get("usage")
        return isinstance(usage, dict) and not MARKS.isdisjoint(usage)

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, an event a part. What is queued or in progress has nothing to count yet."""
        body = record.body
        if body is None:
            return None
        event = body.get("event_type")
        if isinstance(event, str) and "object" not in body:
            return _event(record, body, event)
        if _status(body) in UNFINISHED:
            # In the background: it is fetched again until it is finished, and only then is it the call.
            return None
        return _call(record, body, stream=family.streamed(record))


def _is_event(body: Body, event: object) -> bool:
    """An event of this API; an application may call its own so, hence the second look."""
    if not isinstance(event, str):
        return False
    if event.startswith(PIECES):
        return type(body.get("index")) is int
    if event == "error":
        return isinstance(body.get("error"), dict)
    if event == UPDATE:
        return isinstance(body.get("interaction_id"), str)
    return event.startswith("interaction.") and isinstance(body.get("interaction"), dict)


def _event(record: Record, body: Body, event: str) -> Part:
    if event == "error":
        return Part(Stage.LAST, _call(record, body, stream=True))
    if event.startswith(PIECES):
        # Without an id of their own they are of the stream whose lines they are among.
        return Part(Stage.PIECE, _call(record, {"usage": body.get("usage")}, stream=True))
    if event == UPDATE:
        held = {"id": body["interaction_id"], "status": body.get("status")}
        return Part(Stage.PIECE, _call(record, held, stream=True))
    inner = family.mapping(body.get("interaction")) or {}
    made = _call(record, inner, stream=True)
    return Part(Stage.PIECE if event in STARTS else Stage.LAST, made)


def _call(record: Record, body: Body, *, stream: bool) -> Call:
    model = google_usage.model_name(body.get("model")) or text(body.get("agent"))
    asked = google_usage.model_name(family.request_model(record)) or _asked_agent(record)
    usage = body.get("usage")
    found = _counts(usage)
    status = _status(body)
    searches = google_grounding.of_tool_counts(usage, model or asked) if isinstance(usage, dict) else NO_UNITS
    return Call(
        provider=vendor.provider(record, model or asked, "gcp.gemini"),
        operation="generate_content",
        model=model,
        request_model=asked,
        error_type=_failure(record, body, status),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        units=searches,
        response_id=text(body.get("id")),
        stream=stream,
        service_tier=_tier(body),
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        finish_reason=status if status not in UNFINISHED else None,
        faults=tuple(found.faults) if found else (),
    )


def _counts(usage: object) -> Counts | None:
    """The counts of a usage block; None without one. The thoughts are output, what tools put into the prompt input."""
    if usage is None:
        return None
    found = Counts(usage)
    names = CAMEL if CAMEL.input in found.usage or CAMEL.output in found.usage else SNAKE
    fresh, written, tools = found.count(names.input), found.count(names.output), found.count(names.tools)
    thoughts = next((found.count(name) for name in names.thoughts if name in found.usage), None)
    if fresh is not None:
        found.input = fresh + (tools or 0)
        if tools:
            found.details["tool_input"] = tools
    if written is not None:
        found.output = written + (thoughts or 0)
        if thoughts is not None:
            found.details["reasoning"] = thoughts
    found.part(names.cached, "cached_input", fresh)
    google_usage.add_modalities(found, names.input_modalities, "{}_input", found.input)
    google_usage.add_modalities(found, names.cached_modalities, "cached_{}_input", found.details.get("cached_input"))
    google_usage.add_modalities(found, names.output_modalities, "{}_output", found.output)
    found.check_total(names.total)
    return found


def _asked_agent(record: Record) -> str | None:
    return text(record.request.get("agent")) if record.request is not None else None


def _status(body: Body) -> str | None:
    status = text(body.get("status"))
    return status.lower() if status is not None else None


def _failure(record: Record, body: Body, status: str | None) -> str | None:
    error = body.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        by_code = code if type(code) is int else record.status
        return classify(by_code, error.get("status") or code, None, error.get("message")) or "unknown"
    return family.failure(record, None) or FAILURES.get(status or "")


def _tier(body: Body) -> str | None:
    tier = text(body.get("service_tier")) or text(body.get("serviceTier"))
    return None if tier is None or tier.lower().endswith(TIER_UNKNOWN) else tier.lower()
