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
from bench.outage import Outage
from bench.resting import Rest
from bench.scaling import Scaled
from bench.scraping import Scrapes
from bench.spread import Spread
from bench.throughput import Row

MIB = 1024 * 1024
FEW_FILES, MANY_FILES = 10, 1000
CPU_LIMIT = 1.5
"""Times the floor."""
SCALING_LIMIT = 1.2
"""Times what the same lines cost with the fewest files or series: not to grow, but for what is paid once for each."""
IDLE_LIMITS = {FEW_FILES: 0.2, MANY_FILES: 1.0}
"""Per cent of a core, by the number of files followed."""


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
    scaled: list[Scaled] = field(default_factory=list)
    outage: Outage | None = None
    scrapes: Scrapes | None = None


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
    yield from _costs(results)
    yield from _sizes(results)
    yield from _delays(results)


def _costs(results: Results) -> Iterator[Budget]:
    shipped = [row for row in results.throughput if row.job == throughput.SHIP]
    for row in shipped:
        yield Budget(f"CPU to meter and ship {row.corpus}, starts apart", "x floor", CPU_LIMIT, row.net_ratio.middle)
    if not shipped:
        yield Budget("CPU to meter and ship, starts apart", "x floor", CPU_LIMIT, None)
    for files, limit in IDLE_LIMITS.items():
        shares = [rest.core_share * 100 for rest in results.rest if rest.files == files]
        yield Budget(f"idle on {files} files", "% of a core", limit, shares[0] if shares else None)
    for what in ("files", "label sets"):
        most = [it for it in results.scaled if it.what == what]
        name = f"CPU with {most[-1].count} {what} against {most[0].count}" if most else f"CPU with many {what}"
        yield Budget(name, "x", SCALING_LIMIT, most[-1].ratio.middle if most else None)


def _sizes(results: Results) -> Iterator[Budget]:
    own = [row for row in results.throughput if row.job in (throughput.METER, throughput.SHIP)]
    short = [row.peak_bytes / MIB for row in own if row.corpus != "images"]
    long = [row.peak_bytes / MIB for row in own if row.corpus == "images"]
    idle = [rest.resident_bytes / MIB for rest in results.rest if rest.files == FEW_FILES]
    yield Budget(f"memory, idle on {FEW_FILES} files", "MiB", 64, idle[0] if idle else None)
    yield Budget("memory, flat out", "MiB", 96, max(short, default=None))
    yield Budget("memory, flat out on lines of a megabyte", "MiB", 150, max(long, default=None))
    for peak in results.peaks:
        yield Budget(f"memory, {peak.situation}", "MiB", 150, peak.peak_bytes / MIB)


def _delays(results: Results) -> Iterator[Budget]:
    seen, start = results.latency, results.start_seconds
    yield Budget("written to visible, median", "ms", 50, seen.p50_seconds * 1000 if seen else None)
    yield Budget("written to visible, 99th percentile", "ms", 250, seen.p99_seconds * 1000 if seen else None)
    yield Budget("start to first scrape, median", "s", 0.5, start.middle if start else None)
