"""Rate limits: the last word of a provider, until its reset."""

from __future__ import annotations

import math

import pytest

from tailer.config import Limits
from tailer.meter.ledger import Ledger
from tailer.meter.rate_limits import DEFAULT_SECONDS, MAX_SECONDS, RateLimits
from tests.meter.calls import GPT, NOON_NS, SECOND_NS, at, reloaded

BASE = ("openai", "gpt-4o", "chat")
REQUESTS, TOKENS = (*BASE, "requests"), (*BASE, "tokens")


def noted(told: dict[str, float], seconds: float = 0, now_ns: int = NOON_NS) -> RateLimits:
    limits = RateLimits(10)
    limits.note(BASE, at(GPT, seconds)._replace(rate_limit=told), now_ns)
    return limits


def test_a_limit_is_gone_once_its_reset_has_passed() -> None:
    limits = noted({"remaining_requests": 9998, "limit_requests": 10000, "reset_requests_seconds": 12})
    [(labels, limit)] = limits.at(NOON_NS + 12 * SECOND_NS - 1).items()
    assert (labels, limit.remaining, limit.limit) == (REQUESTS, 9998, 10000)
    assert limits.at(NOON_NS + 12 * SECOND_NS) == {}


def test_each_subject_has_its_own_reset() -> None:
    limits = noted({"remaining_requests": 1, "reset_requests_seconds": 1, "remaining_tokens": 5})
    assert set(limits.at(NOON_NS)) == {REQUESTS, TOKENS}
    assert set(limits.at(NOON_NS + SECOND_NS)) == {TOKENS}
    assert limits.at(NOON_NS + DEFAULT_SECONDS * SECOND_NS) == {}


def test_an_old_log_tells_of_no_limit_of_today() -> None:
    assert noted({"remaining_requests": 3}, seconds=-3600).dump() == []


@pytest.mark.parametrize("seconds", [1e300, 86_400 * 365.0])
def test_no_log_can_keep_a_limit_for_ever(seconds: float) -> None:
    limits = noted({"remaining_requests": 3, "reset_requests_seconds": seconds}, seconds=10**9)
    assert limits.at(NOON_NS + MAX_SECONDS * SECOND_NS) == {}


@pytest.mark.parametrize("odd", [math.inf, math.nan, -1.0])
def test_a_number_that_is_none_is_not_told(odd: float) -> None:
    assert noted({"remaining_requests": odd, "limit_requests": odd}).dump() == []
    [(_, limit)] = noted({"remaining_requests": 3, "reset_requests_seconds": odd}).dump()
    assert limit.expires_ns == NOON_NS + DEFAULT_SECONDS * SECOND_NS


def test_an_older_response_read_later_does_not_undo_a_newer_one() -> None:
    """Two files of one application are read one after the other, not in the order of their times."""
    limits = noted({"remaining_requests": 70})
    limits.note(BASE, at(GPT, -30)._replace(rate_limit={"remaining_requests": 90}), NOON_NS)
    assert limits.at(NOON_NS)[REQUESTS].remaining == 70


def test_a_newer_response_replaces_an_older_one_even_when_it_is_already_reset() -> None:
    limits = noted({"remaining_requests": 70}, seconds=-5)
    limits.note(BASE, at(GPT, -2)._replace(rate_limit={"remaining_requests": 0, "reset_requests_seconds": 1}), NOON_NS)
    assert limits.at(NOON_NS) == {}


def test_limits_are_bounded_and_those_that_have_passed_take_no_room() -> None:
    limits = RateLimits(2)
    told = {"remaining_requests": 1.0, "reset_requests_seconds": 5.0}
    calls = [("a", 0, 0), ("b", 0, 0), ("c", 0, 1), ("c", 6, 0)]
    for model, seconds, refused in calls:
        now_ns = NOON_NS + seconds * SECOND_NS
        assert limits.note(("openai", model, "chat"), at(GPT, seconds)._replace(rate_limit=told), now_ns) == refused
    assert [labels[1] for labels in limits.at(NOON_NS + 6 * SECOND_NS)] == ["c"]


def test_limits_survive_a_restart_and_a_change_of_dimensions() -> None:
    ledger = Ledger(Limits())
    ledger.add(GPT._replace(rate_limit={"remaining_tokens": 12.5}), (), None, None, NOON_NS)
    assert reloaded(ledger).limits.at(NOON_NS) == ledger.limits.at(NOON_NS)
    [labels] = reloaded(ledger, ("team",)).limits.at(NOON_NS)
    assert labels == ("openai", "gpt-4o-2024-08-06", "chat", "", "tokens")
