"""What Bedrock's APIs share: who was asked, ids, failures, latencies, cache-free counts; it recognises no usage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import NamedTuple
from urllib.parse import unquote

from parsers import vendor
from parsers.base import Call, Record
from parsers.uncached import add_cache, split_writes
from parsers.usage import Counts, text

PROVIDER = "aws.bedrock"
METRICS = "amazon-bedrock-invocationMetrics"
"""Under this key the last event of an InvokeModel stream says what the call came to."""

OPTIMIZED = "optimized"
"""What `performanceConfig.latency` is where it is not `standard`."""

MODEL_KEYS = ("modelId", "model_id", "model")
HEADER_PREFIX = "x-amzn-bedrock-"


class Names(NamedTuple):
    """What one place calls its counts; of the cache each name that was seen there, the first known one counts."""

    input: str
    output: str
    read: tuple[str, ...]
    write: tuple[str, ...]


CONVERSE = Names(
    "inputTokens",
    "outputTokens",
    ("cacheReadInputTokens", "cacheReadInputTokenCount"),
    ("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
)
COUNTED = Names(
    "inputTokenCount",
    "outputTokenCount",
    ("cacheReadInputTokenCount", "cacheReadInputTokens"),
    ("cacheWriteInputTokenCount", "cacheWriteInputTokens"),
)
"""The invocation log, and the metrics at the end of a stream."""


def counts(usage: object, names: Names, path: str = "usage") -> Counts:
    """The counts of a block, with the cache added to its input, and a part of it by `cacheDetails` kept for an hour."""
    found = Counts(usage, path)
    add_cache(found, found.count(names.input), _first(found, names.read), _first(found, names.write))
    if "cacheDetails" in found.usage:
        _split_by_ttl(found)
    found.output = found.count(names.output)
    return found


def converse_counts(usage: object) -> Counts:
    """The counts of a block of Converse's, and a fault where its total is another."""
    found = counts(usage, CONVERSE)
    found.check_total("totalTokens")
    return found


def _first(found: Counts, keys: tuple[str, ...]) -> int | None:
    for key in keys:
        if found.usage.get(key) is not None:
            return found.count(key)
    return None


def _split_by_ttl(found: Counts) -> None:
    details = found.usage.get("cacheDetails")
    if not isinstance(details, list):
        return
    kept = {"1h": 0, "5m": 0}
    for index, entry in enumerate(details[:16]):
        block = Counts(entry, f"{found.path}.cacheDetails.{index}")
        ttl = block.usage.get("ttl")
        if isinstance(ttl, str) and ttl in kept:
            kept[ttl] += block.count("inputTokens") or 0
        found.faults += block.faults
    if kept["1h"]:
        split_writes(found, f"{found.path}.cacheDetails", kept["1h"], kept["5m"])


def is_bedrock(record: Record) -> bool:
    """Whether the hint, the URL, the request or a header says that Bedrock was asked."""
    hint = vendor.hinted(record)
    if hint is not None:
        return hint == PROVIDER
    if record.request is not None and isinstance(record.request.get("modelId"), str):
        return True
    return bool(record.headers) and any(name.startswith(HEADER_PREFIX) for name in record.headers)


def provider(record: Record) -> str:
    """Bedrock, unless the log names another: a gateway may speak AWS's forms."""
    return vendor.hinted(record) or PROVIDER


def asked_model(record: Record) -> str | None:
    """The model that was asked for: of the request, else of a URL like `/model/{id}/converse`."""
    found = named_model(record.request) if record.request is not None else None
    return found or (_model_in_url(record.url) if record.url else None)


def named_model(values: Mapping[str, object]) -> str | None:
    """The model that a request or a log line names."""
    for key in MODEL_KEYS:
        found = text(values.get(key))
        if found is not None:
            return bare(found)
    return None


@lru_cache(maxsize=2048)
def bare(model: str) -> str:
    """An ARN of a model or of a system's inference profile → the id in it; anything else as it is."""
    if model.startswith("arn:"):
        for kind in (":foundation-model/", ":inference-profile/"):
            head, _, name = model.partition(kind)
            if name and head:
                return name
    return model


@lru_cache(maxsize=512)
def _model_in_url(url: str) -> str | None:
    name = unquote(url.partition("/model/")[2].partition("?")[0])
    for action in ("/converse-stream", "/converse", "/invoke-with-response-stream", "/invoke"):
        if name.endswith(action):
            return bare(name.removesuffix(action)) or None
    return None


def streamed(record: Record) -> bool:
    """Whether a stream was asked for."""
    if record.url and record.url.partition("?")[0].endswith("-stream"):
        return True
    return record.request is not None and record.request.get("stream") is True


class Metadata(NamedTuple):
    """What the SDKs put beside a body: `ResponseMetadata` (Python) or `$metadata` (JavaScript)."""

    request_id: str | None = None
    status: int | None = None


NO_METADATA = Metadata()


def metadata(body: Mapping[str, object]) -> Metadata:
    """The request's id and the status of the answer, where the SDK's own record of them is in the body."""
    for key, id_key, status_key in (
        ("ResponseMetadata", "RequestId", "HTTPStatusCode"),
        ("$metadata", "requestId", "httpStatusCode"),
    ):
        block = body.get(key)
        if isinstance(block, dict):
            status = block.get(status_key)
            return Metadata(text(block.get(id_key)), status if type(status) is int else None)
    return NO_METADATA


def headers(record: Record, body: Mapping[str, object]) -> Mapping[str, str]:
    """The answer's headers: the record's, else those in boto3's own account of it in the body."""
    beside = body.get("ResponseMetadata")
    given = beside.get("HTTPHeaders") if isinstance(beside, dict) and not record.headers else None
    if not isinstance(given, dict):
        return record.headers
    return {name.lower(): value for name, value in given.items() if isinstance(value, str)}


def with_latency(call: Call, metrics: Mapping[str, object]) -> Call:
    """The call with the latencies of the metrics, given in milliseconds, where they tell any."""
    whole = seconds(metrics.get("invocationLatency"))
    return call._replace(
        duration_seconds=call.duration_seconds if whole is None else whole,
        time_to_first_token_seconds=seconds(metrics.get("firstByteLatency")),
    )


def service_tier(body: Mapping[str, object]) -> str | None:
    """The tier as served; `optimized` where the model was run for low latency, which has a price of its own."""
    if inner_text(body, "performanceConfig", "latency") == OPTIMIZED:
        return OPTIMIZED
    return inner_text(body, "serviceTier", "type") or text(body.get("serviceTier"))


def seconds(milliseconds: object) -> float | None:
    """Milliseconds as seconds; None for what is no believable latency."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return None
    if not isfinite(milliseconds) or not 0 <= milliseconds <= 86_400_000:
        return None
    return milliseconds / 1000


def inner_text(body: Mapping[str, object], key: str, inner: str) -> str | None:
    """The text one level down, `serviceTier.type` say."""
    block = body.get(key)
    return text(block.get(inner)) if isinstance(block, dict) else None
