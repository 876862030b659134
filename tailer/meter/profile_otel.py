"""Profile `otel`: OpenTelemetry's GenAI client metrics as Prometheus names them. Names and labels only, counts nothing.

https://github.com/open-telemetry/semantic-conventions-genai gives names, attributes and buckets. An attribute that is
not known is an empty label, which to Prometheus is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, Metric

from tailer.meter.facts import DURATION_BOUNDS, MODEL_LABELS, TOKEN_BOUNDS
from tailer.meter.ledger import Ledger
from tailer.meter.views import Key, beside, columns, distributed, summed
from tailer.tally import Labels
from tailer.telemetry import histogram_family

BASE = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model")
SECONDS = DURATION_BOUNDS[:-1]
"""0.01 s doubling to 81.92 s."""

# name, ledger distribution, labels beside the base ones, buckets, help; in the order of the ledger's closed labels
HISTOGRAMS: tuple[tuple[str, str, Labels, tuple[float, ...], str], ...] = (
    ("gen_ai_client_operation_duration_seconds", "duration", ("error_type",), SECONDS, "How long a call took."),
    (
        "gen_ai_client_token_usage",
        "token_sizes",
        ("gen_ai_token_type", "error_type"),
        TOKEN_BOUNDS,
        "Input and output tokens of a call.",
    ),
    (
        "gen_ai_client_operation_time_to_first_chunk_seconds",
        "first_token",
        ("error_type",),
        SECONDS,
        "Time from the request to the first piece of its stream.",
    ),
)
# name, ledger counter, its closed label, help
COUNTERS = (
    ("input_tokens", "tokens", "input", "Input tokens used, cached ones included."),
    ("output_tokens", "tokens", "output", "Output tokens used, reasoning included."),
    ("cache_read_input_tokens", "details", "cached_input", "Input tokens that were read from a cache."),
    ("cache_write_input_tokens", "details", "cache_write", "Input tokens that were written to a cache."),
    ("reasoning_output_tokens", "details", "reasoning", "Output tokens spent on reasoning."),
)


def otel(ledger: Ledger, now_ns: int, _: Mapping[str, str]) -> Iterator[Metric]:
    """The families of the profile."""
    base = _base(ledger)
    for name, source, labels, bounds, text in HISTOGRAMS:
        distributions = distributed(
            ledger, source, lambda series: base(series) + beside(ledger, series), bounds, now_ns
        )
        yield histogram_family(name, text, (*BASE, *labels), bounds, distributions)
    for kind, source, closed, text in COUNTERS:
        family = CounterMetricFamily(f"gen_ai_client_inference_usage_{kind}_total", text, labels=BASE)
        values = ledger.counters[source].values
        wanted = {series: value for series, value in values.items() if beside(ledger, series) == (closed,)}
        for labels, value in summed(wanted, base).items():
            family.add_metric(labels, value)
        yield family


def _base(ledger: Ledger) -> Key:
    pick = columns(ledger, "operation", "provider", *MODEL_LABELS, "model")

    def base(series: Labels) -> Labels:
        operation, provider, asked, answered, model = pick(series)
        if not asked and not answered and model != "unknown":
            # Counted before this profile was chosen: which of the two it was is not known any more.
            answered = model
        return operation, provider, asked, answered

    return base
