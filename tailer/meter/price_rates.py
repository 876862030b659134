"""What a call costs at given rates: exact arithmetic, no table, no file, no clock."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import isfinite

import msgspec

from parsers.base import Call

PICO_PER_USD = 10**12

MODALITIES = ("audio", "image", "video")
OUTPUT_PARTS = ("audio_output", "image_output", "video_output", "reasoning", "citation")
TOKEN_KEYS = (
    "input",
    "cached_input",
    "cache_write",
    "cache_write_1h",
    *(f"{modality}_input" for modality in MODALITIES),
    *(f"cached_{modality}_input" for modality in MODALITIES),
    "output",
    *OUTPUT_PARTS,
)
"""Prices in USD for one million tokens."""

UNIT_KEYS = {
    "audio_hours": ("audio_seconds", 3600),
    "pages_1k": ("pages", 1000),
    "characters_1m": ("characters", 1_000_000),
    "web_searches_1k": ("web_searches", 1000),
    "storage_searches_1k": ("storage_searches", 1000),
    "requests_1k": ("requests", 1000),
    "images_1k": ("images", 1000),
    "searches_1k": ("searches", 1000),
    "web_fetches_1k": ("web_fetches", 1000),
    "video_seconds": ("video_seconds", 1),
}
"""Prices of things that are no tokens: the key of `Call.units`, and how many of them the price is for."""

SURCHARGES = ("web_searches", "storage_searches", "searches", "sources")
"""Units that nobody gives away: where one was used and has no price, the cost is not known. OpenAI's price list has a
search of files (`storage_searches`) at 2.50 USD for 1,000, in the Responses API only."""

TOOL_KEYS = frozenset(key for key, (unit, _) in UNIT_KEYS.items() if unit in SURCHARGES)
"""Prices of tools: beside own prices for tokens they stay what the table says."""

AUDIO_MINIMUM = "audio_seconds_minimum"
"""No price but a rule beside `audio_hours`: a shorter recording is billed as this many seconds."""

PRICE_KEYS = (*TOKEN_KEYS, *UNIT_KEYS, AUDIO_MINIMUM)

Exact = int | Fraction
Steps = tuple[tuple[int, Decimal], ...]
"""A price: (input tokens above which it holds, USD), ascending, the first from -1. The whole call pays one step."""


def flat(usd: Decimal) -> Steps:
    """A price that does not depend on how long the input is."""
    return ((-1, usd),)


def price_at(steps: Steps, input_tokens: int) -> Decimal:
    """The price a call with that many input tokens pays, in USD."""
    return steps[max(0, bisect_left(steps, input_tokens, key=lambda step: step[0]) - 1)][1]


class _Step(msgspec.Struct, frozen=True):
    """What calls above `start` input tokens pay, in pico-USD for one token; None where no price is known."""

    start: int
    input: Exact | None
    cached: Exact
    write: Exact
    write_1h: Exact
    modalities: tuple[tuple[str, Exact, Exact], ...]
    """The detail's key, what its fresh tokens cost, what its cached tokens cost."""
    output: Exact | None
    parts: tuple[tuple[str, Exact], ...]
    """The parts of the output that have a price of their own."""


