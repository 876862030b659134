"""Rows of `LLM service`: latency, rate limits and the log lines in Loki."""

from __future__ import annotations

from dashboards.grafana import Json, Panel, Query, steps
from dashboards.llm import FIRST, HEADROOM, HEADROOM_STEPS, LIMITED, QUANTILES, TO_USAGE, TOOK
from dashboards.panels import bars, heat, lines, lines_table, logs
from dashboards.queries import CALLS, calls, mean, quantile, rate
from dashboards.variables import to_logs, to_trace

OF_CALLS = '{job=~"$log_job"} | provider=~"$provider" | model=~"$model"'

SHARES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
SHOWN = 'line_format "{{.model}}  {{.error_type}}  {{.request_id}}  {{__line__}}"'

LATENCY: tuple[Panel, ...] = (
    lines(
        "Time of a call",
        "Quantiles over all calls, failed ones too, and the average; points are single calls. Dashed: 5 s.",
        "s",
        *(Query(quantile(share, TOOK), name, exemplar=name == "p99") for share, name in SHARES),
        Query(mean("llm_request_duration_seconds", CALLS), "average"),
        colours={**QUANTILES, "average": "blue"},
        thresholds=steps("transparent", (5, "red")),
        logarithmic=True,
    ),
    heat("Times of calls", "How many calls a second took how long.", "s", Query(rate(TOOK, "le"), exemplar=True)),
    lines(
        "p95 by model",
        "95 of 100 calls took no longer. Click a series for its log lines.",
        "s",
        Query(quantile(0.95, TOOK, "model"), "{{model}}", exemplar=True),
        side=True,
        links=TO_USAGE,
        logarithmic=True,
    ),
    lines(
        "Average time by model",
        "Average of a call.",
        "s",
        Query(mean("llm_request_duration_seconds", CALLS, "model"), "{{model}}"),
        side=True,
        links=TO_USAGE,
        logarithmic=True,
    ),
    lines(
        "Time to first token",
        "From the request to the first piece of its stream, for streams logged piece by piece.",
        "s",
        *(Query(quantile(share, FIRST), name) for share, name in SHARES),
        colours=QUANTILES,
        logarithmic=True,
    ),
    lines(
        "p95 to first token by model",
        "95 of 100 streams began no later.",
        "s",
        Query(quantile(0.95, FIRST, "model"), "{{model}}"),
        side=True,
        links=TO_USAGE,
        logarithmic=True,
    ),
)

REQUESTS_LEFT, TOKENS_LEFT = (
    calls("llm_rate_limit_remaining", f"limit{what}") for what in ('="requests"', '=~".*tokens"')
)
LIMITS: tuple[Panel, ...] = (
    bars(
        "Headroom now",
        "The share that is left of a limit, the six smallest. Red below 10 %.",
        "percentunit",
        Query(f"sort(bottomk(6, min by (model, limit) ({HEADROOM})))", "{{model}} {{limit}}"),
        width=8,
        height=9,
        thresholds=HEADROOM_STEPS,
        highest=1,
    ),
    lines(
        "Remaining requests",
        "Requests left until the reset, as the last response of each model told.",
        "short",
        Query(f"min by (model) ({REQUESTS_LEFT})", "{{model}}"),
        width=8,
        height=9,
    ),
    lines(
        "Remaining tokens",
        "Tokens left until the reset, by model and kind of limit.",
        "short",
        Query(f"min by (model, limit) ({TOKENS_LEFT})", "{{model}} {{limit}}"),
        width=8,
        height=9,
    ),
    lines(
        "Refused for the rate",
        "Calls a minute that hit a rate limit or the quota.",
        "short",
        Query(f"{rate(LIMITED, 'model')} * 60", "{{model}}"),
        width=24,
        height=6,
        stacked=True,
    ),
)

TO_LINES = tuple(to_logs("Log lines of this call", f"{name}=`${{__value.raw}}`") for name in ("trace_id", "request_id"))
CALL_COLUMNS: dict[str, tuple[str, Json]] = {
    "model": ("Model", {"custom.width": 200}),
    "operation": ("Operation", {"custom.width": 100}),
    "status": ("Status", {"custom.width": 80}),
    "error_type": ("Error", {"custom.width": 130}),
    "input_tokens": ("Input", {"custom.align": "right", "custom.width": 80}),
    "output_tokens": ("Output", {"custom.align": "right", "custom.width": 80}),
    "cost_usd": ("Cost", {"unit": "currencyUSD", "custom.width": 100}),
    "request_id": ("Request", {"links": [TO_LINES[1]]}),
    "trace_id": ("Trace", {"links": [to_trace("Trace"), TO_LINES[0]]}),
}
"""What tokentail tells Loki of a call, and how it is shown."""
LOG_LINES: tuple[Panel, ...] = (
    lines_table(
        "Calls",
        "The newest hundred that are complete. Click a request for its log lines, a trace for its spans or its lines.",
        OF_CALLS + ' | status=~"success|error"',
        CALL_COLUMNS,
    ),
    logs(
        "Failed calls",
        "The newest calls that failed: model, type of error, request id, then the line as the application wrote it.",
        OF_CALLS + ' | status="error" | ' + SHOWN,
    ),
    logs(
        "Prompts and responses",
        "The newest lines of calls that succeeded, as far as the setting of tokentail lets their content out.",
        f'{OF_CALLS} | status="success"',
    ),
)
