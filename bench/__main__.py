"""`python -m bench`: makes corpora, measures one thing after the other, prints the budgets, writes JSON and a chart."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from random import Random

from bench import chart, latency, made, memory, outage, resting, scaling, scraping, table, throughput
from bench.corpora import TENANTS
from bench.process import BenchError
from bench.results import IDLE_LIMITS, Results, budgets, circumstances

SHARES = {"chat": 1.0, "embeddings": 0.5, "images": 1.0, "plain": 0.2, "cri": 0.5, "mix": 0.4}
"""How much of `--size-mb` each corpus of the throughput gets."""
SCALING_SHARE = 0.3
LONG_LINES_BYTES = (16 * 1024 * 1024, 64 * 1024 * 1024)
"""The longest line that is read whole, and one that can only be measured."""


class Bench:
    """One run: what was asked for, a directory to work in, and what has been found out so far."""

    def __init__(self, args: argparse.Namespace, scratch: str) -> None:
        self._args = args
        self._scratch = scratch
        self.results = Results(circumstances())

    def throughput(self) -> None:
        """CPU of tokentail and of others over each corpus, beside the floor"""
        for name in self._args.corpora:
            path = self._corpus(name, SHARES[name])
            self.results.throughput += throughput.measure(name, path, self._args.runs, self._scratch, say)

    def files(self) -> None:
        """the same bytes in 1 to 1,000 files"""
        self.results.scaled += scaling.over_files(self._corpus("chat", SCALING_SHARE), self._rounds())

    def series(self) -> None:
        """the same bytes with 10 to 10,000 label sets"""
        paths = {count: self._corpus(f"tenants-{count}", SCALING_SHARE) for count in TENANTS}
        self.results.scaled += scaling.over_series(paths, self._rounds())

    def rest(self) -> None:
        """CPU and memory while nothing is written"""
        for count in IDLE_LIMITS:
            self.results.rest.append(resting.measure(count, self._args.idle_seconds, self._lines(), self._scratch))

    def latency(self) -> None:
        """from written to visible"""
        self.results.latency = latency.visible(self._lines(), self._scratch, Random(self._args.seed))

    def scrape(self) -> None:
        """a scrape of 10,000 series"""
        lines = made.head(self._corpus("tenants-1000", SCALING_SHARE), scraping.LABEL_SETS)
        self.results.scrapes = scraping.measure(lines, self._args.scrapes, self._scratch)

    def outage(self) -> None:
        """catching up after Loki was away while the application went on"""
        lines = made.head(self._corpus("chat", 1.0), 10_000)
        self.results.outage = outage.measure(lines, self._scratch)

    def start(self) -> None:
        """from the start to the first scrape"""
        self.results.start_seconds = latency.start(self._args.runs * 2, self._lines()[0], self._scratch)

    def memory(self) -> None:
        """at worst: Loki away, lines of many mebibytes"""
        chat = self._corpus("chat", 1.0)
        self.results.peaks += [memory.loki_away(mood, chat, self._scratch) for mood in ("hang", "refuse")]
        longs = [made.corpus("long", size, self._args.seed, say) for size in LONG_LINES_BYTES]
        self.results.peaks += [memory.long_line(path, self._scratch) for path in longs]

    def _corpus(self, name: str, share: float) -> str:
        return made.corpus(name, int(share * self._args.size_mb * 1e6), self._args.seed, say)

    def _lines(self) -> list[bytes]:
        return made.head(self._corpus("chat", 1.0), self._args.lines)

    def _rounds(self) -> scaling.Rounds:
        return scaling.Rounds(max(1, self._args.runs * 3 // 5), self._scratch, say)


PARTS: dict[str, Callable[[Bench], None]] = {
    part.__name__: part
    for part in (
        Bench.throughput, Bench.files, Bench.series, Bench.rest, Bench.latency, Bench.scrape, Bench.outage,
        Bench.start, Bench.memory,
    )
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything asked for was measured, whether or not the budgets are met; 1 when something failed."""
    args = arguments().parse_args(argv)
    os.makedirs(made.OUT, exist_ok=True)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(dir=made.OUT) as scratch:
            bench = Bench(args, scratch)
            for part in wanted(args.parts):
                say(f"{part}: {PARTS[part].__doc__}")
                PARTS[part](bench)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(*table.report(bench.results), sep="\n")
    _write(args, bench.results)
    say(f"took {(time.monotonic() - began) / 60:.1f} min")
    return 0


def wanted(parts: Sequence[str]) -> Sequence[str]:
    """The parts asked for, or all of them; BenchError for what is none."""
    if unknown := set(parts) - set(PARTS):
        raise BenchError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return parts or list(PARTS)


def arguments() -> argparse.ArgumentParser:
    """Of the command line; how large and how often are for who has less time, or more."""
    parts = "; ".join(f"{name}: {part.__doc__}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog=f"Parts: {parts}.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--corpora", nargs="+", choices=SHARES, default=list(SHARES), help="of the throughput")
    parser.add_argument(
        "--size-mb",
        type=float,
        default=100,
        help="of the chat corpus, the others are parts of it; below 30 the starts drown the rest",
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds over each corpus, and half of the number of starts")
    parser.add_argument("--idle-seconds", type=float, default=30)
    parser.add_argument("--lines", type=int, default=300, help="written to find the latency")
    parser.add_argument("--scrapes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _write(args: argparse.Namespace, results: Results) -> None:
    found = asdict(results) | {
        "arguments": vars(args),
        "budgets": [asdict(budget) | {"verdict": budget.verdict} for budget in budgets(results)],
    }
    written = {"results.json": json.dumps(found, indent=2)}
    if results.throughput:
        written["throughput.svg"] = chart.svg(results.throughput)
    for name, text in written.items():
        path = os.path.join(made.OUT, name)
        with open(path, "w") as file:
            file.write(text)
        say(f"written to {path}")


def say(text: str) -> None:
    """Progress, beside the results."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
