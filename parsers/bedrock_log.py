"""Bedrock's own model-invocation logs, as they come to S3 and CloudWatch: one call for each record.

Format: https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. `inputTokenCount` leaves out
what was read from the cache and written to it: both are added; `outputTokenCount` includes reasoning. The body inside
repeats the usage, so only what the envelope does not say is taken from it: how long cached tokens are kept, the cache
counts of older records, latencies, thinking. Large bodies are left out (`inputBodyS3Path`): the counts stay. A line
of a CloudWatch subscription holds many records as texts, each a call:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from parsers import aws
from parsers import openai_family as family
from parsers.base import NO_UNITS, Call, Record, Several
from parsers.bedrock_invoke import operation
from parsers.errors import classify, failure_by_status
from parsers.uncached import split_writes
from parsers.usage import Counts, text

SCHEMA = "ModelInvocationLog"
INNER_READ = ("cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens")
INNER_WRITE = ("cacheWriteInputTokens", "cacheWriteInputTokenCount", "cache_creation_input_tokens")
MAX_EVENTS = 100_000
MAX_RECORDS = 10_000
"""As many as CloudWatch puts into one delivery."""
MAX_MILLISECONDS = 9_000_000_000_000
SUBSCRIBED = "logEvents"


class BedrockLog:
    """A record by its `schemaType`, a delivery of many by its `logEvents`."""

    name = "bedrock_log"
    keys = frozenset(("schemaType", SUBSCRIBED))

    def matches(self, record: Record) -> bool:
        """Whether the line is a record of the invocation log, or a delivery that has some."""
        body = record.body
        if body is None:
            return False
        return body.get("schemaType") == SCHEMA or next(_delivered(record, body), None) is not None

    def parse(self, record: Record) -> Call | Several | None:
        """A whole call, of a delivery several. Records that cannot be read are left out."""
        body = record.body
        if body is None or body.get("schemaType") == SCHEMA:
            return None if body is None else _call(record, body)
        calls = [_call(one, one.body or {})._replace(timestamp_ns=one.timestamp_ns) for one in _delivered(record, body)]
        return Several(tuple(calls))


def _delivered(record: Record, body: Mapping[str, object]) -> Iterator[Record]:
    """The records of the invocation log in a delivery, which may bring other logs too."""
    events = body.get(SUBSCRIBED)
    for event in events[:MAX_RECORDS] if isinstance(events, list) else ():
        message = event.get("message") if isinstance(event, dict) else None
        if not isinstance(message, str) or SCHEMA not in message:
            continue
        try:
            found = json.loads(message)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found.get("schemaType") == SCHEMA:
            at = event.get("timestamp")
            yield record._replace(body=found, timestamp_ns=at * 1_000_000 if _is_time(at) else None)


def _is_time(milliseconds: object) -> TypeGuard[int]:
    return type(milliseconds) is int and 0 < milliseconds < MAX_MILLISECONDS


def _call(record: Record, body: Mapping[str, object]) -> Call:
    given = family.mapping(body.get("input")) or {}
    made = family.mapping(body.get("output")) or {}
    events = _events(made.get("outputBodyJson"))
    counts = _counts(given, made, events)
    model = aws.named_model(body)
    what = text(body.get("operation")) or ""
    asked = family.mapping(given.get("inputBodyJson")) or {}
    images = events[0].get("images") if events else None
    return Call(
        provider=aws.PROVIDER,
        operation="chat" if what.startswith("Converse") else operation(model, {**asked, **_first(events)}),
        model=_routed(events) or _answered(events, model),
        request_model=model,
        error_type=_failure(record, body),
        input_tokens=counts.input,
        output_tokens=counts.output,
        details=counts.details,
        units={"images": float(len(images))} if isinstance(images, list) and images else NO_UNITS,
        duration_seconds=_latency(events, "latencyMs", "invocationLatency"),
        time_to_first_token_seconds=_latency(events, "timeToFirstByte", "firstByteLatency"),
        request_id=text(body.get("requestId")),
        stream="Stream" in what,
        service_tier=aws.service_tier(body) or _served(events),
        faults=tuple(counts.faults),
    )


def _events(output: object) -> list[Mapping[str, object]]:
    """The body inside, or the events of its stream."""
    if isinstance(output, dict):
        return [output]
    if isinstance(output, list):
        return [event for event in output[:MAX_EVENTS] if isinstance(event, dict)]
    return []


def _first(events: list[Mapping[str, object]]) -> Mapping[str, object]:
    return events[0] if events else {}


def _counts(given: Mapping[str, object], made: Mapping[str, object], events: list[Mapping[str, object]]) -> Counts:
    """The envelope's counts, and what only the body inside tells."""
    inner = _usage(events)
    block = {key: given[key] for key in (aws.COUNTED.input, *aws.COUNTED.read, *aws.COUNTED.write) if key in given}
    block[aws.COUNTED.output] = made.get(aws.COUNTED.output)
    if block.get(aws.COUNTED.input) is not None:
        for keys, names in ((aws.COUNTED.read, INNER_READ), (aws.COUNTED.write, INNER_WRITE)):
            if all(block.get(key) is None for key in keys):
                block[keys[0]] = next((inner[name] for name in names if inner.get(name) is not None), None)
    if "cacheDetails" in inner:
        block["cacheDetails"] = inner["cacheDetails"]
    found = aws.counts(block, aws.COUNTED, "log")
    split = inner.get("cache_creation")
    if isinstance(split, dict):
        kept = Counts(split, "output.outputBodyJson.usage.cache_creation")
        hour, minutes = kept.count("ephemeral_1h_input_tokens"), kept.count("ephemeral_5m_input_tokens")
        split_writes(found, kept.path, hour, minutes)
    details = Counts(inner, "output.outputBodyJson.usage")
    details.parts("output_tokens_details", {"thinking_tokens": "reasoning"}, found.output)
    found.details |= details.details
    return found


