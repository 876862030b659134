"""Output lines of OpenAI's Batch API, each a call of one of the other APIs at the price of a batch; also Mistral's.

Format: https://platform.openai.com/docs/api-reference/batch/request-output. The body in a line has its own API's
totals. The Batch object adds up the usage of all its lines: it is no call, or each would be counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parsers import openai_family as family
from parsers import vendor
from parsers.any_error import AnyError
from parsers.base import Call, Parser, Part, Record, Several
from parsers.errors import failure_by_status
from parsers.openai_chat import OpenAIChat
from parsers.openai_completions import OpenAICompletions
from parsers.openai_embeddings import OpenAIEmbeddings
from parsers.openai_images import OpenAIImages
from parsers.openai_moderations import OpenAIModerations
from parsers.openai_responses import OpenAIResponses
from parsers.openai_videos import OpenAIVideos
from parsers.usage import text

TIER = "batch"
EXPIRED = {"batch_expired": "timeout", "batch_cancelled": "cancelled"}
"""Why a line was never run → its error type."""


class OpenAIBatch:
    """Output lines by their `custom_id` beside a response or an error."""

    name = "openai_batch"
    keys = frozenset(("custom_id",))

    def __init__(self) -> None:
        self._inner: Sequence[Parser] = (
            OpenAIModerations(),
            OpenAIImages(),
            OpenAIVideos(),
            OpenAIChat(),
            OpenAIResponses(),
            OpenAIEmbeddings(),
            OpenAICompletions(),
            AnyError(),
        )

    def matches(self, record: Record) -> bool:
        """Whether the body is a line of a batch's output or error file."""
        body = record.body
        if body is None or not isinstance(body.get("custom_id"), str) or "error" not in body:
            return False
        response = body.get("response")
        if response is None:
            return isinstance(body["error"], dict)
        return isinstance(response, dict) and "status_code" in response and "body" in response

    def parse(self, record: Record) -> Call | Part | Several | None:
        """Always whole calls, also of a request that was never run."""
        line = record.body
        if line is None:
            return None
        response = family.mapping(line.get("response")) or {}
        first, *more = self._calls(record, response, line.get("error"))
        request_id = text(response.get("request_id")) or text(line.get("id"))
        first = _batched(first, record)._replace(request_id=request_id)
        return Several((first, *(_batched(call, record) for call in more))) if more else first

    def _calls(self, record: Record, response: Mapping[str, object], error: object) -> tuple[Call, ...]:
        status = response.get("status_code")
        inner = record._replace(
            body=family.mapping(response.get("body")), status=status if type(status) is int else record.status
        )
        found: Call | Part | Several | None = None
        if inner.body is not None:
            found = next((parser.parse(inner) for parser in self._inner if parser.matches(inner)), None)
        if isinstance(found, Several):
            return found.calls
        if isinstance(found, Part):
            return (found.call,)
        if found is not None:
            return (found,)
        provider = vendor.provider(record, None, "openai")
        return (Call(provider, request_model=family.request_model(record), error_type=_failure(inner, error)),)


def _batched(call: Call, record: Record) -> Call:
    return call._replace(
        error_type=call.error_type or failure_by_status(record.status), service_tier=TIER, stream=False
    )


def _failure(record: Record, error: object) -> str | None:
    code = error.get("code") if isinstance(error, dict) else None
    return EXPIRED.get(code if isinstance(code, str) else "") or family.failure(record, error)
