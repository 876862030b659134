"""What a call costs: by hand, and what holds for every call."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import DETAILS, Call
from tailer.meter.prices import MAX_REMEMBERED, Prices

PRICES = Prices.load()
USD = 10**12
NOVEMBER = int(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp()) * 10**9
JANUARY_2025 = int(datetime(2025, 1, 15, tzinfo=UTC).timestamp()) * 10**9


def call(provider: str | None, model: str | None, given: int | None = 1_000_000, made: int | None = 0) -> Call:
    return Call(provider=provider, model=model, input_tokens=given, output_tokens=made, timestamp_ns=NOVEMBER)


def usd(found: int | None) -> float | None:
    return None if found is None else found / USD


def test_cached_input_is_part_of_the_input_and_cheaper() -> None:
    """The call of the contract's example: 499 fresh at 2.50, 1024 cached at 1.25, 212 out at 10 USD per million."""
    seen = call("openai", "gpt-4o-2024-08-06", 1_523, 212)._replace(details={"cached_input": 1_024})
    assert PRICES.estimate(seen) == 4_647_500_000
    assert PRICES.cost(seen) == (4_647_500_000, "estimated")


def test_cache_writes_of_both_lifetimes_have_their_price() -> None:
    """Claude Sonnet 4: 100 fresh at 3, 400 written at 3.75, 500 written for an hour at 6, 1000 read at 0.30."""
    details = {"cache_write": 900, "cache_write_1h": 500, "cached_input": 1_000}
    seen = call("anthropic", "claude-sonnet-4-20250514", 2_000, 10)._replace(details=details)
    assert PRICES.estimate(seen) == (300 + 1_500 + 3_000 + 300 + 150) * 10**6


def test_a_long_input_raises_the_price_of_all_its_tokens() -> None:
    """Gemini 2.5 Pro doubles its input price above 200,000 tokens, not at them."""
    assert usd(PRICES.estimate(call("gcp.gemini", "gemini-2.5-pro", 200_000, 0))) == 0.25
    assert usd(PRICES.estimate(call("gcp.gemini", "gemini-2.5-pro", 200_001, 0))) == 0.5000025


def test_the_price_is_that_of_the_day_of_the_call() -> None:
    """o3 cost 10 USD per million until 10 June 2025, 2 USD since."""
    assert usd(PRICES.estimate(call("openai", "o3"))) == 2
    assert usd(PRICES.estimate(call("openai", "o3")._replace(timestamp_ns=JANUARY_2025))) == 10


def test_a_call_without_a_time_is_priced_now_or_at_the_table_s_date() -> None:
    """Never at a price that is only announced."""
    timeless = call("openai", "o3")._replace(timestamp_ns=None)
    assert usd(PRICES.estimate(timeless)) == 2
    assert usd(PRICES.estimate(timeless, now_ns=JANUARY_2025)) == 10


def test_the_service_tier_that_was_served_decides() -> None:
    """o3: flex and batch cost half; nobody has published what a token of the scale tier costs."""
    served = {
        tier: usd(PRICES.estimate(call("openai", "o3")._replace(service_tier=tier)))
        for tier in ("default", "flex", "Batch", "priority", "scale", None)
    }
    assert served == {"default": 2, "flex": 1, "Batch": 1, "priority": 3.5, "scale": None, None: 2}


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("openai", "gpt-4o", 2.5),
        ("openai", "GPT-4o", 2.5),
        ("openai", "openai/gpt-4o", 2.5),
        ("openai", "gpt-4o-2024-05-13", 5),
        ("openai", "ft:gpt-4o-2024-08-06:acme::Abc123", 3.75),
        ("azure.ai.openai", "gpt-4o-2024-08-06", 2.5),
        ("azure.ai.openai", "azure/gpt-4o", 2.5),
        ("openrouter", "openai/gpt-4o", 2.5),
        ("openrouter", "openrouter/openai/gpt-4o", 2.5),
        ("openrouter", "meta-llama/llama-3.3-70b-instruct:free", 0),
        ("litellm", "openai/gpt-4o", 2.5),
        (None, "openai/gpt-4o", 2.5),
        ("gcp.gemini", "models/gemini-2.5-flash", 0.3),
        ("gcp.vertex_ai", "projects/p/locations/us/publishers/google/models/gemini-2.5-flash", 0.3),
        ("gcp.vertex_ai", "claude-sonnet-4@20250514", 3),
        ("aws.bedrock", "anthropic.claude-3-5-sonnet-20240620-v1:0", 3),
        ("aws.bedrock", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", 0.06),
        ("openai", "omni-moderation-latest", 0),
    ],
)
def test_a_model_is_found_by_the_names_logs_give_it(provider: str | None, model: str, expected: float) -> None:
    """A tenth of a million input tokens, too few to be a long input."""
    assert usd(PRICES.estimate(call(provider, model, 100_000))) == pytest.approx(expected / 10)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-2031-01-01"),
        ("openai", "my-model"),
        ("openai", "claude-sonnet-4-20250514"),
        ("openai", ""),
        ("openai", None),
        ("openai", "gpt-4o" + "x" * 10_000),
        ("vllm", "gpt-4o"),
        ("ollama", "openai/gpt-4o"),
        (None, "gpt-4o"),
        (None, None),
        ("openrouter", "openai/gpt-4o:nitro"),
        ("openrouter", "google/lyria-3-pro-preview"),
        ("aws.bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3"),
    ],
)
def test_what_the_table_does_not_know_has_no_price(provider: str | None, model: str | None) -> None:
    """Not zero, and not what another provider takes for it."""
    assert PRICES.estimate(call(provider, model)) is None


