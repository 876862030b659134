"""`tokentail prices check`: the models of a log that have no price. Reads like `report`, keeps no state."""

from __future__ import annotations

import argparse
import sys

from tailer.cli.offline import add_reading_arguments, prepare
from tailer.cli.plain import plain
from tailer.cli.report import Billing
from tailer.meter.bill import Bill

HINT = "Give a price with --prices, or say with --model-alias what the name stands for."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """LOGFILE and the flags that decide what a line says and what it costs."""
    parser.add_argument("files", nargs="+", metavar="LOGFILE", help="a log, also gzipped; a quoted glob; - is stdin")
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 when every call that could be priced is; 1 with the models that are not, or for an unreadable file; else 2."""
    offline = prepare(args)
    if offline is None:
        return 2
    billing = Billing(offline, Bill(("provider", "model")))
    billing.read(args.files)
    bill = billing.bill
    if not bill.unpriced:
        print(f"All {bill.total.priced_calls:,} measured calls have a price.")
        return 1 if billing.is_incomplete else 0
    rows = [(*map(plain, names), f"{calls:,}") for names, calls in bill.unpriced.most_common()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for provider, model, calls in rows:
        unit = "call" if calls == "1" else "calls"
        print(f"{provider:<{widths[0]}}  {model:<{widths[1]}}  {calls:>{widths[2]}} {unit} without a price")
    print(HINT, file=sys.stderr)
    return 1
