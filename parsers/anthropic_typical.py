"""What Anthropic's parser looks at in the usual messages and events of their streams."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from operator import attrgetter
from typing import Any, Literal, TypedDict

from parsers import anthropic_shapes as shapes
from parsers import anthropic_usage, aws
from parsers.base import Parser
from parsers.remembered import Again, counted
from parsers.typical import TEXT, Object, Typical, by_parse

ODD = frozenset(("error", "custom_id", "event_id", aws.METRICS))
CLOUDS = tuple(prefix for prefix, _ in shapes.ID_PREFIXES)
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


COUNTED = frozenset((
    "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation",
    "output_tokens_details",
))  # fmt: skip
"""Members of a usage block that only count."""
TOLD = ("service_tier", "speed", "inference_geo")
"""Its members whose texts tell something."""
ONCE = ("model", "role", "stop_reason")


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read messages and events with the keys of this one."""
    kind = body.get("type")
    if not isinstance(kind, str) or not (kind == "message" or kind in EVENTS) or not ODD.isdisjoint(body):
        return None
    members = {**MEMBERS, "type": Literal[kind]}
    is_delta = kind == "content_block_delta"
    if is_delta:
        del members["delta"]
    return by_parse(parser, body, members, repeats=is_delta, again=_again(body) if kind == "message" else None)


def _again(body: Mapping[str, object]) -> Again | None:
    usage = body.get("usage")
    if not isinstance(usage, dict) or not usage.keys() <= COUNTED.union(TOLD) or not body.keys() >= {"id", *ONCE}:
        return None
    told = [key for key in TOLD if key in usage]
    facts = attrgetter(*ONCE)

    def facts_of(found: Any) -> Hashable | None:
        # The id may name the cloud that the message came from.
        if not found.id or found.id.startswith(CLOUDS):
            return None
        return facts(found), *map(found.usage.get, told)

    return Again(facts_of, lambda call, found: counted(call, anthropic_usage.counts(found.usage), found.id))
