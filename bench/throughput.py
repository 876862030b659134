"""CPU for each byte: the floor, tokentail and whoever else is here, over the same file, in turns."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

from bench import rivals
from bench.process import BenchError, Spent, spend
from bench.running import TOKENTAIL, RunningSink, sinking
from bench.spread import Spread, spread

FLOOR, METER, SHIP = "floor", "meter", "meter+ship"
LOKI_LINE_BYTES, SHORTENED_BYTES = 256 * 1024, 1024
"""What Loki takes as one line by default, and what at least must be left of one that tokentail has made fit."""


class Job(NamedTuple):
    """One way to go through a file, in a process of its own; `work` says what is done and what is not."""

    name: str
    work: str
    run: Callable[[str], Spent]


@dataclass(frozen=True, slots=True)
class Row:
    """One job on one corpus.

    `start_cpu_seconds` is what the same job spends on a file of a single short line. The ratios are to the floor of the
    same round: `ratio` of the whole processes, `net_ratio` after both starts have been taken off. So it is from the
    bytes per CPU second.
    """

    corpus: str
    job: str
    work: str
    file_bytes: int
    cpu_seconds: Spread
    start_cpu_seconds: float
    wall_seconds: Spread
    bytes_per_cpu_second: float
    ratio: Spread
    net_ratio: Spread
    peak_bytes: int


def measure(name: str, path: str, rounds: int, scratch: str, say: Callable[[str], None]) -> list[Row]:
    """Runs every job on the file once a round, so that a disturbance meets them all alike; one row for each job."""
    with sinking() as sink:
        jobs = _jobs(name, scratch, sink)
        single = _shortest_line(path, scratch)
        _warm(path)
        starts = [_round(jobs, single) for _ in range(rounds)]
        runs = []
        for number in range(rounds):
            say(f"{name}: round {number + 1} of {rounds}")
            runs.append(_round(jobs, path))
    size = os.path.getsize(path)
    idle = {job.name: min(spent[job.name].cpu_seconds for spent in starts) for job in jobs}
    return [_row(name, job, size, runs, idle) for job in jobs]


def least_shipped(path: str) -> int:
    """How many bytes must come to Loki of a file; whoever ships less than there is must not win by it."""
    with open(path, "rb") as file:
        return sum(size if (size := len(line)) <= LOKI_LINE_BYTES else SHORTENED_BYTES for line in file)


def _jobs(corpus: str, scratch: str, sink: RunningSink) -> list[Job]:
    others = rivals.present() if corpus in rivals.CORPORA else []
    return [
        Job(
            FLOOR,
            "reads, splits, decodes, compresses; counts and sends nothing",
            lambda path: spend([sys.executable, "-m", "bench.floor", corpus, path]),
        ),
        Job(
            METER,
            "counts calls, tokens, cost and durations exactly, saves the state",
            lambda path: run_once([path], scratch),
        ),
        Job(
            SHIP,
            "the same, and ships to Loki what is at most its line limit, the rest shortened",
            lambda path: run_once_shipping([path], scratch, sink, least_shipped(path)),
        ),
        *(Job(rival.name, rival.work, partial(rivals.spend, rival, sink)) for rival in others),
    ]


def run_once(paths: Sequence[str], scratch: str, flags: Sequence[str] = ()) -> Spent:
    """tokentail over files or globs to their end, with a state of its own."""
    with tempfile.TemporaryDirectory(dir=scratch) as state:
        return spend([*TOKENTAIL, "run", "--once", "--state-dir", state, "--listen", "127.0.0.1:0", *flags, *paths])


def run_once_shipping(
    paths: Sequence[str], scratch: str, sink: RunningSink, least_bytes: int, flags: Sequence[str] = ()
) -> Spent:
    """The same with a sink; BenchError when less than that came to it."""
    before = sink.plain_bytes()
    spent = run_once(paths, scratch, ("--loki-url", sink.url, *flags))
    if (came := sink.plain_bytes() - before) < least_bytes:
        raise BenchError(f"only {came} of {least_bytes} bytes of {paths[0]} came to the sink")
    return spent


def _round(jobs: Sequence[Job], path: str) -> dict[str, Spent]:
    return {job.name: job.run(path) for job in jobs}


def _row(corpus: str, job: Job, size: int, runs: Sequence[dict[str, Spent]], idle: dict[str, float]) -> Row:
    name = job.name
    cpu = [run[name].cpu_seconds for run in runs]
    floor = [run[FLOOR].cpu_seconds for run in runs]
    net = [(mine - idle[name]) / (bare - idle[FLOOR]) for mine, bare in zip(cpu, floor, strict=True)]
    return Row(
        corpus,
        name,
        job.work,
        size,
        spread(cpu),
        idle[name],
        spread([run[name].wall_seconds for run in runs]),
        size / max(spread(cpu).middle - idle[name], 1e-9),
        spread([mine / bare for mine, bare in zip(cpu, floor, strict=True)]),
        spread(net),
        max(run[name].peak_bytes for run in runs),
    )


def _shortest_line(path: str, scratch: str) -> str:
    single = os.path.join(scratch, "single.jsonl")
    with open(path, "rb") as source, open(single, "wb") as target:
        target.write(min(islice(source, 100), key=len))
    return single


def _warm(path: str) -> None:
    """Reads the file, so that no job has to wait for the disk in place of the others."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1024 * 1024):
            pass
