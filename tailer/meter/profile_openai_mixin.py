"""Profile `openai_mixin`: the series of Grafana's OpenAI library and mixin. Names and labels only, counts nothing.

Gauges, each the value of the last successful call of its label set, as the library pushes one sample for each call. A
value that this call's line did not tell is absent. `source` and `environment` are dimensions (`source` under the name
`app_source`), else static labels of the configuration, else empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from tailer.meter.facts import OTHER, PICO_USD
from tailer.meter.last_calls import LastCall
from tailer.meter.ledger import Ledger
from tailer.meter.views import columns
from tailer.tally import Labels

JOB = "integrations/openai"
LABELS = ("job", "source", "model", "environment")


def openai_mixin(ledger: Ledger, _: int, static: Mapping[str, str]) -> Iterator[Metric]:
    """The families of the profile."""
    last = _last_calls(ledger, static)
    for name, text, value_of in GAUGES:
        family = GaugeMetricFamily(name, text, labels=LABELS)
        for labels, call in last.items():
            value = value_of(call)
            if value is not None:
                family.add_metric(labels, value)
        yield family


def _last_calls(ledger: Ledger, static: Mapping[str, str]) -> dict[Labels, LastCall]:
    pick = columns(ledger, "app_source", "model", "environment")
    last: dict[Labels, LastCall] = {}
    for series, call in ledger.last_calls.values.items():
        source, model, environment = pick(series)
        if model != OTHER:
            source, environment = source or static.get("source", ""), environment or static.get("environment", "")
        labels = (JOB, source, model, environment)
        known = last.get(labels)
        if known is None or known.told_ns <= call.told_ns:
            last[labels] = call
    return last


def _total(call: LastCall) -> int:
    return (call.input_tokens or 0) + (call.output_tokens or 0)


def _usd(call: LastCall) -> float | None:
    return None if call.pico_usd is None else call.pico_usd / PICO_USD


GAUGES: tuple[tuple[str, str, Callable[[LastCall], float | None]], ...] = (
    ("openai_completionTokens", "Output tokens of the last call.", lambda call: call.output_tokens),
    ("openai_promptTokens", "Input tokens of the last call.", lambda call: call.input_tokens),
    ("openai_totalTokens", "All tokens of the last call.", _total),
    ("openai_requestDuration", "How long the last call took, in seconds.", lambda call: call.duration_seconds),
    ("openai_usageCost", "What the last call cost, in USD.", _usd),
)
