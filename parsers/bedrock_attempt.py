"""Calls to Bedrock without an answer to read: failures in AWS's forms, and requests whose answer is on another line.

Formats: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html; the exception's name stands in
`__type`, in the header `x-amzn-ErrorType`, in botocore's `Error.Code` or in the text of its exception. Every service of
AWS fails in these forms, so something must show that it was Bedrock. There is no usage to read.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import any_request, aws, aws_errors
from parsers.base import Call, Part, Record, Stage
from parsers.errors import failure

ANSWERS = frozenset(("output", "usage", "stopReason", "completion", "results", "generation", "embedding", "content"))


class BedrockAttempt:
    """Failures by the exception's name, requests by their `modelId`."""

    name = "bedrock_attempt"
    keys = frozenset(
        (
            "Error", "__type", "$metadata", "ResponseMetadata", "error", "err", "exception", "error_message", "modelId",
        )
    )  # fmt: skip
    """A failure that has only a `message` comes with a status, and then every parser is asked."""

    def matches(self, record: Record) -> bool:
        """Whether the line tells of a failed call to Bedrock, or asks one of its models."""
        body = record.body
        if body is not None:
            if aws_errors.thrown_text(body) is not None:
                return True
            if not ANSWERS.isdisjoint(body):
                return False
        if not aws.is_bedrock(record):
            return body is not None and _is_bare_request(body)
        if body is None:
            return record.request is not None
        return _failure(record, body) is not None or _is_bare_request(body)

    def parse(self, record: Record) -> Call | Part | None:
        """A failure is a call, a request alone a part."""
        body = record.body or {}
        found = _failure(record, body)
        asked = aws.asked_model(record) or aws.named_model(body)
        request = record.request if record.request is not None else body
        call = Call(
            provider=aws.provider(record),
            operation=_operation(record, request, asked),
            request_model=asked,
            error_type=found,
            request_id=aws.metadata(body).request_id,
            stream=aws.streamed(record),
        )
        is_alone = found is None and record.status is None
        return Part(Stage.REQUEST, call) if is_alone else call


def _failure(record: Record, body: Mapping[str, object]) -> str | None:
    """Why it failed: in AWS's forms, else by the error of a client that got no answer (a timeout, no connection)."""
    found = aws_errors.failure(record, body)
    if found not in (None, "unknown") or not body.get("error") or not _is_model(aws.asked_model(record)):
        return found
    return failure(record.status, body["error"])


def _is_model(name: str | None) -> bool:
    """Whether a name is one of Bedrock's, `vendor.model` or an ARN: applications have a `modelId` of their own."""
    return name is not None and ("." in name or name.startswith("arn:"))


def _is_bare_request(body: Mapping[str, object]) -> bool:
    """A line that is itself a request of Converse."""
    return isinstance(body.get("modelId"), str) and isinstance(body.get("messages"), list)


def _operation(record: Record, request: Mapping[str, object], model: str | None) -> str:
    if model is not None and "embed" in model:
        return "embeddings"
    return any_request.operation(record, request)
