"""A bill as text for people, as JSON and as CSV for programs; every cost is exact to the pico-dollar but in JSON."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import orjson

from tailer.cli.plain import number_of, plain, usd
from tailer.meter.bill import COUNTS, Bill, Row
from tailer.meter.ledger import PICO_USD

HEADS = ("calls", "errors", "input", "output", "cached", "cache write", "reasoning", "USD")
OPTIONAL = frozenset({"cached", "cache write", "reasoning"})
"""Columns left out of the text where they hold nothing but zeros."""
UNREAD = ("bad_json", "oversize", "unfinished")
"""Lines of which nobody knows whether they held a call; an unfinished one is the last line of a file."""
NAMED_MODELS = 8
"""How many unpriced models the footer names."""
SIGNIFICANT = 2
PARTLY = "*"


def as_json(bill: Bill) -> str:
    """`{"rows": […], "total": {…}}` of the contract, on one line."""
    rows = [dict(zip(bill.by, key, strict=True)) | _counts(row) for key, row in bill.rows()]
    return orjson.dumps({"rows": rows, "total": _counts(bill.total)}).decode()


def as_csv(bill: Bill) -> str:
    """The rows under a line of names; no total, which would be counted again by whoever sums a column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*bill.by, *COUNTS])
    for key, row in bill.rows():
        counts = _counts(row) | {"cost_usd": usd(row.pico_usd)}
        writer.writerow([*key, *(counts[name] for name in COUNTS)])
    return text.getvalue().rstrip("\n")


def as_text(bill: Bill, outcomes: Mapping[str, int]) -> str:
    """An aligned table with its total, and beneath it what the total does not hold."""
    rows = bill.rows()
    digits = _digits([row.pico_usd for _, row in rows])
    width = len(bill.by)
    table = [[plain(name) or "(none)" for name in key] + _cells(row, digits) for key, row in rows]
    total = [*("total", *[""] * (width - 1))[:width], *_cells(bill.total, digits)]
    heads = [*bill.by, *HEADS]
    shown = [head not in OPTIONAL or cell != "0" for head, cell in zip(heads, total, strict=True)]
    lines = [[cell for cell, show in zip(line, shown, strict=True) if show] for line in (heads, *table, total)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    head, *body, last = (_aligned(line, widths, width) for line in lines)
    return "\n".join([head, rule, *body, rule, last, *footer(bill, outcomes)])


def footer(bill: Bill, outcomes: Mapping[str, int]) -> Iterator[str]:
    """What the total does not hold: prices and token counts that nobody knows, lines that could not be read."""
    if bill.total.unpriced_calls:
        calls = number_of(bill.total.unpriced_calls, "call")
        yield f"* not in the cost, no price known: {calls} of {_models(bill.unpriced)}; give one with --prices FILE"
    if bill.unmeasured:
        reasons = ", ".join(f"{name} {count:,}" for name, count in sorted(bill.unmeasured.items()))
        calls = number_of(bill.unmeasured.total(), "call")
        yield f"* not in tokens and cost, no counts in the log: {calls} ({reasons})"
    unread = {name: outcomes.get(name, 0) for name in UNREAD}
    if any(unread.values()):
        told = ", ".join(f"{count:,} {name}" for name, count in unread.items() if count)
        yield f"* lines that could not be read: {told}; `tokentail explain FILE` tells why"


def _models(unpriced: Counter[tuple[str, str]]) -> str:
    named = [f"{plain(model)} at {plain(provider)}" for (provider, model), _ in unpriced.most_common(NAMED_MODELS)]
    others = len(unpriced) - len(named)
    return ", ".join(named) + (f" and {number_of(others, 'more model')}" if others else "")


def _counts(row: Row) -> dict[str, int | float]:
    return {name: row.pico_usd / PICO_USD if name == "cost_usd" else getattr(row, name) for name in COUNTS}


def _cells(row: Row, digits: int) -> list[str]:
    numbers = [getattr(row, name) for name in COUNTS if name not in ("cost_usd", "unpriced_calls")]
    mark = PARTLY if row.unpriced_calls or row.unmeasured_calls else " "
    cost = f"{row.pico_usd / PICO_USD:,.{digits}f}" if row.cost_is_known else "-"
    return [*(f"{number:,}" for number in numbers), cost + mark]


def _digits(costs: Sequence[int]) -> int:
    """Decimal places that show two digits of the smallest cost above zero; 2 to 8."""
    smallest = min((cost for cost in costs if cost > 0), default=PICO_USD)
    return min(8, max(2, 12 - len(str(smallest)) + SIGNIFICANT))


def _aligned(line: Sequence[str], widths: Sequence[int], names: int) -> str:
    cells = [
        cell.ljust(width) if index < names else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
