"""Bodies of OpenAI's form as any vendor sends them: of those that differ only in what is counted one is parsed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from operator import attrgetter
from typing import Any, Literal, TypedDict

from parsers import openai_family as family
from parsers.base import Call, Parser
from parsers.openai_family import Names
from parsers.openai_vendors import BY_VENDOR, NOTHING_MORE, extra
from parsers.remembered import Again, counted, endings
from parsers.typical import TEXT, Object, Typical, by_parse
from parsers.vendor_body import is_open_router_id


class Choice(TypedDict, total=False):
    """What counts of a choice."""

    finish_reason: TEXT
    error: object
    content_filter_results: object
    content_filter_result: object


MEMBERS: Mapping[str, object] = {
    "id": TEXT, "model": TEXT, "choices": list[Choice], "usage": Object, "error": object, "service_tier": TEXT,
    "system_fingerprint": TEXT, "provider": TEXT, "prompt": object, "x_groq": object,
}  # fmt: skip

ONCE = ("model", "service_tier", "system_fingerprint", "provider")
NEEDED = frozenset(("id", "model", "choices"))
NOT_AGAIN = frozenset(("error", "prompt"))


def vendors(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """A body of this form as any vendor sends it."""
    kind = body.get("object")
    if not isinstance(kind, str):
        return None
    again = _again(body) if kind == "chat.completion" else None
    return by_parse(parser, body, {**MEMBERS, "object": Literal[kind]}, again=again)


def _again(body: Mapping[str, object]) -> Again | None:
    usage, keys = body.get("usage"), [key for key in ONCE if key in body]
    if not isinstance(usage, dict) or not body.keys() >= NEEDED or not NOT_AGAIN.isdisjoint(body):
        return None
    facts = attrgetter(*keys)

    def facts_of(found: Any) -> Hashable | None:
        ended = endings(found.choices, "finish_reason")
        if ended is None:
            return None
        return ended, is_open_router_id(found.id), facts(found)

    return Again(facts_of, lambda call, found: counted_again(call, found.usage, family.CHAT, found.id))


def counted_again(made: Call, usage: object, names: Names, response_id: str | None) -> Call | None:
    """The call as `openai_family.call` makes it of another usage block and another id; None where something is odd."""
    found = family.counts(usage, names, made.provider)
    if found is None:
        return None
    more = extra(found, made.provider) if made.provider in BY_VENDOR else NOTHING_MORE
    again = counted(made, found, response_id)
    if again is None or more is NOTHING_MORE:
        return again
    return again._replace(units=more.units, cost_usd=more.cost_usd, duration_seconds=more.duration_seconds)