def _usage(events: list[Mapping[str, object]]) -> dict[str, object]:
    """The usage inside: of a body, of Claude's first and last events, of Converse's metadata; the later value wins."""
    found: dict[str, object] = {}
    for event in events:
        for holder in (event.get("message"), event.get("metadata"), event):
            usage = holder.get("usage") if isinstance(holder, dict) else None
            if isinstance(usage, dict):
                found |= {key: value for key, value in usage.items() if value is not None}
    return found


def _routed(events: list[Mapping[str, object]]) -> str | None:
    """The model that a prompt router chose."""
    for event in reversed(events):
        holder = family.mapping(event.get("metadata")) or event
        trace = family.mapping(holder.get("trace"))
        found = aws.inner_text(trace, "promptRouter", "invokedModelId") if trace else None
        if found is not None:
            return aws.bare(found)
    return None


def _served(events: list[Mapping[str, object]]) -> str | None:
    """The tier by the body inside, or by the end of its stream."""
    last = events[-1] if events else {}
    return aws.service_tier(family.mapping(last.get("metadata")) or last)


def _answered(events: list[Mapping[str, object]], model: str | None) -> str | None:
    """The model asked for; where that is a name of the user's own (an ARN), the one that Claude's body says it is."""
    if model is None or not model.startswith("arn:"):
        return model
    message = family.mapping(_first(events).get("message")) or _first(events)
    return text(message.get("model")) or model


def _latency(events: list[Mapping[str, object]], *names: str) -> float | None:
    """A latency in seconds of the body's metrics, which stand at the end of a stream."""
    for event in reversed(events):
        inside = family.mapping(event.get("metadata")) or event
        for block in (inside.get("metrics"), event.get(aws.METRICS)):
            if isinstance(block, dict):
                return next((found for name in names if (found := aws.seconds(block.get(name))) is not None), None)
    return None


def _failure(record: Record, body: Mapping[str, object]) -> str | None:
    code = text(body.get("errorCode"))
    if code is not None:
        return classify(record.status, code, None, body.get("errorMessage"))
    return failure_by_status(record.status)
