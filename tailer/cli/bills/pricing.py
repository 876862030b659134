"""What billed tokens would cost at tokentail's own prices: sums over many calls, none where a price is unknown."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from parsers.base import Call
from tailer.cli.bills.compared import Line
from tailer.cli.bills.item import USAGE, Tokens
from tailer.cli.bills.seen import ALL_DAYS
from tailer.meter.price_names import source_id
from tailer.meter.price_schedule import day_ns
from tailer.meter.prices import Prices

NOON_NS = 12 * 3600 * 10**9


class Worth(NamedTuple):
    """Pico-USD; not exact where the price depends on how long each input was, and short ones were assumed."""

    pico_usd: int
    is_exact: bool


class Pricing:
    """Prices of a day and model, from the price table and the user's own."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self.date = prices.date

    def find(self, provider: str, name: str) -> str | None:
        """The id of a model in the price table."""
        model = self._prices.table.find(source_id(provider), name)
        return None if model is None else f"{model.provider}/{model.id}"

    def worth(self, line: Line, tokens: Tokens, tier: str, long_input: bool | None = None) -> Worth | None:
        """What so many tokens of a row cost in a tier; None where that is not known."""
        provider, model = self._of(line)
        when_ns = None if line.day == ALL_DAYS else _noon_ns(line.day)
        quote = self._prices.rates(provider, model, self._now_ns if when_ns is None else when_ns, tier or None)
        if quote is None or quote.rates.by_request or quote.tier != tier:
            return None
        call = Call(
            provider=provider,
            model=model,
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            details={
                "cached_input": tokens.cached,
                "cache_write": tokens.cache_write,
                "cache_write_1h": tokens.cache_write_1h,
            },
            service_tier=tier or None,
            timestamp_ns=when_ns,
        )
        # As if each call had one token, so that the price is that of short inputs.
        cost = self._prices.estimate(call, calls=1 if long_input else max(1, tokens.input))
        is_exact = len(quote.rates.steps) == 1 or long_input is not None
        return None if cost is None else Worth(cost, is_exact)

    def worth_of_billed(self, line: Line) -> Worth | None:
        """What all tokens that a bill tells of a row would cost, each in its tier."""
        total, is_exact = 0, True
        if line.billed.tokens is None or not line.billed.knows_cache:
            return None
        for item in line.billed.items:
            if item.kind != USAGE or not item.tokens or not item.tokens.total:
                continue
            worth = self.worth(line, item.tokens, item.tier or "", item.long_input)
            if worth is None:
                return None
            total, is_exact = total + worth.pico_usd, is_exact and worth.is_exact
            is_exact &= item.tier is not None or not line.more.tiers
        return Worth(total, is_exact)

    def worth_of_seen(self, line: Line) -> Worth | None:
        """What the tokens seen in a row would cost, had no line reported its cost."""
        tiers = {tier: part.tokens for tier, part in line.more.tiers.items()}
        standard = Tokens()
        standard.add(line.more.tokens)
        for tokens in tiers.values():
            standard.subtract(tokens)
        found = [self.worth(line, tokens, tier) for tier, tokens in {"": standard, **tiers}.items() if tokens.total]
        known = [worth for worth in found if worth is not None]
        if len(known) < len(found):
            return None
        return Worth(sum(worth.pico_usd for worth in known), all(worth.is_exact for worth in known))

    @property
    def _now_ns(self) -> int:
        return self._prices.table.date_ns

    def _of(self, line: Line) -> tuple[str, str]:
        """Who sells the model of a row, by the name of the logs where there is one."""
        return line.seen_as[0] if line.seen_as else (line.name.provider, line.name.model)


def _noon_ns(day: str) -> int | None:
    try:
        return day_ns(date.fromisoformat(day)) + NOON_NS
    except ValueError:
        return None
