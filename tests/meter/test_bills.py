"""Bills worked out by hand from published prices: what a call cost, to the pico-dollar.

Every source was read when its row was written, in November 2026, and none of them live: `copy` is a stored copy of the
page or announcement of who sells it, `quoted` is somebody's transcription of it, dated or citing it, where no copy that
states the number was found. A price that was found in neither, or in transcriptions that differ, is no price.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import pytest

from parsers.base import DETAILS, UNITS, Call
from tailer.meter.prices import Prices
from tests.meter.bills import BILLS, NO_PRICE, SOURCES

PRICES = Prices.load()


class Bill(NamedTuple):
    """One line of the table."""

    provider: str
    model: str
    used: str
    working: str
    usd: str
    source: str

    def call(self) -> Call:
        used = dict(part.split("=") for part in self.used.split())
        day = datetime.fromisoformat(used.get("day", "2026-11-01")).replace(tzinfo=UTC)
        return Call(
            provider=self.provider,
            model=self.model,
            operation=used.get("op", "chat"),
            input_tokens=int(used["in"]) if "in" in used else None,
            output_tokens=int(used["out"]) if "out" in used else None,
            details={key: int(value) for key, value in used.items() if key in DETAILS},
            units={key: float(value) for key, value in used.items() if key in UNITS},
            service_tier=used.get("tier"),
            region=used.get("region"),
            timestamp_ns=int(day.timestamp()) * 10**9,
        )

    def by_hand(self) -> Decimal:
        """The sum that is written there."""
        total = Decimal()
        for term in self.working.split(" + "):
            count, at, price = term.partition("@") if "@" in term else term.partition("x")
            total += Decimal(count) * Decimal(price) / (1 if at == "@" else 1_000_000)
        return total


ALL = [Bill(*(part.strip() for part in line.split("|"))) for line in BILLS.strip().splitlines()]
PRICED = [bill for bill in ALL if bill.usd != "-"]


@pytest.mark.parametrize("bill", ALL, ids=lambda bill: f"{bill.provider} {bill.model} {bill.used}")
def test_a_call_costs_what_its_published_prices_come_to(bill: Bill) -> None:
    assert bill.source in (SOURCES if bill.usd != "-" else NO_PRICE)
    found = PRICES.estimate(bill.call())
    if bill.usd == "-":
        assert found is None
        return
    assert bill.by_hand().quantize(Decimal("1e-12")) == Decimal(bill.usd)
    assert found == Decimal(bill.usd) * 10**12


def test_every_source_says_how_it_was_read_and_most_bills_rest_on_the_seller_s_own_words() -> None:
    """A row without a source that somebody read proves nothing."""
    assert {source.read for source in SOURCES.values()} == {"copy", "quoted"}
    assert all(source.page and source.says for source in SOURCES.values())
    assert {bill.source for bill in ALL} == SOURCES.keys() | NO_PRICE.keys()
    assert Counter(SOURCES[bill.source].read for bill in PRICED)["copy"] >= 80


def test_there_are_enough_of_them_of_every_kind() -> None:
    assert len({bill[:4] for bill in ALL}) == len(ALL)
    assert len(PRICED) >= 100
    used = " ".join(bill.used for bill in ALL)
    parts = ("cached_input", "cached_audio_input", "cache_write=", "cache_write_1h", "reasoning", "audio_input")
    more_parts = ("audio_output", "image_input", "day=", "region=us", "op=embeddings")
    tiers = ("tier=batch", "tier=flex", "tier=priority", "tier=fast", "tier=reserved")
    units = ("audio_seconds", "characters", "images=", "pages", " searches=", "web_searches", "storage_searches")
    for kind in (*parts, *more_parts, *tiers, *units):
        assert kind in used, kind
    assert len({bill.provider for bill in ALL}) >= 15
