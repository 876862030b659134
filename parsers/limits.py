"""Rate-limit headers to numbers: relative seconds, whatever the header's own form; what is unknown is absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import isfinite

from parsers.base import LIMIT_SUBJECTS, NO_UNITS

_ASPECTS = ("limit", "remaining", "reset")


def _key(aspect: str, subject: str) -> str:
    return f"reset_{subject}_seconds" if aspect == "reset" else f"{aspect}_{subject}"


FEW = (
    ("x-ratelimit-{}-req-minute", "requests"),
    ("x-ratelimit-{}-tokens-minute", "tokens"),
    ("ratelimitbysize-{}", "tokens"),
    ("x-ratelimit-{}", "requests"),
    ("x-tokenlimit-{}", "tokens"),
    ("x-ratelimit-{}-requests-day", "requests"),
    ("x-ratelimit-{}-tokens-prompt", "input_tokens"),
    ("x-ratelimit-{}-tokens-generated", "output_tokens"),
)
"""Mistral's two and its older one; OpenRouter's and Together's, Together's; Cerebras's; Fireworks's two."""

PASSED_ON = "llm-provider-"
"""LiteLLM's proxy puts this before the headers of the provider behind it; its own limits stand beside them."""

HEADERS: dict[str, tuple[str, str, str]] = {
    form.format(aspect): (aspect, subject, _key(aspect, subject)) for form, subject in FEW for aspect in _ASPECTS
} | {
    form.format(aspect=aspect, subject=subject.replace("_", "-")): (aspect, subject, _key(aspect, subject))
    for form in ("x-ratelimit-{aspect}-{subject}", "anthropic-ratelimit-{subject}-{aspect}")
    for subject in LIMIT_SUBJECTS
    for aspect in _ASPECTS
}
"""Header → aspect, subject, key. OpenAI, Azure, Groq and xAI share one form; Anthropic and a few have their own."""

KEYS = (*dict.fromkeys(key for _, _, key in HEADERS.values()), "retry_after_seconds")
"""Every key that `rate_limit` can give."""

_DURATION_PART = re.compile(r"(\d+(?:\.\d*)?)(ns|us|µs|μs|ms|s|m|h)")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_MAX_DURATION_CHARS = 40
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12


def rate_limit(headers: Mapping[str, str], timestamp_ns: int | None) -> Mapping[str, float]:
    """What the headers of an answer say about limits, with the keys of `Call.rate_limit`.

    Header names in lower case. Absolute times become seconds after `timestamp_ns` (or the `date` header), never less
    than 0, and are absent where neither is known. -1 means "unknown" and is absent too.
    """
    if not headers:
        return NO_UNITS
    found = _limits(headers, timestamp_ns, headers.get("date"))
    if not found:
        # A proxy's own limits are those that its caller meets first; without any, the provider's behind it hold.
        passed_on = {name[len(PASSED_ON) :]: value for name, value in headers.items() if name.startswith(PASSED_ON)}
        if passed_on:
            found = _limits(passed_on, timestamp_ns, headers.get("date"))
    after = _retry_after(headers, timestamp_ns)
    if after is not None:
        found["retry_after_seconds"] = after
    return found or NO_UNITS


def _limits(headers: Mapping[str, str], timestamp_ns: int | None, date: str | None) -> dict[str, float]:
    found: dict[str, float] = {}
    unknown: set[str] = set()
    for name, value in headers.items():
        entry = HEADERS.get(name)
        if entry is None:
            continue
        aspect, subject, key = entry
        number = seconds(value, timestamp_ns, date) if aspect == "reset" else _amount(value)
        if number is not None:
            found[key] = number
        elif value.strip() == "-1":
            unknown.add(subject)
    for subject in unknown:
        # Azure sends -1, -1, 0: the reset of an unknown limit is unknown as well.
        if f"limit_{subject}" not in found and f"remaining_{subject}" not in found:
            found.pop(f"reset_{subject}_seconds", None)
    return found


def seconds(value: str, timestamp_ns: int | None, date: str | None = None) -> float | None:
    """Seconds from a Go duration (`6m0s`, `12ms`), bare seconds, an RFC 3339 time, an HTTP date or an epoch time.

    Absolute forms are measured from `timestamp_ns`, else from the HTTP `date`. None when it cannot be told.
    """
    text = value.strip()
    number = duration_seconds(text)
    if number is None:
        number = _number(text)
    if number is None:
        number = _epoch_seconds(text)
    elif number < _EPOCH_SECONDS:
        return number if number >= 0 else None
    elif number >= _EPOCH_MILLISECONDS:
        number /= 1000
    base = timestamp_ns / 1e9 if timestamp_ns is not None else _epoch_seconds(date or "")
    return None if number is None or base is None else max(0.0, round(number - base, 6))


@lru_cache(maxsize=1024)
def duration_seconds(text: str) -> float | None:
    """`2m59.56s` → 179.56; None for what is no duration of Go's form."""
    if not text.endswith(("s", "m", "h")) or len(text) > _MAX_DURATION_CHARS:
        return None
    total, at = 0.0, 0
    while at < len(text):
        part = _DURATION_PART.match(text, at)
        if part is None:
            return None
        total += float(part[1]) * _UNIT_SECONDS[part[2]]
        at = part.end()
    return round(total, 9)


def _amount(value: str) -> float | None:
    if value.isdecimal() and len(value) <= 18:
        return int(value)
    number = _number(value.strip())
    return number if number is not None and number >= 0 else None


def _number(text: str) -> float | None:
    """An int where the text is one, so that 10000 stays 10000."""
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _retry_after(headers: Mapping[str, str], timestamp_ns: int | None) -> float | None:
    milliseconds = headers.get("retry-after-ms")
    if milliseconds is not None:
        amount = _amount(milliseconds)
        if amount is not None:
            return amount / 1000
    plain = headers.get("retry-after")
    return None if plain is None else seconds(plain, timestamp_ns, headers.get("date"))


def _epoch_seconds(text: str) -> float | None:
    """The epoch time of an RFC 3339 time or an HTTP date; a time without an offset is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None
