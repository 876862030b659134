"""Bedrock InvokeModel: native bodies of Llama, Titan and others, counts in the headers and at the end of a stream.

Formats: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html. The native counts know no cache;
those of the headers (`x-amzn-bedrock-input-token-count` …) and of `amazon-bedrock-invocationMetrics` leave it out of
the input, so it is added. Output includes reasoning, which is not told apart. Claude's bodies are read by `anthropic`,
Nova's by `bedrock_converse`, those of OpenAI's form by `openai_chat` where they have a usage.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import aws, aws_errors
from parsers import openai_family as family
from parsers.base import NO_COUNTS, NO_UNITS, Call, Part, Record, Stage
from parsers.usage import Counts, text

HEADER_COUNTS = {
    "x-amzn-bedrock-input-token-count": "inputTokenCount",
    "x-amzn-bedrock-output-token-count": "outputTokenCount",
    "x-amzn-bedrock-cache-read-input-token-count": "cacheReadInputTokenCount",
    "x-amzn-bedrock-cache-write-input-token-count": "cacheWriteInputTokenCount",
}
LATENCY = "x-amzn-bedrock-invocation-latency"
TIER = "x-amzn-bedrock-service-tier"
PERFORMANCE = "x-amzn-bedrock-performanceconfig-latency"
TITAN_TEXT = ("results", "outputText", "totalOutputTextTokenCount")
ANSWERS = frozenset(
    ("generation", "generations", "outputs", "completions", "embedding", "embeddings", "images", "text", "results")
)
"""What bodies without counts of their own hold: they are counted where something else says that Bedrock was asked."""


class BedrockInvoke:
    """Native bodies by their own counts, others by the headers or metrics that Bedrock adds."""

    name = "bedrock_invoke"
    keys = ANSWERS | {
        aws.METRICS, "prompt_token_count", "generation_token_count", "inputTextTokenCount", "choices", "headers",
        "response_headers", "responseHeaders", "response", "ResponseMetadata",
    }  # fmt: skip

    def matches(self, record: Record) -> bool:
        """Whether the body is a native one, or the headers beside one that has no usage carry counts."""
        body = record.body
        if body is None:
            return False
        # Claude's events have a type, and their usage is in the deltas; Nova's has its own with the cache in it.
        if isinstance(body.get(aws.METRICS), dict) and "type" not in body:
            return not _has_usage(body)
        if "object" in body:
            return False
        if (_is_llama(body) or _is_titan(body)) and "type" not in body:
            return True
        if isinstance(body.get("usage"), dict) or body.get("error") or "event_type" in body:
            return False
        headers = aws.headers(record, body)
        if headers and any(name in headers for name in HEADER_COUNTS):
            return True
        return not ANSWERS.isdisjoint(body) and aws.is_bedrock(record)

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, the piece of a stream a part of it, the piece with the metrics the last one."""
        body = record.body
        if body is None:
            return None
        metrics = body.get(aws.METRICS)
        if isinstance(metrics, dict):
            made = aws.with_latency(_made(record, body, aws.counts(metrics, aws.COUNTED, aws.METRICS)), metrics)
            return Part(Stage.LAST, made._replace(stream=True))
        counts = _native(body)
        if counts is None and not _is_uncounted_piece(body):
            return _by_headers(record, body)
        if counts is None or _is_piece(body):
            return Part(Stage.PIECE, _made(record, body, None)._replace(stream=True))
        return _made(record, body, counts)


def _has_usage(body: Mapping[str, object]) -> bool:
    inner = body.get("metadata")
    return isinstance(body.get("usage"), dict) or (isinstance(inner, dict) and isinstance(inner.get("usage"), dict))


def _is_llama(body: Mapping[str, object]) -> bool:
    return "prompt_token_count" in body and "generation_token_count" in body


def _is_titan(body: Mapping[str, object]) -> bool:
    return "inputTextTokenCount" in body and ("embedding" in body or any(key in body for key in TITAN_TEXT))


def _is_piece(body: Mapping[str, object]) -> bool:
    """Streams of Titan number their pieces, those of Llama leave the stop reason null until the end."""
    if _is_llama(body):
        return "stop_reason" in body and body["stop_reason"] is None
    return "totalOutputTextTokenCount" in body


