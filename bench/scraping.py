"""What a scrape costs when there are many series."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from bench.running import Tailer, tailing
from bench.scaling import SERIES_CONFIG
from bench.spread import percentile

LABEL_SETS = 640
"""With all families that each is in that makes about 10,000 series."""
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Scrapes:
    """Each after a line that was new, so that the state had to be saved first. `cpu_seconds` is one scrape's share."""

    samples: int
    body_bytes: int
    scrapes: int
    p50_seconds: float
    p99_seconds: float
    cpu_seconds: float


def measure(lines: Sequence[bytes], times: int, scratch: str) -> Scrapes:
    """A log with these lines, each of a label set of its own; then a line and a scrape in turns; then lines alone."""
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        log, config = os.path.join(directory, "app.log"), os.path.join(directory, "config.yaml")
        with open(config, "w") as file:
            file.write(SERIES_CONFIG)
        with open(log, "wb", buffering=0) as writer:
            writer.write(b"".join(lines))
            with tailing(directory, [log], ("--config", config)) as tailer:
                tailer.wait_for("tokentail_lines_total", len(lines), 120)
                body = tailer.scraper.get("/metrics")
                waits: list[float] = []
                scraped = _spent(tailer, writer, lines[:times], waits)
                alone = _spent(tailer, writer, lines[:times], None)
    samples = sum(1 for line in body.splitlines() if not line.startswith(b"#"))
    cpu = (scraped - alone) / times
    return Scrapes(samples, len(body), times, percentile(waits, 50), percentile(waits, 99), cpu)


def _spent(tailer: Tailer, writer: BinaryIO, lines: Sequence[bytes], waits: list[float] | None) -> float:
    """CPU seconds over these lines, one after the other; with `waits` a scrape follows each, and its time is added."""
    before = tailer.cpu_ns()
    for line in lines:
        writer.write(line)
        time.sleep(PAUSE_SECONDS)
        if waits is not None:
            asked = time.perf_counter()
            tailer.scraper.get("/metrics")
            waits.append(time.perf_counter() - asked)
    return (tailer.cpu_ns() - before) / 1e9
