"""Bedrock Converse and ConverseStream; also Nova's InvokeModel bodies, which have the same form.

Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html. `inputTokens` leaves out what
was read from the cache and written to it: both are added, as `totalTokens` does. `outputTokens` includes reasoning,
which is not told apart. No body names its model: it is the request's, the URL's, or stands beside the body in the log.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import aws, aws_errors, converse_typical
from parsers import openai_family as family
from parsers.base import NO_COUNTS, Call, Part, Record, Stage
from parsers.errors import classify
from parsers.typical import Typical
from parsers.usage import Counts, text

EXCEPTIONS = frozenset(
    (
        "internalServerException", "modelStreamErrorException", "validationException", "throttlingException",
        "serviceUnavailableException", "modelTimeoutException",
    )
)  # fmt: skip
"""Failures that come as an event after the status 200."""

PIECES = ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop")
PIECE_KEYS = frozenset(("role", "contentBlockIndex"))
"""One of these is in every such event."""

FOREIGN_USAGE = frozenset(("cachedInputTokens", "reasoningTokens", "inputTokenDetails", "outputTokenDetails"))
"""Members of the AI SDK's usage, which calls its totals alike and includes the cache."""

BESIDE = frozenset(("ResponseMetadata", "$metadata", "stopReason", "metrics"))


NOTHING_MEASURED: Mapping[str, object] = {}
UNCOUNTED = Counts(None)


class BedrockConverse:
    """Converse by its usage and what stands beside it, ConverseStream by its events."""

    name = "bedrock_converse"
    keys = frozenset(("usage", "stopReason", "metadata", "messageStop", *PIECES, *EXCEPTIONS))

    def typical(self, body: Mapping[str, object]) -> Typical | None:
        """How to read the usual bodies with these keys."""
        return converse_typical.form(self, body)

    def matches(self, record: Record) -> bool:
        """Whether the body is an answer of Converse, an event of its stream, or carries such a usage."""
        body = record.body
        if body is None or "object" in body:
            return False
        if "usage" in body:
            return _has_usage(record, body)
        if "stopReason" in body:
            return _has_message(body)
        return _event(body) is not None

    def parse(self, record: Record) -> Call | Part | None:
        """A whole body is a call, an event a part; the `metadata` event is the last one and has the usage."""
        body = record.body
        if body is None:
            return None
        if "usage" in body or "stopReason" in body:
            return _whole(record, body)
        event = _event(body)
        return None if event is None else _part(record, body, *event)


def _has_message(body: Mapping[str, object]) -> bool:
    output = body.get("output")
    return isinstance(output, dict) and isinstance(output.get("message"), dict)


def _has_usage(record: Record, body: Mapping[str, object]) -> bool:
    usage = body["usage"]
    if not isinstance(usage, dict):
        return "stopReason" in body and _has_message(body)
    if not ("inputTokens" in usage or "outputTokens" in usage) or not FOREIGN_USAGE.isdisjoint(usage):
        return False
    if _has_message(body) or not BESIDE.isdisjoint(body) or "cacheReadInputTokens" in usage:
        return True
    return "modelId" in body or aws.is_bedrock(record)


def _event(body: Mapping[str, object]) -> tuple[str, Mapping[str, object]] | None:
    """The kind of an event and what it says; None for what is no event of this stream."""
    value = body.get("metadata")
    if isinstance(value, dict) and isinstance(usage := value.get("usage"), dict) and "inputTokens" in usage:
        return "metadata", value
    value = body.get("messageStop")
    if isinstance(value, dict) and "stopReason" in value:
        return "messageStop", value
    for key in PIECES:
        value = body.get(key)
        if isinstance(value, dict) and not PIECE_KEYS.isdisjoint(value):
            return key, value
    for key in EXCEPTIONS.intersection(body):
        value = body[key]
        if isinstance(value, dict) and ("message" in value or "Message" in value):
            return key, value
    return None


def _part(record: Record, body: Mapping[str, object], kind: str, value: Mapping[str, object]) -> Part:
    if kind == "metadata":
        made, metrics = _made(record, body, value, stream=True), body.get(aws.METRICS)
        return Part(Stage.LAST, aws.with_latency(made, metrics) if isinstance(metrics, dict) else made)
    finish = text(value.get("stopReason")) if kind == "messageStop" else None
    made = _made(record, body, NOTHING_MEASURED, stream=True, finish=finish)
    if kind == "messageStop":
        return Part(Stage.FINISHED, made)
    if kind in EXCEPTIONS:
        status = value.get("originalStatusCode")
        said = value.get("message") or value.get("Message")
        found = classify(status if type(status) is int else None, kind, None, said)
        return Part(Stage.LAST, made._replace(error_type=found))
    return Part(Stage.PIECE, made)


def _whole(record: Record, body: Mapping[str, object]) -> Call:
    beside, finish = aws.metadata(body), text(body.get("stopReason"))
    return _made(record, body, body, stream=aws.streamed(record), finish=finish, beside=beside)


def _made(  # noqa: PLR0913 - where an answer and an event have what differs
    record: Record,
    body: Mapping[str, object],
    measured: Mapping[str, object],
    *,
    stream: bool,
    finish: str | None = None,
    beside: aws.Metadata = aws.NO_METADATA,
) -> Call:
    """The call; `measured` has usage, latency, tier and the model that a prompt router chose."""
    asked, named = aws.asked_model(record), aws.named_model(body)
    model = named if named != asked else None
    trace = family.mapping(measured.get("trace"))
    routed = aws.inner_text(trace, "promptRouter", "invokedModelId") if trace else None
    if routed is not None:
        model, asked = aws.bare(routed), asked or model
    metrics = family.mapping(measured.get("metrics"))
    found = _counts(measured.get("usage"))
    return Call(
        provider=aws.provider(record),
        operation="chat",
        model=model,
        request_model=asked,
        error_type=aws_errors.status_failure(record, beside.status),
        input_tokens=found.input,
        output_tokens=found.output,
        details=found.details or NO_COUNTS,
        duration_seconds=aws.seconds(metrics.get("latencyMs")) if metrics else None,
        request_id=beside.request_id,
        stream=stream,
        service_tier=aws.service_tier(measured),
        finish_reason=finish,
        faults=tuple(found.faults),
    )


def _counts(usage: object) -> Counts:
    if usage is None:
        return UNCOUNTED
    return aws.converse_counts(usage)
