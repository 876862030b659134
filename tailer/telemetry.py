"""tokentail's own metrics, which outlive a restart like those it makes of the log, and its own log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO, cast

import structlog
from prometheus_client import ProcessCollector
from prometheus_client.core import CounterMetricFamily, Exemplar, GaugeMetricFamily, HistogramMetricFamily, Metric

from tailer import __version__
from tailer.log_stream import LogStream
from tailer.tally import NO_MARKS, Bins, Counter, Histogram, Labels, Mark, Marks, SavedTally, dump, restore

__all__ = [
    "Metric",
    "Telemetry",
    "build_info",
    "configure_log",
    "exemplar",
    "gauge",
    "histogram_family",
    "plain_gauge",
    "process",
]


class Spec(NamedTuple):
    """One metric: its help text, the names of its labels, the label values that exist from the start."""

    help: str
    labels: Labels = ()
    born: tuple[Labels, ...] = ((),)


def _each(*values: str) -> tuple[Labels, ...]:
    return tuple((value,) for value in values)


COUNTERS: dict[str, Spec] = {
    "tokentail_lines_total": Spec(
        "Complete lines metered, by what they held.",
        ("outcome",),
        _each("call", "part", "not_llm", "bad_json", "bad_usage", "oversize", "empty"),
    ),
    "tokentail_read_bytes_total": Spec("Bytes of the lines metered."),
    "tokentail_lost_bytes_total": Spec(
        "Bytes known to have been written that nobody can read any more; *_unsent ones were metered but not shipped.",
        ("cause",),
        _each("truncated", "deleted", "unfinished", "truncated_unsent", "deleted_unsent", "unfinished_unsent"),
    ),
    "tokentail_loki_entries_total": Spec(
        "Log entries settled, by what Loki did with them.", ("outcome",), _each("accepted", "mended", "refused")
    ),
    "tokentail_loki_retries_total": Spec("Pushes that had to be repeated.", ("reason",), ()),
    "tokentail_loki_push_bytes_total": Spec("Bytes sent to Loki, as encoded on the wire."),
    "tokentail_dead_letters_total": Spec(
        "Refused entries, by whether they could be set aside; and of those the ones that had to go again.",
        ("outcome",),
        _each("kept", "failed", "discarded", "expired"),
    ),
    "tokentail_sink_entries_total": Spec(
        "Log entries settled by another sink than Loki, by what it did with them.", ("sink", "outcome"), ()
    ),
    "tokentail_sink_retries_total": Spec(
        "Pushes to another receiver than Loki that had to be repeated.", ("sink", "reason"), ()
    ),
    "tokentail_sink_push_bytes_total": Spec(
        "Bytes sent to another receiver than Loki, as encoded on the wire.", ("sink",), ()
    ),
    "tokentail_sink_dead_letters_total": Spec(
        "Entries refused by another sink than Loki, by whether they could be set aside.", ("sink", "outcome"), ()
    ),
    "tokentail_pushed_samples_total": Spec(
        "Samples pushed to a receiver of metrics (to OTLP a histogram is one), by what it did with them.",
        ("sink", "outcome"),
        (),
    ),
    "tokentail_file_errors_total": Spec("Failed attempts to open or read a file.", ("reason",), ()),
    "tokentail_checkpoint_errors_total": Spec("Checkpoints that could not be written."),
    "tokentail_series_overflow_total": Spec("Updates that went to the __other__ series of a full family."),
    "tokentail_unpriced_given_up_total": Spec("Unpriced calls that a price added later will not reach: too many kept."),
    "tokentail_http_refused_total": Spec(
        "Requests and connections to the HTTP port that got no answer but a refusal, by reason.", ("reason",), ()
    ),
    "tokentail_reloads_total": Spec(
        "Configurations read anew on SIGHUP, by what came of it.", ("outcome",), _each("applied", "refused")
    ),
    "tokentail_open_calls_dropped_total": Spec("Open calls given up early because too many were open."),
}

_PUSH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
HISTOGRAMS: dict[str, tuple[str, Labels, tuple[float, ...]]] = {
    "tokentail_loki_push_seconds": ("Time from sending a push to its answer.", (), _PUSH_SECONDS),
    "tokentail_sink_push_seconds": (
        "Time from sending a push to another receiver than Loki to its answer.",
        ("sink",),
        _PUSH_SECONDS,
    ),
}


class Telemetry:
    """Counters and histograms by name; unknown names are a programming error (KeyError)."""

    def __init__(self) -> None:
        self._counters = {name: Counter() for name in COUNTERS}
        self._histograms = {name: Histogram(bounds) for name, (_, _, bounds) in HISTOGRAMS.items()}
        for name, spec in COUNTERS.items():
            for labels in spec.born:
                self._counters[name].add(labels, 0)
        for name, (_, label_names, _) in HISTOGRAMS.items():
            if not label_names:
                self._histograms[name].bear(())

    def add(self, name: str, amount: float = 1, *labels: str) -> None:
        self._counters[name].add(labels, amount)

    def observe(self, name: str, value: float, *labels: str) -> None:
        self._histograms[name].observe(labels, value)

    def value(self, name: str, *labels: str) -> int | float:
        """A counter's value, 0 when it has never been added to."""
        return self._counters[name].values.get(labels, 0)

    def total(self, name: str) -> int | float:
        """The sum over all labels of a counter."""
        return sum(self._counters[name].values.values())

    def dump(self) -> SavedTally:
        return dump(self._counters, self._histograms)

    def load(self, saved: SavedTally) -> list[str]:
        """Restores saved numbers; returns the names this version does not know."""
        return restore(saved, self._counters, self._histograms)

    def families(self) -> Iterator[Metric]:
        for name, spec in COUNTERS.items():
            family = CounterMetricFamily(name, spec.help, labels=spec.labels)
            for labels, value in self._counters[name].values.items():
                family.add_metric(labels, value)
            yield family
        for name, (text, label_names, bounds) in HISTOGRAMS.items():
            values = ((labels, bins, NO_MARKS) for labels, bins in self._histograms[name].values.items())
            yield histogram_family(name, text, label_names, bounds, values)