def _is_uncounted_piece(body: Mapping[str, object]) -> bool:
    """Those of Mistral and Cohere, which count nothing before the metrics at the end."""
    if body.get("is_finished") is False:
        return True
    outputs = body.get("outputs")
    first = outputs[0] if isinstance(outputs, list) and outputs else None
    return isinstance(first, dict) and "stop_reason" in first and first["stop_reason"] is None


def _native(body: Mapping[str, object]) -> Counts | None:
    """The body's own counts; None where it has none."""
    found = Counts(body, "body")
    if _is_llama(body):
        found.input, found.output = found.count("prompt_token_count"), found.count("generation_token_count")
        return found
    if not _is_titan(body):
        return None
    found.input = found.count("inputTextTokenCount")
    if "embedding" in body:
        found.output = 0
    elif isinstance(results := body.get("results"), list):
        found.output = _sum_of_results(found, results)
    else:
        found.output = found.count("totalOutputTextTokenCount")
    return found


def _sum_of_results(found: Counts, results: list[object]) -> int | None:
    total: int | None = None
    for index, result in enumerate(results[:100]):
        block = Counts(result, f"results.{index}")
        count = block.count("tokenCount")
        found.faults += block.faults
        if count is not None:
            total = (total or 0) + count
    return total


def _by_headers(record: Record, body: Mapping[str, object]) -> Call:
    numbers: dict[str, object] = {}
    headers = aws.headers(record, body)
    for header, name in HEADER_COUNTS.items():
        value = headers.get(header)
        if value is not None:
            numbers[name] = int(value) if value.isdecimal() and value.isascii() and len(value) <= 12 else value
    counts = aws.counts(numbers, aws.COUNTED, "headers") if numbers else None
    latency = headers.get(LATENCY, "")
    seconds = aws.seconds(int(latency)) if latency.isdecimal() and latency.isascii() and len(latency) <= 12 else None
    return _made(record, body, counts)._replace(duration_seconds=seconds)


def _made(record: Record, body: Mapping[str, object], counts: Counts | None) -> Call:
    asked, named = aws.asked_model(record), aws.named_model(body)
    beside = aws.metadata(body)
    headers = aws.headers(record, body)
    images = body.get("images")
    is_optimized = headers.get(PERFORMANCE) == aws.OPTIMIZED
    return Call(
        provider=aws.provider(record),
        operation=operation(asked or named, body),
        model=named if named != asked else None,
        request_model=asked,
        error_type=aws_errors.status_failure(record, beside.status),
        input_tokens=counts.input if counts else None,
        output_tokens=counts.output if counts else None,
        details=counts.details if counts else NO_COUNTS,
        units={"images": float(len(images))} if isinstance(images, list) and images else NO_UNITS,
        request_id=beside.request_id,
        # The chunks of a stream in OpenAI's form share an id, and this one must be found among them.
        response_id=text(body.get("id")) if "object" in body else None,
        stream=aws.streamed(record),
        service_tier=aws.OPTIMIZED if is_optimized else text(headers.get(TIER)),
        finish_reason=_finish(body),
        faults=tuple(counts.faults) if counts else (),
    )


def operation(model: str | None, body: Mapping[str, object]) -> str:
    """What was asked of a model: by its name or by what came back where that tells, else text by its form."""
    if "embedding" in body or "embeddings" in body or (model is not None and "embed" in model):
        return "embeddings"
    if model is not None and "rerank" in model:
        return "rerank"
    if "images" in body or (model is not None and ("image" in model or "canvas" in model or "stability." in model)):
        return "image_generation"
    if _is_llama(body) or _is_titan(body) or "outputs" in body or "prompt" in body:
        return "text_completion"
    return "chat"


def _finish(body: Mapping[str, object]) -> str | None:
    found = text(body.get("stop_reason")) or text(body.get("completionReason")) or family.finish_reason(body)
    results = body.get("results")
    if found is None and isinstance(results, list) and results and isinstance(results[0], dict):
        found = text(results[0].get("completionReason"))
    return found
