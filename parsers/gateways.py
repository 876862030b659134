"""Log lines of API gateways that have counted the tokens themselves: Kong, Cloudflare's AI Gateway, APISIX.

Formats: https://developer.konghq.com/ai-gateway/ai-audit-log-reference/,
https://developers.cloudflare.com/api/resources/ai_gateway/subresources/logs/,
https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/ai_gateway_events/,
https://apisix.apache.org/docs/apisix/plugins/ai-proxy/. None of them says whether the input of a provider that counts
its cache apart includes it; the totals are taken as they are logged. What a gateway answered from its own cache asked
nobody: its tokens are 0. Kong and APISIX write 0 where they do not know, which is "not known" here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parsers import openai_family as family
from parsers import recorded, vendor
from parsers.base import NO_COUNTS, Call, Record, Several
from parsers.errors import failure_by_status
from parsers.usage import Counts, text

Object = Mapping[str, object]
NOTHING: Object = {}

KONG_COUNTS = {
    "prompt_tokens": "prompt_tokens",
    "prompt_token": "prompt_tokens",
    "completion_tokens": "completion_tokens",
    "completion_token": "completion_tokens",
    "total_tokens": "total_tokens",
    "prompt_tokens_details": "prompt_tokens_details",
    "completion_tokens_details": "completion_tokens_details",
}
CLOUDFLARE_COUNTS = {"tokens_in": "tokens_in", "tokens_out": "tokens_out"}
APISIX_COUNTS = {name: name for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
CLOUDFLARE_LOG = frozenset(("tokens_in", "tokens_out", "model", "cached", "success"))
CLOUDFLARE_PUSH = frozenset(("Gateway", "Provider", "Model", "StatusCode"))


class Kong:
    """Kong's log entry by its `ai` object: one call for each plugin that asked a model."""

    name = "kong"
    keys = frozenset(("ai",))

    def matches(self, record: Record) -> bool:
        """Whether the line is of a request that an AI plugin has passed on."""
        body = record.body
        if body is None or not isinstance(body.get("ai"), dict):
            return False
        return any(True for _ in _kong_plugins(body))

    def parse(self, record: Record) -> Call | Several | None:
        """The call of the one plugin that asked a model, or each of several."""
        body = record.body or NOTHING
        calls = tuple(_kong_call(record, body, name, plugin) for name, plugin in _kong_plugins(body))
        if not calls:
            return None
        return calls[0] if len(calls) == 1 else Several(calls)


class Cloudflare:
    """An entry of the AI Gateway's log by `tokens_in` and `tokens_out`; Logpush's, without any, by its own names."""

    name = "cloudflare"
    keys = frozenset(("tokens_in", "Gateway"))

    def matches(self, record: Record) -> bool:
        """Whether the line is one of the two."""
        body = record.body
        if body is None:
            return False
        if "tokens_in" in body:
            return body.keys() >= CLOUDFLARE_LOG and isinstance(body.get("provider"), str)
        return body.keys() >= CLOUDFLARE_PUSH and isinstance(body.get("Provider"), str)

    def parse(self, record: Record) -> Call | None:
        """The call, its usage missing where it is Logpush's: there the answer is encrypted."""
        body = record.body or NOTHING
        return _cloudflare_call(record, body) if "tokens_in" in body else _pushed_call(record, body)


class Apisix:
    """A log entry of APISIX by the `llm_summary` that its plugin `ai-proxy` adds."""

    name = "apisix"
    keys = frozenset(("llm_summary",))

    def matches(self, record: Record) -> bool:
        """Whether the summary is of a call to a model."""
        summary = record.body.get("llm_summary") if record.body is not None else None
        return isinstance(summary, dict) and "model" in summary and "prompt_tokens" in summary

    def parse(self, record: Record) -> Call | None:
        """The call. The provider is only what the model's name tells."""
        body = record.body or NOTHING
        summary = _object(body.get("llm_summary"))
        counts = _counts(summary, APISIX_COUNTS, "llm_summary")
        model, asked = text(summary.get("model")), text(summary.get("request_model"))
        stream = {"true": True, "false": False}.get(str(summary.get("stream")).lower())
        # Until 2026 the summary did not say whether it was a stream; `duration` is the time to the first token of one.
        first_token = recorded.seconds(recorded.numeral(summary.get("duration")), 1000) if stream else None
        whole = recorded.seconds(recorded.numeral(summary.get("upstream_response_time")), 1000)
        return Call(
            provider=recorded.provider(record, None, model or asked),
            operation=_operation(model or asked, "chat"),
            model=model,
            request_model=asked,
            error_type=_error(record, _object(body.get("response")).get("status")),
            input_tokens=counts.input,
            output_tokens=counts.output,
            details=counts.details,
            duration_seconds=whole or recorded.seconds(body.get("latency"), 1000),
            time_to_first_token_seconds=first_token or None,
            stream=stream,
            faults=tuple(counts.faults),
        )


