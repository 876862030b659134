"""What went wrong, in one of a closed set of words: the rules; the tables are in `error_names`. No provider's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from parsers.error_names import (
    CODES,
    CONTEXT_MESSAGES,
    FRAGMENTS,
    KEY_MESSAGES,
    NAMES,
    PHRASES,
    QUOTA_MESSAGES,
    STATUSES,
)
from parsers.error_text import told

VAGUE = ("invalid_request", "permission", "rate_limit", "unknown")
"""Answers that a message may still make more exact."""

TYPE_KEYS = ("type", "name", "class", "kind", "exception", "error_class")
"""Where an error that is an object has its type: providers in the first, loggers of exceptions in any."""

_MESSAGE_CHARS = 2000
"""Only the head of a message is looked at: some servers append the whole prompt."""

_PHRASE_CHARS = 300


def classify(status: int | None, code: object, type_: object, message: object) -> str:
    """The `error_type` of a failure: by explicit code, else HTTP status, else type or class name, else message.

    A message only ever turns a vague answer into `context_length`, `quota_exceeded` or `authentication`. A numeric code
    stands in for a status that is missing or says success. All arguments may be any JSON value.
    """
    code_name, type_name = _name(code), _name(type_)
    explicit = _CODES.get(code_name) or _CODES.get(type_name)
    if explicit is not None:
        return explicit
    if status is None or status < 400:
        status = _status(code)
    found = by_status(status) or _NAMES.get(code_name) or _NAMES.get(type_name)
    found = found or _by_fragment(code_name) or _by_fragment(type_name) or "unknown"
    return (_by_message(message, found) or found) if found in VAGUE else found


def failure(status: int | None, error: object) -> str | None:
    """The `error_type` of an answer with this status and `error`, None for a success. `error: null` is no error.

    An error that is a text, or whose message alone tells anything, is searched for the status and names in it.
    """
    if not error:
        return failure_by_status(status)
    if isinstance(error, str):
        return _of_text(status, error)
    if not isinstance(error, dict):
        return classify(status, None, None, error)
    if status is None or status < 400:
        status = _own_status(error) or status
    message = error.get("message")
    found = classify(status, _code(error), _type(error), message)
    return _of_text(status, message) if found == "unknown" and isinstance(message, str) else found


def failure_by_status(status: int | None) -> str | None:
    """The `error_type` of an answer of which only the status is known; None for a success."""
    return classify(status, None, None, None) if status is not None and status >= 400 else None


def by_status(status: int | None) -> str | None:
    """What an HTTP status alone says; None for one that is no failure."""
    if status is None or not 400 <= status < 600:
        return None
    return STATUSES.get(status) or ("invalid_request" if status < 500 else "server_error")


def _of_text(status: int | None, text: str) -> str:
    """What an error that was logged as a text is: by what an SDK wrote into it, else by its words."""
    found = told(text)
    if status is None or status < 400:
        status = found.status
    # The base class of the SDKs says nothing, and is spelled like Anthropic's type for a failure of its servers.
    words = [word for word in found.words if not word.endswith("APIError")]
    code = _first(found.codes, _CODES) or next(iter(found.codes), None)
    type_ = _first(found.types, _CODES) or _first(words, _CODES) or _first(words, _NAMES)
    type_ = type_ or next((word for word in words if _is_class(word) and _by_fragment(_name(word))), None)
    kind = classify(status, code, type_ or next(iter(found.types), None), text)
    if kind != "unknown":
        return kind
    head = text[:_PHRASE_CHARS].lower()
    return next((meaning for phrase, meaning in PHRASES if phrase in head), kind)


def _code(error: Mapping[str, object]) -> object:
    """An error's code; an inner one is the more exact: Azure's, or that of the API's error within an exception."""
    for key in ("innererror", "inner_error", "error"):
        inner = error.get(key)
        if isinstance(inner, dict) and _name(inner.get("code")) in _CODES:
            return inner["code"]
    metadata = error.get("metadata")
    if isinstance(metadata, dict) and "flagged_input" in metadata:
        # OpenRouter's moderation; its status is that of a missing permission.
        return "content_filter"
    return error.get("code")


def _type(error: Mapping[str, object]) -> object:
    return next((error[key] for key in TYPE_KEYS if isinstance(error.get(key), str)), None)


def _own_status(error: Mapping[str, object]) -> int | None:
    """The status that an error itself tells: Azure's, Mistral's and the SDKs' exceptions have names for it."""
    told_as = (error.get(key) for key in ("status", "status_code", "statusCode", "raw_status_code"))
    return next((value for value in told_as if type(value) is int), None)


def _first(names: Iterable[str], table: Mapping[str, str]) -> str | None:
    return next((name for name in names if _name(name) in table), None)


def _is_class(word: str) -> bool:
    return word.endswith(("Error", "Exception", "Timeout")) or "_" in word or word.isupper()


def _name(value: object) -> str:
    """`openai.RateLimitError`, `com.amazonaws#ThrottlingException:http://…`, `rate_limit` → letters in lower case."""
    if not isinstance(value, str) or not value:
        return ""
    return _squeezed(value.partition(":")[0].rpartition("#")[2].rpartition(".")[2])


def _squeezed(name: str) -> str:
    """The vendors write `content_filter`, `contentFilter` and `Too Many Requests`."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _status(code: object) -> int | None:
    if isinstance(code, str) and len(code) == 3 and code.isdecimal():
        return int(code)
    return code if isinstance(code, int) else None


def _by_fragment(name: str) -> str | None:
    return next((found for fragment, found in FRAGMENTS if fragment in name), None) if name else None


def _by_message(message: object, found: str) -> str | None:
    if not isinstance(message, str):
        return None
    text = message[:_MESSAGE_CHARS].lower()
    if any(pattern in text for pattern in CONTEXT_MESSAGES):
        return "context_length"
    if "resource_exhausted" in text:
        # Google says "quota" of limits that last a minute.
        return "rate_limit"
    if any(pattern in text for pattern in QUOTA_MESSAGES):
        return "quota_exceeded"
    if found == "invalid_request" and any(pattern in text for pattern in KEY_MESSAGES):
        return "authentication"
    return None


_CODES = {_squeezed(name): found for name, found in CODES.items()}
_NAMES = {_squeezed(name): found for name, found in NAMES.items()}
