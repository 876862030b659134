"""The options of `reconcile`: names that the user maps, the days, the difference that is too much."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import yaml

from tailer.cli.bills.compared import Comparison
from tailer.cli.offline import reason
from tailer.cli.plain import signed_usd
from tailer.meter.ledger import PICO_USD

TOLERANCE = re.compile(r"^(?:USD\s*)?(\d+(?:\.\d+)?)\s*(%|USD)?$", re.IGNORECASE)


class UsageError(Exception):
    """What was asked for cannot be done: every line of the message is one fault."""


class Tolerance(NamedTuple):
    """How far both totals may be apart."""

    text: str
    amount: Decimal
    is_percent: bool


def day(text: str) -> str:
    """A day, for argparse."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-01-31, got {text!r}") from None


def mapped(pairs: Sequence[str], path: str | None) -> dict[str, str]:
    """Names of the bill to names of the logs, `BILLED=SEEN`, before those of a file. UsageError has every fault."""
    found = _map_file(path) if path else {}
    faults = [f"--map: expected BILLED=SEEN, got {text!r}" for text in pairs if not all(text.rpartition("="))]
    if faults:
        raise UsageError("\n".join(faults))
    return found | {billed.strip(): seen.strip() for billed, _, seen in (text.rpartition("=") for text in pairs)}


def _map_file(path: str) -> dict[str, str]:
    try:
        with open(path, encoding="utf-8") as file:
            value = yaml.safe_load(file)
    except OSError as error:
        raise UsageError(f"{path}: {reason(error)}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected YAML: {error}") from None
    pairs = value.items() if isinstance(value, dict) else [("", value)]
    faults = [
        f"{path}: {billed}: expected a name of the bill and a name of the logs, got {seen!r}"
        for billed, seen in pairs
        if not (isinstance(billed, str) and isinstance(seen, str) and billed and seen)
    ]
    if faults:
        raise UsageError("\n".join(faults))
    return dict(pairs)


def tolerance(text: str) -> Tolerance:
    found = TOLERANCE.match(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"expected a part of the bill such as 2%, or USD such as 0.50, got {text!r}")
    return Tolerance(text.strip(), Decimal(found[1]), found[2] == "%")


def exceeded(comparison: Comparison, limits: Tolerance) -> str | None:
    """That the totals are too far apart, None when they are not. Without money in the bill, percent is of tokens."""
    total = comparison.total
    billed, apart = total.billed.pico_usd, total.pico_difference
    if billed is None or apart is None:
        told = total.billed.tokens
        if not limits.is_percent or told is None or total.token_difference is None:
            raise UsageError("--tolerance: the bill has no costs" + ("" if limits.is_percent else ": give percent"))
        apart, limit, shown = (
            total.token_difference,
            told.total * limits.amount / 100,
            f"{total.token_difference:,} tokens",
        )
    else:
        limit = abs(billed) * limits.amount / 100 if limits.is_percent else limits.amount * PICO_USD
        shown = f"USD {signed_usd(apart)}"
    return f"billed less seen is {shown}, more than {limits.text}" if abs(apart) > limit else None
