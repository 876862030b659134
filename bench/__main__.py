"""`python -m bench`: makes the corpora, takes all measurements one after the other, prints the budgets, writes JSON."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from random import Random

from bench import latency, memory, resting, table, throughput
from bench.process import BenchError
from bench.results import IDLE_LIMITS, Results, budgets, circumstances

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "out")
SHARES = {"chat": 1.0, "embeddings": 0.5, "plain": 0.2}
"""How much of `--size-mb` each corpus gets."""
LONG_LINES_BYTES = (16 * 1024 * 1024, 64 * 1024 * 1024)
"""The longest line that is read whole, and one that can only be measured."""
PARTS = ("throughput", "rest", "latency", "start", "memory")


def main(argv: Sequence[str] | None = None) -> int:
    """0 when everything asked for was measured, whether or not the budgets are met; 1 when something failed."""
    args = _arguments().parse_args(argv)
    os.makedirs(OUT, exist_ok=True)
    results = Results(circumstances())
    try:
        with tempfile.TemporaryDirectory(dir=OUT) as scratch:
            _measure(args, results, scratch)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(*table.report(results), sep="\n")
    _write(args, results)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--size-mb",
        type=float,
        default=100,
        help="of the chat corpus, the others are parts of it; below 30 the starts drown the rest",
    )
    parser.add_argument("--runs", type=int, default=5, help="rounds over each corpus, and half of the number of starts")
    parser.add_argument("--idle-seconds", type=float, default=30)
    parser.add_argument("--lines", type=int, default=300, help="written to find the latency")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _measure(args: argparse.Namespace, results: Results, scratch: str) -> None:
    parts = args.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        raise BenchError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    files = {name: _corpus(name, int(share * args.size_mb * 1e6), args.seed) for name, share in SHARES.items()}
    lines = _head(files["chat"], args.lines)
    if "throughput" in parts:
        for name, path in files.items():
            results.throughput += throughput.measure(name, path, args.runs, scratch, _say)
    if "rest" in parts:
        for count in IDLE_LIMITS:
            _say(f"idle on {count} files")
            results.rest.append(resting.measure(count, args.idle_seconds, lines, scratch))
    if "latency" in parts:
        _say(f"latency over {len(lines)} lines")
        results.latency = latency.visible(lines, scratch, Random(args.seed))
    if "start" in parts:
        _say("start")
        results.start_seconds = latency.start(args.runs * 2, lines[0], scratch)
    if "memory" in parts:
        _say("memory")
        results.peaks += [memory.loki_away(mood, files["chat"], scratch) for mood in ("hang", "refuse")]
        longs = [_corpus("long", size, args.seed) for size in LONG_LINES_BYTES]
        results.peaks += [memory.long_line(path, scratch) for path in longs]


def _corpus(name: str, size: int, seed: int) -> str:
    """The file of a corpus, made in a process of its own unless it is there from another run."""
    path = os.path.join(OUT, f"{name}-{size}-{seed}.jsonl")
    if not os.path.exists(path):
        _say(f"making {path}")
        subprocess.run([sys.executable, "-m", "bench.generate", name, path, str(size), str(seed)], check=True)
    return path


def _head(path: str, count: int) -> list[bytes]:
    with open(path, "rb") as file:
        return [line for _, line in zip(range(count), file, strict=False)]


def _write(args: argparse.Namespace, results: Results) -> None:
    found = asdict(results) | {
        "arguments": vars(args),
        "budgets": [asdict(budget) | {"verdict": budget.verdict} for budget in budgets(results)],
    }
    path = os.path.join(OUT, "results.json")
    with open(path, "w") as file:
        json.dump(found, file, indent=2)
    _say(f"written to {path}")


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
