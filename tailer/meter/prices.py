"""What a call costs: the table's prices or the user's own, at the time of the call. Knows nothing of counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Literal

from parsers.base import Call
from tailer.meter.price_files import Override, PriceError, glob, read
from tailer.meter.price_names import MAX_NAME_CHARS, location, spellings
from tailer.meter.price_rates import TOOL_KEYS, Rates, pico
from tailer.meter.price_rules import SHARES, share
from tailer.meter.price_schedule import Quote, Schedule
from tailer.meter.price_table import Model, PriceTable

__all__ = ["PriceError", "Prices", "Quote"]

MAX_REMEMBERED = 4096
"""Model names come from the log and can be hostile: the memory of lookups is emptied when it is this long."""

STANDARD_TIERS = {"", "default", "standard", "auto", "on_demand"}
TIER_NAMES = {"on_demand_priority": "priority", "on_demand_flex": "flex"}

NO_ALIASES: Mapping[str, str] = {}

Key = tuple[str | None, str | None, str | None, str | None, str | None]
"""Provider, model, requested model, tier and region of a call."""


class Prices:
    """The prices in use: the user's files in their order, then the table.

    A model is looked up by the provider that served it; at one the table does not know it has no price, whatever others
    take for it. Azure and Vertex fall back to the standard prices of the vendors they sell on.
    """

    def __init__(
        self, table: PriceTable, overrides: Sequence[Sequence[Override]] = (), aliases: Mapping[str, str] = NO_ALIASES
    ) -> None:
        self.table = table
        self.overrides = overrides
        self._aliases = {alias.strip().lower(): model for alias, model in aliases.items()}
        self._schedules: dict[Key, Schedule] = {}

    @classmethod
    def load(cls, overrides: Sequence[str] = (), aliases: Mapping[str, str] = NO_ALIASES) -> Prices:
        """The packaged table and the user's files; the first that knows a model wins. PriceError has every fault.

        `aliases` say what names of the log stand for: `my-deployment` or `my-*` → `gpt-4o` or `openai/gpt-4o`.
        """
        found: list[list[Override]] = []
        faults: list[str] = []
        for path in overrides:
            try:
                found.append(read(path))
            except PriceError as error:
                faults.extend(error.faults)
        if faults:
            raise PriceError(faults)
        return cls(PriceTable.packaged(), found, aliases)

    @property
    def date(self) -> str:
        """The date of the table's prices, `2026-01-31`."""
        return self.table.date

    @property
    def timestamp_seconds(self) -> float:
        """The date of the table's prices in seconds since the epoch."""
        return self.table.date_ns / 1e9

    def cost(self, call: Call, now_ns: int | None = None) -> tuple[int, Literal["reported", "estimated"]] | None:
        """Cost in pico-USD and its source: what the line itself reports, else the estimate; None when unpriced."""
        if call.cost_usd is not None and (reported := pico(call.cost_usd)) is not None:
            return reported, "reported"
        estimated = self.estimate(call, now_ns)
        return None if estimated is None else (estimated, "estimated")

    def estimate(self, call: Call, now_ns: int | None = None, calls: int = 1) -> int | None:
        """Cost in pico-USD (1e-12 USD) at the time of the call; None, never 0, when a price or a count is unknown.

        A call without a timestamp is priced at `now_ns`, or without that at the date of the table. With `calls` it
        holds the sums of so many calls that differ in nothing else.
        """
        key = (call.provider, call.model, call.request_model, call.service_tier, call.region)
        schedule = self._schedules.get(key) or self._remember(key)
        quote = schedule.always
        if quote is None:
            when = call.timestamp_ns if call.timestamp_ns is not None else now_ns
            quote = schedule.at(self.table.date_ns if when is None else when)
        return None if quote is None else quote.rates.cost(call, calls)

    def rates(
        self, provider: str | None, model: str, when_ns: int, tier: str | None = None, region: str | None = None
    ) -> Quote | None:
        """What a model costs at a provider at a time, and where that price comes from."""
        return self._schedule((provider, model, None, tier, region)).at(when_ns)

    def tiers(self, provider: str, model: str) -> tuple[str, ...]:
        """The service tiers in which that model has a price: those of its own, then those of its seller's rules."""
        found = self._listed(provider, self._meant(provider, model, None), model)
        if found is None:
            return ()
        seller, listed = found
        own = [tier for tier, _, _ in listed.tiers] if seller == listed.provider else []
        return tuple(dict.fromkeys([*own, *(tier for tier in SHARES if share(seller, tier, listed.id) is not None)]))

    def _remember(self, key: Key) -> Schedule:
        schedule = self._schedule(key)
        if all(part is None or len(part) <= MAX_NAME_CHARS for part in key):
            if len(self._schedules) >= MAX_REMEMBERED:
                self._schedules.clear()
            self._schedules[key] = schedule
        return schedule

    def _schedule(self, key: Key) -> Schedule:
        provider, model, request_model, tier, region = key
        tier = tier_name(tier)
        region = region or location(model) or location(request_model)
        names = self._asked_names(provider, model, request_model)
        meant = self._meant(provider, model, request_model)
        mine = self._own(provider, [*names, meant] if meant else names, tier)
        listed = self._listed(provider, meant, model or request_model)
        conditions = chain((one.condition for one in mine), listed[1].conditions(tier) if listed else ())

        def resolve(now_ns: int) -> Quote | None:
            quote = self.table.quote(*listed, tier, region, now_ns) if listed else None
            for one in mine:
                if one.condition.holds(now_ns):
                    known = quote.rates.prices if quote else {}
                    tools = {key: steps for key, steps in known.items() if key in TOOL_KEYS}
                    rates = Rates.of({**tools, **one.prices})
                    return Quote(provider or "", one.pattern, one.origin, rates, one.tier or "")
            return quote

        return Schedule(conditions, resolve)

    def _asked_names(self, provider: str | None, model: str | None, request_model: str | None) -> list[str]:
        """The names under which the user may have priced a call: the model that served it, then what was asked for.

        The latter is for deployments and aliases: where it names another model of the table, the call was rerouted.
        """
        names = [model] if model else []
        if request_model:
            asked = self._find(provider, request_model)
            if not model or asked is None or asked == self._find(provider, model):
                names.append(request_model)
        return names

    def _meant(self, provider: str | None, model: str | None, request_model: str | None) -> str | None:
        """What the configuration says the call was served by; not where the answer itself named a known model."""
        if model and ((alias := self._alias(model)) or self._find(provider, model)):
            return alias
        return self._alias(request_model) if request_model else None

    def _alias(self, name: str) -> str | None:
        """What a name stands for by the configuration: a literal alias goes before a pattern."""
        if len(name) > MAX_NAME_CHARS or not self._aliases:
            return None
        name = name.strip().lower()
        if name in self._aliases:
            return self._aliases[name]
        return next((model for pattern, model in self._aliases.items() if glob(pattern, name)), None)

    def _own(self, provider: str | None, names: Sequence[str], tier: str) -> list[Override]:
        """The user's prices that cover a call, in order: by the model that served it, then by the one asked for."""
        found: list[Override] = []
        for name in names:
            if len(name) > MAX_NAME_CHARS:
                continue
            known = {name.strip().lower(): None, **{spelling: None for _, spelling in spellings(provider, name)}}
            found.extend(
                one
                for one in chain.from_iterable(self.overrides)
                if one.covers(provider, tier) and any(map(one.names, known))
            )
        return found

    def _listed(self, provider: str | None, meant: str | None, name: str | None) -> tuple[str, Model] | None:
        """What the table has for a name, or for what it stands for, which may name its seller itself."""
        return self._find(provider, meant or name) or (self._find(None, meant) if meant else None)

    def _find(self, provider: str | None, name: str | None) -> tuple[str, Model] | None:
        """Who sells the model, and the model."""
        for seller, spelling in spellings(provider, name or ""):
            if (model := self.table.find(seller, spelling)) is not None:
                return seller, model
        return None


def tier_name(tier: str | None) -> str:
    """A service tier as the table names it; empty for what is billed at standard prices."""
    name = (tier or "").strip().lower()
    return "" if name in STANDARD_TIERS else TIER_NAMES.get(name, name)
