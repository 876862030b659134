"""What a tokentail costs while nothing is written."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.running import tailing

SETTLE_SECONDS = 3.0
"""First saves and late imports are not rest."""


@dataclass(frozen=True, slots=True)
class Rest:
    """`core_share` is CPU time over time: 0.01 is one per cent of one core.

    `met_cpu_seconds` is what it took from the start of the process until every file had been met and read.
    """

    files: int
    met_cpu_seconds: float
    seconds: float
    core_share: float
    resident_bytes: int


def measure(files: int, seconds: float, lines: Sequence[bytes], scratch: str) -> Rest:
    """Follows so many files of one line each, watched from outside for so long; nobody scrapes meanwhile."""
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        logs = os.path.join(directory, "logs")
        os.mkdir(logs)
        size = 0
        for number in range(files):
            with open(os.path.join(logs, f"app-{number}.log"), "wb") as file:
                size += file.write(lines[number % len(lines)])
        with tailing(directory, [os.path.join(logs, "*.log")]) as tailer:
            tailer.wait_for("tokentail_read_bytes_total", size, 120)
            met = tailer.cpu_ns()
            time.sleep(SETTLE_SECONDS)
            began, spent = time.perf_counter(), tailer.cpu_ns()
            time.sleep(seconds)
            spent, began = tailer.cpu_ns() - spent, time.perf_counter() - began
            return Rest(files, met / 1e9, began, spent / 1e9 / began, tailer.memory_bytes()[0])
