"""OpenAI Responses, whole bodies and stream events; also lines with only a usage block of its names.

Format: https://platform.openai.com/docs/api-reference/responses. `input_tokens` includes cached and cache-write
tokens, `output_tokens` includes reasoning. Anthropic uses the same two names for other things, so a usage block alone
is taken only when nothing in it is Anthropic's. HTTP 200 with `status: failed` is an error, `incomplete` a success.
A compaction is billed like a response. What its built-in tools used is billed beside its tokens: `openai_tools`.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers import openai_tools as tools
from parsers import responses_typical, vendor
from parsers.base import Call, Part, Record, Several, Stage
from parsers.typical import Typical
from parsers.usage import text

KINDS = ("response", "response.compaction")
ENDINGS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
UNFINISHED = ("queued", "in_progress")
FAILURES = {"failed": "unknown", "cancelled": "cancelled"}
"""A status that is an error by itself → its error type when nothing more exact is said."""

EVENT_KEYS = frozenset(("sequence_number", "item_id", "output_index"))
"""One of these is on every event that carries no response; an application's own `response.sent` has none."""

FOREIGN_USAGE = frozenset(
    ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "server_tool_use", "type")
)
"""Anthropic's members, and `type`, which a transcription's usage has."""

FOREIGN_TYPES = ("message", "message_delta")
"""Anthropic's message and the event of its stream that counts, whatever model they come from."""


class OpenAIResponses:
    """Responses by `object: response` and by the `response.…` events of its stream."""

    name = "openai_responses"
    keys = EVENT_KEYS | {"object", "usage", "response", "param"}

    def typical(self, body: Mapping[str, object]) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return responses_typical.form(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is a response, a stream event, or a line that carries the usage of one."""
        body = record.body
        if body is None:
            return False
        kind = body.get("object")
        if kind is not None:
            return kind in KINDS
        event = body.get("type")
        if isinstance(event, str):
            if event.startswith("response."):
                return _is_stream_event(body)
            if event == "error":
                return _is_error_event(body)
        return _has_usage(record)

    def parse(self, record: Record) -> Call | Part | Several | None:
        """A whole body is a call, an event a part. One queued, looked up again or deleted has nothing to count."""
        body = record.body
        if body is None:
            return None
        event = body.get("type")
        if "object" not in body and isinstance(event, str) and (event == "error" or event.startswith("response.")):
            return _event(record, body, event)
        if "object" in body and (body.get("status") in UNFINISHED or "deleted" in body or _is_fetched(record, body)):
            # Background mode: the answer is fetched again until it is finished, and only then is it the call.
            return None
        return _with_images(_call(record, body, stream=family.streamed(record)), body)


def _event(record: Record, body: Mapping[str, object], event: str) -> Part | Several:
    if event == "error":
        error = body.get("error")
        return Part(Stage.LAST, _call(record, {}, stream=True, error=error if isinstance(error, dict) else body))
    response = family.mapping(body.get("response")) or {}
    stage = Stage.LAST if event in ENDINGS else Stage.PIECE
    made = _call(record, response, stream=True)
    if event == "response.failed" and made.error_type is None:
        made = made._replace(error_type=FAILURES["failed"])
    whole = _with_images(made, response) if stage is Stage.LAST else made
    return whole if isinstance(whole, Several) else Part(stage, made)


def _with_images(made: Call, body: Mapping[str, object]) -> Call | Several:
    """A model that made images is one call, the image model that it asked another."""
    images = tools.image_call(made, body) if "tool_usage" in body else None
    return made if images is None else Several((made, images))


def _call(record: Record, body: Mapping[str, object], *, stream: bool, error: object = None) -> Call:
    is_bare = "usage" in body and "object" not in body
    made = family.call(
        record,
        body,
        _operation(record) if is_bare else "chat",
        family.RESPONSES,
        usage=body.get("usage"),
        error=body.get("error") if error is None else error,
        finish=None if is_bare else _finish(body),
        stream=stream,
        default=None if is_bare else "openai",
    )
    if made.input_tokens is not None and isinstance(body.get("output"), list):
        made = tools.with_searches(made, body)
    status = body.get("status")
    if made.error_type is None and isinstance(status, str) and status in FAILURES and "object" in body:
        made = made._replace(error_type=FAILURES[status])
    return made


def _is_fetched(record: Record, body: Mapping[str, object]) -> bool:
    """Whether a stored response was looked up: only one made in the background is not counted when it is made."""
    if not record.url or body.get("background") is True:
        return False
    return record.url.partition("?")[0].rpartition("/responses/")[2].startswith("resp_")


def _operation(record: Record) -> str:
    """What the URL tells of a bare usage block, else a chat."""
    return (vendor.place(record.url).operation if record.url else None) or "chat"


def _finish(body: Mapping[str, object]) -> str | None:
    """`max_output_tokens` and the like for an incomplete response, else its status."""
    details = body.get("incomplete_details")
    reason = text(details.get("reason")) if isinstance(details, dict) else None
    status = body.get("status")
    return reason or (text(status) if status not in UNFINISHED else None)


def _is_stream_event(body: Mapping[str, object]) -> bool:
    """An event by its number in the stream or by what it belongs to; Realtime's events have an id of their own."""
    if "event_id" in body:
        return False
    if not EVENT_KEYS.isdisjoint(body):
        return True
    response = body.get("response")
    return isinstance(response, dict) and response.get("object") == "response"


def _is_error_event(body: Mapping[str, object]) -> bool:
    """An `error` event by its number in the stream, or by the three members that it always has."""
    return "sequence_number" in body or ("code" in body and "param" in body and "message" in body)


def _has_usage(record: Record) -> bool:
    body = record.body
    usage = body.get("usage") if body else None
    if body is None or not isinstance(usage, dict) or "input_tokens" not in usage or "output_tokens" not in usage:
        return False
    if not FOREIGN_USAGE.isdisjoint(usage) or body.get("type") in FOREIGN_TYPES or "stop_reason" in body:
        return False
    hint = vendor.hinted(record)
    model = text(body.get("model")) or family.request_model(record)
    return (hint or (vendor.by_model(model) if model else None)) in (None, "openai", vendor.AZURE)
