"""Results as text for a terminal: no measuring, no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.outage import Outage
from bench.results import MIB, Results, budgets
from bench.spread import Spread


def report(results: Results) -> Iterator[str]:
    """The lines of the whole report, the budgets last."""
    here = results.circumstances
    yield f"tokentail {here.tokentail}, Python {here.python}, {here.cores} x {here.processor}, {here.at}"
    yield f"load at the start {here.load_at_start:.2f}; spreads are least / median / most"
    if results.throughput:
        yield ""
        yield from aligned(_throughput(results))
        yield ""
        yield from (f"{job}: {work}" for job, work in {row.job: row.work for row in results.throughput}.items())
    if results.scaled:
        yield ""
        yield from aligned(_scaled(results))
    yield ""
    yield from _rest(results)
    yield ""
    yield from aligned(_budgets(results))


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([f"{row[0]:<{widths[0]}}", *cells]).rstrip()


def _throughput(results: Results) -> list[list[str]]:
    rows = [
        ["corpus, job", "MB", "CPU s", "start CPU s", "x floor", "x floor, start apart", "MB per CPU s", "peak MiB"]
    ]
    for row in results.throughput:
        cells = [f"{row.corpus}, {row.job}", f"{row.file_bytes / 1e6:.0f}", _three(row.cpu_seconds)]
        cells += [f"{row.start_cpu_seconds:.2f}", _three(row.ratio), _three(row.net_ratio)]
        rows.append([*cells, f"{row.bytes_per_cpu_second / 1e6:.1f}", f"{row.peak_bytes / MIB:.1f}"])
    return rows


def _rest(results: Results) -> Iterator[str]:
    for rest in results.rest:
        share, resident = rest.core_share * 100, rest.resident_bytes / MIB
        yield f"idle, {rest.files} files: {share:.3f} % of a core over {rest.seconds:.0f} s, {resident:.1f} MiB"
        yield f"until {rest.files} files were met and read: {rest.met_cpu_seconds:.2f} s of CPU"
    if results.latency:
        seen = results.latency
        p50, p99, most = seen.p50_seconds * 1000, seen.p99_seconds * 1000, seen.most_seconds * 1000
        scrape = seen.scrape_p50_seconds * 1000
        yield f"written to visible, {seen.lines} lines: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {most:.1f} ms"
        yield f"one scrape: p50 {scrape:.1f} ms"
    if results.scrapes:
        scrapes = results.scrapes
        p50, p99, cpu = scrapes.p50_seconds * 1000, scrapes.p99_seconds * 1000, scrapes.cpu_seconds * 1000
        yield f"a scrape of {scrapes.samples} series: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {cpu:.1f} ms of CPU"
    if results.outage:
        yield from _outage(results.outage)
    if results.start_seconds:
        yield f"start to first scrape: {_three(results.start_seconds)} s over {results.start_seconds.runs} starts"
    for peak in results.peaks:
        yield f"{peak.situation}: peak {peak.peak_bytes / MIB:.1f} MiB over {peak.written_bytes / 1e6:.0f} MB"


def _outage(outage: Outage) -> Iterator[str]:
    rate, backlog = outage.written_bytes_per_second / 1e6, outage.backlog_bytes / 1e6
    yield f"Loki away for {outage.outage_seconds:.0f} s while {rate:.0f} MB/s are written: {backlog:.1f} MB of backlog"
    yield (
        f"caught up {outage.seconds:.1f} s after its return, {outage.waited_seconds:.1f} s of it before the next try, "
        f"with {outage.cpu_seconds:.2f} s of CPU"
    )
    yield f"{outage.usual_core_share:.2f} s of CPU per second before; peak {outage.peak_bytes / MIB:.1f} MiB"


def _scaled(results: Results) -> list[list[str]]:
    rows = [["spread over", "lines", "CPU s", "us per line", "x fewest", "peak MiB"]]
    for it in results.scaled:
        cells = [f"{it.count} {it.what}", str(it.lines), _three(it.cpu_seconds), f"{it.microseconds_per_line:.1f}"]
        rows.append([*cells, _three(it.ratio), f"{it.peak_bytes / MIB:.1f}"])
    return rows


def _budgets(results: Results) -> list[list[str]]:
    rows = [["budget", "limit", "measured", "", "verdict"]]
    for budget in budgets(results):
        measured = "-" if budget.measured is None else f"{budget.measured:.2f}"
        rows.append([budget.what, f"{budget.limit:g}", measured, budget.unit, budget.verdict])
    return rows


def _three(spread: Spread) -> str:
    return f"{spread.least:.2f} / {spread.middle:.2f} / {spread.most:.2f}"
