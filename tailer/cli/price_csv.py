"""The prices in use as the look-up of the Splunk monitor: model, and USD for 1,000 tokens of prompt and of completion.

A row knows no provider, tier, cache or length: it has the standard prices of who makes the model and sells it itself,
the user's own for that provider or for all before those of the table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from tailer.meter.price_files import CSV_COLUMNS, Override, glob
from tailer.meter.price_names import Match, source_id
from tailer.meter.price_rates import Steps, price_at
from tailer.meter.price_table import Model, PriceTable

MAKERS = ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "cohere", "moonshotai", "perplexity")
"""By the table's names, whose prices stand for a model's name; the first goes before the others."""
_DATED = re.compile(r"~\^((?:[\w/-]|\\\.)+?)(-\\d\{8\}|-\\d\{4\}-\\d\{2\}-\\d\{2\})\$")
"""The one expression that a pattern with * can stand for: a name with a date behind it."""


class Row(NamedTuple):
    """A model's name or a pattern with *, in lower case, and USD for 1,000 tokens."""

    model: str
    prompt: Decimal
    completion: Decimal

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Sorts as a file of such rows is read: the most specific first."""
        return "*" in self.model, -len(self.model.replace("*", "")), self.model


def as_csv(table: PriceTable, overrides: Sequence[Sequence[Override]], now_ns: int) -> str:
    """The file, in the columns that a price file of the user's own has, too."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("model", *CSV_COLUMNS))
    for row in rows(table, overrides, now_ns):
        writer.writerow((row.model, f"{row.prompt.normalize():f}", f"{row.completion.normalize():f}"))
    return out.getvalue()


def rows(table: PriceTable, overrides: Sequence[Sequence[Override]], now_ns: int) -> list[Row]:
    """The user's own prices and those of the table at that time, the most specific pattern first."""
    found: dict[str, Row] = {}
    listed = {provider: list(_of_provider(table, provider)) for provider in MAKERS}
    own = [one for of_file in overrides for one in of_file if one.tier is None and one.condition.holds(now_ns)]
    told = [one for one in own if _is_of_all(one, listed)]
    for one in told:
        _keep(found, one.pattern, one.prices)
    for provider, models in listed.items():
        for pattern, model in models:
            mine = next((one for one in own if _is_of(one, provider) and glob(one.pattern, pattern)), None)
            prices = model.standard(now_ns) if mine is None else mine.prices
            if prices is not None and mine not in told:
                _keep(found, pattern, prices)
    return sorted(found.values(), key=lambda row: row.rank)


def _is_of(one: Override, provider: str) -> bool:
    """Whether the user's price is one at this maker."""
    return one.provider is None or source_id(one.provider) == provider


def _is_of_all(one: Override, listed: Mapping[str, Sequence[tuple[str, Model]]]) -> bool:
    """Whether it is the price of all models that its pattern matches: a row knows no provider."""
    if one.provider is None:
        return True
    others = [models for provider, models in listed.items() if not _is_of(one, provider)]
    return len(others) < len(listed) and not any(glob(one.pattern, name) for models in others for name, _ in models)


def _keep(found: dict[str, Row], pattern: str, prices: Mapping[str, Steps]) -> None:
    """Adds a row unless there is one for this pattern already, or the model is not paid by the token."""
    if pattern in found or ("input" not in prices and prices):
        return
    prompt, completion = (
        price_at(prices[key], 0) / 1000 if key in prices else Decimal(0) for key in CSV_COLUMNS.values()
    )
    found[pattern] = Row(pattern, prompt, completion)


def _of_provider(table: PriceTable, provider: str) -> Iterator[tuple[str, Model]]:
    """Every name and pattern that a CSV can hold, with the model that it means; plain names go before patterns."""
    clauses = list(table.clauses(provider))
    for id_, clause in clauses:
        names = {id_.lower(), clause[1:]} if isinstance(clause, str) and clause[0] == "=" else {id_.lower()}
        for name in sorted(names):
            if (model := table.find(provider, name)) is not None:
                yield name, model
    for id_, clause in clauses:
        if (pattern := _pattern(clause)) is not None and (model := table.model(provider, id_)) is not None:
            yield pattern, model


def _pattern(clause: Match) -> str | None:
    """A clause as a pattern with *, None where it is a plain name or cannot be one."""
    if not isinstance(clause, str):
        return None
    kind, text = clause[0], clause[1:]
    if kind in "^$*" and "*" not in text:
        return f"{'*' if kind in '$*' else ''}{text}{'*' if kind in '^*' else ''}"
    dated = _DATED.fullmatch(clause)
    return None if dated is None else dated[1].replace("\\.", ".") + ("-20*-*-*" if "{4}" in dated[2] else "-20*")
