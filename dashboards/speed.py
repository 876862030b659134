"""Rows of `LLM service`: latency, rate limits and the log lines in Loki."""

from __future__ import annotations

from dashboards.grafana import Panel, Query, steps
from dashboards.llm import FIRST, HEADROOM, HEADROOM_STEPS, LIMITED, QUANTILES, TO_USAGE, TOOK
from dashboards.panels import bars, heat, lines, logs
from dashboards.queries import CALLS, calls, mean, quantile, rate

OF_CALLS = '{job=~"$log_job"} | provider=~"$provider" | model=~"$model"'

SHARES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
SHOWN = 'line_format "{{.model}}  {{.error_type}}  {{.request_id}}  {{__line__}}"'

LATENCY: tuple[Panel, ...] = (
    lines(
        "Time of a call",
        "Quantiles over all calls, failed ones too, and the average. Dashed: 5 s.",
        "s",
        *(Query(quantile(share, TOOK), name) for share, name in SHARES),
        Query(mean("llm_request_duration_seconds", CALLS), "average"),
        colours={**QUANTILES, "average": "blue"},
        thresholds=steps("transparent", (5, "red")),
        logarithmic=True,
    ),
    heat("Times of calls", "How many calls a second took how long.", "s", rate(TOOK, "le")),
    lines(
        "p95 by model",
        "95 of 100 calls took no longer. Click a series for its log lines.",
        "s",
        Query(quantile(0.95, TOOK, "model"), "{{model}}"),
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

LOG_LINES: tuple[Panel, ...] = (
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
