"""Rate-limit headers of every family become seconds and plain numbers, or nothing."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import NO_UNITS
from parsers.limits import HEADERS, KEYS, duration_seconds, rate_limit
from tests.parsers import bodies

NOW_NS = 1_795_194_000_500_000_000
"""2026-11-20T17:00:00.5Z"""


def test_openai_headers_keep_integers_and_become_seconds() -> None:
    limits = rate_limit(bodies.OPENAI_HEADERS, None)
    assert limits == bodies.OPENAI_LIMITS
    assert type(limits["limit_requests"]) is int


def test_anthropic_resets_are_measured_from_the_line() -> None:
    headers = {
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "anthropic-ratelimit-requests-reset": "2026-11-20T17:00:01Z",
        "anthropic-ratelimit-input-tokens-limit": "400000",
        "anthropic-ratelimit-input-tokens-remaining": "399000",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-20T18:01:00.25+01:00",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-20T16:59:59Z",
    }
    assert rate_limit(headers, NOW_NS) == {
        "limit_requests": 4000,
        "remaining_requests": 3999,
        "reset_requests_seconds": 0.5,
        "limit_input_tokens": 400000,
        "remaining_input_tokens": 399000,
        "reset_input_tokens_seconds": 59.75,
        "reset_output_tokens_seconds": 0.0,
    }


def test_an_absolute_reset_without_any_time_to_measure_from_is_absent() -> None:
    assert rate_limit({"anthropic-ratelimit-tokens-reset": "2026-11-20T17:00:01Z"}, None) == {}


def test_the_date_header_stands_in_for_a_missing_timestamp() -> None:
    headers = {"anthropic-ratelimit-tokens-reset": "2026-11-20T17:00:07Z", "date": "Fri, 20 Nov 2026 17:00:01 GMT"}
    assert rate_limit(headers, None) == {"reset_tokens_seconds": 6.0}


def test_azure_unknowns_are_absent_with_their_reset() -> None:
    headers = {
        "x-ratelimit-limit-tokens": "-1",
        "x-ratelimit-remaining-tokens": "-1",
        "x-ratelimit-reset-tokens": "0",
        "x-ratelimit-remaining-requests": "99",
        "x-ratelimit-reset-requests": "-1",
    }
    assert rate_limit(headers, NOW_NS) == {"remaining_requests": 99}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param(
            {
                "x-ratelimit-limit-tokens-minute": "5000000",
                "x-ratelimit-remaining-tokens-minute": "4999911",
                "x-ratelimit-tokens-query-cost": "52",
                "x-ratelimit-limit-req-minute": "720",
                "x-ratelimit-remaining-req-minute": "717",
            },
            {
                "limit_tokens": 5000000,
                "remaining_tokens": 4999911,
                "limit_requests": 720,
                "remaining_requests": 717,
            },
            id="mistral",
        ),
        pytest.param(
            {"ratelimitbysize-limit": "500000", "ratelimitbysize-remaining": "499900", "ratelimitbysize-reset": "28"},
            {"limit_tokens": 500000, "remaining_tokens": 499900, "reset_tokens_seconds": 28},
            id="mistral before 2026",
        ),
        pytest.param(
            {
                "x-ratelimit-limit-requests-day": "14400",
                "x-ratelimit-remaining-requests-day": "13693",
                "x-ratelimit-reset-requests-day": "11726.25",
                "x-ratelimit-remaining-tokens-minute": "60000",
            },
            {
                "limit_requests": 14400,
                "remaining_requests": 13693,
                "reset_requests_seconds": 11726.25,
                "remaining_tokens": 60000,
            },
            id="cerebras",
        ),
        pytest.param(
            {"x-ratelimit-limit-tokens-prompt": "7200000", "x-ratelimit-remaining-tokens-generated": "69338"},
            {"limit_input_tokens": 7200000, "remaining_output_tokens": 69338},
            id="fireworks",
        ),
        pytest.param(
            {
                "llm-provider-x-ratelimit-remaining-requests": "9998",
                "llm-provider-x-ratelimit-reset-requests": "12ms",
                "retry-after": "2",
            },
            {"remaining_requests": 9998, "reset_requests_seconds": 0.012, "retry_after_seconds": 2},
            id="litellm passes its provider's on",
        ),
        pytest.param(
            {"llm-provider-x-ratelimit-remaining-tokens": "9998", "x-ratelimit-remaining-requests": "5"},
            {"remaining_requests": 5},
            id="litellm's own are not mixed with its provider's",
        ),
    ],
)
def test_every_family_says_the_same(headers: dict[str, str], expected: dict[str, float]) -> None:
    assert rate_limit(headers, None) == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12ms", 0.012),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("2m59.56s", 179.56),
        ("23h59m59s", 86399.0),
        ("250µs", 0.00025),
        ("0s", 0.0),
        ("60", 60),
        (" 1.5 ", 1.5),
        ("1795194002", 1.5),
        ("1795194002500", 2.0),
    ],
)
def test_every_form_of_reset_becomes_seconds(value: str, seconds: float) -> None:
    assert rate_limit({"x-ratelimit-reset-tokens": value}, NOW_NS) == {"reset_tokens_seconds": pytest.approx(seconds)}


@pytest.mark.parametrize("value", ["", "soon", "-5", "nan", "inf", "1e400", "5 minutes", "1s2", "-1s", "٣ساعة", "m"])
def test_what_cannot_be_read_is_absent(value: str) -> None:
    headers = {"x-ratelimit-reset-tokens": value, "x-ratelimit-limit-requests": value, "retry-after": value}
    assert rate_limit(headers, NOW_NS) == {}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "20", "retry-after-ms": "19250"}, 19.25),
        ({"retry-after": "20", "retry-after-ms": "soon"}, 20),
        ({"retry-after": "Fri, 20 Nov 2026 17:00:30 GMT"}, 29.5),
        ({"retry-after": "Fri, 20 Nov 2026 16:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after_in_every_form(headers: dict[str, str], seconds: float) -> None:
    assert rate_limit(headers, NOW_NS) == {"retry_after_seconds": seconds}


def test_headers_without_limits_give_nothing() -> None:
    assert rate_limit({}, NOW_NS) is NO_UNITS
    assert rate_limit({"content-type": "application/json", "x-ratelimit-limit-tokens_usage_based": "5"}, 0) == {}


@given(st.dictionaries(st.sampled_from([*HEADERS, "retry-after", "retry-after-ms", "date"]), st.text(max_size=30)))
def test_any_header_values_give_finite_amounts_under_known_keys(headers: dict[str, str]) -> None:
    for timestamp_ns in (None, NOW_NS):
        for key, value in rate_limit(headers, timestamp_ns).items():
            assert key in KEYS
            assert isfinite(value)
            assert value >= 0


@given(st.integers(0, 200), st.integers(0, 59), st.integers(0, 59_999))
def test_go_durations_are_read_back(hours: int, minutes: int, milliseconds: int) -> None:
    text = f"{hours}h{minutes}m{milliseconds / 1000:.3f}s"
    assert duration_seconds(text) == pytest.approx(hours * 3600 + minutes * 60 + milliseconds / 1000)
