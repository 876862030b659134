"""Rows of `Other profiles`: `scanium` and `otel`, which both come from OpenTelemetry."""

from __future__ import annotations

from dashboards.grafana import Panel, Query
from dashboards.llm import ERROR_STEPS, KINDS, LATENCY_STEPS, QUANTILES
from dashboards.panels import lines, stat
from dashboards.queries import SIDECAR, increase, mean, quantile, rate, ratio, sidecar

SHARES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))

REQUESTS, TOOK = sidecar("openai_requests_total"), sidecar("openai_request_duration_seconds_bucket")
BAD = sidecar("openai_requests_total", 'status="error"')
PARTS, WHOLE = (sidecar("openai_tokens_total", f"token_type{one}") for one in ('!="total"', '="total"'))
LEFT = "openai_rate_limit_requests_remaining", "openai_rate_limit_tokens_remaining"
SCANIUM: tuple[Panel, ...] = (
    stat("Requests a second", "At the present rate.", rate(REQUESTS), "reqps", decimals=2, width=6),
    stat(
        "p95 latency",
        "Of the range.",
        f"histogram_quantile(0.95, {increase(TOOK, 'le')})",
        "s",
        decimals=2,
        thresholds=LATENCY_STEPS,
        width=6,
    ),
    stat(
        "Errors",
        "Share of the range.",
        ratio(increase(BAD), increase(REQUESTS)),
        "percentunit",
        decimals=2,
        thresholds=ERROR_STEPS,
        width=6,
    ),
    stat("Tokens a minute", "At the present rate.", f"{rate(WHOLE)} * 60", "short", decimals=1, width=6),
    lines(
        "Errors by type",
        "Failed calls a second.",
        "reqps",
        Query(rate(BAD, "error_type"), "{{error_type}}"),
        stacked=True,
        width=8,
    ),
    lines(
        "Latency",
        "Quantiles of all calls.",
        "s",
        *(Query(quantile(share, TOOK), name, exemplar=name == "p99") for share, name in SHARES),
        colours=QUANTILES,
        width=8,
    ),
    lines(
        "Tokens by type",
        "Tokens a second.",
        "short",
        Query(rate(PARTS, "token_type"), "{{token_type}}"),
        colours=KINDS,
        stacked=True,
        width=8,
    ),
    lines(
        "Requests by model",
        "Calls a second.",
        "reqps",
        Query(rate(REQUESTS, "model"), "{{model}}"),
        stacked=True,
        side=True,
    ),
    lines(
        "Tokens by model",
        "Tokens a second.",
        "short",
        Query(rate(WHOLE, "model"), "{{model}}"),
        stacked=True,
        side=True,
    ),
    *(
        lines(
            f"Remaining {what}",
            "Until the reset; nothing while no limit is known.",
            "short",
            Query(f"min by (model) ({sidecar(name)})", "{{model}}"),
            side=True,
        )
        for what, name in zip(("requests", "tokens"), LEFT, strict=True)
    ),
)

DURATION = "gen_ai_client_operation_duration_seconds"
FIRST = sidecar("gen_ai_client_operation_time_to_first_chunk_seconds_bucket")
USED = {
    "input": "input_tokens", "output": "output_tokens", "cached input": "cache_read_input_tokens",
    "cache write": "cache_write_input_tokens", "reasoning": "reasoning_output_tokens",
}  # fmt: skip
COUNTERS = {name: rate(sidecar(f"gen_ai_client_inference_usage_{what}_total")) for name, what in USED.items()}
MODEL = "gen_ai_response_model"
OTEL: tuple[Panel, ...] = (
    lines(
        "Operations",
        "Calls a second whose duration is known, by name of the operation.",
        "reqps",
        Query(rate(sidecar(f"{DURATION}_count"), "gen_ai_operation_name"), "{{gen_ai_operation_name}}"),
        stacked=True,
        width=8,
    ),
    lines(
        "Errors by type",
        "Failed calls a second whose duration is known.",
        "reqps",
        Query(rate(sidecar(f"{DURATION}_count", 'error_type!=""'), "error_type"), "{{error_type}}"),
        stacked=True,
        width=8,
    ),
    lines(
        "Duration",
        "Quantiles of all calls.",
        "s",
        *(
            Query(quantile(share, sidecar(f"{DURATION}_bucket")), name, exemplar=name == "p99")
            for share, name in SHARES
        ),
        colours=QUANTILES,
        width=8,
    ),
    lines(
        "Time to first chunk",
        "Quantiles of the streams logged piece by piece.",
        "s",
        *(Query(quantile(share, FIRST), name) for share, name in SHARES),
        colours=QUANTILES,
        width=8,
    ),
    lines(
        "Tokens used",
        "Tokens a second. Input contains the cached ones, output the reasoning.",
        "short",
        *(Query(expr, name) for name, expr in COUNTERS.items()),
        colours=KINDS,
        width=8,
    ),
    lines(
        "Tokens of a call",
        "Average by the model that answered and by type.",
        "short",
        Query(
            mean("gen_ai_client_token_usage", SIDECAR, MODEL, "gen_ai_token_type"),
            f"{{{{{MODEL}}}}} {{{{gen_ai_token_type}}}}",
        ),
        width=8,
    ),
)
