"""`tokentail reconcile`: what tokentail saw beside what a provider billed, by UTC day and model; keeps no state."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import yaml

from tailer.cli import bill_files
from tailer.cli.bills.causes import causes
from tailer.cli.bills.compared import Comparison, compared
from tailer.cli.bills.item import Export
from tailer.cli.bills.pricing import Pricing
from tailer.cli.bills.seen import Seen, SeenLedger
from tailer.cli.inputs import expanded
from tailer.cli.offline import Offline, add_reading_arguments, complain, prepare, reason
from tailer.cli.reconcile_formats import as_csv, as_json, as_text, explained, signed_usd
from tailer.cli.report import Billing
from tailer.meter.ledger import PICO_USD
from tailer.statedir import StateError, peek

TOLERANCE = re.compile(r"^(?:USD\s*)?(\d+(?:\.\d+)?)\s*(%|USD)?$", re.IGNORECASE)
MAX_FAULTS = 50
"""More are counted, not told."""


class Tolerance(NamedTuple):
    """How far both totals may be apart."""

    text: str
    amount: Decimal
    is_percent: bool


class UsageError(Exception):
    """What was asked for cannot be done: every line of the message is one fault."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """LOG files or a state directory, the bill, how names match, what difference is too much."""
    parser.description = (
        "What tokentail saw beside what a provider billed, by day and model, and what would explain the difference "
        "(billed less seen). Days are UTC, as those of the providers are."
    )
    parser.add_argument("files", nargs="*", metavar="LOG", help="a log, also gzipped; a quoted glob; - is stdin")
    parser.add_argument(
        "--state-dir", dest="ledger_dir", metavar="DIR", help="instead of logs: the totals in a checkpoint"
    )
    parser.add_argument(
        "--bill",
        action="append",
        required=True,
        metavar="FILE",
        help="an export of usage or costs of OpenAI, Anthropic or Amazon, or a CSV; repeatable, a quoted glob",
    )
    parser.add_argument(
        "--bill-format", choices=bill_files.FORMS, help="what the bill must be (default: by its content)"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="BILLED=SEEN",
        help="the bill's name of a model and that of the logs, where they differ; repeatable",
    )
    parser.add_argument("--map-file", metavar="FILE", help="YAML of such names, `billed: seen` on each line")
    parser.add_argument(
        "--tolerance",
        type=_tolerance,
        metavar="PERCENT|USD",
        help="exit with 1 when the totals are further apart: 2%% of what was billed, or 0.50 (USD)",
    )
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="default: text")
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 1 when the tolerance is exceeded or a log could not be read to its end; 2 for bad usage or a faulty bill."""
    try:
        mapped = _mapped(args)
        exports = _bill(args)
        offline = prepare(args)
        if offline is None:
            return 2
        pricing = Pricing(offline.prices)
        seen, notes, is_incomplete = _seen(args, offline)
        notes += _notes(exports)
        items = [item for export in exports for item in export.items]
        spans = {span for export in exports for span in export.days}
        comparison = compared(seen, items, spans, mapped, pricing.find)
        exceeded = None if args.tolerance is None else _exceeded(comparison, args.tolerance)
    except UsageError as error:
        complain(str(error))
        return 2
    _print(args.format, comparison, pricing, notes)
    if exceeded:
        complain(exceeded)
    return 1 if exceeded or is_incomplete else 0


def _seen(args: argparse.Namespace, offline: Offline) -> tuple[Seen, list[str], bool]:
    """What tokentail saw, notes on it, and whether a log could not be read to its end."""
    if args.files and args.ledger_dir:
        raise UsageError("logs and --state-dir are two ways to say what was seen: give one of them")
    if args.ledger_dir:
        try:
            return SeenLedger(peek(args.ledger_dir).ledger), [], False
        except StateError as error:
            raise UsageError(str(error)) from None
    if not args.files:
        raise UsageError("expected LOG files, or --state-dir DIR of a tokentail")
    billing = Billing(offline, seen := Seen(tuple(offline.config.dimension)))
    billing.read(args.files)
    unread = {name: billing.outcomes[name] for name in ("bad_json", "oversize", "unfinished") if billing.outcomes[name]}
    told = ", ".join(f"{count:,} {name}" for name, count in unread.items())
    notes = [f"lines that could not be read: {told}; `tokentail explain FILE` tells why"] if told else []
    return seen, notes, billing.is_incomplete


def _bill(args: argparse.Namespace) -> list[Export]:
    exports, faults = bill_files.read(expanded(args.bill), args.bill_format)
    if not faults and not any(export.days for export in exports):
        faults = [f"{export.path}: expected at least one day of usage or costs, got none" for export in exports]
    if faults:
        shown = faults[:MAX_FAULTS]
        more = [f"and {len(faults) - MAX_FAULTS:,} more"] if len(faults) > MAX_FAULTS else []
        raise UsageError("\n".join(["the bill cannot be read:", *(f"  {fault}" for fault in [*shown, *more])]))
    return exports


def _notes(exports: Sequence[Export]) -> list[str]:
    pages = [
        f"no last page of {form}: `has_more` is true in every file, later days of the bill may be missing"
        for form in bill_files.unfinished(exports)
    ]
    return [*pages, *(note for export in exports for note in export.notes)]


def _mapped(args: argparse.Namespace) -> dict[str, str]:
    """Names of the bill to names of the logs; --map goes before the file."""
    found = _map_file(args.map_file) if args.map_file else {}
    faults = [f"--map: expected BILLED=SEEN, got {text!r}" for text in args.map if not all(text.partition("="))]
    if faults:
        raise UsageError("\n".join(faults))
    return found | {billed.strip(): seen.strip() for billed, _, seen in (text.rpartition("=") for text in args.map)}


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


def _print(form: str, comparison: Comparison, pricing: Pricing, notes: Sequence[str]) -> None:
    found = causes(comparison, pricing)
    if form == "json":
        print(as_json(comparison, found, notes))
    elif form == "csv":
        print(as_csv(comparison))
        for line in (*explained(found), *notes):
            print(line, file=sys.stderr)
    else:
        print(as_text(comparison, found, notes))


def _tolerance(text: str) -> Tolerance:
    found = TOLERANCE.match(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"expected a part of the bill such as 2%, or USD such as 0.50, got {text!r}")
    return Tolerance(text.strip(), Decimal(found[1]), found[2] == "%")


def _exceeded(comparison: Comparison, tolerance: Tolerance) -> str | None:
    """That the totals are too far apart, None when they are not. Without money in the bill, percent is of tokens."""
    total = comparison.total
    billed, apart = total.billed.pico_usd, total.pico_difference
    if billed is None or apart is None:
        told = total.billed.tokens
        if not tolerance.is_percent or told is None or total.token_difference is None:
            raise UsageError("--tolerance: the bill has no costs" + ("" if tolerance.is_percent else ": give percent"))
        apart, limit, shown = (
            total.token_difference,
            told.total * tolerance.amount / 100,
            f"{total.token_difference:,} tokens",
        )
    else:
        limit = abs(billed) * tolerance.amount / 100 if tolerance.is_percent else tolerance.amount * PICO_USD
        shown = f"USD {signed_usd(apart)}"
    return f"billed less seen is {shown}, more than {tolerance.text}" if abs(apart) > limit else None
