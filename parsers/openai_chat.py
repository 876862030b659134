"""OpenAI Chat Completions, whole bodies and stream chunks; also compatible vendors and lines with only its usage.

Format: https://platform.openai.com/docs/api-reference/chat. `prompt_tokens` includes cached and cache-write tokens,
`completion_tokens` includes reasoning (xAI's does not; see `openai_family`).
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_again, openai_typical, vendor
from parsers import openai_family as family
from parsers.base import Call, Part, Record
from parsers.typical import Typical

WHOLE = "chat.completion"
CHUNK = "chat.completion.chunk"


class OpenAIChat:
    """Chat Completions by its `object`; without one, by a usage block or choices of its form."""

    name = "openai_chat"
    keys = frozenset(("object", "usage", "choices"))

    def typical(self, body: Mapping[str, object]) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return openai_typical.chat(body) or openai_again.vendors(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is a chat completion or a chunk of one, or a line that carries the usage of one."""
        body = record.body
        if body is None:
            return False
        kind = body.get("object")
        if kind is None:
            return _has_usage(record) or _has_choices(record)
        return kind in (WHOLE, CHUNK)

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, a chunk is a part."""
        body = record.body
        if body is None:
            return None
        kind = body.get("object")
        if kind == CHUNK:
            return family.chunk(record, body, "chat")
        operation = "chat"
        if kind is None and record.url:
            operation = vendor.place(record.url).operation or operation
        error, finish = body.get("error"), family.finish_reason(body)
        if error is None:
            error = family.ending_error(body, finish)
        return family.call(
            record,
            body,
            operation,
            family.CHAT,
            usage=body.get("usage"),
            error=error,
            finish=finish,
            stream=family.streamed(record),
            default="openai" if kind else None,
        )


def _has_usage(record: Record) -> bool:
    """A line of an application that logs the usage alone: what is no embedding's is taken for a chat's."""
    body = record.body
    usage = body.get("usage") if body else None
    return isinstance(usage, dict) and "prompt_tokens" in usage and not family.is_embedding_usage(record, usage)


def _has_choices(record: Record) -> bool:
    """A body that was trimmed of its `object`."""
    body = record.body
    choices = body.get("choices") if body else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return False
    return "message" in choices[0] and "finish_reason" in choices[0]
