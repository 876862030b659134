"""CPU for each byte: the floor, tokentail and whoever else is here, over the same file, in turns."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from bench import rivals
from bench.process import BenchError, Spent, spend
from bench.running import TOKENTAIL, RunningSink, sinking
from bench.spread import Spread, spread

FLOOR, METER, SHIP = "floor", "meter", "meter+ship"


class Job(NamedTuple):
    """One way to go through a file, in a process of its own."""

    name: str
    run: Callable[[str], Spent]


@dataclass(frozen=True, slots=True)
class Row:
    """One job on one corpus.

    `start_cpu_seconds` is what the same job spends on a file of a single line. The ratios are to the floor of the same
    round: `ratio` of the whole processes, `net_ratio` after both starts have been taken off.
    """

    corpus: str
    job: str
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
        jobs = _jobs(scratch, sink)
        single = _first_line(path, scratch)
        _warm(path)
        starts = [_round(jobs, single) for _ in range(rounds)]
        runs = []
        for number in range(rounds):
            say(f"{name}: round {number + 1} of {rounds}")
            runs.append(_round(jobs, path))
    size = os.path.getsize(path)
    idle = {job.name: min(spent[job.name].cpu_seconds for spent in starts) for job in jobs}
    return [_row(name, job.name, size, runs, idle) for job in jobs]


def _jobs(scratch: str, sink: RunningSink) -> list[Job]:
    return [
        Job(FLOOR, lambda path: spend([sys.executable, "-m", "bench.floor", path])),
        Job(METER, lambda path: _tokentail(path, scratch)),
        Job(SHIP, lambda path: _shipping(path, scratch, sink)),
        *(Job(rival.name, partial(rivals.spend, rival, sink)) for rival in rivals.present()),
    ]


def _tokentail(path: str, scratch: str, flags: Sequence[str] = ()) -> Spent:
    with tempfile.TemporaryDirectory(dir=scratch) as state:
        return spend([*TOKENTAIL, "run", "--once", "--state-dir", state, "--listen", "127.0.0.1:0", *flags, path])


def _shipping(path: str, scratch: str, sink: RunningSink) -> Spent:
    before = sink.plain_bytes()
    spent = _tokentail(path, scratch, ("--loki-url", sink.url))
    # Who ships less than there is must not win by it.
    if (came := sink.plain_bytes() - before) < os.path.getsize(path):
        raise BenchError(f"only {came} bytes of {path} came to the sink")
    return spent


def _round(jobs: Sequence[Job], path: str) -> dict[str, Spent]:
    return {job.name: job.run(path) for job in jobs}


def _row(corpus: str, job: str, size: int, runs: Sequence[dict[str, Spent]], idle: dict[str, float]) -> Row:
    cpu = [run[job].cpu_seconds for run in runs]
    floor = [run[FLOOR].cpu_seconds for run in runs]
    net = [(mine - idle[job]) / (bare - idle[FLOOR]) for mine, bare in zip(cpu, floor, strict=True)]
    return Row(
        corpus,
        job,
        size,
        spread(cpu),
        idle[job],
        spread([run[job].wall_seconds for run in runs]),
        size / spread(cpu).middle,
        spread([mine / bare for mine, bare in zip(cpu, floor, strict=True)]),
        spread(net),
        max(run[job].peak_bytes for run in runs),
    )


def _first_line(path: str, scratch: str) -> str:
    single = os.path.join(scratch, "single.jsonl")
    with open(path, "rb") as source, open(single, "wb") as target:
        target.write(source.readline())
    return single


def _warm(path: str) -> None:
    """Reads the file, so that no job has to wait for the disk in place of the others."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1024 * 1024):
            pass
