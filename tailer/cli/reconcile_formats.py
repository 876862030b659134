"""A comparison as text for people, as JSON and as CSV for programs; money is exact but in JSON's numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal

import orjson

from tailer.cli.bills.causes import Cause
from tailer.cli.bills.compared import Comparison, Line
from tailer.cli.plain import plain, signed_usd, usd
from tailer.meter.ledger import PICO_USD

SIDES = ("seen", "billed")
GROUPS = ("calls", "input_tokens", "cached_input_tokens", "output_tokens", "cost_usd")
COLUMNS = (
    "day",
    "provider",
    "model",
    *(f"{group}_{side}" for group in GROUPS[:-1] for side in SIDES),
    "tokens_difference",
    *(f"cost_usd_{side}" for side in SIDES),
    "cost_usd_difference",
    "cost_percent",
    "unpriced_calls",
    "calls_without_usage",
)
"""What a row says; differences are billed less seen, percent is of what was billed, the last two of what was seen."""
HEADS = ("calls", "input", "cached", "output", "USD")
PARTLY = "*"
Number = int | None


def as_json(comparison: Comparison, causes: Sequence[Cause], notes: Sequence[str]) -> str:
    """`{"rows": […], "total": {…}, "explanations": […], "notes": […]}` on one line."""
    rows = [
        _numbers(line)
        | {
            "seen_as": [name.model for name in line.seen_as],
            "billed_as": [name.model for name in line.billed_as],
            "matched": {
                name.model: comparison.names.how[name] for name in line.billed_as if name in comparison.names.how
            },
        }
        for line in comparison.lines
    ]
    told = [
        {
            "cause": cause.kind,
            "certain": cause.is_certain,
            "text": cause.text,
            "cost_usd": None if cause.pico_usd is None else cause.pico_usd / PICO_USD,
            "tokens": cause.tokens,
            "calls": cause.calls,
        }
        for cause in causes
    ]
    total = {key: value for key, value in _numbers(comparison.total).items() if key not in ("day", "provider", "model")}
    return orjson.dumps({"rows": rows, "total": total, "explanations": told, "notes": list(notes)}).decode()


def as_csv(comparison: Comparison) -> str:
    """The rows under a line of names, what is not known empty; no total, which would be counted again in a sum."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in comparison.lines:
        exact = {"cost_usd_seen": usd(line.seen.pico_usd)}
        if line.billed.pico_usd is not None and line.pico_difference is not None:
            exact["cost_usd_billed"] = signed_usd(line.billed.pico_usd)
            exact["cost_usd_difference"] = signed_usd(line.pico_difference)
        writer.writerow(["" if value is None else value for value in (_numbers(line) | exact).values()])
    return text.getvalue().rstrip("\n")


def as_text(comparison: Comparison, causes: Sequence[Cause], notes: Sequence[str]) -> str:
    """An aligned table with its total, then what would explain the differences."""
    lines = [*comparison.lines, comparison.total]
    shown = [
        index
        for index in range(len(GROUPS))
        if any(pair[1] is not None for line in lines for pair in [_pairs(line)[index]])
    ]
    digits = _digits(lines)
    heads = [["", ""], ["day (UTC)", "model"]]
    for index in shown:
        heads[0] += [HEADS[index], ""]
        heads[1] += list(SIDES)
    heads[0] += ["", "", ""]
    heads[1] += ["tokens +/-", "USD +/-", "%"]
    table = [_cells(line, shown, digits) for line in lines]
    widths = [max(map(len, column)) for column in zip(*heads, *table, strict=True)]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    *body, total = (_aligned(cells, widths) for cells in table)
    top = [_aligned(cells, widths) for cells in heads]
    told = [*_footer(comparison), *explained(causes), *(f"note: {note}" for note in notes)]
    return "\n".join([*top, rule, *body, rule, total, *told])


def explained(causes: Sequence[Cause]) -> Iterator[str]:
    """The causes, each with what it would account for."""
    if not causes:
        return
    yield ""
    yield "what would explain the differences (they may overlap):"
    for cause in causes:
        yield f"- {cause.text}{_amount(cause)}"


