"""What no list says outright: tiers before they were listed, regions, hours and days of rest, surcharges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call
from tailer.meter.price_schedule import Condition, Quote, Schedule, is_rest_day
from tailer.meter.prices import Prices

PRICES = Prices.load()
MILLION = Call(input_tokens=1_000_000, output_tokens=0, timestamp_ns=1_795_000_000 * 10**9)


def ns(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()) * 10**9


def usd(provider: str, model: str, **values: object) -> float | None:
    call = MILLION._replace(provider=provider, model=model, **values)  # type: ignore[arg-type]  # any field of a call
    found = PRICES.estimate(call)
    return None if found is None else found / 10**12


@pytest.mark.parametrize(
    ("provider", "model", "tier", "moment", "expected"),
    [
        ("openai", "gpt-4.1", "priority", "2025-09-01", 3.5),
        ("openai", "gpt-5", "flex", "2025-09-01", 0.625),
        ("openai", "gpt-5.6-luna", "priority", "2026-07-29", None),
        ("openai", "o3", "flex", "2025-05-01", 5),
        ("openai", "gpt-4o", "scale", "2026-11-01", None),
        ("openai", "gpt-4o-audio-preview", "priority", "2025-11-01", None),
        ("azure.ai.openai", "gpt-4o", "priority", "2026-11-01", None),
        ("azure.ai.openai", "gpt-4o", "default", "2026-11-01", 2.5),
        ("anthropic", "claude-sonnet-4-20250514", "priority", "2025-11-01", None),
        ("anthropic", "claude-opus-4-6", "fast", "2026-06-01", 30),
        ("anthropic", "claude-opus-4-6", "fast", "2026-02-20", 60),
        ("anthropic", "claude-haiku-4-5", "fast", "2026-06-01", None),
        ("gcp.gemini", "gemini-2.5-flash", "flex", "2026-06-01", 0.15),
        ("gcp.gemini", "gemini-2.5-flash", "priority", "2026-06-01", None),
        ("gcp.vertex_ai", "gemini-2.5-flash", "on_demand_flex", "2026-06-01", 0.15),
        ("gcp.vertex_ai", "gemini-2.5-flash", "on_demand", "2026-06-01", 0.3),
        ("gcp.vertex_ai", "gemini-2.5-flash", "provisioned_throughput", "2026-06-01", None),
        ("aws.bedrock", "openai.gpt-oss-120b-1:0", "flex", "2026-06-01", 0.075),
        ("aws.bedrock", "openai.gpt-oss-120b-1:0", "priority", "2026-06-01", 0.2625),
        ("aws.bedrock", "openai.gpt-oss-120b-1:0", "reserved", "2026-06-01", None),
        ("aws.bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "batch", "2026-06-01", 0.55),
        ("aws.bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "flex", "2026-06-01", None),
        ("aws.bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "priority", "2026-06-01", None),
        ("groq", "llama-3.3-70b-versatile", "flex", "2026-06-01", 0.59),
        ("groq", "llama-3.3-70b-versatile", "performance", "2026-06-01", None),
    ],
)
def test_a_tier_costs_what_is_known_of_it_and_never_the_standard_price_by_default(
    provider: str, model: str, tier: str, moment: str, expected: float | None
) -> None:
    """As old as the standard price it was listed beside; else by its seller's rule; else nobody knows."""
    assert usd(provider, model, service_tier=tier, timestamp_ns=ns(moment)) == expected


@pytest.mark.parametrize(
    ("provider", "model", "region", "expected"),
    [
        ("anthropic", "claude-opus-4-6", "us", 5.5),
        ("anthropic", "claude-opus-4-6", "global", 5),
        ("anthropic", "claude-opus-4-6", None, 5),
        ("anthropic", "claude-opus-4-6", "mars", None),
        ("gcp.vertex_ai", "claude-haiku-4-5@20251001", "europe-west1", 1.1),
        ("gcp.vertex_ai", "claude-sonnet-4-6", "us", 3.3),
        ("gcp.vertex_ai", "claude-3-5-haiku@20241022", "us-east5", 0.8),
        ("gcp.vertex_ai", "claude-opus-4-1@20250805", "us-east5", 15),
        ("azure.ai.inference", "claude-opus-4-6", "us", None),
    ],
)
def test_a_region_costs_its_premium_where_there_is_one(
    provider: str, model: str, region: str | None, expected: float | None
) -> None:
    """Anthropic's from Claude 4.6 on, Google Cloud's from 4.5 on; a place nobody has a price for has none."""
    assert usd(provider, model, region=region) == expected


@pytest.mark.parametrize(("place", "expected"), [("us-east5", 1.1), ("global", 1)])
def test_a_resource_name_tells_the_region(place: str, expected: float) -> None:
    """Where it stands in the model's name and no URL was logged."""
    name = f"projects/p/locations/{place}/publishers/anthropic/models/claude-haiku-4-5@20251001"
    assert usd("gcp.vertex_ai", name) == expected
    assert usd("gcp.vertex_ai", "claude-haiku-4-5", request_model=name) == expected


def test_a_region_s_premium_comes_on_top_of_a_tier_and_not_on_tools() -> None:
    """Half of 5 USD and a tenth more; a search costs a cent anywhere."""
    assert usd("anthropic", "claude-opus-4-6", region="us", service_tier="batch") == 2.75
    assert usd("anthropic", "claude-opus-4-6", region="us", input_tokens=0, units={"web_searches": 1}) == 0.01


