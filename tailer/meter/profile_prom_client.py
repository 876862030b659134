"""Profile `prom_client`: the series of the local Prometheus stack of that name. Names and labels only, counts nothing.

`capability` and `operation` are the application's own: the dimensions `capability` and `app_operation`, empty where a
line has none. Durations are in milliseconds, as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric

from tailer.meter.facts import MILLISECOND_BOUNDS
from tailer.meter.ledger import Ledger
from tailer.meter.views import beside, columns, distributed, status_of, summed
from tailer.tally import Labels
from tailer.telemetry import histogram_family

BASE = ("capability", "operation")
STATUS = {"success": "success", "error": "failure"}


def prom_client(ledger: Ledger, now_ns: int, _: Mapping[str, str]) -> Iterator[Metric]:
    """The families of the profile."""
    base = columns(ledger, "capability", "app_operation")

    def by_status(series: Labels) -> Labels:
        return (*base(series), STATUS[status_of(ledger, series)])

    requests = CounterMetricFamily("openai_api_requests_total", "Calls to a provider.", labels=(*BASE, "status"))
    for labels, value in summed(ledger.counters["requests"].values, by_status).items():
        requests.add_metric(labels, value)
    yield requests
    seconds = tuple(bound / 1000 for bound in MILLISECOND_BOUNDS)
    yield histogram_family(
        "openai_api_request_duration_ms",
        "How long a call took, in milliseconds.",
        (*BASE, "status"),
        tuple(float(bound) for bound in MILLISECOND_BOUNDS),
        distributed(ledger, "duration", by_status, seconds, now_ns, per_unit=1000),
    )
    tokens = CounterMetricFamily("openai_api_tokens_total", "Tokens used.", labels=(*BASE, "type"))
    by_type = summed(ledger.counters["tokens"].values, lambda series: base(series) + beside(ledger, series))
    for labels, value in by_type.items():
        tokens.add_metric(labels, value)
    yield tokens
