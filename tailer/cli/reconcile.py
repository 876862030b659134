"""`tokentail reconcile`: what tokentail saw beside what a provider billed, by UTC day and model; keeps no state."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tailer.cli import bill_files
from tailer.cli.bills.causes import causes
from tailer.cli.bills.compared import Bill, Comparison, compared
from tailer.cli.bills.item import Export
from tailer.cli.bills.pricing import Pricing
from tailer.cli.bills.seen import Seen, SeenLedger
from tailer.cli.inputs import expanded
from tailer.cli.offline import Offline, add_reading_arguments, complain, prepare
from tailer.cli.plain import plain
from tailer.cli.reconcile_formats import as_csv, as_json, as_text, explained
from tailer.cli.reconcile_options import UsageError, day, exceeded, mapped, tolerance
from tailer.cli.report import Billing
from tailer.statedir import StateError, peek

TOTALS_ONLY = "a ledger keeps totals only: all days of the bill stand beside all that it has ever counted"
FAULT_CHARS = 1000
MAX_FAULTS = 50
"""More are counted, not told."""


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
        type=tolerance,
        metavar="PERCENT|USD",
        help="exit with 1 when the totals are further apart: 2%% of what was billed, or 0.50 (USD)",
    )
    parser.add_argument(
        "--from", dest="first_day", type=day, metavar="DAY", help="the first UTC day to compare, 2026-01-31"
    )
    parser.add_argument("--to", dest="last_day", type=day, metavar="DAY", help="the last UTC day to compare")
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="default: text")
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 1 when the tolerance is exceeded or a log could not be read to its end; 2 for bad usage or a faulty bill."""
    try:
        names = mapped(args.map, args.map_file)
        exports = _bill(args)
        offline = prepare(args)
        if offline is None:
            return 2
        pricing = Pricing(offline.prices)
        seen, notes, is_incomplete = _seen(args, offline)
        notes += _notes(exports)
        bill = _within(exports, args.first_day, args.last_day)
        comparison = compared(seen, bill, names, pricing.find)
        too_far = None if args.tolerance is None else exceeded(comparison, args.tolerance)
    except UsageError as error:
        complain(str(error))
        return 2
    _print(args.format, comparison, pricing, notes)
    if too_far:
        complain(too_far)
    return 1 if too_far or is_incomplete else 0


def _seen(args: argparse.Namespace, offline: Offline) -> tuple[Seen, list[str], bool]:
    """What tokentail saw, notes on it, and whether a log could not be read to its end."""
    if args.files and args.ledger_dir:
        raise UsageError("logs and --state-dir are two ways to say what was seen: give one of them")
    if args.ledger_dir:
        try:
            return SeenLedger(peek(args.ledger_dir).ledger), [TOTALS_ONLY], False
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
        raise UsageError(
            "\n".join(["the bill cannot be read:", *(f"  {plain(fault, FAULT_CHARS)}" for fault in [*shown, *more])])
        )
    return exports


def _within(exports: Sequence[Export], first_day: str | None, last_day: str | None) -> Bill:
    """What the files say of the days asked for."""
    first, last = first_day or "", last_day or "9999"
    items = [item for export in exports for item in export.items if first <= item.day <= last]
    days = frozenset(span for export in exports for span in export.days if first <= span[1] <= last)
    if not days:
        raise UsageError(f"no day of the bill is left from {first_day or 'its first'} to {last_day or 'its last'}")
    return Bill(items, days, frozenset(export.form for export in exports))


def _notes(exports: Sequence[Export]) -> list[str]:
    pages = [
        f"no last page of {form}: `has_more` is true in every file, later days of the bill may be missing"
        for form in bill_files.unfinished(exports)
    ]
    return [*pages, *(note for export in exports for note in export.notes)]


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