@pytest.mark.parametrize(
    ("provider", "model", "units", "expected"),
    [
        ("anthropic", "claude-sonnet-4-6", {"web_searches": 2}, 3.02),
        ("anthropic", "claude-sonnet-4-6", {"web_fetches": 2}, 3),
        ("anthropic", "claude-3-haiku-20240307", {"web_searches": 2}, None),
        ("x_ai", "grok-3", {"sources": 4}, None),
        ("openai", "gpt-4.1-nano", {"storage_searches": 2}, 0.105),
        ("azure.ai.openai", "gpt-4.1", {"storage_searches": 2}, 2.005),
        ("mistral_ai", "mistral-medium-2508", {"storage_searches": 1}, None),
        ("mistral_ai", "mistral-medium-2508", {"web_searches": 1}, None),
        ("perplexity", "sonar-deep-research", {"searches": 10}, 2.05),
    ],
)
def test_a_search_whose_price_nobody_knows_leaves_the_cost_unknown(
    provider: str, model: str, units: dict[str, float], expected: float | None
) -> None:
    """It is not free, and half a bill is no bill."""
    assert usd(provider, model, units=units) == expected


@pytest.mark.parametrize(
    ("model", "moment", "expected"),
    [
        ("deepseek-chat", "2025-02-08T15:59", 0.14),
        ("deepseek-chat", "2025-02-08T16:00", 0.27),
        ("deepseek-chat", "2025-02-20T20:00", 0.27),
        ("deepseek-chat", "2025-02-26T16:29", 0.27),
        ("deepseek-chat", "2025-02-26T16:30", 0.135),
        ("deepseek-chat", "2025-09-05T00:29", 0.135),
        ("deepseek-chat", "2025-09-05T15:59", 0.27),
        ("deepseek-chat", "2025-09-05T16:00", 0.56),
        ("deepseek-chat", "2025-09-06T20:00", 0.56),
        ("deepseek-chat", "2025-09-29", 0.28),
        ("deepseek-reasoner", "2025-07-01T20:00", 0.135),
        ("deepseek-reasoner", "2025-10-01T20:00", 0.28),
        ("deepseek-chat", "2026-07-24T15:58", 0.14),
        ("deepseek-chat", "2026-07-24T15:59", None),
        ("deepseek-v4-pro", "2026-05-12T02:00", 0.435),
        ("deepseek-v4-pro", "2026-08-16T15:59", 0.435),
        ("deepseek-v4-pro", "2026-08-17T00:59", 0.66),
        ("deepseek-v4-pro", "2026-08-17T01:00", 1.32),
        ("deepseek-v4-pro", "2026-08-17T04:00", 0.66),
        ("deepseek-v4-pro", "2026-08-22T02:00", 1.32),
        ("deepseek-v4-pro", "2026-08-23T02:00", 0.66),
        ("deepseek-v4-pro", "2026-11-20T09:59", 1.32),
        ("deepseek-v4-pro", "2026-11-21T09:59", 0.66),
        ("deepseek-v4-flash", "2026-09-08T02:00", 0.44),
        ("deepseek-v4-flash", "2026-09-10T02:00", 0.3),
        ("deepseek-flash", "2026-09-25T02:00", 0.15),
        ("deepseek-flash", "2026-10-07T09:00", 0.15),
        ("deepseek-flash", "2026-10-08T09:00", 0.3),
    ],
)
def test_deepseek_costs_what_it_took_at_that_hour(model: str, moment: str, expected: float | None) -> None:
    """Price changes at 16:00 UTC, the night discount of 2025, peak hours of 2026 on working days."""
    assert usd("deepseek", model, timestamp_ns=ns(moment)) == expected


MOMENTS = st.integers(ns("2026-01-01") // 10**9, ns("2027-06-01") // 10**9).map(lambda seconds: seconds * 10**9)
DAYS = st.sampled_from(["", "2026-04-26", "2026-08-16T16:00", "2026-08-22T16:00"])
HOURS = st.sampled_from(["", "01:00-04:00", "06:00-10:00", "16:30-00:30"])
TEXTS = st.builds(lambda *words: " ".join(filter(None, words)) or None, DAYS, HOURS, st.sampled_from(["", "rest-days"]))


@given(st.lists(TEXTS, min_size=1, max_size=5), st.lists(MOMENTS, max_size=30))
def test_the_grid_gives_what_the_conditions_say_at_every_moment(texts: list[str | None], moments: list[int]) -> None:
    """Whatever was asked before: a cell holds one answer only."""
    conditions = [Condition.read(text) for text in texts]

    def last_in_force(now_ns: int) -> Quote | None:
        held = [str(index) for index, condition in enumerate(conditions) if condition.holds(now_ns)]
        return Quote("p", held[-1], "", NO_RATES) if held else None

    schedule = Schedule(conditions, last_in_force)
    for now_ns in moments:
        assert schedule.at(now_ns) == last_in_force(now_ns)


NOVEMBER_NS = ns("2026-11-10")
_QUOTE = PRICES.rates("openai", "gpt-4o", NOVEMBER_NS)
assert _QUOTE is not None
NO_RATES = _QUOTE.rates


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("1970-01-01", False),
        ("1970-01-03", True),
        ("2026-11-20T23:59", False),
        ("2026-11-21", True),
        ("2026-11-22T23:59", True),
        ("2026-11-23", False),
        ("2026-10-01T12:00", True),
    ],
)
def test_a_day_of_rest_is_a_weekend_or_a_holiday(moment: str, expected: bool) -> None:
    assert is_rest_day(ns(moment)) is expected


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "25:00-26:00", "rest", "01:00"])
def test_a_condition_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever datetime says of it
        Condition.read(text)
