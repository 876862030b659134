"""What sellers charge by a rule instead of a list: shares of a price for a tier, premiums for a region. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from tailer.meter.price_rates import TOKEN_KEYS, Steps

HALF = Decimal("0.5")
WHOLE = Decimal(1)
PREMIUM = Decimal("1.1")
BEDROCK_PRIORITY = Decimal("1.75")

SHARES: Mapping[str, Mapping[str, Decimal]] = {
    "batch": dict.fromkeys(("openai", "azure", "anthropic", "google", "aws", "mistral", "groq"), HALF),
    "flex": {"openai": HALF, "google": HALF, "aws": HALF, "groq": WHOLE},
    "priority": {"aws": BEDROCK_PRIORITY},
}
"""Tier → what its seller (the table's id) takes of the standard price, for every model that has the tier.

Batches: every seller's price list. Flex: OpenAI takes its batch prices, https://ai.google.dev/gemini-api/docs/optimization
half, https://console.groq.com/docs/flex-processing the on-demand price. Bedrock, https://aws.amazon.com/bedrock/pricing/:
"Flex tier pricing is at 50% discount to Standard tier pricing", "Priority tier pricing is at 75% premium".
"""

BATCH_ONLY = re.compile(r"(?:^|\.)anthropic\.")
"""Ids of models on Bedrock that its footnotes on flex and priority leave out: they are sold in neither."""

TIER_KEYS = frozenset({*TOKEN_KEYS, "audio_hours", "pages_1k"})
"""What costs less or more in a tier: not the tools that are called from it."""

ANYWHERE = frozenset({"global", "not_available"})
"""Regions that are none: the call could have been served anywhere."""

NO_PREMIUM = re.compile(r"^claude-(?:[23]|v\d|4-(?:opus|sonnet)$|opus-4(?:-[01])?$|sonnet-4(?:-0)?$)")
"""Ids of Claude models from before Sonnet 4.5: they cost the same at every endpoint of Google Cloud."""


def share(seller: str, tier: str, model_id: str) -> Decimal | None:
    """What a seller takes for a tier of a model's standard price; None when no rule says so."""
    if seller == "aws" and tier != "batch" and BATCH_ONLY.search(model_id):
        return None
    return SHARES.get(tier, {}).get(seller)


def premium(seller: str, model_id: str, region: str | None) -> Decimal | None:
    """What serving a call in a region makes of its price; None when nobody has said so.

    Anthropic: https://platform.claude.com/docs/en/manage-claude/data-residency, which older models refuse.
    Google Cloud: https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai. Bedrock's regions are
    models of their own in the table.
    """
    if region is None or region in ANYWHERE:
        return WHOLE
    if seller == "anthropic":
        return PREMIUM if region == "us" else None
    if seller == "google" and model_id.startswith("claude-"):
        return WHOLE if NO_PREMIUM.match(model_id) else PREMIUM
    return None


def shared(prices: Mapping[str, Steps], part: Decimal) -> Mapping[str, Steps]:
    """Prices for a tier that takes a part of them, or more."""
    return _times(prices, part, TIER_KEYS)


def raised(prices: Mapping[str, Steps], factor: Decimal) -> Mapping[str, Steps]:
    """Prices for a region: only tokens are dearer there."""
    return _times(prices, factor, frozenset(TOKEN_KEYS))


def _times(prices: Mapping[str, Steps], factor: Decimal, keys: frozenset[str]) -> Mapping[str, Steps]:
    if factor == WHOLE:
        return prices
    return {
        key: tuple((start, usd * factor) for start, usd in steps) if key in keys else steps
        for key, steps in prices.items()
    }
