"""AWS' ways to tell of a failure: by status, codes in bodies and headers, botocore's exceptions; reads no usage."""

from __future__ import annotations

import re
from collections.abc import Mapping

from parsers import aws
from parsers.base import Record
from parsers.errors import classify, failure_by_status
from parsers.usage import text

_THROWN = re.compile(
    r"An error occurred \((\w+)\) when calling the (?:Converse|ConverseStream|InvokeModel\w*) operation"
)
"""How botocore words its ClientError."""


def status_failure(record: Record, status: int | None) -> str | None:
    """The error type by status alone, the wrapper's or the SDK's."""
    return failure_by_status(record.status) or failure_by_status(status)


def failure(record: Record, body: Mapping[str, object]) -> str | None:
    """The error type of a body in one of AWS's forms; None where it has none of them and the status is no failure."""
    status = record.status if record.status is not None else aws.metadata(body).status
    code = _code(record, body)
    message = body.get("message") or body.get("Message")
    error = _client_error(body)
    if error is not None:
        message = error.get("Message") or message
    thrown = thrown_text(body)
    if thrown is not None:
        found = _THROWN.search(thrown[:500])
        code, message = code or (found[1] if found else None), message or thrown
    if code is None:
        return classify(status, None, None, message) if status is not None and status >= 400 else None
    return classify(status, code, None, message)


def _client_error(body: Mapping[str, object]) -> Mapping[str, object] | None:
    """The `Error` of a botocore exception's response, which applications log as the body or as its `error`."""
    outer = body.get("error")
    error = body.get("Error") or (outer.get("Error") if isinstance(outer, dict) else None)
    return error if isinstance(error, dict) else None


def _code(record: Record, body: Mapping[str, object]) -> str | None:
    """`__type`, `Error.Code`, `x-amzn-ErrorType`, or the name of the class: the bare name of the exception."""
    error = _client_error(body)
    named = error.get("Code") if error is not None else None
    name = body.get("name") if "$fault" in body or "$metadata" in body else None
    return text(named) or text(body.get("__type")) or text(record.headers.get("x-amzn-errortype")) or text(name)


def thrown_text(body: Mapping[str, object]) -> str | None:
    """The text of a botocore exception as applications log it, None for any other."""
    for key in ("error", "exception", "err", "error_message"):
        value = body.get(key)
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and "An error occurred (" in value[:200] and _THROWN.search(value[:500]):
            return value
    return None
