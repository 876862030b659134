"""What a model's name means: who sells it, how else it is spelled, which pattern it meets. Pure, no prices."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_NAME_CHARS = 256
"""A longer model name is hostile or broken: it has no price, and no pattern is tried on it."""

Match = str | list["Match"]
"""`=x` equals, `^x` starts with, `$x` ends with, `*x` contains, `~x` is found by a regular expression; a list
that starts with `and` needs all the others, any other list one of them. All on the name in lower case."""

SOURCE_IDS = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "aws.bedrock": "aws",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
    "moonshot_ai": "moonshotai",
}
"""OpenTelemetry's names of providers that the table calls otherwise."""

PREFIXES = {
    "gemini": "google",
    "vertex_ai": "google",
    "bedrock": "aws",
    "xai": "x-ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
}
"""What LiteLLM calls them, as a provider and as a prefix of models."""

BEDROCK_ID = re.compile(
    r"^(?:arn:aws[\w-]*:bedrock:|(?:(?:us|us-gov|eu|apac|jp|au|ca|global)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshotai|nvidia|openai|qwen|zai)\.\w)"
)
"""How Bedrock, and nobody else, names models: perhaps a region, the vendor, a dot."""

_COMPACT_DATE = re.compile(r"-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


def source_id(provider: str) -> str:
    """What the table calls a provider."""
    name = provider.strip().lower()
    return SOURCE_IDS.get(name) or PREFIXES.get(name, name)


def spellings(provider: str | None, model: str) -> list[tuple[str, str]]:
    """The (provider of the table, name) pairs that a model's name can stand for, the literal one first.

    A prefix is dropped where it repeats the provider, and read as the provider where none is known or a gateway
    (LiteLLM) passes the call on. A Vertex resource name is reduced to its model.
    """
    name = model.strip().lower()
    if len(name) > MAX_NAME_CHARS:
        return []
    source = source_id(provider) if provider else ""
    head, slash, tail = name.partition("/")
    if source in {"", "litellm"}:
        return [(source_id(head), tail)] if slash else []
    found = [(source, name)]
    if slash and source_id(head) == source:
        found.append((source, tail))
    if source == "google" and "models/" in name:
        found.append((source, name.rpartition("models/")[2]))
    return found


def location(model: str | None) -> str | None:
    """Where a resource name of Google Cloud says that Claude is served, which decides its price."""
    if model is None or "/publishers/anthropic/" not in model:
        return None
    return model.partition("locations/")[2].partition("/")[0].lower() or None


def with_dashed_date(name: str) -> Iterator[str]:
    """The name, then with `-20260131` written `-2026-01-31`, as LiteLLM and OpenRouter do not."""
    yield name
    dashed = _COMPACT_DATE.sub(r"-\1-\2-\3", name)
    if dashed != name:
        yield dashed


def alternatives(match: Match) -> list[Match]:
    """The clauses of which one is enough."""
    return match if isinstance(match, list) and match[0] != "and" else [match]


def matches(match: Match, name: str) -> bool:
    """Whether a name, in lower case, meets a match."""
    if isinstance(match, list):
        if match[0] == "and":
            return all(matches(clause, name) for clause in match[1:])
        return any(matches(clause, name) for clause in match)
    kind, text = match[0], match[1:]
    if kind == "=":
        return name == text
    if kind == "^":
        return name.startswith(text)
    if kind == "$":
        return name.endswith(text)
    if kind == "*":
        return text in name
    return re.search(text, name) is not None
