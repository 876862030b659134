"""Bedrock's usage types as Amazon bills them: which model, which tokens, which tier. Pure, no prices.

https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html: `*-input-tokens`,
`*-output-tokens`, `*-cache-read-input-token-count`, `*-cache-write-input-token-count`, with `-mantle-` within and the
routing and the tier behind (`-cross-region-global`, `-batch`, `-flex`, `-priority`). What is sold through the
Marketplace has its model in the product's name, `Claude Haiku 4.5 (Amazon Bedrock Edition)`, and usage types such as
`USW2-MP:USW2_InputTokenCount_Global-Units` and `USW2-MP:USW2_output_tokens_global_standard-Units`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tailer.cli.bills.item import Tokens

REGION = re.compile(r"^(?:US[EW]|UG[EW]|EU[CNSW]?|AP(?:[ENS])?|CAN|CA|SAE|AFS|ME[CS]|ILC|MXC)\d{0,2}-")
TOKEN_USE = re.compile(
    r"^(?P<model>.+?)(?-i:-text)?(?:-mantle)?-(?P<what>input-tokens?|output-tokens?"
    r"|cache-read(?:-input)?-token(?:s|-count)|cache-write(?:-input)?-token(?:s|-count)(?P<hour>-1-hour)?)"
    r"(?P<terms>(?:-[a-z]+)*)$",
    re.IGNORECASE,
)
SOLD_HERE = "(Amazon Bedrock Edition)"
SOLD_USE = re.compile(
    r"^MP:[A-Z0-9]+_(?:(?P<cache>cache_?(?:read|write))_?(?P<hour>1h_?)?(?:input_?)?"
    r"|(?P<side>input|output)_?)token(?:_?count|s)(?P<terms>(?:_[a-z]+)*)-Units$",
    re.IGNORECASE,
)
TERMS = frozenset({"cross", "region", "global", "standard", "batch", "flex", "priority"})
TIERS = ("batch", "flex", "priority")
UNIT = re.compile(r"^(?:(?P<number>\d+)?\s*(?P<scale>[km])?|(?P<word>thousand|million))\s*tokens?$", re.IGNORECASE)
SCALES = {"k": 1000, "m": 1_000_000, "thousand": 1000, "million": 1_000_000}


class Use(NamedTuple):
    """What a usage type means: a model as Amazon names it, its tier, and which of its tokens."""

    model: str
    tier: str
    side: str
    """input, output, cache_read, cache_write, cache_write_1h."""


def use(usage_type: str, product: str | None) -> Use | None:
    """What a usage type means, None when it is not the tokens of a model that is named."""
    name = REGION.sub("", usage_type)
    if name.startswith("MP:"):
        found = SOLD_USE.match(name)
        if found is None or product is None or not product.endswith(SOLD_HERE):
            return None
        what = (found["cache"] or found["side"]).lower().replace("_", "")
        return _use(product.removesuffix(SOLD_HERE).strip(), what, bool(found["hour"]), found["terms"].split("_"))
    found = TOKEN_USE.match(name)
    if found is None:
        return None
    what = found["what"].lower().replace("-", "")
    return _use(found["model"], what, bool(found["hour"]), found["terms"].split("-"))


def tokens(used: Use, number: int) -> Tokens:
    """So many tokens of that use."""
    if used.side == "output":
        return Tokens(output=number)
    if used.side == "cache_read":
        return Tokens(input=number, cached=number)
    write = number if used.side.startswith("cache_write") else 0
    return Tokens(input=number, cache_write=write, cache_write_1h=number if used.side == "cache_write_1h" else 0)


def tokens_of_unit(unit: str | None) -> int | None:
    """How many tokens a unit is: `1K tokens` 1000. None for `Units`, of which nobody says what they are."""
    found = UNIT.match(unit.strip()) if unit else None
    if found is None:
        return None
    scale = (found["scale"] or found["word"] or "").lower()
    return int(found["number"] or 1) * SCALES.get(scale, 1)


def _use(model: str, what: str, is_hour: bool, terms: list[str]) -> Use | None:
    named = {term.lower() for term in terms if term}
    if not named <= TERMS:
        return None
    tier = next((tier for tier in TIERS if tier in named), "")
    if what.startswith("cacheread"):
        return Use(model, tier, "cache_read")
    if what.startswith("cachewrite"):
        return Use(model, tier, "cache_write_1h" if is_hour else "cache_write")
    return Use(model, tier, "output" if what.startswith("output") else "input")
