"""Facts of a call that an application logs as fields of its own line, without the provider's body. Decides by names."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

Object = dict[str, object]

INPUT_OUTPUT = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))
"""The pairs of fields that make a line the usage of a call."""
PLAIN = (
    "total_tokens", "cached_tokens", "prompt_tokens_details", "completion_tokens_details", "cache_read_input_tokens",
    "cache_creation_input_tokens", "cache_creation",
)  # fmt: skip
DETAILS = {"prompt_tokens": "completion_tokens_details", "input_tokens": "output_tokens_details"}
MODEL = "model"
FIELDS = (
    ("genai_model_name", "genai_tokens_input", "genai_tokens_output"),
    ("genai_model", "genai_input_tokens", "genai_output_tokens"),
    ("llm_model", "llm_input_tokens", "llm_output_tokens"),
    ("llm_model", "llm_prompt_tokens", "llm_completion_tokens"),
    ("model_name", "prompt_tokens", "completion_tokens"),
    ("model_name", "input_tokens", "output_tokens"),
    ("model", "promptTokens", "completionTokens"),
    ("model", "inputTokens", "outputTokens"),
)
"""Other names of a line's own model, input and output: gateways in front of Envoy write theirs as texts."""
TELLING = ("event", "type", "kind", "phase", "msg", "message", "name", "action")
"""Fields in which an application says what a line is about."""

_ABOUT = r".*\b(?:llm|openai|chat|completions?|model|ai|gpt|api)\b.*\s"
_REQUEST = re.compile(rf"(?:{_ABOUT})?request(?: sent| started| start)?|{_ABOUT}(?:sent|start|started|begin)")


def has_counts(keys: frozenset[str]) -> bool:
    """Whether a line with these keys is itself the usage of a call."""
    if "usage" in keys:
        return False
    return (MODEL in keys and any(keys.issuperset(pair) for pair in INPUT_OUTPUT)) or _fields(keys) is not None


def may_announce(keys: frozenset[str]) -> bool:
    """Whether a line with these keys may say that a request was sent."""
    return MODEL in keys and not keys.isdisjoint(TELLING)


def usage_body(line: Object) -> Object:
    """A body of the provider's form made of a line's own fields."""
    fields = _fields(line.keys())
    if fields is not None:
        model, taken, given = fields
        return {
            MODEL: line[model],
            "usage": {"input_tokens": count(line[taken]), "output_tokens": count(line[given])},
        }
    pair = next(pair for pair in INPUT_OUTPUT if line.keys() >= set(pair))
    usage = {name: line[name] for name in (*pair, *PLAIN) if name in line}
    if "reasoning_tokens" in line and DETAILS[pair[0]] not in usage:
        usage[DETAILS[pair[0]]] = {"reasoning_tokens": line["reasoning_tokens"]}
    body: Object = {MODEL: line[MODEL], "usage": usage}
    if "service_tier" in line:
        body["service_tier"] = line["service_tier"]
    return body


def _fields(keys: AbstractSet[str]) -> tuple[str, str, str] | None:
    return next((names for names in FIELDS if keys >= set(names)), None)


def count(value: object) -> object:
    """A count of tokens that was written as a text, as access logs do; a dash is none."""
    if type(value) is not str:
        return value
    return int(value) if value.isdecimal() and value.isascii() and len(value) <= 12 else None if value == "-" else value


def announced(line: Object) -> Object | None:
    """The request a line announces in its own words (`"event": "llm_request"`), or None.

    Nearly every line of an application may carry a model and a request id; only one that says so is a request.
    """
    if type(line.get(MODEL)) is not str:
        return None
    for name in TELLING:
        told = line.get(name)
        if type(told) is str and len(told) <= 64 and _REQUEST.fullmatch(re.sub(r"[\W_]+", " ", told.lower()).strip()):
            return {MODEL: line[MODEL], "stream": line.get("stream")}
    return None