def _kong_plugins(body: Object) -> Iterator[tuple[str, Object]]:
    for name, plugin in _object(body.get("ai")).items():
        if isinstance(plugin, dict) and isinstance(plugin.get("meta"), dict) and "provider_name" in plugin["meta"]:
            yield name, plugin


def _kong_call(record: Record, body: Object, name: str, plugin: Object) -> Call:
    meta, usage = _object(plugin.get("meta")), _object(plugin.get("usage"))
    counts = _counts(usage, KONG_COUNTS, f"ai.{name}.usage")
    is_cached = _kong_cache(plugin) == "Hit"
    latency = recorded.seconds(meta.get("llm_latency"), 1000)
    model, asked = _specified(meta.get("response_model")), _specified(meta.get("request_model"))
    mode = meta.get("request_mode")
    is_stream = mode in ("streaming", "stream") if isinstance(mode, str) else None
    return Call(
        provider=recorded.provider(record, _specified(meta.get("provider_name")), model or asked),
        operation=_operation(model or asked, "chat" if counts.output else None),
        model=model,
        request_model=asked,
        error_type=_error(record, _object(body.get("response")).get("status")),
        input_tokens=0 if is_cached else counts.input,
        output_tokens=0 if is_cached else counts.output,
        details=NO_COUNTS if is_cached else counts.details,
        cost_usd=0.0 if is_cached else recorded.cost(usage.get("cost")),
        duration_seconds=latency or recorded.seconds(_object(body.get("latencies")).get("request"), 1000),
        time_to_first_token_seconds=(recorded.seconds(usage.get("time_to_first_token"), 1000) or None)
        if is_stream
        else None,
        request_id=text(_object(body.get("request")).get("id")),
        stream=is_stream,
        faults=tuple(counts.faults),
    )


def _kong_cache(plugin: Object) -> object:
    return _object(plugin.get("cache")).get("cache_status") or plugin.get("cache_status")


def _specified(value: object) -> str | None:
    return None if value == "UNSPECIFIED" else text(value)


def _cloudflare_call(record: Record, body: Object) -> Call:
    counts = Counts(recorded.numerals(body, CLOUDFLARE_COUNTS), "$")
    is_cached = body.get("cached") is True
    failed = _error(record, body.get("status_code"))
    if failed is None and body.get("success") is False:
        failed = "unknown"
    model = text(body.get("model"))
    given, made = counts.count("tokens_in"), counts.count("tokens_out")
    if failed is not None and not given and not made:
        given = made = None
    return Call(
        provider=recorded.provider(record, body["provider"], model),
        operation=_cloudflare_operation(body),
        model=model,
        error_type=failed,
        input_tokens=0 if is_cached else given,
        output_tokens=0 if is_cached else made,
        cost_usd=0.0 if is_cached else recorded.cost(body.get("cost")),
        duration_seconds=recorded.seconds(body.get("duration"), 1000),
        request_id=text(body.get("id")),
        faults=tuple(counts.faults),
    )


def _cloudflare_operation(body: Object) -> str | None:
    path = text(body.get("path") or body.get("Endpoint")) or ""
    return vendor.place("/" + path).operation


def _pushed_call(record: Record, body: Object) -> Call:
    model = text(body.get("Model"))
    is_cached = body.get("Cached") is True
    return Call(
        provider=recorded.provider(record, body["Provider"], model),
        operation=_cloudflare_operation(body),
        model=model,
        error_type=_error(record, body.get("StatusCode")),
        input_tokens=0 if is_cached else None,
        output_tokens=0 if is_cached else None,
        cost_usd=0.0 if is_cached else None,
    )


def _counts(block: Object, names: Mapping[str, str], path: str) -> Counts:
    """The counts of a block in OpenAI's words; both 0 is a gateway that saw no usage."""
    found = Counts(recorded.numerals(block, names), path)
    found.input, found.output = found.count("prompt_tokens"), found.count("completion_tokens")
    if not found.input and not found.output:
        found.input = found.output = None
        return found
    found.parts("prompt_tokens_details", family.INPUT_PARTS, found.input)
    found.parts("completion_tokens_details", family.OUTPUT_PARTS, found.output)
    found.check_total("total_tokens")
    return found


def _operation(model: str | None, otherwise: str | None) -> str | None:
    """Kong and APISIX do not log what was asked for; only an embedding is told by its model's name."""
    return "embeddings" if model is not None and "embed" in model else otherwise


def _error(record: Record, status: object) -> str | None:
    """The error of an answer by its status, the gateway's own or the one found around it."""
    stated = recorded.numeral(status)
    if type(stated) is not int or stated < 400:
        stated = record.status
    return failure_by_status(stated)


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else NOTHING
