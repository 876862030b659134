"""What one run of the bench found out, and what of it is bound by a budget."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from bench import throughput
from bench.latency import Latency
from bench.memory import Peak
from bench.resting import Rest
from bench.spread import Spread
from bench.throughput import Row

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when; the load tells whether others were at work, which makes times uncertain."""

    at: str
    tokentail: str
    python: str
    processor: str
    cores: int
    load_at_start: float


@dataclass(slots=True)
class Results:
    """Everything measured; what was left out is empty or None."""

    circumstances: Circumstances
    throughput: list[Row] = field(default_factory=list)
    rest: list[Rest] = field(default_factory=list)
    latency: Latency | None = None
    start_seconds: Spread | None = None
    peaks: list[Peak] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Budget:
    """One promise of the design; `measured` is None when this run did not look at it."""

    what: str
    unit: str
    limit: float
    measured: float | None

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        return "met" if self.measured <= self.limit else "NOT MET"


def circumstances() -> Circumstances:
    """Those of now."""
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return Circumstances(
        datetime.now(UTC).isoformat(timespec="seconds"),
        version("tokentail"),
        platform.python_version(),
        names[0] if names else platform.machine(),
        os.cpu_count() or 1,
        os.getloadavg()[0],
    )


def budgets(results: Results) -> Iterator[Budget]:
    """The table of the design with what was measured."""
    chat = next((row for row in results.throughput if (row.corpus, row.job) == ("chat", throughput.SHIP)), None)
    own = [row.peak_bytes for row in results.throughput if row.job in (throughput.METER, throughput.SHIP)]
    few = next((rest for rest in results.rest if rest.files == 10), None)
    many = next((rest for rest in results.rest if rest.files == 1000), None)
    latency, start = results.latency, results.start_seconds
    yield Budget("CPU to meter and ship chat, its start apart", "x floor", 1.5, chat and chat.net_ratio.middle)
    yield Budget("memory, idle on 10 files", "MiB", 64, few and few.resident_bytes / MIB)
    yield Budget("memory, flat out", "MiB", 96, max(own) / MIB if own else None)
    for peak in results.peaks:
        yield Budget(f"memory, {peak.situation}", "MiB", 150, peak.peak_bytes / MIB)
    yield Budget("idle on 10 files", "% of a core", 0.2, few and few.core_share * 100)
    yield Budget("idle on 1,000 files", "% of a core", 1.0, many and many.core_share * 100)
    yield Budget("written to visible, median", "ms", 50, latency and latency.p50_seconds * 1000)
    yield Budget("written to visible, 99th percentile", "ms", 250, latency and latency.p99_seconds * 1000)
    yield Budget("start to first scrape, median", "s", 0.5, start and start.middle)
