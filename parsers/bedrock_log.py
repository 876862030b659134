"""Bedrock's own model-invocation logs, as they come to S3 and CloudWatch: one call for each record.

Format: https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. `inputTokenCount` leaves out
what was read from the cache and written to it: both are added; `outputTokenCount` includes reasoning. The body inside
repeats the usage, so only what the envelope does not say is taken from it: how long cached tokens are kept, the cache
counts of older records, latencies, thinking.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import aws
from parsers import openai_family as family
from parsers.base import NO_UNITS, Call, Record
from parsers.bedrock_invoke import operation
from parsers.errors import classify, failure_by_status
from parsers.uncached import split_writes
from parsers.usage import Counts, text

SCHEMA = "ModelInvocationLog"
INNER_READ = ("cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens")
INNER_WRITE = ("cacheWriteInputTokens", "cacheWriteInputTokenCount", "cache_creation_input_tokens")
MAX_EVENTS = 100_000


class BedrockLog:
    """A record by its `schemaType`."""

    name = "bedrock_log"
    keys = frozenset(("schemaType",))

    def matches(self, record: Record) -> bool:
        """Whether the line is a record of the invocation log."""
        return record.body is not None and record.body.get("schemaType") == SCHEMA

    def parse(self, record: Record) -> Call | None:
        """A whole call."""
        body = record.body
        if body is None:
            return None
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
            model=_routed(events) or model,
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
            service_tier=aws.inner_text(body, "serviceTier", "type") or text(body.get("serviceTier")),
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
