"""A request whose answer is on another line, or says nothing that any parser knows: asked last, reads no usage."""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers import vendor
from parsers.base import NO_UNITS, Call, Part, Record, Stage
from parsers.limits import rate_limit
from parsers.usage import text

ANSWERS = frozenset(("response", "output", "completion", "usage", "choices", "error", "result", "object", "content"))
"""Keys of a line that holds an answer too, so that no other line will bring it."""


ASKED = frozenset(("messages", "input", "prompt", "contents"))
"""Under which of these a request has what the model is to answer."""


class AnyRequest:
    """Requests to any provider, by the model they name beside their messages, prompt or input."""

    name = "any_request"
    keys = frozenset(("model",))

    def matches(self, record: Record) -> bool:
        """Whether the line carries a request to a model."""
        if record.request is not None:
            return isinstance(record.request.get("model"), str)
        return record.body is not None and _is_bare_request(record, record.body)

    def parse(self, record: Record) -> Call | Part | None:
        """Alone, a request is a part; with a status, or an answer that nobody could read, a call of unknown usage.

        The provider is only what hint, URL or model tell: a guess would outlive the answer's own word.
        """
        request = record.request if record.request is not None else record.body
        if request is None:
            return None
        model = text(request.get("model"))
        is_alone = record.status is None and (record.request is None or record.body is None)
        made = Call(
            provider=vendor.provider(record, model, None),
            operation=operation(record, request),
            request_model=model or family.request_model(record),
            error_type=None if is_alone else family.failure(record, None),
            stream=request.get("stream") is True,
            rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        )
        return Part(Stage.REQUEST, made) if is_alone else made


def is_request(request: Mapping[str, object]) -> bool:
    """Whether a mapping asks a model for something."""
    return isinstance(request.get("model"), str) and not ASKED.isdisjoint(request)


def operation(record: Record, request: Mapping[str, object] | None) -> str:
    """What was asked for: by the URL, else by the shape of the request, else a chat."""
    if record.url:
        told = vendor.place(record.url).operation
        if told is not None:
            return told
    if request is None or "messages" in request:
        return "chat"
    if "contents" in request:
        return "generate_content"
    model = text(request.get("model")) or ""
    told = next((name for piece, name in vendor.MODEL_OPERATIONS if piece in model), None)
    if told is not None:
        return told
    return "text_completion" if "prompt" in request else "chat"


def _is_bare_request(record: Record, body: Mapping[str, object]) -> bool:
    """A line that is itself the request. Many things have an input and a model: without messages, more must tell."""
    if "model" not in body or not is_request(body) or not ANSWERS.isdisjoint(body):
        return False
    if isinstance(body.get("messages"), list):
        return True
    model = body["model"]
    return (isinstance(model, str) and vendor.by_model(model) is not None) or vendor.hinted(record) is not None
