"""OpenAI Moderations; also Mistral's, which has the same form and counts tokens. Nothing is generated: the output is 0.

Format: https://platform.openai.com/docs/api-reference/moderations. OpenAI's are free and tell no usage, so their input
stays unknown; Mistral's `prompt_tokens` are the whole input.
"""

from __future__ import annotations

from parsers import openai_family as family
from parsers.base import Call, Part, Record


class OpenAIModerations:
    """Moderations by the categories of their results."""

    name = "openai_moderations"
    keys = frozenset(("results",))

    def matches(self, record: Record) -> bool:
        """Whether the body is the verdicts of a moderation model."""
        body = record.body
        results = body.get("results") if body is not None else None
        if body is None or not isinstance(results, list) or not results or not isinstance(body.get("model"), str):
            return False
        first = results[0]
        return isinstance(first, dict) and "categories" in first and "category_scores" in first

    def parse(self, record: Record) -> Call | Part | None:
        """Always a whole call."""
        body = record.body
        if body is None:
            return None
        made = family.call(
            record,
            body,
            "moderation",
            family.EMBEDDINGS,
            usage=body.get("usage"),
            error=body.get("error"),
            finish=None,
            stream=False,
        )
        return made if made.error_type is not None else made._replace(output_tokens=0)
