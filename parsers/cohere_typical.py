"""What Cohere's parser looks at in usual chats and in the events of their streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from parsers.base import Parser
from parsers.typical import TEXT, Object, Typical, by_parse

ODD = frozenset((
    "error", "embeddings", "results", "classifications", "generations", "event_type", "predictions", "done",
))  # fmt: skip
"""Beside what decides whose body it is: answers so large that to decode them is most of the work."""
MEMBERS: Mapping[str, object] = {
    "usage": Object, "meta": Object, "id": TEXT, "generation_id": TEXT, "response_id": TEXT, "finish_reason": TEXT,
    "delta": Object, "index": int,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read chats and events with the keys of this one."""
    if not ODD.isdisjoint(body):
        return None
    kind = body.get("type")
    return by_parse(parser, body, {**MEMBERS, "type": Literal[kind]} if isinstance(kind, str) else MEMBERS)
