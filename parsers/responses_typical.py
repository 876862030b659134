"""What the parser of OpenAI Responses looks at in usual responses and in the events of their streams."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from operator import attrgetter
from typing import Any, Literal, Required, TypedDict

from parsers import openai_family as family
from parsers.base import Parser
from parsers.openai_again import counted_again
from parsers.remembered import Again
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


ONCE = ("model", "status", "service_tier", "background")
NEEDED = frozenset(("id", "model", "status", "output"))
NOT_AGAIN = frozenset(("tool_usage", "provider", "prompt"))
SEARCHES = ("web_search_call", "file_search_call")


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read responses and events with the keys of this one."""
    kind, event = body.get("object"), body.get("type")
    if not ODD.isdisjoint(body):
        return None
    if kind == "response":
        return by_parse(parser, body, {**MEMBERS, "object": Literal["response"]}, again=_again(body))
    if "object" in body or not isinstance(event, str) or not event.startswith("response."):
        return None
    return by_parse(parser, body, {"type": Literal[event], "sequence_number": int, "response": Response})


def _again(body: Mapping[str, object]) -> Again | None:
    usage, keys = body.get("usage"), [key for key in ONCE if key in body]
    if not isinstance(usage, dict) or not body.keys() >= NEEDED or not NOT_AGAIN.isdisjoint(body):
        return None
    if body.get("incomplete_details") is not None:
        return None
    facts = attrgetter(*keys)

    def facts_of(found: Any) -> Hashable | None:
        if any(item.get("type") in SEARCHES for item in found.output):
            return None
        return facts(found)

    return Again(facts_of, lambda call, found: counted_again(call, found.usage, family.RESPONSES, found.id))
