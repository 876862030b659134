"""What the tests of the pushes are made of: families of every kind, and what a scrape of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Exemplar

from tailer.web.exposition import negotiate
from tests.fakemetrics_wire import Key, key_of

NOON_MS = 1_780_000_000_000
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}(_[a-z]{1,6}){0,2}(_seconds|_bytes)?", fullmatch=True)
LABELS = st.from_regex(r"(?!le|job|instance|quantile)[a-z][a-z0-9_]{0,8}", fullmatch=True)
COUNTS = st.integers(0, 2**53)
VALUES = st.one_of(COUNTS, st.floats(0, 1e18))
BOUNDS = st.lists(st.floats(0, 1e9, width=32), min_size=1, max_size=6, unique=True).map(sorted)


@st.composite
def families(draw: st.DrawFn) -> list[Metric]:
    """Families of different names, each with some labels and some series, as the profiles make them."""
    names = draw(st.lists(NAMES, max_size=5, unique=True))
    return [draw(st.one_of(_numbers(f"{name}_{at}"), _histograms(f"{name}_{at}"))) for at, name in enumerate(names)]


@st.composite
def _numbers(draw: st.DrawFn, name: str) -> Metric:
    labels = draw(st.lists(LABELS, max_size=3, unique=True))
    kind = draw(st.sampled_from([CounterMetricFamily, GaugeMetricFamily]))
    family: CounterMetricFamily | GaugeMetricFamily = kind(name, draw(TEXTS), labels=labels)
    for values in draw(_series(len(labels))):
        family.add_metric(values, draw(VALUES))
    return family


@st.composite
def _histograms(draw: st.DrawFn, name: str) -> Metric:
    labels, bounds = draw(st.lists(LABELS, max_size=3, unique=True)), draw(BOUNDS)
    family = HistogramMetricFamily(name, draw(TEXTS), labels=labels)
    for values in draw(_series(len(labels))):
        counts = sorted(draw(st.lists(COUNTS, min_size=len(bounds) + 1, max_size=len(bounds) + 1)))
        names = [*map(repr, bounds), "+Inf"]
        family.add_metric(values, list(zip(names, counts, strict=True)), draw(st.floats(0, 1e18)))
    return family


def _series(labels: int) -> st.SearchStrategy[list[tuple[str, ...]]]:
    return st.lists(st.tuples(*[TEXTS] * labels), max_size=4, unique=True)


def shown(families: Iterable[Metric]) -> dict[Key, float]:
    """The samples of a scrape, read back from its text."""
    text = negotiate("", "").encode(families).decode()
    return {
        key_of(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def counter(name: str, values: dict[str, float], label: str = "model") -> CounterMetricFamily:
    family = CounterMetricFamily(name, "What is counted.", labels=(label,))
    for of, value in values.items():
        family.add_metric((of,), value)
    return family


def gauge(name: str, values: dict[str, float], label: str = "limit") -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, "How it stands.", labels=(label,))
    for of, value in values.items():
        family.add_metric((of,), value)
    return family


def histogram(name: str, counts: Sequence[int], exemplar: Exemplar | None = None) -> HistogramMetricFamily:
    """One with a bucket for each count, up to 1, 2, 4 …; the exemplar is in the first."""
    family = HistogramMetricFamily(name, "How it is spread.", labels=("model",))
    seen = [sum(counts[: at + 1]) for at in range(len(counts))]
    names = [*(repr(2.0**at) for at in range(len(counts) - 1)), "+Inf"]
    buckets: list[tuple[str, float] | tuple[str, float, Exemplar]] = [*zip(names, seen, strict=True)]
    if exemplar is not None:
        buckets[0] = (*buckets[0][:2], exemplar)
    family.add_metric(("gpt-4o",), buckets, 7.5)
    return family
