"""The price table that comes with tokentail, by provider and model. Reads its own data file, never the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import msgspec
import orjson

from tailer.meter.price_names import Match, alternatives, matches, with_dashed_date
from tailer.meter.price_rates import TOKEN_KEYS, Rates, Steps
from tailer.meter.price_schedule import Condition, Quote, day_ns

BATCH = "batch"
HALF_PRICE_BATCHES = frozenset({"openai", "azure", "anthropic", "google", "aws", "mistral", "groq"})
"""Who by their price lists take half for a batch, of every model that can be in one."""

HALVED_KEYS = frozenset({*TOKEN_KEYS, "audio_hours", "pages_1k"})
"""What a batch makes cheaper: not the tools that are called from it."""


class Model(msgspec.Struct, frozen=True):
    """One model of the table: its prices through time, and what service tiers change of them."""

    provider: str
    id: str
    history: tuple[tuple[Condition, Mapping[str, Steps] | None], ...]
    tiers: tuple[tuple[str, Condition, Mapping[str, Steps]], ...]

    def conditions(self, tier: str) -> Iterator[Condition]:
        """All that decides which prices hold for a service tier."""
        yield from (condition for condition, _ in self.history)
        yield from (condition for name, condition, _ in self.tiers if name == tier)

    def rates(self, tier: str, now_ns: int) -> tuple[Rates, str] | None:
        """The rates at that time and the tier applied ("" is standard); None for a model known without a price.

        The last prices in force win, the first ones hold before any is. A tier changes price by price, the first
        variant in force wins; a tier that the source has no prices for leaves the standard ones.
        """
        prices = next((found for when, found in reversed(self.history) if when.holds(now_ns)), self.history[0][1])
        if prices is None:
            return None
        changes: dict[str, Steps] = {}
        for name, when, changed in self.tiers:
            if name == tier and when.holds(now_ns):
                changes = {**changed, **changes}
        return Rates.of({**prices, **changes}), tier if changes else ""


class PriceTable:
    """The prices known on one date. A provider is made ready at its first use: one process calls few."""

    def __init__(self, raw: bytes) -> None:
        data = orjson.loads(raw)
        self.date: str = data["date"]
        self.source = "{name} {version}".format(**data["source"])
        self.licence: str = data["source"]["licence"]
        self.date_ns = day_ns(date.fromisoformat(self.date))
        self._rows: dict[str, list[list[Any]]] = data["models"]
        self._fallbacks: dict[str, list[str]] = data["fallbacks"]
        self._providers: dict[str, _Provider] = {}

    @classmethod
    def packaged(cls) -> PriceTable:
        """The table of this version of tokentail."""
        return cls(files("tailer.meter").joinpath("price_table.json").read_bytes())

    def counts(self) -> dict[str, int]:
        """How many models the table has of each provider."""
        return {provider: len(rows) for provider, rows in self._rows.items()}

    def find(self, provider: str, name: str) -> Model | None:
        """The model a name means at a provider (the table's id), else at those whose models it sells on.

        So Azure takes OpenAI's prices, and Vertex Anthropic's, where the source has none of their own.
        """
        for spelling in with_dashed_date(name):
            for seller in (provider, *self._fallbacks.get(provider, ())):
                known = self._provider(seller)
                if known is not None and (model := known.find(spelling)) is not None:
                    return model
        return None

    def quote(self, provider: str, model: Model, tier: str, now_ns: int) -> Quote | None:
        """What the model costs when bought from that provider; prices taken over from another one are standard ones.

        Where the source lists no batch price, the provider's own rule holds: half of what it costs otherwise.
        """
        found = model.rates(tier if model.provider == provider else "", now_ns)
        if found is None:
            return None
        rates, applied = found
        if tier == BATCH and applied != BATCH and provider in HALF_PRICE_BATCHES:
            rates, applied = Rates.of(_halved(rates.prices)), BATCH
        return Quote(model.provider, model.id, f"price table of {self.date} ({self.source})", rates, applied)

    def _provider(self, provider: str) -> _Provider | None:
        if provider not in self._providers:
            if provider not in self._rows:
                return None
            self._providers[provider] = _Provider(provider, self._rows[provider])
        return self._providers[provider]


class _Provider:
    """The models of one provider, in the order in which the source tries them."""

    def __init__(self, provider: str, rows: Sequence[Sequence[Any]]) -> None:
        self._provider = provider
        self._rows = rows
        self._exact: dict[str, int] = {}
        self._loose: list[tuple[int, Match]] = []
        for index, (id_, match, *_) in enumerate(rows):
            for clause in alternatives(match or f"={id_.lower()}"):
                if isinstance(clause, str) and clause.startswith("="):
                    self._exact.setdefault(clause[1:], index)
                else:
                    self._loose.append((index, clause))

    def find(self, name: str) -> Model | None:
        """The first model whose match the name meets."""
        found = self._exact.get(name, len(self._rows))
        for index, clause in self._loose:
            if index >= found:
                break
            if matches(clause, name):
                found = index
                break
        return self._model(found) if found < len(self._rows) else None

    def _model(self, index: int) -> Model:
        id_, _, prices, *rest = self._rows[index]
        history = prices if isinstance(prices, list) else [[None, prices]]
        return Model(
            self._provider,
            id_,
            tuple((Condition.read(when), None if known is None else _prices(known)) for when, known in history),
            tuple((tier, Condition.read(when), _prices(known)) for tier, when, known in (rest[0] if rest else ())),
        )


def _prices(known: Mapping[str, float | list[float]]) -> dict[str, Steps]:
    return {key: _steps(price) for key, price in known.items()}


def _halved(prices: Mapping[str, Steps]) -> dict[str, Steps]:
    return {
        key: tuple((start, usd / 2) for start, usd in steps) if key in HALVED_KEYS else steps
        for key, steps in prices.items()
    }


def _steps(price: float | list[float]) -> Steps:
    """From a number, or `[price, start, price, …]` when more input tokens cost more."""
    base, *rest = price if isinstance(price, list) else [price]
    later = tuple((int(start), _decimal(usd)) for start, usd in zip(rest[::2], rest[1::2], strict=True))
    return ((-1, _decimal(base)), *later)


def _decimal(number: float) -> Decimal:
    # repr gives back the digits that the file has: the price, not the binary fraction nearest to it.
    return Decimal(repr(number))
