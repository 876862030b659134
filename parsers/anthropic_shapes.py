"""What Anthropic's bodies look like: messages, events, errors, results of a batch. Recognises only, reads no usage."""

from __future__ import annotations

from collections.abc import Mapping

from parsers import aws
from parsers import openai_family as family

BLOCK_EVENTS = frozenset(("content_block_start", "content_block_delta", "content_block_stop"))
ERROR_TYPES = frozenset(
    (
        "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error",
        "conflict_error", "request_too_large", "rate_limit_error", "api_error", "timeout_error", "overloaded_error",
    )
)  # fmt: skip
ID_PREFIXES = (("msg_bdrk_", aws.PROVIDER), ("msg_vrtx_", "gcp.vertex_ai"))
"""How the ids of messages begin that came by way of a cloud."""
BATCH_RESULTS = {"succeeded": None, "errored": "unknown", "canceled": "cancelled", "expired": "timeout"}
"""How a request of a batch ended → its error type when nothing more exact is said."""


def is_message(body: Mapping[str, object]) -> bool:
    """A message of the API, not a chat message of somebody's own: it names a model or counts tokens."""
    if body.get("role", "assistant") != "assistant":
        return False
    usage = body.get("usage")
    if isinstance(usage, dict) and ("input_tokens" in usage or "output_tokens" in usage):
        return True
    return isinstance(body.get("model"), str) and ("stop_reason" in body or "role" in body)


def is_event(body: Mapping[str, object], kind: str) -> bool:
    """An event of a stream whose `type` begins with `message_`: others name their own so."""
    if kind == "message_start":
        return isinstance(body.get("message"), dict)
    if kind == "message_delta":
        return isinstance(body.get("delta"), dict) or isinstance(body.get("usage"), dict)
    return kind == "message_stop"


def is_error(body: Mapping[str, object]) -> bool:
    """A failure of the API, by the closed set of its types."""
    error = body.get("error")
    # OpenAI's Realtime events have the same two levels, and a `code` in the inner one.
    if not isinstance(error, dict) or "code" in error or not isinstance(error.get("message"), str):
        return False
    kind = error.get("type")
    return isinstance(kind, str) and kind in ERROR_TYPES


def thrown(body: Mapping[str, object]) -> Mapping[str, object] | None:
    """The body of a failure as the SDKs' exceptions hold it, under `error`."""
    error = family.mapping(body.get("error"))
    return error if error is not None and error.get("type") == "error" and is_error(error) else None


def batch_result(body: Mapping[str, object]) -> Mapping[str, object] | None:
    """How a request of a Message Batch ended; None for what is no line of one's results."""
    result = family.mapping(body.get("result"))
    kind = result.get("type") if result else None
    return result if isinstance(kind, str) and kind in BATCH_RESULTS else None
