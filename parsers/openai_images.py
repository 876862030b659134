"""OpenAI Images, whole bodies and stream events; also xAI's and Together's of its form.

Format: https://platform.openai.com/docs/api-reference/images. `input_tokens` are text and images together and include
what was cached, `output_tokens` are the image. The model is in the request only. DALL·E tells no usage: its images are
counted. A stream's partial images are billed within the usage of its last event. A line whose images were left out
is told by who was asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers import vendor
from parsers.base import NO_UNITS, Call, Part, Record, Stage
from parsers.usage import text

OPERATION = "image_generation"
EVENTS = ("image_generation.", "image_edit.")
EVENT_MEMBERS = frozenset(("b64_json", "usage", "partial_image_index", "sequence_number"))
"""One of these is on every event; an application's own `image_generation.started` has none."""
MEMBERS = frozenset(("created", "data", "usage", "background", "output_format", "quality", "size", "model", "id"))
"""All that a body can have. Many things have `data` with a `url`."""


class OpenAIImages:
    """Images by what their `data` holds, and by the types of the stream's events."""

    name = "openai_images"
    keys = frozenset(("data", "type", "usage"))

    def matches(self, record: Record) -> bool:
        """Whether the body is a list of images or an event of a stream that makes one."""
        body = record.body
        if body is None:
            return False
        event = body.get("type")
        if isinstance(event, str):
            return event.startswith(EVENTS) and not EVENT_MEMBERS.isdisjoint(body)
        data = body.get("data")
        if isinstance(data, list) and data and _is_image(record, body, data[0]):
            return True
        return "object" not in body and _is_usage(record, body)

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, an event a part; the event `completed` is the last."""
        body = record.body
        if body is None:
            return None
        event = body.get("type")
        if isinstance(event, str):
            stage = Stage.LAST if event.endswith(".completed") else Stage.PIECE
            return Part(stage, _call(record, body, stream=True))
        made = _call(record, body, stream=family.streamed(record))
        data = body.get("data")
        if made.output_tokens is None and not made.faults and made.error_type is None and isinstance(data, list):
            # xAI's usage tells a cost and no tokens.
            made = made._replace(units={"images": len(data)} if data else NO_UNITS)
        return made


def _call(record: Record, body: Mapping[str, object], *, stream: bool) -> Call:
    made = family.call(
        record,
        body,
        OPERATION,
        family.RESPONSES,
        usage=body.get("usage"),
        error=body.get("error"),
        finish=None,
        stream=stream,
    )
    usage = family.mapping(body.get("usage"))
    if usage is not None and made.output_tokens is not None and usage.get("output_tokens_details") is None:
        # Only models that also write text tell the two apart.
        made = made._replace(details={**made.details, "image_output": made.output_tokens})
    return made


def _is_usage(record: Record, body: Mapping[str, object]) -> bool:
    """Whether a usage block is that of images: they are dearer than the text that the same names count elsewhere."""
    usage = body.get("usage")
    if not isinstance(usage, dict) or "input_tokens" not in usage or "output_tokens" not in usage:
        return False
    if record.url is not None and vendor.place(record.url).operation is not None:
        return vendor.place(record.url).operation == OPERATION
    model = family.request_model(record) or text(body.get("model")) or ""
    return any(piece in model for piece, name in vendor.MODEL_OPERATIONS if name == OPERATION)


def _is_image(record: Record, body: Mapping[str, object], first: object) -> bool:
    """Whether the first member of `data` is an image that a model made: by its text form, or by who was asked."""
    if not isinstance(first, dict) or "object" in first:
        return False
    if body.get("object", "list") != "list" or body.keys() - MEMBERS - {"object"}:
        return False
    if isinstance(first.get("b64_json"), str) or "revised_prompt" in first:
        return True
    if not isinstance(first.get("url"), str):
        return False
    if record.url is not None and vendor.place(record.url).operation == OPERATION:
        return True
    request = record.request
    return request is not None and isinstance(request.get("prompt"), str) and isinstance(request.get("model"), str)
