"""The short ways to a price come to what the rules say, told in the plainest way."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parsers.base import DETAILS, Call
from tailer.meter.price_rates import MODALITIES, OUTPUT_PARTS, Rates, price_at
from tailer.meter.price_schedule import Condition, Schedule
from tailer.meter.prices import Prices

PRICES = Prices.load()
YEAR_NS = 365 * 86_400 * 10**9
MODELS = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-realtime"),
    ("openai", "text-embedding-3-small"),
    ("openai", "omni-moderation-latest"),
    ("openai", "whisper-1"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-3-5-haiku-20241022"),
    ("gcp.gemini", "gemini-2.5-flash"),
    ("gcp.gemini", "gemini-2.5-pro"),
    ("mistral_ai", "mistral-large-latest"),
]


def rates(provider: str, model: str) -> Rates:
    quote = PRICES.rates(provider, model, PRICES.table.date_ns)
    assert quote is not None
    return quote.rates


def plainly(rates: Rates, call: Call) -> int | None:
    """In pico-USD, of a call that used nothing but tokens."""
    if not rates.prices:
        return 0
    given, made = call.input_tokens, call.output_tokens
    made = 0 if made is None and call.operation == "embeddings" else made
    has_input, has_output = "input" in rates.prices, "output" in rates.prices
    if not (has_input or has_output) or (has_input and given is None) or (has_output and made is None):
        return None
    if (not has_input and given) or (not has_output and made):
        return None
    spent = of_input(rates, given or 0, call.details) + of_output(rates, given or 0, made or 0, call.details)
    return round(spent)


def usd(rates: Rates, given: int, *keys: str) -> Fraction:
    """Pico-USD for one token, by the first of these prices that there is."""
    steps = next((rates.prices[key] for key in keys if key in rates.prices), None)
    return Fraction(0) if steps is None else Fraction(price_at(steps, given)) * 10**6


def of_input(rates: Rates, given: int, details: Mapping[str, int]) -> Fraction:
    write = min(details.get("cache_write", 0), given)
    hour = min(details.get("cache_write_1h", 0), write)
    cached = min(details.get("cached_input", 0), given - write)
    fresh = given - write - cached
    spent = (write - hour) * usd(rates, given, "cache_write", "input")
    spent += hour * usd(rates, given, "cache_write_1h", "cache_write", "input")
    for name in MODALITIES:
        if not {f"{name}_input", f"cached_{name}_input"} & rates.prices.keys():
            continue
        count = details.get(f"{name}_input", 0)
        fresh_part = min(count, fresh)
        cached_part = min(count - fresh_part, cached)
        if f"cached_{name}_input" in details:
            cached_part = min(details[f"cached_{name}_input"], count, cached)
            fresh_part = min(count - cached_part, fresh)
        fresh, cached = fresh - fresh_part, cached - cached_part
        spent += fresh_part * usd(rates, given, f"{name}_input", "input")
        spent += cached_part * usd(rates, given, f"cached_{name}_input", "cached_input", "input")
    return spent + fresh * usd(rates, given, "input") + cached * usd(rates, given, "cached_input", "input")


def of_output(rates: Rates, given: int, made: int, details: Mapping[str, int]) -> Fraction:
    spent = Fraction(0)
    for key in OUTPUT_PARTS if "output" in rates.prices else ():
        if key in rates.prices:
            part = min(details.get(key, 0), made)
            made -= part
            spent += part * usd(rates, given, key)
    return spent + made * usd(rates, given, "output")


COUNTS = st.integers(0, 9) | st.integers(0, 300_000)
PARTS = (
    "cached_input",
    "cache_write",
    "cache_write_1h",
    "audio_input",
    "cached_audio_input",
    "reasoning",
    "audio_output",
)
CALLS = st.builds(
    Call,
    operation=st.sampled_from(["chat", "embeddings"]),
    input_tokens=st.none() | COUNTS,
    output_tokens=st.none() | st.just(0) | COUNTS,
    details=st.dictionaries(st.sampled_from(PARTS), COUNTS) | st.dictionaries(st.sampled_from(DETAILS), COUNTS),
)


@example(("openai", "gpt-4o"), Call(input_tokens=5, output_tokens=1, details={"cached_input": 9}))
@given(st.sampled_from(MODELS), CALLS)
def test_a_call_of_tokens_costs_what_the_rules_come_to(model: tuple[str, str], call: Call) -> None:
    """Cached or not, above a step or below it, of models that have all prices, some, or none."""
    found = rates(*model)
    assert found.cost(call) == plainly(found, call)


@given(CALLS, st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_price_of_less_than_a_pico_dollar_is_rounded_once(call: Call, cents: int, parts: int) -> None:
    """No list has such prices, but a user's own file may."""
    own = PRICES.rates("openai", "gpt-4o", PRICES.table.date_ns)
    assert own is not None
    found = Rates.of(
        {
            key: tuple((start, price * cents / parts) for start, price in steps)
            for key, steps in own.rates.prices.items()
        }
    )
    assert found.cost(call) == plainly(found, call)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model[1])
def test_a_price_that_time_does_not_change_is_the_same_at_any_time(model: tuple[str, str]) -> None:
    schedule = PRICES._schedule((*model, None, None, None))
    assert schedule.always is not None
    for years in range(-5, 60, 7):
        assert schedule.at(years * YEAR_NS) == schedule.always


@pytest.mark.parametrize("text", ["2026-01-31", "16:30-00:30", "rest-days"])
def test_a_price_that_time_changes_is_looked_up_by_the_time_of_the_call(text: str) -> None:
    condition, quote = Condition.read(text), PRICES.rates("openai", "gpt-4o", PRICES.table.date_ns)
    schedule = Schedule([condition], lambda now_ns: quote if condition.holds(now_ns) else None)
    assert schedule.always is None
    hours_ns = [hours * 3600 * 10**9 for hours in range(24 * 365 * 56, 24 * 365 * 57, 5)]
    found = [schedule.at(hour_ns) is quote for hour_ns in hours_ns]
    assert found == [condition.holds(hour_ns) for hour_ns in hours_ns]
    assert any(found)
    assert not all(found)
