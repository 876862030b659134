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
from tailer.meter.price_rates import Rates, Steps
from tailer.meter.price_rules import premium, raised, share, shared
from tailer.meter.price_schedule import Condition, Quote, day_ns

Prices = Mapping[str, Steps]
SOURCE_COLUMN = 4
"""Of a row: who publishes its prices, where that is not the source of all."""


class Model(msgspec.Struct, frozen=True):
    """One model of the table: its prices through time, what service tiers change of them, who says so if not all do."""

    provider: str
    id: str
    history: tuple[tuple[Condition, Prices | None], ...]
    tiers: tuple[tuple[str, Condition, Prices], ...]
    source: str | None = None

    def conditions(self, tier: str) -> Iterator[Condition]:
        """All that decides which prices hold for a service tier."""
        yield from (condition for condition, _ in self.history)
        yield from (condition for name, condition, _ in self.tiers if name == tier)

    def standard(self, now_ns: int) -> Prices | None:
        """The standard prices at that time; None for a model known without a price.

        The last ones in force win, the first ones hold before any is.
        """
        return next((found for when, found in reversed(self.history) if when.holds(now_ns)), self.history[0][1])

    def changes(self, tier: str, now_ns: int) -> Prices | None:
        """What a tier changes of the standard prices at that time, the first variant in force winning; None: nothing.

        The source names the day on which it saw a tier's prices, not the one since when they hold: they are taken to
        be as old as the standard prices they were seen beside.
        """
        variants = [(when, changed) for name, when, changed in self.tiers if name == tier]
        seen_ns = min((when.from_ns for when, _ in variants if when.from_ns is not None), default=now_ns)
        if seen_ns > now_ns and self.standard(seen_ns) is self.standard(now_ns):
            now_ns = seen_ns
        in_force = [changed for when, changed in variants if when.holds(now_ns)]
        merged: dict[str, Steps] = {}
        for changed in in_force:
            merged = {**changed, **merged}
        return merged if in_force else None


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

    def corrected(self) -> int:
        """Of how many models the prices are not the source's but taken from who publishes them."""
        return sum(len(row) > SOURCE_COLUMN for rows in self._rows.values() for row in rows)

    def clauses(self, provider: str) -> Iterator[tuple[str, Match]]:
        """The id of each model of a provider with each way in which a name may mean it."""
        for id_, match, *_ in self._rows.get(provider, ()):
            for clause in alternatives(match or f"={id_.lower()}"):
                yield id_, clause

    def model(self, provider: str, id_: str) -> Model | None:
        """The first model of a provider with this id."""
        known = self._provider(provider)
        return None if known is None else known.of_id(id_)

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

    def quote(self, provider: str, model: Model, tier: str, region: str | None, now_ns: int) -> Quote | None:
        """What the model costs when bought from that provider in a tier and region; None when nobody has said it.

        A tier has the prices listed for it, else its seller's rule; those of one vendor are not another's.
        """
        prices = model.standard(now_ns)
        if prices is None:
            return None
        if tier and prices:
            changed = model.changes(tier, now_ns) if model.provider == provider else None
            if changed is not None:
                prices = {**prices, **changed}
            elif (part := share(provider, tier, model.id)) is not None:
                prices = shared(prices, part)
            else:
                return None
        factor = premium(provider, model.id, region)
        if factor is None:
            return None
        origin = f"price table of {self.date} ({model.source or self.source})"
        return Quote(model.provider, model.id, origin, Rates.of(raised(prices, factor)), tier)

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

    def of_id(self, id_: str) -> Model | None:
        """The first model with this id."""
        return next((self._model(index) for index, row in enumerate(self._rows) if row[0] == id_), None)

    def _model(self, index: int) -> Model:
        row = self._rows[index]
        id_, _, prices, *rest = row
        history = prices if isinstance(prices, list) else [[None, prices]]
        return Model(
            self._provider,
            id_,
            tuple((Condition.read(when), None if known is None else _prices(known)) for when, known in history),
            tuple((tier, Condition.read(when), _prices(known)) for tier, when, known in (rest[0] if rest else ())),
            row[SOURCE_COLUMN] if len(row) > SOURCE_COLUMN else None,
        )


def _prices(known: Mapping[str, float | list[float]]) -> Prices:
    return {key: _steps(price) for key, price in known.items()}


def _steps(price: float | list[float]) -> Steps:
    """From a number, or `[price, start, price, …]` when more input tokens cost more."""
    base, *rest = price if isinstance(price, list) else [price]
    later = tuple((int(start), _decimal(usd)) for start, usd in zip(rest[::2], rest[1::2], strict=True))
    return ((-1, _decimal(base)), *later)


def _decimal(number: float) -> Decimal:
    # repr gives back the digits that the file has: the price, not the binary fraction nearest to it.
    return Decimal(repr(number))
