"""What Ollama's parser looks at in usual answers, whole or in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from parsers.base import Parser
from parsers.typical import TEXT, Typical, by_parse

ODD = frozenset(("error", "embedding", "embeddings", "usage", "choices", "meta", "predictions"))
COUNT = int | None


class Message(TypedDict, total=False):
    """What was answered: only that it is there counts."""


MEMBERS: Mapping[str, object] = {
    "model": str, "done": bool, "done_reason": TEXT, "message": Message, "response": str, "total_duration": COUNT,
    "prompt_eval_count": COUNT, "prompt_eval_cached_count": COUNT, "eval_count": COUNT, "eval_duration": COUNT,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read answers with the keys of this one."""
    return by_parse(parser, body, MEMBERS) if "done" in body and ODD.isdisjoint(body) else None
