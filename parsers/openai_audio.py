"""OpenAI Audio: transcriptions, translations and speech, whole bodies and stream events; also Groq's transcriptions.

Format: https://platform.openai.com/docs/api-reference/audio. Usage is of two types: `tokens` (`input_tokens` are audio
and text together, with a singular `input_token_details`) or `duration`, the seconds of audio that are billed. A verbose
body without usage tells the same seconds as `duration`. The model is in the request only. Speech is binary: only its
stream tells usage; of other speech the characters of the request are known, by which its older models are billed.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers import vendor
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.limits import rate_limit
from parsers.usage import Counts, text

EVENTS = ("transcript.text.", "speech.audio.")
EVENT_MEMBERS = frozenset(("delta", "text", "usage", "audio", "segment_id"))
"""One of these is on every event; an application's own `speech.audio.sent` has none."""
INPUT_PARTS = {"audio_tokens": "audio_input", "text_tokens": "text_input", "cached_tokens": "cached_input"}


class OpenAIAudio:
    """Transcriptions by their usage or verbose form, streams by their types, speech by its request."""

    name = "openai_audio"
    keys = frozenset(("text", "type"))

    def matches(self, record: Record) -> bool:
        """Whether the body is a transcription or an event of audio, or the line is of a speech that was made."""
        body = record.body
        if body is None:
            return _is_speech(record)
        event = body.get("type")
        if isinstance(event, str) and event.startswith(EVENTS):
            return not EVENT_MEMBERS.isdisjoint(body)
        return _is_transcription(record, body) or ("text" not in body and _is_speech(record))

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, an event a part; the event `done` is the last."""
        body = record.body
        event = body.get("type") if body is not None else None
        if body is not None and isinstance(event, str) and event.startswith(EVENTS):
            spoken = event.startswith("speech.")
            stage = Stage.LAST if event in ("transcript.text.done", "speech.audio.done") else Stage.PIECE
            return Part(stage, _call(record, body, "speech" if spoken else "transcription", stream=True))
        if body is not None and "text" in body:
            return _call(record, body, "transcription", stream=family.streamed(record))
        said = record.request.get("input") if record.request is not None else None
        made = _call(record, {}, "speech", stream=family.streamed(record))
        return made._replace(units={"characters": len(said)}) if isinstance(said, str) and said else made


def counted(usage: object, path: str = "usage") -> tuple[Counts | None, Mapping[str, float]]:
    """The tokens or the billed seconds of a transcription's or a speech's usage block."""
    if usage is None:
        return None, NO_UNITS
    found = Counts(usage, path)
    if found.usage.get("type") == "duration":
        seconds = found.amount("seconds")
        return found, NO_UNITS if seconds is None else {"audio_seconds": seconds}
    found.input, found.output = found.count("input_tokens"), found.count("output_tokens")
    found.parts("input_token_details", INPUT_PARTS, found.input)
    found.check_total("total_tokens")
    return found, NO_UNITS


def _call(record: Record, body: Mapping[str, object], operation: str, *, stream: bool) -> Call:
    # Beside the body, where a line names it: the body itself never does.
    asked = family.request_model(record) or text(body.get("model"))
    found, units = counted(body.get("usage"))
    faults = found.faults if found else []
    if found is not None and found.output is not None and operation == "speech":
        found.details["audio_output"] = found.output
    if found is None and "duration" in body:
        seconds = Counts(body, "body")
        amount = seconds.amount("duration")
        units, faults = ({"audio_seconds": amount} if amount else NO_UNITS), seconds.faults
    return Call(
        provider=vendor.provider(_named(record, body), asked, "openai"),
        operation=operation,
        request_model=asked,
        error_type=family.failure(record, body.get("error")),
        input_tokens=found.input if found else None,
        output_tokens=found.output if found else None,
        details=found.details if found else NO_COUNTS,
        units=units,
        stream=stream,
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        faults=tuple(faults),
    )


def _named(record: Record, body: Mapping[str, object]) -> Record:
    """The record with the vendor that a transcription shows: it has no `object`, by which bodies are usually told."""
    return record._replace(provider="groq") if "x_groq" in body and not record.provider else record


def _is_transcription(record: Record, body: Mapping[str, object]) -> bool:
    """A text with the usage of audio, or in the verbose form, or where a transcription was asked for."""
    if "object" in body or not isinstance(body.get("text"), str):
        return False
    usage = body.get("usage")
    if isinstance(usage, dict) and usage.get("type") in ("tokens", "duration"):
        return True
    if body.get("task") in ("transcribe", "translate") and "duration" in body:
        return True
    # Mistral's body names its model, and is its own parser's.
    return "model" not in body and ("x_groq" in body or _asked(record, "transcription"))


def _is_speech(record: Record) -> bool:
    """Whether a request for speech was answered: with a status, since the answer itself is no JSON."""
    request = record.request
    if request is None or record.status is None or record.status >= 400:
        return False
    return isinstance(request.get("input"), str) and "voice" in request and isinstance(request.get("model"), str)


def _asked(record: Record, operation: str) -> bool:
    """Whether the URL or the model that was asked for tells this operation."""
    if record.url is not None and vendor.place(record.url).operation == operation:
        return True
    model = family.request_model(record) or ""
    return any(piece in model for piece, name in vendor.MODEL_OPERATIONS if name == operation)
