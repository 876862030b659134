"""What went wrong: the table of codes, statuses, names and messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import ERROR_TYPES
from parsers.error_names import CODES, FRAGMENTS, NAMES, PHRASES, STATUSES
from parsers.errors import by_status, classify, failure

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


PYTHON = "Error code: {} - {{'error': {{'message': 'No', 'type': {!r}, 'param': None, 'code': {!r}}}}}"
AZURE_FILTERED = (
    "Error code: 400 - {'error': {'message': \"The response was filtered due to the prompt triggering Azure OpenAI's "
    "content management policy.\", 'type': None, 'param': 'prompt', 'code': 'content_filter', 'status': 400, "
    "'innererror': {'code': 'ResponsibleAIPolicyViolation'}}}"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PYTHON.format(429, "tokens", "rate_limit_exceeded"), "rate_limit"),
        (PYTHON.format(429, "insufficient_quota", "insufficient_quota"), "quota_exceeded"),
        ("openai.RateLimitError: " + PYTHON.format(429, "insufficient_quota", None), "quota_exceeded"),
        (PYTHON.format(401, "invalid_request_error", "invalid_api_key"), "authentication"),
        (PYTHON.format(400, "invalid_request_error", "context_length_exceeded"), "context_length"),
        (PYTHON.format(404, "invalid_request_error", "model_not_found"), "not_found"),
        (PYTHON.format(500, "server_error", None), "server_error"),
        ("Error code: 503 - {'error': 'upstream'}", "overloaded"),
        (AZURE_FILTERED, "content_filter"),
        ("429 Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000", "rate_limit"),
        ("429 You exceeded your current quota, please check your plan and billing details.", "quota_exceeded"),
        ("400 This model's maximum context length is 128000 tokens.", "context_length"),
        ('POST "https://api.openai.com/v1/chat/completions": 429 Too Many Requests {"type":"requests"}', "rate_limit"),
        ("error, status code: 429, status: 429 Too Many Requests, message: Rate limit reached", "rate_limit"),
        ("HTTP 429 (requests: rate_limit_exceeded)\n\nRate limit reached", "rate_limit"),
        ("com.openai.errors.RateLimitException: 429: Rate limit reached", "rate_limit"),
        ("Client error '404 Not Found' for url 'https://api.openai.com/v1/models/x'", "not_found"),
        ("Request failed with status code 502", "server_error"),
        ("litellm.ContextWindowExceededError: litellm.BadRequestError: OpenAIException", "context_length"),
        ("APITimeoutError('Request timed out.')", "timeout"),
        ("Request timed out.", "timeout"),
        ("java.net.SocketTimeoutException: timeout", "timeout"),
        ('Post "https://api.openai.com/v1/chat/completions": context deadline exceeded', "timeout"),
        ('Post "https://api.openai.com/v1/chat/completions": context canceled', "cancelled"),
        ("Request was aborted.", "cancelled"),
        ("Connection error.", "connection"),
        ("httpx.RemoteProtocolError: Server disconnected without sending a response.", "connection"),
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", "connection"),
        ("dial tcp: lookup api.openai.com: no such host", "connection"),
        ('Post "https://api.openai.com/v1/chat/completions": EOF', "connection"),
        ("connect ECONNREFUSED 10.0.0.1:443", "connection"),
        ("socket hang up", "connection"),
        ("openai.APIError: Rate limit reached for gpt-4o", "rate_limit"),
        ("openai.APIError: The server had an error while processing your request.", "server_error"),
        ("Limit 500, used 429 of them", "unknown"),
        ("boom", "unknown"),
    ],
)
def test_an_error_that_an_sdk_made_a_text_of_is_read_back(text: str, expected: str) -> None:
    assert failure(None, text) == expected
    assert failure(200, {"message": text}) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"name": "APIConnectionTimeoutError", "message": "Request timed out."}, "timeout"),
        ({"class": "RateLimitError", "message": "slow"}, "rate_limit"),
        ({"name": "Error", "message": "429 slow", "status": 429}, "rate_limit"),
        ({"type": "BadRequestError", "status": 400, "error": {"code": "context_length_exceeded"}}, "context_length"),
        ({"code": "contentFilter", "inner_error": {"code": "ResponsibleAIPolicyViolation"}}, "content_filter"),
        ({"code": "InsufficientQuota", "message": "Out of quota"}, "quota_exceeded"),
        ({"code": "RateLimitReached", "type": "Too Many Requests", "message": "No"}, "rate_limit"),
        ({"code": "NoCapacity", "message": "High demand", "status": 429}, "overloaded"),
        ({"code": 403, "message": "Flagged", "metadata": {"flagged_input": "x", "reasons": ["violence"]}},
         "content_filter"),
        ({"type": "service_tier_capacity_exceeded", "code": "3505", "message": "Full"}, "rate_limit"),
        ({"message": "Incorrect API key provided: xa***ai.", "status": 400}, "authentication"),
        ({"message": "Your team has either used all available credits or reached its limit.", "status": 429},
         "quota_exceeded"),
    ],
)  # fmt: skip
def test_an_error_object_is_read_by_whatever_it_has(error: object, expected: str) -> None:
    assert failure(None, error) == expected


def test_the_status_of_the_answer_beats_the_one_in_a_text() -> None:
    assert failure(503, "429 slow down") == "overloaded"
    assert failure(200, "429 slow down") == "rate_limit"


def test_a_message_never_turns_an_exact_answer_into_another() -> None:
    assert classify(401, None, None, CONTEXT) == "authentication"
    assert classify(500, "server_error", None, QUOTA) == "server_error"


def test_every_table_gives_values_of_the_closed_set() -> None:
    given_values = {
        *CODES.values(),
        *STATUSES.values(),
        *NAMES.values(),
        *(found for _, found in (*FRAGMENTS, *PHRASES)),
    }
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


@given(
    st.one_of(st.none(), st.integers()),
    st.one_of(
        anything,
        st.dictionaries(
            st.sampled_from(("message", "code", "type", "name", "status", "error", "innererror", "metadata")), anything
        ),
    ),
)
def test_any_error_at_all_gives_a_known_type_or_a_success(status: int | None, error: object) -> None:
    found = failure(status, error)
    assert found in ERROR_TYPES or (found is None and not error and (status is None or status < 400))


@given(st.integers(400, 599))
def test_every_failing_status_says_something(status: int) -> None:
    assert classify(status, None, None, None) != "unknown"
