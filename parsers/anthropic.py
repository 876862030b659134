"""Anthropic Messages: whole bodies, stream events, errors, results of a batch, and lines with only its usage.

Format: https://docs.anthropic.com/en/api/messages. `input_tokens` leaves out what was read from the cache and written
to it: both are added. `output_tokens` includes thinking. The same bodies come from Vertex, Bedrock and Azure; where
Bedrock answered, the model is the id that was asked for, since that is what has a price. An advisor of another model
(`usage.iterations`) is a call of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import anthropic_shapes as shapes
from parsers import anthropic_typical, anthropic_usage, aws, vendor
from parsers import openai_family as family
from parsers.anthropic_usage import Iteration
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Several, Stage
from parsers.errors import classify, failure_by_status
from parsers.limits import rate_limit
from parsers.typical import Typical
from parsers.usage import text


class Anthropic:
    """Messages by `type`, by their events, or by a usage block that only this API has."""

    name = "anthropic"
    keys = frozenset(("type", "usage", "custom_id", "error"))

    def typical(self, body: Mapping[str, object]) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return anthropic_typical.form(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is a message, an event of its stream, an error, or carries the usage of a message."""
        body = record.body
        if body is None or "object" in body:
            return False
        kind = body.get("type")
        if kind is not None and isinstance(kind, str):
            if kind == "message":
                return shapes.is_message(body)
            if kind == "error":
                return shapes.is_error(body)
            if kind in shapes.BLOCK_EVENTS:
                return isinstance(body.get("index"), int)
            if kind.startswith("message_"):
                return shapes.is_event(body, kind)
        if shapes.thrown(body) is not None:
            return True
        if "custom_id" in body:
            return shapes.batch_result(body) is not None
        return "usage" in body and _has_usage(record, body)

    def parse(self, record: Record) -> Call | Part | Several | None:
        """A whole body is a call, an event a part; an advisor of another model makes it several calls."""
        body = record.body
        if body is None:
            return None
        kind = body.get("type")
        if kind == "message_start":
            message = family.mapping(body.get("message")) or {}
            return Part(Stage.PIECE, _call(record, message, None, stream=True)[0])
        if kind == "message_delta":
            return _delta(record, body)
        if kind == "message_stop":
            return Part(Stage.LAST, _stop(record, body))
        if isinstance(kind, str) and kind in shapes.BLOCK_EVENTS:
            # Without an id of their own they are of the stream whose lines they are among.
            return Part(Stage.PIECE, _call(record, {}, None, stream=True)[0])
        if kind == "error":
            return _failed(record, body)
        if "custom_id" in body and (result := shapes.batch_result(body)) is not None:
            return _of_batch(record, result)
        if (thrown := shapes.thrown(body)) is not None:
            made = _failed(record, thrown)
            return made._replace(request_model=made.request_model or text(body.get("model")))
        return _together(_call(record, body, body.get("error"), stream=family.streamed(record)))


def _has_usage(record: Record, body: Mapping[str, object]) -> bool:
    """A line with the usage alone: OpenAI Responses gives the same two names to other things."""
    usage = body["usage"]
    if not isinstance(usage, dict) or "input_tokens_details" in usage:
        return False
    if "input_tokens" not in usage and "output_tokens" not in usage:
        return False
    if not anthropic_usage.MARKS.isdisjoint(usage) or "stop_reason" in body:
        return True
    model = text(body.get("model")) or _asked(record)
    return vendor.hinted(record) == "anthropic" or (model is not None and "claude" in model)


def _of_batch(record: Record, result: Mapping[str, object]) -> Call | Several:
    kind = result.get("type")
    message = family.mapping(result.get("message"))
    if message is not None:
        calls = _call(record, message, None, stream=False)
        return _together([call._replace(service_tier=call.service_tier or "batch") for call in calls])
    outer = family.mapping(result.get("error")) or {}
    call = _call(record, {}, outer.get("error") or outer or None, stream=False)[0]
    ended = shapes.BATCH_RESULTS.get(kind) if isinstance(kind, str) else None
    return call._replace(error_type=call.error_type or ended, service_tier="batch")


