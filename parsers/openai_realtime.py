"""OpenAI Realtime: the events a session's server sends; a response is one call, a transcription of the input another.

Format: https://platform.openai.com/docs/api-reference/realtime-server-events. `input_tokens` include what was cached,
`output_tokens` are text and audio together. The model is the session's: it is known where the URL, the request or the
response names it. A response that the speaker interrupted (`turn_detected`) is billed, and no failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from parsers import openai_family as family
from parsers import vendor
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.errors import classify
from parsers.limits import rate_limit
from parsers.openai_audio import counted
from parsers.usage import Counts, text

TRANSCRIPTION = "conversation.item.input_audio_transcription."
LIMITS = "rate_limits.updated"
MODEL_PARAMETERS = ("model", "deployment")
"""Where a session's URL names its model; the latter is Azure's."""

INPUT_PARTS = {
    "cached_tokens": "cached_input",
    "audio_tokens": "audio_input",
    "image_tokens": "image_input",
    "text_tokens": "text_input",
}
CACHED_PARTS = {
    "audio_tokens": "cached_audio_input",
    "image_tokens": "cached_image_input",
    "text_tokens": "cached_text_input",
}
OUTPUT_PARTS = {"audio_tokens": "audio_output", "text_tokens": "text_output"}
LIMIT_MEMBERS = (("limit", "limit_{}"), ("remaining", "remaining_{}"), ("reset_seconds", "reset_{}_seconds"))


class OpenAIRealtime:
    """A session's events by the id that each of them has, or by the kind of the response in it."""

    name = "openai_realtime"
    keys = frozenset(("event_id", "response", "rate_limits"))

    def matches(self, record: Record) -> bool:
        """Whether the body is a server event of a session that says something of a call."""
        body = record.body
        event = body.get("type") if body is not None else None
        if body is None or not isinstance(event, str):
            return False
        if event.startswith("response."):
            inner = body.get("response")
            if isinstance(inner, dict):
                return inner.get("object") == "realtime.response"
            return "event_id" in body and "response_id" in body
        if event == LIMITS:
            return isinstance(body.get("rate_limits"), list)
        return "event_id" in body and (event.startswith(TRANSCRIPTION) or (event == "error" and "error" in body))

    def parse(self, record: Record) -> Call | Part | None:
        """`response.done` and a finished transcription are calls; what comes before a response's end is a part."""
        body = record.body
        event = body.get("type") if body is not None else None
        if body is None or not isinstance(event, str):
            return None
        if event == LIMITS:
            return Part(Stage.PIECE, _limited(record, body.get("rate_limits")))
        if event.startswith(TRANSCRIPTION):
            return _transcription(record, body, event)
        if event == "error":
            return _failed(record, body.get("error"))
        if event == "response.done":
            return _response(record, family.mapping(body.get("response")) or {})
        inner = family.mapping(body.get("response")) or {"id": body.get("response_id")}
        return Part(Stage.PIECE, _call(record, inner, None))


def _response(record: Record, response: Mapping[str, object]) -> Call:
    found = _counts(response.get("usage"))
    made = _call(record, response, found)
    details = family.mapping(response.get("status_details")) or {}
    status, reason = response.get("status"), text(details.get("reason"))
    error = made.error_type
    if error is None and status == "failed":
        told = family.mapping(details.get("error")) or {}
        error = classify(record.status, told.get("code"), told.get("type"), told.get("message"))
    elif error is None and status == "cancelled" and reason != "turn_detected":
        error = "cancelled"
    return made._replace(error_type=error, finish_reason=reason or text(status))


def _call(record: Record, response: Mapping[str, object], found: Counts | None) -> Call:
    model = text(response.get("model"))
    asked = _session_model(record)
    return Call(
        provider=vendor.provider(record, model or asked, "openai"),
        operation="chat",
        model=model,
        request_model=asked,
        error_type=family.failure(record, None),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        response_id=text(response.get("id")),
        stream=True,
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        faults=tuple(found.faults) if found else (),
    )


def _counts(usage: object) -> Counts | None:
    if usage is None:
        return None
    found = Counts(usage, "response.usage")
    found.input, found.output = found.count("input_tokens"), found.count("output_tokens")
    found.parts("input_token_details", INPUT_PARTS, found.input)
    found.parts("output_token_details", OUTPUT_PARTS, found.output)
    block = found.usage.get("input_token_details")
    if isinstance(block, dict) and "cached_tokens_details" in block:
        cached = Counts(block, "response.usage.input_token_details")
        cached.parts("cached_tokens_details", CACHED_PARTS, found.details.get("cached_input"))
        found.details.update(cached.details)
        found.faults += cached.faults
    found.check_total("total_tokens")
    return found


def _transcription(record: Record, body: Mapping[str, object], event: str) -> Call | None:
    """What a second model made of the input's audio: billed by itself, when it is finished."""
    if event.endswith(".failed"):
        made = _failed(record, body.get("error"), always=True)
        return made and made._replace(operation="transcription", request_model=None)
    if not event.endswith(".completed"):
        return None
    found, units = counted(body.get("usage"))
    made = _call(record, {}, found)
    # The session's model is the one that speaks, not the one that wrote this down.
    return made._replace(operation="transcription", request_model=None, units=units)


def _failed(record: Record, error: object, *, always: bool = False) -> Call | None:
    """A failure that belongs to no response. A client's event that was refused asked no model: the session goes on."""
    told = family.mapping(error) or {}
    if told.get("type") == "invalid_request_error" and not always:
        return None
    kind = classify(record.status, told.get("code"), told.get("type"), told.get("message"))
    return _call(record, {}, None)._replace(error_type=kind)


def _limited(record: Record, listed: object) -> Call:
    """What an event says of limits; with no more than that it begins no call, but is added to one that is open."""
    found: dict[str, float] = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and entry.get("name") in ("requests", "tokens"):
            block = Counts(entry, "rate_limits")
            for member, key in LIMIT_MEMBERS:
                amount = block.amount(member)
                if amount is not None:
                    found[key.format(entry["name"])] = amount
    return Call(error_type=family.failure(record, None), rate_limit=found)


def _session_model(record: Record) -> str | None:
    """The model of the session: of the request, else beside the event, else of the URL's query."""
    asked = family.request_model(record) or (text(record.body.get("model")) if record.body is not None else None)
    if asked is None and record.url and "?" in record.url:
        query = parse_qs(record.url.partition("?")[2])
        asked = next((query[name][0] for name in MODEL_PARAMETERS if name in query), None)
    return asked
