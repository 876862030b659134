"""What Anthropic's parser looks at in the usual messages and events of their streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

from parsers import anthropic_shapes as shapes
from parsers import aws
from parsers.base import Parser
from parsers.typical import TEXT, Object, Typical, by_parse

ODD = frozenset(("error", "custom_id", "event_id", aws.METRICS))
EVENTS = shapes.BLOCK_EVENTS | {"message_start", "message_delta", "message_stop"}


class Message(TypedDict, total=False):
    """The message with which a stream begins."""

    id: TEXT
    model: TEXT
    stop_reason: TEXT
    usage: Object | None


MEMBERS: Mapping[str, object] = {
    "id": TEXT, "role": TEXT, "model": TEXT, "stop_reason": TEXT, "usage": Object, "index": int, "message": Message,
    "delta": Object,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read messages and events with the keys of this one."""
    kind = body.get("type")
    if not isinstance(kind, str) or not (kind == "message" or kind in EVENTS) or not ODD.isdisjoint(body):
        return None
    members = {**MEMBERS, "type": Literal[kind]}
    is_delta = kind == "content_block_delta"
    if is_delta:
        del members["delta"]
    return by_parse(parser, body, members, repeats=is_delta)
