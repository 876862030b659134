"""Profile `scanium`: the series of that OpenTelemetry, Alloy and Mimir set-up. Names and labels only, counts nothing.

Its four error types follow its own rules: 401 and 403, 429, 5xx and what never arrived, everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tailer.meter.facts import DURATION_BOUNDS
from tailer.meter.ledger import Ledger
from tailer.meter.rate_limits import Limit
from tailer.meter.views import Key, beside, columns, distributed, newest_limits, status_of, summed
from tailer.tally import Labels
from tailer.telemetry import histogram_family

ERROR_TYPES = {
    "": "",
    "authentication": "UNAUTHORIZED",
    "permission": "UNAUTHORIZED",
    "rate_limit": "RATE_LIMITED",
    "quota_exceeded": "RATE_LIMITED",
    "timeout": "PROVIDER_UNAVAILABLE",
    "overloaded": "PROVIDER_UNAVAILABLE",
    "server_error": "PROVIDER_UNAVAILABLE",
    "connection": "PROVIDER_UNAVAILABLE",
}
"""Any other error is a PROVIDER_ERROR."""
GAUGES = (
    ("openai_rate_limit_requests_remaining", "Requests left until the reset.", ("requests",)),
    ("openai_rate_limit_tokens_remaining", "Tokens left until the reset.", ("tokens", "input_tokens", "output_tokens")),
)


def scanium(ledger: Ledger, now_ns: int, _: Mapping[str, str]) -> Iterator[Metric]:
    """The families of the profile."""
    model = columns(ledger, "model")

    def by_error(series: Labels) -> Labels:
        status, error = beside(ledger, series)
        return (*model(series), status, ERROR_TYPES.get(error, "PROVIDER_ERROR"))

    requests = CounterMetricFamily(
        "openai_requests_total", "Calls to a provider.", labels=("model", "status", "error_type")
    )
    for labels, value in summed(ledger.counters["requests"].values, by_error).items():
        requests.add_metric(labels, value)
    yield requests
    yield histogram_family(
        "openai_request_duration_seconds",
        "How long a call took.",
        ("model", "status"),
        DURATION_BOUNDS,
        distributed(
            ledger, "duration", lambda series: (*model(series), status_of(ledger, series)), DURATION_BOUNDS, now_ns
        ),
    )
    yield _tokens(ledger, model)
    limits = newest_limits(ledger.limits.at(now_ns), lambda series: model(series) + beside(ledger, series))
    for name, text, subjects in GAUGES:
        yield _remaining(name, text, {labels: limit for labels, limit in limits.items() if labels[-1] in subjects})


def _tokens(ledger: Ledger, model: Key) -> CounterMetricFamily:
    """`total` stands beside the two that make it, so that a sum over the type counts twice, as it does there."""
    tokens = CounterMetricFamily("openai_tokens_total", "Tokens used.", labels=("model", "token_type"))
    values = ledger.counters["tokens"].values
    for labels, value in summed(values, lambda series: model(series) + beside(ledger, series)).items():
        tokens.add_metric(labels, value)
    for labels, value in summed(values, model).items():
        tokens.add_metric((*labels, "total"), value)
    return tokens


def _remaining(name: str, text: str, limits: Mapping[Labels, Limit]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=("model", "limit_type"))
    for labels, limit in limits.items():
        if limit.remaining is not None:
            family.add_metric(labels, limit.remaining)
    return family
