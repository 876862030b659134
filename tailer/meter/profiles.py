"""A table: profile → metric families made from the ledger; profile `llm`. Decides names and labels, counts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tailer.meter.facts import DURATION_BOUNDS, PICO_USD, Needs
from tailer.meter.ledger import Ledger
from tailer.meter.profile_openai_mixin import openai_mixin
from tailer.meter.profile_otel import otel
from tailer.meter.profile_prom_client import prom_client
from tailer.meter.profile_scanium import scanium
from tailer.meter.rate_limits import Limit
from tailer.meter.views import Key, beside, columns, distributed, newest_limits, newest_marks, status_of, summed
from tailer.tally import NO_MARKS, Labels
from tailer.telemetry import exemplar, histogram_family


class Profile(NamedTuple):
    """How the ledger is shown, and what it has to keep for that.

    `families` gets the ledger, the time in nanoseconds (for what expires) and the static labels of the configuration.
    """

    families: Callable[[Ledger, int, Mapping[str, str]], Iterator[Metric]]
    needs: Needs = Needs()


# name, ledger counter, labels beside the base ones, divisor, help
LLM_COUNTERS: tuple[tuple[str, str, Labels, int, str], ...] = (
    ("llm_requests_total", "requests", ("status", "error_type"), 1, "Calls to a provider."),
    (
        "llm_tokens_total",
        "tokens",
        ("type",),
        1,
        "Tokens used; input includes cached tokens, output includes reasoning, so the sum over type is the total.",
    ),
    (
        "llm_token_details_total",
        "details",
        ("detail",),
        1,
        "Parts of llm_tokens_total of a special kind; never add them to it.",
    ),
    (
        "llm_cost_usd_total",
        "cost",
        ("source",),
        PICO_USD,
        "Cost in USD, as the log reported it or estimated from the price table.",
    ),
    ("llm_unpriced_requests_total", "unpriced_requests", (), 1, "Calls whose model has no known price."),
    ("llm_unpriced_tokens_total", "unpriced_tokens", (), 1, "Tokens of the calls whose model has no known price."),
    ("llm_usage_missing_total", "usage_missing", ("reason",), 1, "Calls whose token usage could not be known."),
)
LLM_HISTOGRAMS: tuple[tuple[str, str, Labels, str], ...] = (
    ("llm_request_duration_seconds", "duration", ("status",), "How long a call took, as far as the log says."),
    ("llm_time_to_first_token_seconds", "first_token", (), "Time from the request to the first piece of its stream."),
)


def llm(ledger: Ledger, now_ns: int, _: Mapping[str, str] | None = None) -> Iterator[Metric]:
    """The families of profile `llm`."""
    shown = tuple(name for name in ledger.labels if not name.startswith(":"))
    base = columns(ledger, *shown)

    def key(labels: Labels) -> Labels:
        return base(labels) + beside(ledger, labels)

    for name, source, labels, divisor, text in LLM_COUNTERS:
        family = CounterMetricFamily(name, text, labels=(*shown, *labels))
        values, marks = ledger.counters[source].values, newest_marks(ledger.exemplars(source, now_ns), key, (0,))
        for series, value in (values if shown == ledger.labels else summed(values, key)).items():
            mark = marks.get(series, NO_MARKS).get(0)
            family.add_metric(series, value if divisor == 1 else value / divisor, exemplar=mark and exemplar(mark))
        yield family
    for name, source, labels, text in LLM_HISTOGRAMS:
        by: Key = (lambda series: (*base(series), status_of(ledger, series))) if labels else base
        distributions = distributed(ledger, source, by, DURATION_BOUNDS, now_ns)
        yield histogram_family(name, text, (*shown, *labels), DURATION_BOUNDS, distributions)
    limits = newest_limits(ledger.limits.at(now_ns), key)
    names = (*shown, "limit")
    yield _limits("llm_rate_limit_remaining", "What is left until the reset.", names, limits, lambda it: it.remaining)
    yield _limits("llm_rate_limit_limit", "What is allowed between two resets.", names, limits, lambda it: it.limit)


def _limits(
    name: str, text: str, labels: Labels, limits: dict[Labels, Limit], value_of: Callable[[Limit], float | None]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, limit in limits.items():
        value = value_of(limit)
        if value is not None:
            family.add_metric(values, value)
    return family


PROFILES: dict[str, Profile] = {
    "llm": Profile(llm),
    "openai_mixin": Profile(openai_mixin, Needs(last_calls=True)),
    "prom_client": Profile(prom_client),
    "scanium": Profile(scanium),
    "otel": Profile(otel, Needs(apart=True)),
}


def needs_of(profiles: Iterable[str]) -> Needs:
    """What a ledger has to keep for all these profiles."""
    needs = Needs()
    for name in profiles:
        needs |= PROFILES[name].needs
    return needs