def _delta(record: Record, body: Mapping[str, object]) -> Part | Several:
    """The end of a stream with its cumulative usage; only `message_stop` says that nothing follows."""
    delta = family.mapping(body.get("delta")) or {}
    made, *others = _call(record, {**delta, "usage": body.get("usage")}, None, stream=True)
    if others:
        return Several((made, *others))
    return Part(Stage.FINISHED if made.finish_reason else Stage.PIECE, made)


def _stop(record: Record, body: Mapping[str, object]) -> Call:
    """A bare end mark. What Bedrock counts on it is in the deltas already, and here without the cache."""
    made = Call(error_type=failure_by_status(record.status))
    metrics = body.get(aws.METRICS)
    return aws.with_latency(made, metrics) if isinstance(metrics, dict) else made


def _failed(record: Record, body: Mapping[str, object]) -> Call:
    return _call(record, {}, body.get("error"), stream=family.streamed(record) or record.event == "error")[0]._replace(
        request_id=text(body.get("request_id"))
    )


def _together(calls: list[Call]) -> Call | Several:
    return calls[0] if len(calls) == 1 else Several(tuple(calls))


def _call(record: Record, body: Mapping[str, object], error: object, *, stream: bool) -> list[Call]:
    """The call that a message (or what is known of one) tells of, and those of the models it let work for it."""
    model, asked = text(body.get("model")), _asked(record)
    response_id = text(body.get("id"))
    provider = _provider(record, response_id, model or asked)
    usage = anthropic_usage.read(body.get("usage"), model) or anthropic_usage.NOTHING
    if provider == aws.PROVIDER and model is not None and asked is not None and model in asked:
        model = asked
    found = usage.counts
    call = Call(
        provider=provider,
        operation="chat",
        model=model,
        request_model=asked,
        error_type=_failure(record, error),
        input_tokens=found.input,
        output_tokens=found.output,
        details=found.details or NO_COUNTS,
        units=usage.units or NO_UNITS,
        response_id=response_id,
        stream=stream,
        service_tier=usage.tier,
        rate_limit=rate_limit(record.headers, record.timestamp_ns) if record.headers else NO_UNITS,
        finish_reason=text(body.get("stop_reason")),
        faults=tuple(found.faults),
        region=_vertex_location(record.url) or usage.region,
    )
    return [call, *(_beside(call, entry) for entry in usage.extra)]


def _beside(call: Call, entry: Iteration) -> Call:
    """What another model did for a call."""
    counts = entry.counts
    return Call(
        provider=call.provider,
        operation="chat",
        model=entry.model or call.model,
        input_tokens=counts.input,
        output_tokens=counts.output,
        details=counts.details,
        stream=call.stream,
        service_tier=call.service_tier,
        error_type=call.error_type,
        region=call.region,
    )


def _failure(record: Record, error: object) -> str | None:
    if isinstance(error, dict):
        return classify(record.status, None, error.get("type"), error.get("message"))
    return family.failure(record, error)


def _provider(record: Record, response_id: str | None, model: str | None) -> str | None:
    """Who answered: the id of a message names the cloud it came from, whatever the application calls it."""
    if response_id is not None:
        for prefix, name in shapes.ID_PREFIXES:
            if response_id.startswith(prefix):
                return name
    known = vendor.provider(record, model, "anthropic")
    if known == vendor.AZURE:
        # Azure sells Claude beside OpenAI's models, not as one of them.
        return "azure.ai.inference"
    return aws.PROVIDER if known == "anthropic" and aws.is_bedrock(record) else known


def _asked(record: Record) -> str | None:
    """The model that was asked for: in the request, or in the URL of Bedrock or Vertex."""
    return aws.asked_model(record) or _vertex_model(record.url)


def _vertex_model(url: str | None) -> str | None:
    if not url or "/models/" not in url:
        return None
    return url.partition("/models/")[2].partition(":")[0].partition("/")[0] or None


def _vertex_location(url: str | None) -> str | None:
    """Where Google Cloud served the call; None for its global endpoint, and for everyone else."""
    if not url or "/publishers/anthropic/" not in url:
        return None
    location = url.partition("/locations/")[2].partition("/")[0]
    return None if location in ("", "global") else location
