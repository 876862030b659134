"""LiteLLM's standard logging payload, one line for each attempt, and rows of its spend log; no operational lines.

Format: https://docs.litellm.ai/docs/proxy/logging_spec. `prompt_tokens` includes cached and cache-write tokens whatever
the provider's own way, `completion_tokens` includes reasoning. `response_time` of a stream is the time to its first
token, so the duration is `endTime - startTime`. An answer from LiteLLM's own cache cost nothing: its tokens are 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import openai_family as family
from parsers import recorded
from parsers.base import NO_UNITS, Call, Record
from parsers.errors import classify
from parsers.limits import rate_limit
from parsers.usage import Counts, text

Object = Mapping[str, object]
NOTHING: Object = {}

OPERATIONS = {
    "completion": "chat",
    "responses": "chat",
    "anthropic_messages": "chat",
    "text_completion": "text_completion",
    "embedding": "embeddings",
    "image_generation": "image_generation",
    "image_edit": "image_generation",
    "image_variation": "image_generation",
    "transcription": "transcription",
    "speech": "speech",
    "moderation": "moderation",
    "rerank": "rerank",
    "ocr": "ocr",
    "generate_content": "generate_content",
    "generate_content_stream": "generate_content",
    "pass_through_endpoint": None,
    "llm_passthrough_route": None,
    "realtime": None,
}
"""`call_type`, without the `a` of its asynchronous twin; what is not here asks no model, unless it used tokens."""

CLASSES = {
    "APIConnectionError": "connection",
    "BudgetExceededError": "quota_exceeded",
    "ContentPolicyViolationError": "content_filter",
    "ContextWindowExceededError": "context_length",
    "RejectedRequestError": "content_filter",
    "ServiceUnavailableError": "overloaded",
    "Timeout": "timeout",
}
"""LiteLLM's exceptions that say more than the status they carry."""

INPUT_PARTS = {**family.INPUT_PARTS, "cache_creation_tokens": "cache_write"}


class LiteLLM:
    """The payload by its camel-case times beside `call_type`, which nothing else has together."""

    name = "litellm"
    keys = frozenset(("call_type",))

    def matches(self, record: Record) -> bool:
        """Whether the line is a logged call of LiteLLM's."""
        body = record.body
        if body is None or "startTime" not in body or "endTime" not in body:
            return False
        return isinstance(body.get("call_type"), str)

    def parse(self, record: Record) -> Call | None:
        """One attempt at a call; None for a log of something that asks no model (files, batches, MCP tools)."""
        body = record.body or NOTHING
        kind = str(body.get("call_type"))
        if kind not in OPERATIONS:
            kind = kind.removeprefix("a")
        counts = _counts(body)
        if kind not in OPERATIONS and not counts.input and not counts.output:
            return None
        response = _object(body.get("response"))
        answered = text(response.get("model"))
        asked = text(body.get("model"))
        is_stream = body.get("stream") is True
        return Call(
            provider=recorded.provider(record, _provider_name(body, asked), answered or asked),
            operation=OPERATIONS.get(kind),
            # The proxy may have put the alias in that its client asked for.
            model=answered if answered != body.get("model_group") or asked is None else None,
            request_model=asked,
            error_type=_error(record, body),
            input_tokens=counts.input,
            output_tokens=counts.output,
            details=counts.details,
            units=_units(body),
            cost_usd=_cost(body),
            duration_seconds=recorded.elapsed(body.get("startTime"), body.get("endTime")),
            time_to_first_token_seconds=_first_token(body) if is_stream else None,
            request_id=text(body.get("litellm_call_id")),
            response_id=text(body.get("id")),
            stream=is_stream,
            service_tier=text(response.get("service_tier")),
            rate_limit=_rate_limit(record, body),
            finish_reason=family.finish_reason(response),
            faults=tuple(counts.faults),
        )


def _counts(body: Object) -> Counts:
    """The counts of the payload, their parts from the usage block that it keeps of the answer."""
    found = Counts(body, "$")
    if _is_cached(body):
        found.input = found.output = 0
        return found
    found.input, found.output = found.count("prompt_tokens"), found.count("completion_tokens")
    if not found.input and not found.output and not found.faults:
        # LiteLLM writes 0 where it does not know: on failures, and where an answer had no usage.
        found.input = found.output = None
        return found
    found.check_total("total_tokens")
    found.path, usage = _usage(body)
    found.usage = usage
    found.parts("prompt_tokens_details", INPUT_PARTS, found.input)
    found.parts("completion_tokens_details", family.OUTPUT_PARTS, found.output)
    for key, name in (("cache_read_input_tokens", "cached_input"), ("cache_creation_input_tokens", "cache_write")):
        if name not in found.details:
            found.part(key, name, found.input)
    found.drop_overlaps(found.path, tuple(found.details), found.input or 0)
    _add_hour(found, usage)
    return found


def _add_hour(found: Counts, usage: Object) -> None:
    split = _object(_object(usage.get("prompt_tokens_details")).get("cache_creation_token_details"))
    hour = split.get("ephemeral_1h_input_tokens")
    if type(hour) is int and 0 < hour <= found.details.get("cache_write", 0):
        found.details["cache_write_1h"] = hour


def _usage(body: Object) -> tuple[str, Object]:
    for holder in ("metadata", "hidden_params"):
        usage = _object(body.get(holder)).get("usage_object")
        if usage and isinstance(usage, dict):
            return f"{holder}.usage_object", usage
    return "response.usage", _object(_object(body.get("response")).get("usage"))


def _units(body: Object) -> Mapping[str, float]:
    tools = _object(_usage(body)[1].get("server_tool_use"))
    searches = tools.get("web_search_requests")
    return {"web_searches": searches} if type(searches) is int and 0 < searches < 10**6 else NO_UNITS


def _cost(body: Object) -> float | None:
    """What LiteLLM worked out; its 0 for a model without a price is "not known", for a cached answer it is 0."""
    if _is_cached(body):
        return 0.0
    return recorded.cost(body.get("response_cost" if "response_cost" in body else "spend"))


def _is_cached(body: Object) -> bool:
    return body.get("cache_hit") in (True, "True", "true")


def _first_token(body: Object) -> float | None:
    return recorded.elapsed(body.get("startTime"), body.get("completionStartTime"))


def _provider_name(body: Object, asked: str | None) -> object:
    """Who LiteLLM sent it to; a failure before that has it only in the model's prefix or in the error."""
    known = text(body.get("custom_llm_provider"))
    if known is None and asked is not None and "/" in asked:
        known = asked.partition("/")[0]
    return known or _object(body.get("error_information")).get("llm_provider")


def _error(record: Record, body: Object) -> str | None:
    is_failed = body.get("status") == "failure"
    if not is_failed and (record.status is None or record.status < 400):
        return None
    told = _object(body.get("error_information"))
    name = told.get("error_class")
    exact = CLASSES.get(name) if isinstance(name, str) else None
    message = told.get("error_message") or body.get("error_str")
    return exact or classify(record.status, told.get("error_code"), name, message)


def _rate_limit(record: Record, body: Object) -> Mapping[str, float]:
    headers = _object(_object(body.get("hidden_params")).get("additional_headers"))
    if not headers:
        return NO_UNITS
    tidy = {
        name.lower().replace("_", "-").removeprefix("llm-provider-"): str(value)
        for name, value in headers.items()
        if isinstance(value, (str, int, float)) and not isinstance(value, bool)
    }
    return rate_limit(tidy, record.timestamp_ns)


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else NOTHING
