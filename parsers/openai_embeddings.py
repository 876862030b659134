"""OpenAI Embeddings and compatible vendors; nothing is generated, so the output is 0.

Format: https://platform.openai.com/docs/api-reference/embeddings. `prompt_tokens` is the whole input.
"""

from __future__ import annotations

from parsers import openai_family as family
from parsers import openai_typical
from parsers.base import Call, Part, Record


class OpenAIEmbeddings:
    """Embeddings by the list they come in; without one, by a usage block of an embedding model."""

    name = "openai_embeddings"
    keys = frozenset(("object", "usage"))
    typical = staticmethod(openai_typical.embeddings)

    def matches(self, record: Record) -> bool:
        """Whether the body is a list of embeddings, or a line that carries the usage of one."""
        body = record.body
        if body is None:
            return False
        kind = body.get("object")
        if kind is None:
            usage = body.get("usage")
            return isinstance(usage, dict) and family.is_embedding_usage(record, usage)
        if kind != "list":
            return False
        data = body.get("data")
        if isinstance(data, list) and data:
            # Lists of models, files and batches are lists too.
            return isinstance(data[0], dict) and data[0].get("object") == "embedding"
        usage = body.get("usage")
        return isinstance(usage, dict) and "prompt_tokens" in usage

    def parse(self, record: Record) -> Call | Part | None:
        """Always a whole call."""
        body = record.body
        if body is None:
            return None
        return family.call(
            record,
            body,
            "embeddings",
            family.EMBEDDINGS,
            usage=body.get("usage"),
            error=body.get("error"),
            finish=None,
            stream=False,
            default="openai" if "object" in body else None,
        )
