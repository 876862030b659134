"""A table: profile → metric families made from the ledger. Decides names and labels, counts nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tailer.meter.ledger import PICO_USD, Ledger
from tailer.meter.rate_limits import Limit
from tailer.tally import Labels
from tailer.telemetry import histogram_family

Profile = Callable[[Ledger, int], Iterator[Metric]]

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


def llm(ledger: Ledger, now_ns: int) -> Iterator[Metric]:
    """The families of profile `llm`."""
    for name, source, labels, divisor, text in LLM_COUNTERS:
        family = CounterMetricFamily(name, text, labels=(*ledger.labels, *labels))
        for values, value in ledger.counters[source].values.items():
            family.add_metric(values, value if divisor == 1 else value / divisor)
        yield family
    for name, source, labels, text in LLM_HISTOGRAMS:
        histogram = ledger.histograms[source]
        yield histogram_family(name, text, (*ledger.labels, *labels), histogram.bounds, histogram.values.items())
    limits = ledger.limits.at(now_ns)
    labels = (*ledger.labels, "limit")
    yield _limits("llm_rate_limit_remaining", "What is left until the reset.", labels, limits, lambda it: it.remaining)
    yield _limits("llm_rate_limit_limit", "What is allowed between two resets.", labels, limits, lambda it: it.limit)


def _limits(
    name: str, text: str, labels: Labels, limits: dict[Labels, Limit], value_of: Callable[[Limit], float | None]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, limit in limits.items():
        value = value_of(limit)
        if value is not None:
            family.add_metric(values, value)
    return family


PROFILES: dict[str, Profile] = {"llm": llm}
