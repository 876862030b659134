"""The table against the package it is made from: the same models, the same costs, and every difference named."""

import functools
import importlib.util
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from genai_prices import Usage
from genai_prices.data import providers
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice

from parsers.base import Call
from tailer.meter.prices import Prices

ROOT = Path(__file__).parents[2]
PRICES = Prices.load()
CORRECTED = {
    (entry["provider"], entry["model"])
    for entry in yaml.safe_load((ROOT / "scripts" / "published_prices.yaml").read_text(encoding="utf-8"))
}
"""Models whose prices are ours and not the package's: test_bills and test_prices_history look at them."""
SOURCE = {provider.id: provider for provider in providers}
KNOWN = sorted(PRICES.table.counts())
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MOMENTS = [
    datetime(2024, 2, 1, 0, 10, tzinfo=UTC),
    datetime(2025, 6, 9, 23, 59, 59, tzinfo=UTC),
    datetime(2025, 6, 10, tzinfo=UTC),
    datetime(2026, 8, 17, 3, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 12, 16, 30, tzinfo=UTC),
    NOON,
    datetime(2027, 1, 1, 2, tzinfo=UTC),
]
CONTEXTS = {
    "default": {"service_tier": "default"},
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}
LISTINGS = [datetime(2026, 10, day, tzinfo=UTC) for day in range(1, 32)]
"""The days on which the source may have listed a tier first."""
Mix = tuple[int, int, dict[str, int]]
MIXES: list[Mix] = [
    (1_523, 212, {}),
    (900_001, 4_096, {"cached_input": 100_000}),
    (12_345, 678, {"cached_input": 2_345, "cache_write": 3_000, "cache_write_1h": 1_000}),
    (200_000, 1, {"cache_write": 150_000, "reasoning": 1}),
    (0, 0, {}),
]
USAGE_KEYS = {
    "cached_input": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "reasoning": "output_reasoning_tokens",
    "audio_input": "input_audio_tokens",
    "audio_output": "output_audio_tokens",
    "image_input": "input_image_tokens",
    "image_output": "output_image_tokens",
}
NOT_CACHED = {"cache_audio_read_tokens": 0, "cache_image_read_tokens": 0}


def ours(provider: str, model: str, moment: datetime, tier: str | None, mix: Mix) -> int | None:
    given, made, details = mix
    when_ns = int(moment.timestamp()) * 10**9
    call = Call(provider=provider, model=model, timestamp_ns=when_ns, service_tier=tier, details=details)
    return PRICES.estimate(call._replace(input_tokens=given, output_tokens=made))


def theirs(provider: str, model: ModelInfo, moment: datetime, tier: str | None, mix: Mix) -> Fraction:
    given, made, details = mix
    parts = {USAGE_KEYS[key]: count for key, count in details.items()}
    usage = Usage(input_tokens=given, output_tokens=made, **parts, **NOT_CACHED)
    context = CONTEXTS.get(tier or "")
    found = model.calc_price(usage, SOURCE[provider], genai_request_timestamp=moment, price_context=context)
    return Fraction(found.total_price) * 10**12


SHARES = {("batch", seller): Fraction(1, 2) for seller in ("openai", "anthropic", "google", "aws", "mistral", "groq")}
SHARES |= {("flex", seller): Fraction(1, 2) for seller in ("openai", "google", "aws")} | {("flex", "groq"): Fraction(1)}
SHARES |= {("priority", "aws"): Fraction(7, 4)}
"""What these take of the standard price for a tier, as they say themselves."""