def histogram_family(
    name: str, text: str, label_names: Labels, bounds: tuple[float, ...], values: Iterable[tuple[Labels, Bins, Marks]]
) -> HistogramMetricFamily:
    """A histogram as prometheus_client wants it: cumulative buckets, the last one +Inf, some with an exemplar."""
    family = HistogramMetricFamily(name, text, labels=label_names)
    names = [*(repr(bound) for bound in bounds), "+Inf"]
    for labels, bins, marks in values:
        seen = 0
        buckets: list[tuple[str, float] | tuple[str, float, Exemplar]] = []
        for place, (bound, count) in enumerate(zip(names, bins.counts, strict=True)):
            seen += count
            mark = marks.get(place)
            buckets.append((bound, seen) if mark is None else (bound, seen, exemplar(mark)))
        family.add_metric(labels, buckets, bins.total)
    return family


def exemplar(mark: Mark) -> Exemplar:
    """As prometheus_client wants it, its time in seconds to the millisecond; only OpenMetrics shows it."""
    seconds = None if mark.timestamp_ns is None else round(mark.timestamp_ns / 1e9, 3)
    return Exemplar({mark.label: mark.id}, mark.value, seconds)


def gauge(name: str, text: str, values: dict[str, float], label: str) -> GaugeMetricFamily:
    """A gauge known only at the moment of a scrape, by one label."""
    family = GaugeMetricFamily(name, text, labels=(label,))
    for value_of_label, value in values.items():
        family.add_metric((value_of_label,), value)
    return family


def plain_gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """A gauge known only at the moment of a scrape, without labels."""
    return GaugeMetricFamily(name, text, value=value)


def build_info() -> GaugeMetricFamily:
    return gauge("tokentail_build_info", "The version that runs.", {__version__: 1}, "version")


def process() -> Iterator[Metric]:
    """What the kernel says of this process, by the standard names; nothing where there is no /proc.

    Its CPU time begins anew with every process. No counter here may fall, so it is a gauge with a name of its own.
    """
    for family in ProcessCollector(registry=None).collect():
        if family.type == "gauge":
            yield family
        elif family.name == "process_cpu_seconds":
            text = "CPU time this process has used since its start."
            yield plain_gauge("tokentail_cpu_seconds", text, family.samples[0].value)


def configure_log(level: str, form: str, stream: TextIO = sys.stderr) -> None:
    """Sets up tokentail's own log on `stream`: `console`, `json`, or `auto` (console on a terminal)."""
    console = form == "console" or (form == "auto" and stream.isatty())
    out = LogStream(stream)
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if console:
        # The renderer's own tracebacks show local variables, and with them bodies of calls.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            out.tell_dropped,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", out)),
        cache_logger_on_first_use=False,
    )