@pytest.mark.parametrize(("given", "made"), [(None, 5), (5, None), (None, None)])
def test_a_call_whose_tokens_are_not_known_has_no_price(given: int | None, made: int | None) -> None:
    """Half a bill is no bill."""
    assert PRICES.estimate(call("openai", "gpt-4o", given, made)) is None


def test_embeddings_have_no_output_to_know() -> None:
    """Their usage block has input tokens only, for models with and without a price for output."""
    assert PRICES.estimate(call("openai", "text-embedding-3-small", 1_000, None)) == 20 * 10**6
    seen = call("openai", "gpt-4o", 1_000, None)._replace(operation="embeddings")
    assert PRICES.estimate(seen) == 2_500 * 10**6


def test_the_model_that_answered_goes_before_the_one_asked_for() -> None:
    """An unknown answer is not priced as what was asked; the request counts where nothing else is known."""
    assert PRICES.estimate(call("openai", "mystery")._replace(request_model="gpt-4o")) is None
    assert usd(PRICES.estimate(call("openai", None)._replace(request_model="gpt-4o"))) == 2.5


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("openai", "text-embedding-3-small", 0.01),
        ("anthropic", "claude-3-haiku-20240307", 0.125),
        ("azure.ai.openai", "gpt-4.1", 1),
        ("aws.bedrock", "us.amazon.nova-pro-v1:0", 0.4),
        ("x_ai", "grok-4.3", 2),
        ("x_ai", "grok-3-mini", None),
        ("openrouter", "openai/gpt-4o", None),
    ],
)
def test_a_batch_costs_half_where_its_seller_says_so(provider: str, model: str, expected: float | None) -> None:
    """Else what is listed, else nobody knows; tools cost the same in a batch."""
    batched = call(provider, model)._replace(service_tier="batch")
    assert usd(PRICES.estimate(batched)) == expected
    searched = call("anthropic", "claude-3-5-haiku-20241022", 0, 0)._replace(units={"web_searches": 1})
    assert usd(PRICES.estimate(searched._replace(service_tier="batch"))) == 0.01


def test_what_is_billed_beside_tokens_is_added() -> None:
    """A web search of Claude costs a cent; a recording is billed by the hour."""
    searched = call("anthropic", "claude-sonnet-4-20250514", 0, 0)._replace(units={"web_searches": 3})
    assert usd(PRICES.estimate(searched)) == 0.03
    spoken = call("openai", "whisper-1", None, None)
    assert PRICES.estimate(spoken) is None
    assert usd(PRICES.estimate(spoken._replace(units={"audio_seconds": 600.0}))) == 0.06
    assert PRICES.estimate(spoken._replace(units={"audio_seconds": float("nan")})) is None


def test_a_cost_on_the_line_goes_before_the_estimate() -> None:
    """As the decimal number it was written as; an impossible one is no cost."""
    seen = call("openai", "gpt-4o", 1_000, 0)
    assert PRICES.cost(seen._replace(cost_usd=0.1)) == (100_000_000_000, "reported")
    assert PRICES.cost(seen._replace(cost_usd=0.0)) == (0, "reported")
    assert PRICES.cost(seen._replace(cost_usd=float("inf"))) == (2_500_000_000, "estimated")
    assert PRICES.cost(seen._replace(cost_usd=-1.0)) == (2_500_000_000, "estimated")
    assert PRICES.cost(call("vllm", "x")) is None


counts = st.integers(0, 10**7)
models = st.sampled_from(
    [
        ("openai", "gpt-4o"),
        ("openai", "gpt-realtime"),
        ("openai", "gpt-5.4"),
        ("anthropic", "claude-sonnet-4-5"),
        ("gcp.gemini", "gemini-2.5-flash"),
        ("openrouter", "google/gemini-2.5-flash"),
    ]
)


@given(models, counts, counts, st.dictionaries(st.sampled_from(DETAILS), counts))
def test_parts_never_cost_more_than_the_dearest_rate_nor_less_than_nothing(
    model: tuple[str, str], given: int, made: int, details: dict[str, int]
) -> None:
    """Whatever the parts are, even more of them than the whole: no token is paid twice or with a negative price."""
    found = PRICES.estimate(call(*model, given, made)._replace(details=details))
    quote = PRICES.rates(*model, NOVEMBER)
    assert found is not None
    assert quote is not None
    dearest = max(int(usd * 10**6) + 1 for steps in quote.rates.prices.values() for _, usd in steps)
    assert 0 <= found <= dearest * (given + made)


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=20))
def test_no_name_whatever_breaks_a_lookup(provider: str, model: str, tier: str) -> None:
    """Names come from a log line."""
    found = PRICES.estimate(call(provider, model)._replace(service_tier=tier, request_model=provider))
    assert found is None or found >= 0


def test_hostile_names_do_not_fill_the_memory() -> None:
    """The memory of lookups is bounded in entries, and holds no long names."""
    prices = Prices.load()
    for number in range(MAX_REMEMBERED + 500):
        prices.estimate(call("openai", f"gpt-{number}-turbo-x"))
    prices.estimate(call("openai", "y" * 100_000))
    remembered = prices._schedules
    assert len(remembered) <= MAX_REMEMBERED
    assert all(len(part or "") <= 256 for key in remembered for part in key)
    assert usd(prices.estimate(call("openai", "gpt-4o"))) == 2.5


def test_the_table_tells_its_date() -> None:
    """The same day as text and as seconds."""
    assert datetime.fromtimestamp(PRICES.timestamp_seconds, UTC).date().isoformat() == PRICES.date
    assert PRICES.date >= "2026-11-09"
