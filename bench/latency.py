"""How long until a written line shows on /metrics, and until a new process answers its first scrape."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bench.process import BenchError
from bench.running import Tailer, tailing
from bench.spread import Spread, percentile, spread

PAUSE_SECONDS = 0.15
"""At most so long between a line seen and the next one written, so that lines meet every phase of any timer."""
LOST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Latency:
    """`scrape_p50_seconds` is how long one scrape took: nothing can be seen sooner by asking."""

    lines: int
    p50_seconds: float
    p99_seconds: float
    most_seconds: float
    scrape_p50_seconds: float


def visible(lines: Sequence[bytes], scratch: str, rng: Random) -> Latency:
    """Writes line after line and scrapes as fast as it goes until each is counted."""
    waits: list[float] = []
    scrapes: list[float] = []
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        log = os.path.join(directory, "app.log")
        writer = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with tailing(directory, [log]) as tailer:
            tailer.wait_for("tokentail_files", 1, 10)
            for number, line in enumerate(lines):
                time.sleep(rng.uniform(0, PAUSE_SECONDS))
                written = time.perf_counter()
                os.write(writer, line)
                waits.append(_scraped(tailer, number + 1, scrapes) - written)
        os.close(writer)
    scrape = percentile(scrapes, 50)
    return Latency(len(waits), percentile(waits, 50), percentile(waits, 99), max(waits), scrape)


def start(times: int, line: bytes, scratch: str) -> Spread:
    """Seconds from starting the process to the end of its first scrape, one small file before it."""
    seconds = []
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        log = os.path.join(directory, "app.log")
        with open(log, "wb") as file:
            file.write(line)
        for number in range(times):
            with tailing(os.path.join(directory, str(number)), [log]) as tailer:
                tailer.scraper.get("/metrics")
                seconds.append(time.perf_counter() - tailer.started)
    return spread(seconds)


def _scraped(tailer: Tailer, lines: int, scrapes: list[float]) -> float:
    """When the scrape ended that showed this many lines; BenchError when none ever does."""
    until = time.perf_counter() + LOST_SECONDS
    while True:
        asked = time.perf_counter()
        seen = tailer.value("tokentail_lines_total")
        answered = time.perf_counter()
        scrapes.append(answered - asked)
        if seen >= lines:
            return answered
        if answered > until:
            raise BenchError(f"line {lines} was not seen on /metrics")
