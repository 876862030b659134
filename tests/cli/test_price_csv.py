"""The look-up of the Splunk monitor, made from our table and read again as a price file: the same price either way."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tailer.cli import prices as price_command
from tailer.cli.price_csv import MAKERS, as_csv, rows
from tailer.meter.price_files import read
from tailer.meter.price_rates import price_at
from tailer.meter.price_table import PriceTable
from tailer.meter.prices import Prices
from tests.cli.offline import run_command

NOW_NS = 1_795_000_000_000_000_000
TABLE = PriceTable.packaged()


def overrides(tmp_path: Path, text: str) -> Prices:
    path = tmp_path / "prices.csv"
    path.write_text(text)
    return Prices(TABLE, [read(str(path))])


def names(provider: str) -> Iterator[str]:
    """Every name that the table knows of a provider, and some that only its patterns do."""
    for id_, clause in TABLE.clauses(provider):
        yield id_.lower()
        if isinstance(clause, str) and clause[0] in "=^$*":
            text = clause[1:]
            before = ("", "x-") if clause[0] in "$*" else ("",)
            after = ("", "-2026-01-31", "-20260131", "-preview") if clause[0] in "^*" else ("",)
            yield from (f"{head}{text}{tail}" for head in before for tail in after)


@pytest.mark.parametrize("provider", MAKERS)
def test_every_name_of_a_maker_has_the_tables_standard_price(tmp_path: Path, provider: str) -> None:
    looked_up, table = overrides(tmp_path, as_csv(TABLE, (), NOW_NS)), Prices(TABLE)
    known = 0
    for name in names(provider):
        quote = table.rates(provider, name, NOW_NS)
        row = next((one for one in looked_up.overrides[0] if one.names(name)), None)
        if quote is None or ("input" not in quote.rates.prices and quote.rates.prices):
            assert row is None, name
            continue
        assert row is not None, name
        for key in ("input", "output"):
            steps = quote.rates.prices.get(key)
            expected = Decimal(0) if steps is None else price_at(steps, 0)
            assert price_at(row.prices[key], 0) == expected, (name, key)
        known += 1
    assert known > 5


def test_the_file_has_the_monitors_columns_and_its_rows_the_order_in_which_they_are_read(tmp_path: Path) -> None:
    text = as_csv(TABLE, (), NOW_NS)
    head, *found = csv.reader(io.StringIO(text))
    assert head == ["model", "price_prompt", "price_competition"]
    assert [row[0] for row in found] == sorted(
        (row[0] for row in found), key=lambda model: ("*" in model, -len(model.replace("*", "")), model)
    )
    assert all("E" not in price for row in found for price in row[1:])
    assert ["gpt-4o-2024-08-06", "0.0025", "0.01"] in found
    again = overrides(tmp_path, text)
    assert as_csv(TABLE, again.overrides, NOW_NS) == text, "what was read is written the same"


def test_own_prices_go_before_the_table_for_all_that_their_pattern_covers(tmp_path: Path) -> None:
    mine = overrides(tmp_path, "model,price_prompt,price_competition\ngpt-4o*,1,2\nmine,0.5,0.25\n")
    found = {row.model: row for row in rows(TABLE, mine.overrides, NOW_NS)}
    assert [name for name in found if name.startswith("gpt-4o")] == ["gpt-4o*"]
    assert found["mine"].completion == Decimal("0.25")
    assert found["gpt-4.1"].prompt == Decimal("0.002")


OWN_YAML = """
- {model: "gpt-4o*", provider: openai, input: 2.0, output: 8.0}
- {model: "gpt-4.1", provider: azure.ai.openai, input: 99, output: 99}
- {model: "*", provider: anthropic, input: 1, output: 5}
- {model: "our-*", provider: mistral_ai, input: 0.5, output: 0.5}
"""


def test_own_prices_at_a_maker_are_those_of_its_models_and_of_no_others(tmp_path: Path) -> None:
    """What is paid to somebody who only sells a model on is no row's price."""
    path = tmp_path / "own.yaml"
    path.write_text(OWN_YAML)
    mine = Prices(TABLE, [read(str(path))])
    looked_up = overrides(tmp_path, as_csv(TABLE, mine.overrides, NOW_NS))
    for provider, names_of in (("openai", ["gpt-4o", "gpt-4o-x", "gpt-4.1", "o3"]), ("anthropic", ["claude-opus-4-5"])):
        for name in names_of:
            quote, row = mine.rates(provider, name, NOW_NS), looked_up.rates(provider, name, NOW_NS)
            assert quote is not None
            assert row is not None
            assert [row.rates.prices[key] for key in ("input", "output")] == [
                quote.rates.prices[key] for key in ("input", "output")
            ], name
    found = {row.model: row for row in rows(TABLE, mine.overrides, NOW_NS)}
    assert found["gpt-4o*"].prompt == Decimal("0.002")
    assert found["our-*"].prompt == Decimal("0.0005")
    assert "*" not in found
    assert {found[id_.lower()].prompt for id_, _ in TABLE.clauses("anthropic")} == {Decimal("0.001")}


def test_the_command_writes_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(price_command, ("--format", "csv")) == 0
    out = capsys.readouterr().out
    assert out.startswith("model,price_prompt,price_competition\n")
    assert "\nclaude-fable-5,0.01,0.05\n" in out