class Rates(msgspec.Struct, frozen=True):
    """The prices of one model at one time and service tier; no price at all means that the source lists it as free.

    Tokens without a price of their own cost what the tokens they are part of cost: cached input as input, a write kept
    for an hour as a cache write, reasoning as output.
    """

    prices: Mapping[str, Steps]
    steps: tuple[_Step, ...]
    units: tuple[tuple[str, Exact], ...]
    by_request: bool
    audio_seconds_minimum: int

    @classmethod
    def of(cls, prices: Mapping[str, Steps]) -> Rates:
        """Compile prices by their keys (`PRICE_KEYS`)."""
        starts = sorted({start for key in prices if key in TOKEN_KEYS for start, _ in prices[key]} | {-1}, reverse=True)
        units = tuple(
            (unit, _exact(price_at(prices[key], 0), per)) for key, (unit, per) in UNIT_KEYS.items() if key in prices
        )
        minimum = int(price_at(prices[AUDIO_MINIMUM], 0)) if AUDIO_MINIMUM in prices else 0
        return cls(prices, tuple(_compile(start, prices) for start in starts), units, "requests_1k" in prices, minimum)

    def cost(self, call: Call, calls: int = 1) -> int | None:
        """The cost in pico-USD, rounded once; None when a count or a price that it depends on is not known.

        With `calls` the call holds the sums of so many, whose inputs are about equally long.
        """
        given, made = call.input_tokens, call.output_tokens
        if made is None and call.operation == "embeddings":
            made = 0
        step = self.steps[0] if len(self.steps) == 1 else self._step(-(-(given or 0) // calls))
        output = step.output if made else 0
        if given is None or made is None or step.input is None or output is None or call.units or self.by_request:
            return self._any_cost(call, step, made, calls)
        details = call.details
        if details and (step.modalities or step.parts or details.get("cache_write")):
            spent = _input_cost(step, step.input, given, details) + _output_cost(step, made, details)
        else:
            spent = given * step.input + made * output
            if details and (cached := details.get("cached_input")):
                spent -= min(cached, given) * (step.input - step.cached)
        return spent if isinstance(spent, int) else round(spent)

    def _any_cost(self, call: Call, step: _Step, made: int | None, calls: int) -> int | None:
        """The cost of any call; `made` are its output tokens, of which embeddings have none to know."""
        if not self.prices:
            return 0
        priced = [unit for unit, _ in self.units]
        if call.units and any(call.units.get(unit) and unit not in priced for unit in SURCHARGES):
            return None
        given = call.input_tokens
        billed = self._units_cost(call, calls) if call.units or self.by_request else None
        if step.input is None and step.output is None and billed is None:
            return None
        if _unknown(step.input, given, billed) or _unknown(step.output, made, billed):
            return None
        spent = _input_cost(step, step.input or 0, given or 0, call.details)
        return round(spent + _output_cost(step, made or 0, call.details) + (billed or 0))

    def _step(self, input_tokens: int) -> _Step:
        for step in self.steps:
            if input_tokens > step.start:
                return step
        raise AssertionError("the last step starts below zero")

    def _units_cost(self, call: Call, calls: int) -> Exact | None:
        total: Exact | None = None
        for unit, price in self.units:
            count = calls if unit == "requests" else call.units.get(unit)
            if count is None or not isfinite(count) or count < 0:
                continue
            if unit == "audio_seconds" and count > 0:
                count = max(count, self.audio_seconds_minimum * calls)
            # repr: the decimal number the log showed, not the binary one nearest to it.
            total = (total or 0) + Fraction(repr(count)) * price
        return total


def pico(usd: float) -> int | None:
    """USD as pico-USD, read as the decimal number the log showed; None when it is no believable amount."""
    return round(Fraction(repr(usd)) * PICO_PER_USD) if isfinite(usd) and usd >= 0 else None


def _unknown(price: Exact | None, tokens: int | None, billed: Exact | None) -> bool:
    """Whether one direction leaves the cost unknown: no count, or no price for what is not billed by other units."""
    return bool(tokens) and billed is None if price is None else tokens is None


def _input_cost(step: _Step, price: Exact, tokens: int, details: Mapping[str, int]) -> Exact:
    """The cost of the input; `price` is that of its tokens that are nothing special."""
    # Parts are kept within the whole: a provider may count cached tokens that it does not bill (Cohere).
    total: Exact = 0
    fresh = tokens
    if write := details.get("cache_write", 0):
        write = min(write, fresh)
        write_1h = min(details.get("cache_write_1h", 0), write)
        total = (write - write_1h) * step.write + write_1h * step.write_1h
        fresh -= write
    if cached := details.get("cached_input", 0):
        cached = min(cached, fresh)
        fresh -= cached
    for key, own_price, cached_price in step.modalities:
        count = details.get(key, 0)
        logged = details.get(f"cached_{key}")
        if logged is None:
            # Which part of them was cached is rarely logged: as few as the totals allow then.
            fresh_part = min(count, fresh)
            cached_part = min(count - fresh_part, cached)
        else:
            cached_part = min(logged, count, cached)
            fresh_part = min(count - cached_part, fresh)
        fresh, cached = fresh - fresh_part, cached - cached_part
        total += fresh_part * own_price + cached_part * cached_price
    return total + fresh * price + cached * step.cached


def _output_cost(step: _Step, tokens: int, details: Mapping[str, int]) -> Exact:
    if step.output is None:
        return 0
    total: Exact = 0
    for key, price in step.parts:
        part = min(details.get(key, 0), tokens)
        tokens -= part
        total += part * price
    return total + tokens * step.output


def _exact(usd: Decimal, per: int) -> Exact:
    value = Fraction(usd) * PICO_PER_USD / per
    return value.numerator if value.denominator == 1 else value


def _compile(start: int, prices: Mapping[str, Steps]) -> _Step:
    def price(*keys: str) -> Exact | None:
        known = next((prices[key] for key in keys if key in prices), None)
        return None if known is None else _exact(price_at(known, start + 1), 1_000_000)

    return _Step(
        start=start,
        input=price("input"),
        cached=price("cached_input", "input") or 0,
        write=price("cache_write", "input") or 0,
        write_1h=price("cache_write_1h", "cache_write", "input") or 0,
        modalities=tuple(
            (
                f"{name}_input",
                price(f"{name}_input", "input") or 0,
                price(f"cached_{name}_input", "cached_input", "input") or 0,
            )
            for name in MODALITIES
            if f"{name}_input" in prices or f"cached_{name}_input" in prices
        ),
        output=price("output"),
        parts=tuple((key, known) for key in OUTPUT_PARTS if (known := price(key)) is not None),
    )