def expected(provider: str, model: ModelInfo, moment: datetime, tier: str | None, mix: Mix) -> int | None:
    """What a tier costs: the source's price, also for the time since the standard price is what it was when the source
    first listed the tier; else what the seller's rule makes of the standard price; else nobody knows."""
    if tier in {None, "default"}:
        return round(theirs(provider, model, moment, None, mix))
    if (provider, tier) == ("openai", "batch") and not discounts_cache(model):
        mix = mix[0], mix[1], {key: count for key, count in mix[2].items() if key != "cached_input"}
    if when := first_listed(provider, model.id, moment, tier):
        return round(theirs(provider, model, when, tier, mix))
    part = SHARES.get((tier or "", provider)) if tier == "batch" or "anthropic" not in model.id else None
    return None if part is None else round(theirs(provider, model, moment, None, mix) * part)


def discounts_cache(model: ModelInfo) -> bool:
    """Whether a batch has a price for cached input of its own: OpenAI's price list has a dash for older models."""
    batches = [one.prices for one in model.price_variants or () if "batch" in one.when.values()]
    return any(one.cache_read_mtok is not None or one.input_mtok is None for one in batches) or not batches


@functools.cache
def first_listed(provider: str, model_id: str, moment: datetime, tier: str | None) -> datetime | None:
    """That moment, or else the day on which the tier was listed first while the standard price was what it is then."""
    (model,) = (model for model in SOURCE[provider].models if model.id == model_id)
    if listed(model, moment, tier):
        return moment
    later = next((when for when in LISTINGS if when > moment and listed(model, when, tier)), None)
    is_same = later is not None and model.get_prices(later, None) == model.get_prices(moment, None)
    return later if is_same else None


def listed(model: ModelInfo, moment: datetime, tier: str | None) -> bool:
    """Whether the source has prices of that tier then."""
    return model.get_prices(moment, CONTEXTS[tier or ""]) != model.get_prices(moment, None)


def names(model: ModelInfo) -> Iterator[str]:
    """The id, and every literal of its match, with and without what a snapshot's or a cloud's name adds."""
    yield model.id
    for literal in re.findall(r"(?:equals|starts_with|contains|ends_with)='([^']+)'", repr(model.match)):
        yield from (literal, literal + "-20250929", literal + "-2025-09-29", "us." + literal + "-v1:0", literal.upper())


@functools.cache
def expected_model(provider: str, name: str) -> str | None:
    try:
        return get_snapshot().find_provider_model(name, None, provider, None)[1].id
    except LookupError:
        return None


@pytest.mark.parametrize("provider", KNOWN)
def test_a_name_means_the_model_that_the_source_means(provider: str) -> None:
    """Over the names the source knows, and over those of other providers."""
    others = () if len(SOURCE[provider].models) > 200 else (*SOURCE["openai"].models, *SOURCE["anthropic"].models)
    for model in (*SOURCE[provider].models, *others):
        for name in names(model):
            found = PRICES.table.find(provider, name.lower())
            if found is not None and (found.provider, found.id) in CORRECTED:
                continue
            assert (found and found.id) == expected_model(provider, name), (provider, name)


def unpriced(model: ModelInfo, price: ModelPrice, output_tokens: int) -> bool:
    """Where we give no price and the source says zero: no price at all though not free, or none for these tokens."""
    keys = {key for key, value in vars(price).items() if value is not None}
    if not keys:
        return re.search(r":free$|^moderation$|^gemma-", model.id) is None
    if not keys & {"input_mtok", "output_mtok"}:
        return True
    return output_tokens > 0 and "output_mtok" not in keys


@pytest.mark.parametrize("tier", [None, *CONTEXTS])
@pytest.mark.parametrize("provider", KNOWN)
def test_tokens_cost_what_the_source_says(provider: str, tier: str | None) -> None:
    """To the pico-dollar, at every moment, tier and length of input; else they have no price for a reason we know."""
    for model in SOURCE[provider].models:
        if expected_model(provider, model.id) != model.id or (provider, model.id) in CORRECTED:
            continue
        if tier is not None and not model.price_variants:
            continue
        changes = isinstance(model.prices, list) or model.price_variants
        for moment in MOMENTS if changes else [NOON]:
            for mix in MIXES:
                found = ours(provider, model.id, moment, tier, mix)
                if unpriced(model, model.get_prices(moment, CONTEXTS.get(tier or "")), mix[1]):
                    assert found is None, (model.id, moment)
                else:
                    assert found == expected(provider, model, moment, tier, mix), (model.id, moment, mix)


