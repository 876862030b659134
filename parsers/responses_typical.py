"""What the parser of OpenAI Responses looks at in usual responses and in the events of their streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required, TypedDict

from parsers.base import Parser
from parsers.typical import TEXT, Object, Typical, by_parse

ODD = frozenset(("choices", "deleted", "event_id", "custom_id"))


class Action(TypedDict, total=False):
    """What a search of the web did."""

    type: object


class Item(TypedDict, total=False):
    """One item of the output."""

    type: object
    action: Action | None


class Tool(TypedDict, total=False):
    """A tool as the response repeats it."""

    type: object
    model: TEXT


class Response(TypedDict, total=False):
    """The response in an event."""

    object: Required[Literal["response"]]
    id: TEXT
    model: TEXT
    status: TEXT
    usage: Object | None
    error: None
    incomplete_details: Object | None
    output: list[Item]
    tools: list[Tool]
    tool_usage: Object | None
    service_tier: TEXT


MEMBERS: Mapping[str, object] = {
    "id": TEXT, "model": TEXT, "status": TEXT, "usage": Object, "error": None, "incomplete_details": Object,
    "output": list[Item], "tools": list[Tool], "tool_usage": Object, "service_tier": TEXT, "background": bool,
    "system_fingerprint": None, "provider": TEXT, "prompt": object,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read responses and events with the keys of this one."""
    kind, event = body.get("object"), body.get("type")
    if not ODD.isdisjoint(body):
        return None
    if kind == "response":
        return by_parse(parser, body, {**MEMBERS, "object": Literal["response"]})
    if "object" in body or not isinstance(event, str) or not event.startswith("response."):
        return None
    return by_parse(parser, body, {"type": Literal[event], "sequence_number": int, "response": Response})
