"""The errors of OpenAI-compatible vendors: whose they are, what they mean, and what is no vendor's."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.any_error import AnyError
from parsers.base import Call, Record
from parsers.contract import check_parser
from tests.parsers import bodies

NO_CREDIT = {"error": {"message": "Insufficient credits", "code": 402}, "user_id": "user_2f"}
UPSTREAM = {"error": {"message": "Overloaded", "code": 503, "metadata": {"provider_name": "Anthropic"}}}
FLAGGED = {"error": {"message": "Flagged", "code": 403, "metadata": {"flagged_input": "x", "reasons": ["violence"]}}}
NEW_VLLM = {"error": {"message": "max_tokens: 9", "type": "BadRequestError", "param": None, "code": 400}}
TGI = {"error": "Model is overloaded", "error_type": "overloaded"}
OLD_VLLM = {"object": "error", "message": "max_tokens: 9", "type": "BadRequestError", "param": None, "code": 400}
MISTRAL_FULL = {
    "object": "error",
    "message": "Service tier capacity exceeded for this model.",
    "type": "service_tier_capacity_exceeded",
    "param": None,
    "code": "3505",
    "raw_status_code": 429,
}
MISTRAL_INVALID = {
    "object": "error",
    "message": {"detail": [{"type": "missing", "loc": ["body", "messages"], "msg": "Field required"}]},
    "type": "invalid_request_error",
    "param": None,
    "code": None,
}
MISTRAL_MODEL = {"model": "mistral-small-latest", "messages": []}


@pytest.mark.parametrize(
    ("record", "provider", "error_type"),
    [
        (Record(NO_CREDIT), "openrouter", "quota_exceeded"),
        (Record(UPSTREAM), "openrouter", "overloaded"),
        (Record(FLAGGED, status=403), "openrouter", "content_filter"),
        (Record(OLD_VLLM), "vllm", "invalid_request"),
        (Record(NEW_VLLM), "vllm", "invalid_request"),
        (Record(TGI, provider="hf"), "huggingface", "overloaded"),
        (Record({"error": "slow", "error_type": "openai.RateLimitError"}, provider="openai"), "openai", "rate_limit"),
        (Record(MISTRAL_FULL), "mistral_ai", "rate_limit"),
        (Record(MISTRAL_INVALID), "mistral_ai", "invalid_request"),
        (Record({"message": "Unauthorized"}, MISTRAL_MODEL, 401), "mistral_ai", "authentication"),
        (Record({"detail": [{"loc": ["body"]}]}, MISTRAL_MODEL, 422), "mistral_ai", "invalid_request"),
        (Record(bodies.error("Insufficient Balance", type="unknown_error"), status=402), "openai", "quota_exceeded"),
        (Record({"code": "Unauthorized", "error": "Bad key"}, status=401, provider="xai"), "x_ai", "authentication"),
        (Record({"error": "Model overloaded"}, status=503, provider="hf"), "huggingface", "overloaded"),
    ],
)
def test_a_vendors_error_is_counted_with_its_reason(record: Record, provider: str, error_type: str) -> None:
    check_parser(AnyError(), [(record, AnyError().parse(record))])
    found = AnyError().parse(record)
    assert isinstance(found, Call)
    assert (found.provider, found.error_type) == (provider, error_type)


def test_the_limits_in_openrouters_error_are_read_where_the_log_has_no_headers() -> None:
    headers = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795194060000"}
    error = {"message": "Rate limit exceeded: free-models-per-day", "code": 429, "metadata": {"headers": headers}}
    found = AnyError().parse(Record({"error": error}, provider="openrouter", timestamp_ns=1_795_194_000 * 10**9))
    assert isinstance(found, Call)
    assert found.rate_limit == {"limit_requests": 50, "remaining_requests": 0, "reset_requests_seconds": 60.0}


@pytest.mark.parametrize(
    "line",
    [
        {"error": {"message": "no such order", "code": 404}, "user_id": "u7", "level": "error"},
        {"error": {"message": "no such order", "code": 404}, "user_id": 7},
        {"error": {"message": "no such order", "code": 404, "metadata": {"order": 5}}},
    ],
)
def test_an_applications_own_error_with_a_number_is_nobodys(line: dict[str, Any]) -> None:
    assert not AnyError().matches(Record(line))
