"""What two parts of one call say together: a pure function, the same within a line and between lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from parsers.base import Call

Number = TypeVar("Number", int, float)

VAGUE_PROVIDERS = ("openai", "anthropic", "gcp.gemini")
"""What a body in the form of one of these is taken for when nothing names who sent it: a named vendor or cloud wins.

Only the first event of Claude's streams has the id that tells Bedrock or Vertex AI from Anthropic.
"""
VAGUE_OPERATIONS = ("chat",)
"""What an error or a bare usage block is taken for: a stated operation wins over it."""


def overlay(earlier: Call, later: Call) -> Call:
    """One call of two parts: a later known value replaces an earlier one, since values are cumulative.

    Counts in `details`, `units` and `rate_limit` are replaced key by key, `faults` are kept from both, `stream` is true
    if either says so, and a vague provider or operation does not replace a definite one.
    """
    return Call(
        provider=_definite(earlier.provider, later.provider, VAGUE_PROVIDERS),
        operation=_definite(earlier.operation, later.operation, VAGUE_OPERATIONS),
        model=_newer(earlier.model, later.model),
        request_model=_newer(earlier.request_model, later.request_model),
        error_type=_newer(earlier.error_type, later.error_type),
        input_tokens=_newer(earlier.input_tokens, later.input_tokens),
        output_tokens=_newer(earlier.output_tokens, later.output_tokens),
        details=_merged(earlier.details, later.details),
        units=_merged(earlier.units, later.units),
        cost_usd=_newer(earlier.cost_usd, later.cost_usd),
        timestamp_ns=_newer(earlier.timestamp_ns, later.timestamp_ns),
        duration_seconds=_newer(earlier.duration_seconds, later.duration_seconds),
        time_to_first_token_seconds=_newer(earlier.time_to_first_token_seconds, later.time_to_first_token_seconds),
        request_id=_newer(earlier.request_id, later.request_id),
        response_id=_newer(earlier.response_id, later.response_id),
        stream=earlier.stream or _newer(earlier.stream, later.stream),
        service_tier=_newer(earlier.service_tier, later.service_tier),
        rate_limit=_merged(earlier.rate_limit, later.rate_limit),
        finish_reason=_newer(earlier.finish_reason, later.finish_reason),
        faults=_both(earlier.faults, later.faults),
        region=_newer(earlier.region, later.region),
        span=_newer(earlier.span, later.span),
    )


T = TypeVar("T")


def _newer(earlier: T | None, later: T | None) -> T | None:
    return earlier if later is None else later


def _definite(earlier: str | None, later: str | None, vague: tuple[str, ...]) -> str | None:
    return earlier if later is None or (later in vague and earlier is not None) else later


def _merged(earlier: Mapping[str, Number], later: Mapping[str, Number]) -> Mapping[str, Number]:
    if not later:
        return earlier
    return {**earlier, **later} if earlier else later


def _both(earlier: tuple[str, ...], later: tuple[str, ...]) -> tuple[str, ...]:
    return earlier + tuple(fault for fault in later if fault not in earlier) if later else earlier
