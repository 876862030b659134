"""A failed call whose answer is an error and nothing else: asked after the parsers that know their own errors.

Formats: https://platform.openai.com/docs/guides/error-codes, Azure's of the same shape with `innererror`, API
management's `{"statusCode", "message"}`, OpenRouter's with its `metadata`, the flat `object: error` of vLLM and of
Mistral, and a status of 400 or more without a body. There is no usage to read.
"""

from __future__ import annotations

from collections.abc import Mapping

from parsers import any_request, vendor
from parsers import openai_family as family
from parsers.base import NO_UNITS, Call, Part, Record, Stage
from parsers.limits import rate_limit
from parsers.usage import text

OPENAI_TYPES = frozenset(("insufficient_quota", "tokens", "requests"))
"""OpenAI's error types that do not end in `_error`."""

OPENAI_CODES = frozenset(
    ("content_filter", "context_length_exceeded", "DeploymentNotFound", "insufficient_quota", "invalid_api_key")
)
"""Codes that only a model's API gives."""


BESIDE = ("error_type", "error_class", "error_name", "exception_type", "exc_type", "exception_class")
"""Where loggers put the class of an exception whose text is the error; Hugging Face's servers have the first."""


class AnyError:
    """Failures of any provider. An application has errors of its own, so something must show that a model was asked."""

    name = "any_error"
    keys = frozenset(("error", "object", "statusCode"))

    def matches(self, record: Record) -> bool:
        """Whether the line tells of a failed call to a provider."""
        body = record.body
        error = _error(body) if body is not None else None
        if error:
            return _by_shape(body, error) is not None or _asked(record) or vendor.hinted(record) is not None
        if record.status is None or record.status < 400:
            return False
        return _asked(record)

    def parse(self, record: Record) -> Call | Part | None:
        """A whole call; an `error` event of a stream is its last part."""
        body = record.body
        error = _error(body) if body is not None else None
        guess = _by_shape(body, error) if error else None
        body_model = text(body.get("model")) if body is not None else None
        asked = family.request_model(record)
        made = Call(
            provider=vendor.provider(record, asked or body_model, guess),
            operation=any_request.operation(record, record.request),
            request_model=asked or body_model,
            error_type=family.failure(record, error) or "unknown",
            stream=True if record.event == "error" else family.streamed(record),
            rate_limit=_limits(record, error),
        )
        return Part(Stage.LAST, made) if record.event == "error" else made


def _error(body: Mapping[str, object]) -> object:
    """The error of a body, whatever form it has; None where there is none."""
    error = body.get("error")
    if isinstance(error, str):
        named = next((name for key in BESIDE if (name := text(body.get(key))) is not None), None)
        return {"message": error, "type": named, "code": body.get("error_code")} if error and named else error
    if error:
        return error
    if body.get("object") == "error":
        # vLLM's older form has everything at the top.
        return body
    if isinstance(body.get("statusCode"), int) and "message" in body:
        return {"message": body["message"], "code": body["statusCode"]}
    return None


def _limits(record: Record, error: object) -> Mapping[str, float]:
    """Of the headers; OpenRouter repeats those of a refused call in the error, where a log without headers has them."""
    if record.headers:
        return rate_limit(record.headers, record.timestamp_ns)
    metadata = error.get("metadata") if isinstance(error, dict) else None
    headers = metadata.get("headers") if isinstance(metadata, dict) else None
    if not isinstance(headers, dict):
        return NO_UNITS
    tidy = {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
    return rate_limit(tidy, record.timestamp_ns)


def _by_shape(body: Mapping[str, object] | None, error: object) -> str | None:
    """Whose error has this shape, None where anybody's could."""
    if not isinstance(error, dict) or not isinstance(error.get("message"), (str, dict)) or body is None:
        return None
    if body.get("object") == "error" and "type" in error:
        # vLLM's code is the status, Mistral's a number of its own in a text.
        return "vllm" if isinstance(error.get("code"), int) else "mistral_ai"
    if isinstance(error.get("code"), int) and (_is_account(body) or _names_upstream(error)):
        return "openrouter"
    if isinstance(error.get("code"), int) and "param" in error and str(error.get("type")).endswith("Error"):
        # vLLM's newer form: OpenAI's codes are texts, its types no classes.
        return "vllm"
    return "openai" if _is_openai_shaped(body, error) else None


def _is_account(body: Mapping[str, object]) -> bool:
    """Whether beside the error there is only whose key was used: an application's own lines name users too."""
    user = body.get("user_id")
    return len(body) == 2 and isinstance(user, str) and user.startswith(("user_", "org_"))


def _names_upstream(error: Mapping[str, object]) -> bool:
    """Whether an error tells which vendor behind OpenRouter failed, or what its moderation found."""
    metadata = error.get("metadata")
    return isinstance(metadata, dict) and ("provider_name" in metadata or "flagged_input" in metadata)


def _is_openai_shaped(body: Mapping[str, object] | None, error: object) -> bool:
    """The four members together; or a body that is nothing but an error of OpenAI's types or codes."""
    if body is None or not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return False
    if "type" in error and "code" in error and "param" in error:
        return True
    if len(body) > 1:
        return False
    kind, code = error.get("type"), error.get("code")
    if isinstance(kind, str) and (kind.endswith("_error") or kind in OPENAI_TYPES):
        return True
    return isinstance(code, str) and code in OPENAI_CODES


def _asked(record: Record) -> bool:
    """Whether something on the line shows that a model was asked."""
    if record.request is not None and any_request.is_request(record.request):
        return True
    if record.url and vendor.place(record.url).is_api:
        return True
    if record.headers and not vendor.AZURE_HEADERS.isdisjoint(record.headers):
        return True
    body = record.body
    return body is not None and "usage" in body and isinstance(body.get("model"), str)
