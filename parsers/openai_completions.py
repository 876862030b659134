"""OpenAI's legacy Completions, whole bodies and stream chunks, which share one `object`; also compatible vendors.

Format: https://platform.openai.com/docs/api-reference/completions. Flat usage: `prompt_tokens`, `completion_tokens`.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_again
from parsers import openai_family as family
from parsers.base import Call, Part, Record
from parsers.typical import Typical


class OpenAICompletions:
    """Legacy Completions by `object: text_completion`."""

    name = "openai_completions"
    keys = frozenset(("object",))

    def typical(self, body: Mapping[str, object]) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return openai_again.vendors(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is a text completion, whole or a chunk."""
        return record.body is not None and record.body.get("object") == "text_completion"

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, a chunk is a part."""
        body = record.body
        if body is None:
            return None
        finish = family.finish_reason(body)
        if _is_chunk(record, body, finish):
            return family.chunk(record, body, "text_completion")
        return family.call(
            record,
            body,
            "text_completion",
            family.CHAT,
            usage=body.get("usage"),
            error=body.get("error") or family.ending_error(body, finish),
            finish=finish,
            stream=family.streamed(record),
        )


def _is_chunk(record: Record, body: Mapping[str, object], finish: str | None) -> bool:
    """Told by the request where there is one, else by what only a chunk lacks: choices, a reason to stop, usage."""
    if not body.get("choices"):
        return True
    if record.request is not None and finish is not None and body.get("usage") is not None:
        # The pieces were put together before they were logged, or nothing was streamed.
        return False
    if record.request is not None:
        return family.streamed(record)
    return finish is None or body.get("usage") is None
