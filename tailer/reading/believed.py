"""Whether what a third party's parser gave is what the contract says: a wrong type must not reach the ledger."""

from __future__ import annotations

import math
from collections.abc import Mapping

from parsers.base import Call, Part, Several, Span

TEXTS = (
    "provider", "operation", "model", "request_model", "error_type", "request_id", "response_id", "service_tier",
    "region",
)  # fmt: skip
COUNTS = ("input_tokens", "output_tokens")
AMOUNTS = ("cost_usd", "duration_seconds", "time_to_first_token_seconds")


def objection(found: object) -> str | None:
    """What is wrong with a parser's result, None when it can be believed."""
    if found is None:
        return None
    if isinstance(found, Several):
        return next((wrong for call in found.calls if (wrong := objection(call)) is not None), None)
    call = found.call if isinstance(found, Part) else found
    if not isinstance(call, Call):
        return f"expected a Call, a Part, Several or None, got {type(found).__name__}"
    for name in TEXTS:
        value = getattr(call, name)
        if value is not None and not isinstance(value, str):
            return f"{name}: expected a text, got {type(value).__name__}"
    for name in COUNTS:
        if not _is_count(getattr(call, name), optional=True):
            return f"{name}: expected a count, got {getattr(call, name)!r:.40}"
    for name in AMOUNTS:
        value = getattr(call, name)
        if value is not None and not _is_amount(value):
            return f"{name}: expected a number of 0 or more, got {value!r:.40}"
    return _mapping_objection(call)


def _mapping_objection(call: Call) -> str | None:
    for name, is_right in (("details", _is_count), ("units", _is_amount), ("rate_limit", _is_amount)):
        values = getattr(call, name)
        if not isinstance(values, Mapping):
            return f"{name}: expected a mapping, got {type(values).__name__}"
        wrong = next((key for key, value in values.items() if not (isinstance(key, str) and is_right(value))), None)
        if wrong is not None:
            return f"{name}: expected numbers of 0 or more by name, got {wrong!r:.40}: {values[wrong]!r:.40}"
    if not isinstance(call.faults, tuple) or not all(isinstance(fault, str) for fault in call.faults):
        return "faults: expected a tuple of texts"
    span: object = call.span
    if span is not None and not isinstance(span, Span):
        return f"span: expected a Span, got {type(span).__name__}"
    if call.timestamp_ns is not None and type(call.timestamp_ns) is not int:
        return f"timestamp_ns: expected whole nanoseconds, got {call.timestamp_ns!r:.40}"
    return None


def _is_count(value: object, *, optional: bool = False) -> bool:
    return (optional and value is None) or (type(value) is int and value >= 0)


def _is_amount(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0  # type: ignore[arg-type, operator]  # a number, by its type
