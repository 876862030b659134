"""Sums over rows for their causes: how much more was billed, what a tier or a cache makes of a price. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tailer.cli.bills.compared import Line
from tailer.cli.bills.item import USAGE, Tokens
from tailer.cli.bills.pricing import Pricing, Worth
from tailer.cli.plain import plain

NAMED = 5
"""How many models or days a cause names."""


def models(lines: Sequence[Line]) -> str:
    """The models of some rows, the largest difference first."""
    return listed(dict.fromkeys(line.name.model for line in lines))


def listed(names: Iterable[str]) -> str:
    """The first few names, and how many there are more."""
    found = [plain(name) for name in names]
    return ", ".join(found[:NAMED]) + (f" and {len(found) - NAMED:,} more" if len(found) > NAMED else "")


def above(lines: Iterable[Line]) -> int | None:
    """Pico-USD billed above what was seen, row by row: what is missing in the logs can be no more."""
    return known_sum(None if line.pico_difference is None else max(0, line.pico_difference) for line in lines)


def tokens_above(lines: Iterable[Line]) -> int | None:
    """Tokens billed above what was seen, row by row."""
    return known_sum(None if line.token_difference is None else max(0, line.token_difference) for line in lines)


def difference(lines: Iterable[Line]) -> int | None:
    """Pico-USD billed less seen."""
    return known_sum(line.pico_difference for line in lines)


def token_difference(lines: Iterable[Line]) -> int | None:
    """Tokens billed less seen."""
    return known_sum(line.token_difference for line in lines)


def absolute(lines: Iterable[Line]) -> int | None:
    """Pico-USD by which rows differ, either way."""
    return known_sum(None if line.pico_difference is None else abs(line.pico_difference) for line in lines)


def known_sum(numbers: Iterable[int | None]) -> int | None:
    """The sum of those that are known, None when none is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def knows_tiers(line: Line) -> bool:
    """Whether the bill tells of all tokens of a row in which tier they were."""
    return line.billed.tokens is not None and not any(
        item.tier is None and item.tokens is not None and item.tokens.total for item in line.billed.items
    )


class Split(NamedTuple):
    """The difference of a row's use in pico-USD: by other token counts, and by other prices of the tokens billed."""

    volume_pico_usd: int
    price_pico_usd: int
    is_exact: bool


def split_of(line: Line, pricing: Pricing) -> Split | None:
    """None where a side, a number or a price is missing."""
    if line.billed.pico_usd is None or not (line.seen_as and line.billed_as):
        return None
    billed = pricing.worth_of_billed(line)
    seen = pricing.worth_of_seen(line) if line.more.reported_pico_usd else Worth(line.seen.pico_usd, True)
    if billed is None or seen is None:
        return None
    used = sum(item.pico_usd or 0 for item in line.billed.items if item.kind == USAGE)
    return Split(billed.pico_usd - seen.pico_usd, used - billed.pico_usd, billed.is_exact and seen.is_exact)


def is_used(line: Line) -> bool:
    """Whether a model's use was billed, and not only something beside it."""
    return any(item.kind == USAGE and (item.pico_usd or item.tokens or item.calls) for item in line.billed.items)


def billed_tiers(line: Line) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in line.billed.items:
        if item.tier and item.tokens is not None:
            found[item.tier] = found.get(item.tier, 0) + item.tokens.total
    return found


def tier_effect(line: Line, tier: str, pricing: Pricing) -> int | None:
    """What pricing the billed tokens of a tier, and not those seen in it, by the tier does to a row."""
    billed = [item.tokens for item in line.billed.items if item.tier == tier and item.tokens is not None]
    seen = [line.more.tiers[tier].tokens] if tier in line.more.tiers else []
    effect = 0
    for sign, tokens in (*((1, one) for one in billed), *((-1, one) for one in seen)):
        there, standard = pricing.worth(line, tokens, tier), pricing.worth(line, tokens, "")
        if there is None or standard is None:
            return None
        effect += sign * (there.pico_usd - standard.pico_usd)
    return effect


def cache_effect(line: Line, pricing: Pricing) -> int | None:
    """What it makes of a row's cost that more or fewer of the same tokens count as cached."""
    if line.billed.tokens is None:
        return None
    moved = line.billed.tokens.cached - line.seen.cached_input_tokens
    count = abs(moved)
    cached = pricing.worth(line, Tokens(input=count, cached=count), "")
    fresh = pricing.worth(line, Tokens(input=count), "")
    if cached is None or fresh is None:
        return None
    return (cached.pico_usd - fresh.pico_usd) * (1 if moved > 0 else -1)
