"""Rows of `Other profiles`: `openai_mixin` and `prom_client`."""

from __future__ import annotations

from dashboards.grafana import Panel, Query
from dashboards.llm import ERROR_STEPS, KINDS, QUANTILES, SUCCESS_STEPS
from dashboards.panels import lines, stat
from dashboards.queries import RANGE, RATE, SIDECAR, increase, mean, quantile, rate, ratio, sidecar

# The mixin's metrics carry a job of their own, which the scraper may have renamed.
MIXIN = 'instance=~"$instance",namespace=~"$namespace"'
LAST_CALL = (
    "Average of the last calls as scraped: a call between two scrapes is not seen. LLM usage has the exact figure."
)


def changes(window: str) -> str:
    return f"changes(openai_totalTokens{{{MIXIN}}}[{window}])"


GAUGES = (
    ("Avg request duration", "openai_requestDuration", "s", 2),
    ("Avg total tokens", "openai_totalTokens", "locale", 0),
    ("Average cost", "openai_usageCost", "currencyUSD", None),
    ("Avg completion tokens", "openai_completionTokens", "locale", 0),
    ("Avg prompt tokens", "openai_promptTokens", "locale", 0),
)
NUMBERS = [
    stat(title, LAST_CALL, f"avg(avg_over_time({name}{{{MIXIN}}}[{RANGE}]))", unit, decimals=decimals)
    for title, name, unit, decimals in GAUGES
]
SEEN = stat(
    "Calls seen", "Changes of the gauges in the range; fewer than there were.", f"sum({changes(RANGE)})", "short"
)
CURVES = (
    ("Request duration", "openai_requestDuration", "s"),
    ("Token usage by model", "openai_totalTokens", "short"),
    ("Completion tokens", "openai_completionTokens", "short"),
    ("Prompt tokens", "openai_promptTokens", "short"),
    ("Cost of a call", "openai_usageCost", "currencyUSD"),
)
ABOUT = "Of the last call, the highest of all label sets, by model."
OVER_TIME = [
    lines(title, ABOUT, unit, Query(f"max by (model) ({name}{{{MIXIN}}})", "{{model}}"), width=8)
    for title, name, unit in CURVES
]
USAGE_OVER_TIME = lines(
    "Model usage over time",
    "Changes of the gauges by model in each interval; fewer than there were calls.",
    "short",
    Query(f"sum by (model) ({changes(RATE)})", "{{model}}"),
    width=8,
)
MIXIN_PANELS: tuple[Panel, ...] = (SEEN, *NUMBERS, *OVER_TIME, USAGE_OVER_TIME)

REQUESTS, TOKENS = sidecar("openai_api_requests_total"), sidecar("openai_api_tokens_total")
GOOD, BAD = (sidecar("openai_api_requests_total", f'status="{one}"') for one in ("success", "failure"))
TOOK = sidecar("openai_api_request_duration_ms_bucket")
PROM_CLIENT: tuple[Panel, ...] = (
    stat("Requests a second", "At the present rate.", rate(REQUESTS), "reqps", decimals=2),
    stat(
        "Success rate",
        "Of the range.",
        ratio(increase(GOOD), increase(REQUESTS)),
        "percentunit",
        decimals=2,
        thresholds=SUCCESS_STEPS,
    ),
    stat(
        "Error rate",
        "Of the range.",
        ratio(increase(BAD), increase(REQUESTS)),
        "percentunit",
        decimals=2,
        thresholds=ERROR_STEPS,
    ),
    stat("Tokens a second", "At the present rate.", rate(TOKENS), "short", decimals=1),
    stat("Requests in 1 h", "Whatever the range.", increase(REQUESTS, window="1h"), "locale", decimals=0),
    stat(
        "Tokens per request",
        "Average of the range.",
        ratio(increase(TOKENS), increase(REQUESTS)),
        "locale",
        decimals=0,
    ),
    lines(
        "Request duration",
        "Average and quantiles of all calls.",
        "ms",
        Query(mean("openai_api_request_duration_ms", SIDECAR), "average"),
        *(Query(quantile(share, TOOK), name, exemplar=name == "p99") for share, name in ((0.95, "p95"), (0.99, "p99"))),
        colours={**QUANTILES, "average": "blue"},
        width=8,
    ),
    lines(
        "Requests by capability",
        "Calls a second, by the application's own capability and operation.",
        "reqps",
        Query(rate(REQUESTS, "capability", "operation"), "{{capability}} {{operation}}"),
        stacked=True,
        width=8,
    ),
    lines(
        "Tokens by type",
        "Tokens a second.",
        "short",
        Query(rate(TOKENS, "type"), "{{type}}"),
        colours=KINDS,
        stacked=True,
        width=8,
    ),
)
