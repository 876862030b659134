"""`tokentail report`: the bill of whole log files, to the token what `run` counts on them; keeps no state."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from tailer.cli.bill_formats import as_csv, as_json, as_text, footer
from tailer.cli.inputs import expanded, in_order_of_time, size_bytes
from tailer.cli.offline import NOW_NS, Offline, add_reading_arguments, complain, prepare, reason
from tailer.cli.progress import Progress
from tailer.config import Fault
from tailer.config.faults import closest, hint
from tailer.meter.bill import BUILT_IN, COUNTS, Bill
from tailer.reading.chunk import Chunk
from tailer.source.whole import WholeFile, is_unfinished

DEFAULT_BY = ("provider", "model")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, the form of the output, what the rows are grouped by."""
    parser.description = "The bill of log files: calls, errors, tokens and cost, with a total. Times are UTC."
    parser.add_argument("files", nargs="+", metavar="FILE", help="a log, also gzipped; a quoted glob; - is stdin")
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="default: text")
    parser.add_argument(
        "--by",
        action="append",
        metavar="KEY",
        help=f"{', '.join(BUILT_IN)} or a dimension; repeatable or with commas (default: provider,model)",
    )
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 1 when a file could not be read to its end (the rest is billed all the same); 2 for bad usage."""
    offline = prepare(args)
    if offline is None:
        return 2
    dimensions = tuple(offline.config.dimension)
    by = list(dict.fromkeys(key.strip() for part in args.by or DEFAULT_BY for key in part.split(",")))
    if faults := [fault for key in by for fault in _faults(key, dimensions)]:
        complain("\n".join(map(str, faults)))
        return 2
    billing = Billing(offline, Bill(by, dimensions))
    billing.read(args.files)
    print(billing.told(args.format))
    if args.format != "text":
        for line in footer(billing.bill, billing.outcomes):
            print(line, file=sys.stderr)
    return 1 if billing.is_incomplete else 0


def _faults(key: str, dimensions: Sequence[str]) -> Iterator[Fault]:
    known = [*BUILT_IN, *dimensions]
    if key not in known:
        dimension = f"a dimension ({', '.join(dimensions)})" if dimensions else "a dimension given by --dimension"
        yield Fault("--by", repr(key), f"{', '.join(BUILT_IN)} or {dimension}", hint(closest(key, known)))
    elif key in COUNTS or (key in BUILT_IN and key in dimensions):
        yield Fault("--by", repr(key), "a dimension under another name: the report has a column of this one")


class Billing:
    """Files read into a bill as if they were one log: a call may begin in one file and end in the next."""

    def __init__(self, offline: Offline, bill: Bill) -> None:
        self.bill = bill
        self.outcomes: Counter[str] = Counter()
        """Lines by what they held."""
        self.is_incomplete = False
        self._offline = offline

    def read(self, arguments: Sequence[str]) -> None:
        """Reads all of them and closes what is still open then."""
        paths = in_order_of_time(expanded(arguments), self._first_time_ns)
        sizes = [size_bytes(path) for path in paths]
        known = [size for size in sizes if size is not None]
        progress = Progress(sys.stderr, sum(known) if len(known) == len(sizes) else None)
        done_bytes = 0
        try:
            for path, size in zip(paths, sizes, strict=True):
                self._read_one(path, progress, done_bytes)
                done_bytes += size or 0
        finally:
            progress.clear()
        for joined in self._offline.joiner.close_all():
            self.bill.add(joined, self._offline.price_of(joined.call))

    def told(self, form: str) -> str:
        """The bill in one of the forms."""
        if form == "text":
            return as_text(self.bill, self.outcomes)
        return as_json(self.bill) if form == "json" else as_csv(self.bill)

    def _read_one(self, path: str, progress: Progress, before_bytes: int) -> None:
        try:
            with WholeFile.open(path) as file:
                for chunk in file.chunks(self._offline.config.max_line_bytes):
                    progress.show(before_bytes + (file.done_bytes() or chunk.end), path)
                    self._count(chunk)
        except OSError as error:
            progress.clear()
            complain(f"{path}: {reason(error)}")
            self.is_incomplete = True

    def _count(self, chunk: Chunk) -> None:
        if is_unfinished(chunk):
            # `run` waits for the rest of such a line, and never counts it when nothing follows.
            self.outcomes["unfinished"] += 1
            return
        joiner, price_of = self._offline.joiner, self._offline.price_of
        for reading in self._offline.reader.read(chunk):
            self.outcomes[reading.outcome] += 1
            if reading.call is not None:
                for joined in joiner.add(reading, NOW_NS):
                    self.bill.add(joined, price_of(joined.call))

    def _first_time_ns(self, path: str) -> int | None:
        """The first time that a file names near its start."""
        try:
            with WholeFile.open(path) as file:
                chunk = next(file.chunks(self._offline.config.max_line_bytes), None)
        except OSError:
            return None  # It will be told when the file is read.
        readings = self._offline.reader.read(chunk) if chunk is not None else []
        return next((reading.timestamp_ns for reading in readings if reading.timestamp_ns is not None), None)
