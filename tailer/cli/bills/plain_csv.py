"""A bill as a plain CSV, for every provider whose own export is not known here; also `report`'s own CSV. Pure.

Columns: `day` (or `date`), `model`, and any of `provider`, `calls` (`requests`), `input_tokens`, `cached_input_tokens`,
`cache_write_tokens`, `output_tokens`, `cost_usd`, or `cost` (`amount`) with `currency`. Others are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from tailer.cli.bills.fields import count, dollars, moment
from tailer.cli.bills.item import BillFault, Item, Tokens, pico_usd
from tailer.cli.bills.names import provider_of
from tailer.meter.prices import tier_name

DAYS = ("day", "date")
CALLS = ("calls", "requests")
COSTS = ("cost_usd", "cost", "amount")
COUNTS = (*CALLS, "input_tokens", "output_tokens")


def is_readable(header: frozenset[str]) -> bool:
    """Whether the columns are those of a plain bill."""
    return bool(header & set(DAYS)) and "model" in header and bool(header & {*COUNTS, *COSTS})


def item(row: Mapping[str, object], where: str) -> Item:
    """One row."""
    day_column = next(name for name in DAYS if name in row)
    day = f"{moment(row[day_column], f'{where}.{day_column}'):%Y-%m-%d}"
    name = row["model"]
    if not isinstance(name, str) or not name:
        raise BillFault(f"{where}.model", name, "a model's name")
    provider, tier = row.get("provider"), row.get("service_tier")
    calls = next((found for key in CALLS if (found := count(row, key, where)) is not None), None)
    return Item(
        day,
        provider_of(provider) if isinstance(provider, str) and provider else "",
        name,
        tier=tier_name(tier) if isinstance(tier, str) else None,
        calls=calls,
        tokens=_tokens(row, where),
        pico_usd=_cost(row, where),
        knows_cache="cached_input_tokens" in row,
    )


def _tokens(row: Mapping[str, object], where: str) -> Tokens | None:
    given, made = count(row, "input_tokens", where), count(row, "output_tokens", where)
    if given is None and made is None:
        return None
    return Tokens(
        input=given or 0,
        cached=count(row, "cached_input_tokens", where) or 0,
        cache_write=count(row, "cache_write_tokens", where) or 0,
        output=made or 0,
    )


def _cost(row: Mapping[str, object], where: str) -> int | None:
    key = next((name for name in COSTS if row.get(name) not in (None, "")), None)
    if key is None:
        return None
    if key != "cost_usd" or row.get("currency"):
        dollars(row.get("currency"), f"{where}.currency")
    return pico_usd(row[key], f"{where}.{key}")
