"""One thing that a provider's export says was used or billed, told in tokentail's own terms. Tables and sums only."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import msgspec

from tailer.meter.ledger import PICO_USD

MAX_USD = Decimal(10**12)
"""A larger amount is a fault of the file, not a bill."""
USAGE, TOOL, CREDIT, TAX, UNGROUPED = "usage", "tool", "credit", "tax", "ungrouped"
"""What an item is: a model's use; something else with a price; credits, refunds and discounts; taxes; a sum of all."""


class BillFault(ValueError):  # noqa: N818 - the house's word for what is wrong with an input
    """What cannot be read in an export: the place, what was found, what was expected."""

    def __init__(self, where: str, found: object, expected: str) -> None:
        super().__init__(f"{where}: expected {expected}, got {_shown(found)}")


class Tokens(msgspec.Struct):
    """Token counts by tokentail's convention: `input` has cached and written tokens in it, `output` the reasoning."""

    input: int = 0
    cached: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0

    def add(self, other: Tokens) -> None:
        """Takes in the counts of another."""
        self.input += other.input
        self.cached += other.cached
        self.cache_write += other.cache_write
        self.cache_write_1h += other.cache_write_1h
        self.output += other.output

    def subtract(self, other: Tokens) -> None:
        """Takes away counts that are a part of these."""
        self.input -= other.input
        self.cached -= other.cached
        self.cache_write -= other.cache_write
        self.cache_write_1h -= other.cache_write_1h
        self.output -= other.output

    @property
    def total(self) -> int:
        """Input and output."""
        return self.input + self.output


class Item(msgspec.Struct, frozen=True):
    """A part of a bill on one UTC day; None where the export does not say.

    `provider` is as the logs name it ("" when nobody says), `name` the model as the export has it.
    `tier` is the service tier, "" for the standard one; `long_input` says whether the tokens are of long inputs.
    """

    day: str
    provider: str
    name: str
    kind: str = USAGE
    tier: str | None = ""
    calls: int | None = None
    tokens: Tokens | None = None
    pico_usd: int | None = None
    long_input: bool | None = None
    knows_cache: bool = True
    """Whether `tokens` would tell cached tokens if there were any."""


class Export(NamedTuple):
    """What one file holds: its items, the UTC days it speaks of, and whether it says that more pages follow."""

    path: str
    form: str
    items: list[Item]
    days: frozenset[tuple[str, str]]
    """(provider, day), days without any item among them."""
    buckets: dict[str, str]
    """Buckets that may not come twice, by what they are: the place."""
    has_more: bool = False
    notes: tuple[str, ...] = ()


def pico_usd(amount: object, where: str, per_usd: int = 1) -> int:
    """An amount of money in pico-USD, rounded once at the twelfth digit; `per_usd` 100 for cents. BillFault."""
    try:
        value = Decimal(amount) if isinstance(amount, str | int | Decimal) and not isinstance(amount, bool) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or abs(value) > MAX_USD:
        raise BillFault(where, amount, "an amount of money")
    return round(value * PICO_USD / per_usd)


def _shown(found: object) -> str:
    text = "nothing" if found is None else repr(str(found) if isinstance(found, Decimal) else found)
    return text if len(text) <= 60 else f"{text[:57]}..."
