"""Google's error object to a failed call: taken only where something shows that a model was asked; reads no usage.

Format: https://google.aip.dev/193. Every Google service answers so, hence the evidence asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from parsers import any_request, vendor
from parsers import google_usage as usage
from parsers import openai_family as family
from parsers.base import NO_UNITS, Call, Record
from parsers.errors import classify
from parsers.limits import duration_seconds, rate_limit

SERVICES = ("generativelanguage.googleapis.com", "aiplatform.googleapis.com")
MESSAGES = ("gemini", "generativelanguage", "aiplatform", "vertex", "the model is overloaded", "token count", "models/")
"""What the message of an error of these APIs speaks of, in lower case."""

_MESSAGE_CHARS = 500


def is_error(record: Record, error: object) -> bool:
    """Whether this is Google's error object and a model was asked."""
    if not isinstance(error, dict) or type(error.get("code")) is not int or not isinstance(error.get("status"), str):
        return False
    hint = vendor.hinted(record)
    if hint is not None:
        return hint.startswith("gcp.")
    if record.request is not None and ("contents" in record.request or any_request.is_request(record.request)):
        return True
    message = error.get("message")
    if isinstance(message, str) and any(sign in message[:_MESSAGE_CHARS].lower() for sign in MESSAGES):
        return True
    return any(_is_of_model_service(detail) for detail in _details(error))


def failed(record: Record, error: Mapping[str, object]) -> Call:
    """The call that failed so; `retry_after_seconds` is the error's own where no header says it."""
    asked = usage.model_name(family.request_model(record))
    limits = dict(rate_limit(record.headers, record.timestamp_ns)) if record.headers else {}
    delay = _retry_seconds(error)
    if delay is not None:
        limits.setdefault("retry_after_seconds", delay)
    code = error.get("code")
    status = record.status
    if (status is None or status < 400) and type(code) is int:
        status = code
    return Call(
        provider=vendor.provider(record, asked, "gcp.gemini"),
        operation=_operation(record),
        request_model=asked,
        error_type=classify(status, error.get("status"), _reason(error), error.get("message")),
        stream=record.url is not None and ":streamGenerateContent" in record.url,
        rate_limit=limits or NO_UNITS,
    )


def _operation(record: Record) -> str:
    return (vendor.place(record.url).operation if record.url else None) or "generate_content"


def _details(error: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield detail


def _is_of_model_service(detail: Mapping[str, object]) -> bool:
    metadata, violations = detail.get("metadata"), detail.get("violations")
    if isinstance(metadata, dict) and metadata.get("service") in SERVICES:
        return True
    for violation in violations if isinstance(violations, list) else ():
        metric = violation.get("quotaMetric") if isinstance(violation, dict) else None
        if isinstance(metric, str) and metric.startswith(SERVICES):
            return True
    return False


def _reason(error: Mapping[str, object]) -> object:
    """`API_KEY_INVALID` and the like, more exact than the status beside it."""
    return next((detail["reason"] for detail in _details(error) if isinstance(detail.get("reason"), str)), None)


def _retry_seconds(error: Mapping[str, object]) -> float | None:
    for detail in _details(error):
        delay = detail.get("retryDelay", detail.get("retry_delay"))
        if isinstance(delay, str):
            return duration_seconds(delay.strip())
    return None
