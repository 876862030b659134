"""`python -m bench.guard`: fails when the way from the file to Loki costs more CPU than it may, in times of the floor.

One process runs floor and tailer in turns over a few megabytes, so that what disturbs one disturbs the other. The
limits are in guard.json beside this module; `--set` measures and writes them anew, with a margin.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bench import floor, made
from bench.running import RunningSink, sinking
from tailer.cli.run import run_service
from tailer.config import Config
from tailer.telemetry import configure_log

LIMITS = os.path.join(made.HERE, "guard.json")
SIZES = {"chat": 4_000_000, "plain": 1_500_000, "mix": 2_000_000}
"""Bytes of each corpus."""
MARGIN = 1.3
"""What a busy machine, another processor or another Python may add, and less than what is worth a look."""
ROUNDS, MOST_ROUNDS, FLOORS = 5, 12, 3
"""Noise only adds, so whoever seems too slow gets more chances; who is too slow stays so. Three floors make a round."""


class Measured(NamedTuple):
    """CPU seconds over one corpus at their best: of the floor, of the tailer, of a tailer that has but one line."""

    floor: float
    tailer: float
    start: float

    @property
    def ratio(self) -> float:
        """Times the floor, the start apart."""
        return (self.tailer - self.start) / self.floor

    def best(self, other: Measured) -> Measured:
        return Measured(*map(min, self, other))


def check(limits: Mapping[str, float], measure: Callable[[str], Measured]) -> dict[str, float]:
    """The ratio of every corpus: after as many rounds as it takes to be within its limit, if it ever is."""
    found = {corpus: measure(corpus) for corpus in SIZES}
    for number in range(1, MOST_ROUNDS):
        slow = [corpus for corpus in found if found[corpus].ratio > limits.get(corpus, 0.0)]
        for corpus in slow if number >= ROUNDS else found:
            found[corpus] = found[corpus].best(measure(corpus))
    return {corpus: measured.ratio for corpus, measured in found.items()}


def measured(corpus: str, path: str, line: str, sink: RunningSink) -> Measured:
    """One round over the file at `path`, and over a file of a single line."""
    return Measured(
        # So short that it is easily disturbed, and that would make the tailer look fast.
        min(_cpu_seconds(lambda: floor.run(corpus, path)) for _ in range(FLOORS)),
        _cpu_seconds(lambda: _run(path, sink)),
        _cpu_seconds(lambda: _run(line, sink)),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """0 when all are within their limits, or when these were set; else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--set", action="store_true", help=f"write {MARGIN:g} times what is measured as the limits")
    args = parser.parse_args(argv)
    configure_log("error", "json")
    limits = {} if args.set else _limits()
    ratios = _ratios(limits)
    if args.set:
        limits = {corpus: round(ratio * MARGIN, 2) for corpus, ratio in ratios.items()}
        with open(LIMITS, "w") as file:
            file.write(json.dumps(limits, indent=2) + "\n")
    for corpus, ratio in ratios.items():
        verdict = "" if ratio <= limits.get(corpus, 0.0) else ": TOO SLOW"
        print(f"{corpus}: {ratio:.2f} x floor, may be {limits.get(corpus, 0.0):.2f}{verdict}")
    return 0 if all(ratio <= limits.get(corpus, 0.0) for corpus, ratio in ratios.items()) else 1


def _limits() -> dict[str, float]:
    with open(LIMITS) as file:
        return {str(corpus): float(limit) for corpus, limit in json.load(file).items()}


def _ratios(limits: Mapping[str, float]) -> dict[str, float]:
    os.makedirs(made.OUT, exist_ok=True)
    paths = {corpus: made.corpus(corpus, size, 1, _say) for corpus, size in SIZES.items()}
    with tempfile.TemporaryDirectory() as directory, sinking() as sink:
        line = os.path.join(directory, "line.jsonl")
        with open(line, "wb") as file:
            file.write(b'{"level": "info", "msg": "ready"}\n')
        return check(limits, lambda corpus: measured(corpus, paths[corpus], line, sink))


def _say(text: str) -> None:
    print(f"guard: {text}", file=sys.stderr)


def _run(path: str, sink: RunningSink) -> None:
    with tempfile.TemporaryDirectory() as state:
        config = Config(
            paths=(path,), once=True, state_dir=state, listen="127.0.0.1:0", loki_url=sink.url, log_level="error"
        )
        if run_service(config) != 0:
            raise RuntimeError(f"tokentail failed over {path}")


def _cpu_seconds(work: Callable[[], object]) -> float:
    gc.collect()  # What one run leaves behind is not to be paid by the next.
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
