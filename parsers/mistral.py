"""Mistral's own APIs: OCR, audio transcriptions, Conversations; its Chat Completions have OpenAI's form and parser.

Format: https://docs.mistral.ai/api. OCR is billed by the page (`usage_info.pages_processed`), transcriptions by the
second (`usage.prompt_audio_seconds`); the total of the latter has the audio's tokens, which no other count has.
`prompt_tokens` include what was cached, `completion_tokens` reasoning. Conversations tell what connectors put into the
prompt beside it (`connector_tokens`), part of the total and billed as input.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers.base import NO_UNITS, Call, Part, Record, Stage
from parsers.openai_vendors import units
from parsers.usage import Counts, text

PROVIDER = "mistral_ai"
CONVERSATION = "conversation.response"
EVENTS = ("conversation.response.", "message.output.", "transcription.")
EVENT_MEMBERS = frozenset(("conversation_id", "usage", "text"))
PAGES = {"pages_processed": "pages"}
SEARCHES = {"web_search": "web_searches", "web_search_premium": "web_searches"}


class Mistral:
    """Mistral's bodies by `usage_info`, by a transcription that names its model, by the kind of a conversation."""

    name = "mistral"
    keys = frozenset(("usage_info", "text", "type", "conversation_id"))

    def matches(self, record: Record) -> bool:
        """Whether the body is of OCR, of a transcription, of a conversation, or an event of the latter two."""
        body = record.body
        if body is None:
            return False
        if "usage_info" in body:
            return isinstance(body["usage_info"], dict) and "pages_processed" in body["usage_info"]
        event = body.get("type")
        if isinstance(event, str):
            return event.startswith(EVENTS) and _is_event(body)
        if "object" in body:
            return body["object"] == CONVERSATION
        usage = body.get("usage")
        # Chat Completions count audio too: only a transcription has its text at the top.
        return isinstance(usage, dict) and "prompt_audio_seconds" in usage and isinstance(body.get("text"), str)

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, an event a part; the event `done` is the last."""
        body = record.body
        if body is None:
            return None
        if "usage_info" in body:
            return _ocr(record, body)
        event = body.get("type")
        operation = "chat" if event is None and "object" in body else "transcription"
        if not isinstance(event, str):
            return _call(record, body, operation, stream=family.streamed(record))
        operation = "transcription" if event.startswith("transcription.") else "chat"
        made = _call(record, body, operation, stream=True)
        if event.endswith(".error"):
            error = made.error_type or family.failure(record, body) or "unknown"
            return Part(Stage.LAST, made._replace(error_type=error))
        return Part(Stage.LAST if event.endswith(".done") else Stage.PIECE, made)


def _is_event(body: Mapping[str, object]) -> bool:
    """Whether an object of such a type has what the event of that type always has."""
    return "content" in body or not EVENT_MEMBERS.isdisjoint(body) or ("code" in body and "message" in body)


def _ocr(record: Record, body: Mapping[str, object]) -> Call:
    made = _call(record, body, "ocr", stream=False)
    found = Counts(body.get("usage_info"), "usage_info")
    return made._replace(units=units(found, PAGES), faults=(*made.faults, *found.faults))


def _call(record: Record, body: Mapping[str, object], operation: str, *, stream: bool) -> Call:
    """What its APIs share. The id of a stream's event is of one message, and most events have none."""
    made = family.call(
        record,
        {"id": None if stream else body.get("id"), "model": _model(body)},
        operation,
        family.CHAT,
        usage=body.get("usage"),
        error=body.get("error"),
        finish=None,
        stream=stream,
        default=PROVIDER,
    )
    usage = family.mapping(body.get("usage")) or {}
    connectors = Counts(usage.get("connectors"), "usage.connectors")
    searches = units(connectors, SEARCHES)
    seconds = made.units
    if not seconds and "prompt_audio_seconds" in usage:
        # Behind a gateway the provider is another, but the block is Mistral's.
        seconds = units(Counts(usage), {"prompt_audio_seconds": "audio_seconds"})
    return made._replace(units={**seconds, **searches} or NO_UNITS, faults=(*made.faults, *connectors.faults))


def _model(body: Mapping[str, object]) -> str | None:
    """The body's model; a conversation's is that of its first output that names one."""
    model = text(body.get("model"))
    outputs = body.get("outputs")
    if model is None and isinstance(outputs, list):
        named = (text(output.get("model")) for output in outputs if isinstance(output, dict))
        model = next((name for name in named if name is not None), None)
    return model
