"""What went wrong: the table of codes, statuses, names and messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import ERROR_TYPES
from parsers.errors import CODES, FRAGMENTS, NAMES, STATUSES, by_status, classify

QUOTA = "You exceeded your current quota, please check your plan and billing details."
CONTEXT = "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens."


@pytest.mark.parametrize(
    ("status", "code", "type_", "message", "expected"),
    [
        (429, "insufficient_quota", "insufficient_quota", QUOTA, "quota_exceeded"),
        (429, "rate_limit_exceeded", "tokens", "Rate limit reached for gpt-4o", "rate_limit"),
        (429, None, "requests", "Rate limit reached", "rate_limit"),
        (429, "429", None, "Requests have exceeded the token rate limit of your tier", "rate_limit"),
        (429, None, None, QUOTA, "quota_exceeded"),
        (429, 429, "RESOURCE_EXHAUSTED", QUOTA, "rate_limit"),
        (429, None, "RateLimitError", f"RESOURCE_EXHAUSTED. {QUOTA}", "rate_limit"),
        (400, "context_length_exceeded", "invalid_request_error", CONTEXT, "context_length"),
        (400, None, "BadRequestError", CONTEXT, "context_length"),
        (400, None, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "context_length"),
        (400, None, "invalid_request_error", "Your credit balance is too low", "quota_exceeded"),
        (400, "content_filter", None, "The response was filtered", "content_filter"),
        (400, "content_policy_violation", "image_generation_user_error", None, "content_filter"),
        (401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided", "authentication"),
        (401, None, "invalid_request_error", "You must be a member of an organization", "authentication"),
        (402, None, "unknown_error", "Insufficient Balance", "quota_exceeded"),
        (403, "unsupported_country_region_territory", "request_forbidden", None, "permission"),
        (404, "model_not_found", "invalid_request_error", "The model does not exist", "not_found"),
        (403, "model_not_found", "invalid_request_error", "Project has no access to the model", "not_found"),
        (404, "DeploymentNotFound", None, "The API deployment does not exist", "not_found"),
        (408, None, None, None, "timeout"),
        (409, None, None, None, "invalid_request"),
        (413, None, "request_too_large", "Request exceeds the maximum size", "invalid_request"),
        (422, None, None, None, "invalid_request"),
        (424, None, None, None, "server_error"),
        (498, None, None, "invalid token", "authentication"),
        (499, None, None, "client closed request", "cancelled"),
        (500, None, "server_error", "The server had an error", "server_error"),
        (502, None, None, "<html>Bad Gateway</html>", "server_error"),
        (503, None, "server_error", "The engine is currently overloaded", "overloaded"),
        (504, None, None, None, "timeout"),
        (522, None, None, None, "server_error"),
        (529, None, "overloaded_error", "Overloaded", "overloaded"),
        (200, 402, None, "Insufficient credits", "quota_exceeded"),
        (None, "503", None, "no instances", "overloaded"),
        (None, None, "openai.RateLimitError", None, "rate_limit"),
        (None, None, "openai.APITimeoutError", "Request timed out.", "timeout"),
        (None, None, "httpx.ReadTimeout", None, "timeout"),
        (None, None, "APIConnectionError", "Connection error.", "connection"),
        (None, "ECONNRESET", "Error", "read ECONNRESET", "connection"),
        (None, None, "com.amazonaws#ThrottlingException:http://internal", None, "rate_limit"),
        (None, None, "asyncio.CancelledError", None, "cancelled"),
        (None, "vector_store_timeout", None, None, "timeout"),
        (None, "invalid_image_format", None, None, "invalid_request"),
        (None, "image_too_small", None, None, "invalid_request"),
        (None, "server_error", None, "An error occurred", "server_error"),
        (None, None, None, "boom", "unknown"),
        (None, None, None, None, "unknown"),
    ],
)
def test_a_failure_is_classified(
    status: int | None, code: object, type_: object, message: object, expected: str
) -> None:
    assert classify(status, code, type_, message) == expected


def test_a_message_never_turns_an_exact_answer_into_another() -> None:
    assert classify(401, None, None, CONTEXT) == "authentication"
    assert classify(500, "server_error", None, QUOTA) == "server_error"


def test_every_table_gives_values_of_the_closed_set() -> None:
    given_values = {*CODES.values(), *STATUSES.values(), *NAMES.values(), *(found for _, found in FRAGMENTS)}
    assert given_values <= set(ERROR_TYPES)


@pytest.mark.parametrize("status", [None, 0, 200, 304, 399, 600])
def test_what_is_no_failing_status_says_nothing(status: int | None) -> None:
    assert by_status(status) is None


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers(), max_size=2)
)


@given(st.one_of(st.none(), st.integers()), anything, anything, anything)
def test_anything_at_all_gives_a_known_type(status: int | None, code: object, type_: object, message: object) -> None:
    assert classify(status, code, type_, message) in ERROR_TYPES


@given(st.integers(400, 599))
def test_every_failing_status_says_something(status: int) -> None:
    assert classify(status, None, None, None) != "unknown"