@pytest.mark.parametrize("provider", ["openai", "google", "azure", "aws", "perplexity"])
def test_audio_and_images_cost_what_the_source_says(provider: str) -> None:
    """Of models with prices for them, when nothing of them was cached."""
    parts = {"audio_input": 300, "image_input": 200, "audio_output": 50, "image_output": 100, "reasoning": 25}
    for model in SOURCE[provider].models:
        price = vars(model.get_prices(NOON))
        if (provider, model.id) in CORRECTED:
            continue
        if expected_model(provider, model.id) == model.id and {"input_mtok", "output_mtok"} <= price.keys():
            mix = 1_000, 500, {"cached_input": 400, **parts}
            assert ours(provider, model.id, NOON, None, mix) == round(theirs(provider, model, NOON, None, mix)), (
                model.id
            )


@pytest.mark.parametrize("seconds", [0, 0.1, 4, 10, 61.7, 3600])
@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "whisper-1"),
        ("groq", "whisper-large-v3"),
        ("mistral", "voxtral-mini-2602"),
        ("openai", "gpt-transcribe"),
    ],
)
def test_minutes_cost_what_the_source_says(provider: str, model: str, seconds: float) -> None:
    """Transcriptions billed by duration, with Groq's minimum."""
    call = Call(provider=provider, model=model, units={"audio_seconds": seconds}, timestamp_ns=1_793_534_400 * 10**9)
    usage = Usage(audio_seconds=seconds, input_audio_seconds=seconds)
    _, info = get_snapshot().find_provider_model(model, None, provider, None)
    source = info.calc_price(usage, SOURCE[provider], genai_request_timestamp=NOON)
    # The source divides with 28 digits, so a third of a pico-dollar may fall on the other side.
    assert PRICES.estimate(call) == pytest.approx(int(source.total_price * 10**12), abs=1)


def the_script() -> Any:
    spec = importlib.util.spec_from_file_location("make_price_table", ROOT / "scripts" / "make_price_table.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_the_table_is_what_the_script_makes_of_its_source() -> None:
    """Nobody edited it by hand, and the script still runs."""
    if version("genai-prices") != PRICES.table.source.split()[-1]:
        pytest.skip("another version of the source is installed")
    made = (ROOT / "tailer" / "meter" / "price_table.json").read_text(encoding="utf-8")
    assert the_script().table(PRICES.date) == made
    assert len(made) < 300_000


GOOD = "{provider: openai, model: gpt-4o, source: 'https://x', why: wrong, prices: {input: 1}}"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ("- {provider: openai, model: gpt-4o, source: '', why: wrong, prices: {input: 1}}", "expected a source"),
        ("- {provider: openai, model: gpt-4o, source: x, why: wrong, prize: {input: 1}}", "expected a source"),
        ("- {provider: openai, model: gpt-4o, source: x, why: wrong, prices: {inputs: 1}}", "unknown prices"),
        ("- {provider: openai, model: gpt-4o, source: x, why: y, history: [[null, {imput: 1}]]}", "unknown prices"),
        (f"- {GOOD}\n- {GOOD}", "given twice"),
        ("- {provider: openay, model: gpt-4o, source: x, why: wrong, prices: {input: 1}}", "no such provider"),
    ],
)
def test_a_correction_without_a_source_or_with_a_slip_is_refused(entries: str, expected: str, tmp_path: Path) -> None:
    """A price that nobody would find again, or that would never be asked for."""
    script = the_script()
    script.PUBLISHED = tmp_path / "published.yaml"
    script.PUBLISHED.write_text(entries, encoding="utf-8")
    with pytest.raises(ValueError, match=expected):
        script.table(PRICES.date)
