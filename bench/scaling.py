"""Whether a line costs more when there are more files, or more series: the same bytes, spread over more of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.process import Spent
from bench.running import RunningSink, sinking
from bench.spread import Spread, spread
from bench.throughput import least_shipped, run_once_shipping

FILES = (1, 10, 100, 1000)
SERIES_CONFIG = "dimension: {tenant: tenant}\nlimits: {counter_label_sets: 20000}\n"


class Case(NamedTuple):
    """What is run over: `paths` is a file or a glob."""

    many: int
    paths: str
    lines: int
    least_bytes: int


@dataclass(frozen=True, slots=True)
class Scaled:
    """Metered and shipped to the end; the ratio is to the fewest `what` (files, label sets) of the same round."""

    what: str
    count: int
    lines: int
    cpu_seconds: Spread
    microseconds_per_line: float
    ratio: Spread
    peak_bytes: int


class Rounds(NamedTuple):
    """How often, where to work, and whom to tell how far it is."""

    runs: int
    scratch: str
    say: Callable[[str], None]


def over_files(corpus: str, rounds: Rounds) -> list[Scaled]:
    """The lines of a corpus dealt out to 1, 10, 100, 1,000 files of one directory."""
    with open(corpus, "rb") as file:
        lines = file.readlines()
    least = least_shipped(corpus)
    cases = [Case(count, _dealt(lines, count, rounds.scratch), len(lines), least) for count in FILES]
    return _measure("files", cases, (), rounds)


def over_series(corpora: Mapping[int, str], rounds: Rounds) -> list[Scaled]:
    """Corpora of about the same size by the number of their label sets."""
    config = os.path.join(rounds.scratch, "series.yaml")
    with open(config, "w") as file:
        file.write(SERIES_CONFIG)
    cases = [Case(count, path, _lines(path), least_shipped(path)) for count, path in corpora.items()]
    return _measure("label sets", cases, ("--config", config), rounds)


def _measure(what: str, cases: Sequence[Case], flags: Sequence[str], rounds: Rounds) -> list[Scaled]:
    found = []
    with sinking() as sink:
        for number in range(rounds.runs):
            rounds.say(f"{what}: round {number + 1} of {rounds.runs}")
            found.append([_run(case, rounds.scratch, sink, flags) for case in cases])
    return [_scaled(what, case, spent, found) for case, *spent in zip(cases, *found, strict=True)]


def _run(case: Case, scratch: str, sink: RunningSink, flags: Sequence[str]) -> Spent:
    return run_once_shipping([case.paths], scratch, sink, case.least_bytes, flags)


def _scaled(what: str, case: Case, spent: Sequence[Spent], rounds: Sequence[Sequence[Spent]]) -> Scaled:
    cpu = [run.cpu_seconds for run in spent]
    ratios = [mine / fewest[0].cpu_seconds for mine, fewest in zip(cpu, rounds, strict=True)]
    each = spread(cpu).middle / case.lines * 1e6
    return Scaled(what, case.many, case.lines, spread(cpu), each, spread(ratios), max(run.peak_bytes for run in spent))


def _lines(path: str) -> int:
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def _dealt(lines: Sequence[bytes], count: int, scratch: str) -> str:
    directory = os.path.join(scratch, f"files-{count}")
    os.mkdir(directory)
    for number in range(count):
        with open(os.path.join(directory, f"app-{number}.log"), "wb") as file:
            file.writelines(lines[number::count])
    return os.path.join(directory, "*.log")