def percent(line: Line) -> float | None:
    """The difference as a part of what was billed; None where nothing was."""
    if not line.billed.pico_usd or line.pico_difference is None:
        return None
    return round(100 * line.pico_difference / abs(line.billed.pico_usd), 2)


def _amount(cause: Cause) -> str:
    parts = []
    if cause.pico_usd is not None:
        parts.append(f"USD {_money(cause.pico_usd, _places([cause.pico_usd]))}")
    if cause.tokens and cause.kind not in ("unpriced", "other_provider", "other_days"):
        parts.append(f"{cause.tokens:+,} tokens")
    if not parts:
        return ""
    most = cause.kind in AT_MOST
    return f" ({'at most ' if most else '' if cause.is_certain else 'would account for '}{', '.join(parts)})"


AT_MOST = frozenset({"missing_usage", "unpriced", "logs_begin", "logs_end", "old_prices"})


def _footer(comparison: Comparison) -> Iterator[str]:
    if comparison.total.seen.unpriced_calls or comparison.total.seen.unmeasured_calls:
        yield "* not all calls have a known price and token counts, see below"


def _pairs(line: Line) -> tuple[tuple[Number, Number], ...]:
    """Seen and billed, in the order of `GROUPS`."""
    tokens = line.billed.tokens
    cached = tokens.cached if tokens is not None and line.billed.knows_cache else None
    return (
        (line.seen.calls, line.billed.calls),
        (line.seen.input_tokens, None if tokens is None else tokens.input),
        (line.seen.cached_input_tokens, cached),
        (line.seen.output_tokens, None if tokens is None else tokens.output),
        (line.seen.pico_usd, line.billed.pico_usd),
    )


def _numbers(line: Line) -> dict[str, object]:
    found: dict[str, object] = {
        "day": line.day,
        "provider": line.seen_as[0].provider if line.seen_as else line.name.provider,
        "model": line.name.model,
    }
    for group, pair in zip(GROUPS[:-1], _pairs(line), strict=False):
        found |= {f"{group}_{side}": number for side, number in zip(SIDES, pair, strict=True)}
    billed, difference = line.billed.pico_usd, line.pico_difference
    return found | {
        "tokens_difference": line.token_difference,
        "cost_usd_seen": line.seen.pico_usd / PICO_USD,
        "cost_usd_billed": None if billed is None else billed / PICO_USD,
        "cost_usd_difference": None if difference is None else difference / PICO_USD,
        "cost_percent": percent(line),
        "unpriced_calls": line.seen.unpriced_calls,
        "calls_without_usage": line.seen.unmeasured_calls,
    }


def _cells(line: Line, shown: Sequence[int], digits: int) -> list[str]:
    cells = [line.day, plain(line.name.model)]
    pairs = _pairs(line)
    for index in shown:
        for side, number in zip(SIDES, pairs[index], strict=True):
            if HEADS[index] != "USD":
                cells.append("-" if number is None else f"{number:,}")
            elif number is None or (side == "seen" and not line.seen.cost_is_known):
                cells.append("-")
            else:
                partly = side == "seen" and (line.seen.unpriced_calls or line.seen.unmeasured_calls)
                cells.append(_money(number, digits) + (PARTLY if partly else ""))
    tokens, money, part = line.token_difference, line.pico_difference, percent(line)
    cells.append("-" if tokens is None else f"{tokens:+,}" if tokens else "0")
    cells.append("-" if money is None else ("+" if money > 0 else "") + _money(money, digits))
    cells.append("-" if part is None else f"{part:+.1f}" if part else "0")
    return cells


def _money(pico_usd: int, digits: int) -> str:
    return f"{Decimal(pico_usd).scaleb(-12):,.{digits}f}" if pico_usd else "0"


def _digits(lines: Sequence[Line]) -> int:
    return _places([pico for line in lines for pico in (line.seen.pico_usd, line.billed.pico_usd or 0)])


def _places(amounts: Sequence[int]) -> int:
    """Decimal places that show two digits of the smallest amount that is not zero; 2 to 8."""
    smallest = min((abs(amount) for amount in amounts if amount), default=PICO_USD)
    return min(8, max(2, 14 - len(str(smallest))))


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    names = 2
    return "  ".join(
        cell.ljust(width) if index < names else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()
