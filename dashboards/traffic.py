"""Rows of `LLM service`: the overview, how many calls there are and how many fail."""

from __future__ import annotations

from dashboards.grafana import Panel, Query, steps
from dashboards.llm import (
    BAD,
    ERROR_STEPS,
    ERRORS,
    FIRST,
    GOOD,
    HEADROOM,
    HEADROOM_STEPS,
    LATENCY_STEPS,
    LIMITED,
    REQUESTS,
    SOME,
    SUCCESS_STEPS,
    TO_USAGE,
    TOOK,
)
from dashboards.panels import bars, lines, stat
from dashboards.queries import CALLS, counted, increase, mean, named, rate, ratio
from dashboards.variables import to_logs

TO_ERRORS = (to_logs("Log lines of this error", "status=`error`", "error_type=`${__field.labels.error_type}`"),)

AVERAGE = mean("llm_request_duration_seconds", CALLS, window="$__range")
OVERVIEW: tuple[Panel, ...] = (
    stat("Request rate", "At the present rate.", rate(REQUESTS), "reqps", decimals=2, width=3),
    stat(
        "Success",
        "Share of the range's calls that succeeded.",
        ratio(increase(GOOD), increase(REQUESTS)),
        "percentunit",
        decimals=2,
        thresholds=SUCCESS_STEPS,
        width=3,
    ),
    stat(
        "Errors",
        "Failed calls of the range.",
        counted(BAD),
        "short",
        decimals=0,
        thresholds=SOME,
        width=3,
        links=(to_logs("Log lines of failed calls", "status=`error`"),),
    ),
    stat(
        "Rate limited",
        "Calls of the range refused for the rate or the quota.",
        counted(LIMITED),
        "short",
        decimals=0,
        thresholds=SOME,
        width=3,
        links=(to_logs("Log lines of refused calls", "error_type=~`rate_limit|quota_exceeded`"),),
    ),
    stat(
        "Average time",
        "Average of the range, failed calls too.",
        AVERAGE,
        "s",
        decimals=2,
        thresholds=LATENCY_STEPS,
        width=3,
    ),
    stat(
        "p95 time",
        "95 of 100 calls of the range took no longer, failed ones too.",
        f"histogram_quantile(0.95, {increase(TOOK, 'le')})",
        "s",
        decimals=2,
        thresholds=LATENCY_STEPS,
        width=3,
    ),
    stat(
        "First token p95",
        "Of the streams in the range whose pieces were logged.",
        f"histogram_quantile(0.95, {increase(FIRST, 'le')})",
        "s",
        decimals=2,
        thresholds=LATENCY_STEPS,
        width=3,
    ),
    stat(
        "Least headroom",
        "The smallest share left of a rate limit. A limit is forgotten at its reset; “-” while none is known.",
        f"min({HEADROOM})",
        "percentunit",
        decimals=0,
        thresholds=HEADROOM_STEPS,
        width=3,
    ),
)

FAILING = ratio(rate(BAD, "model"), rate(REQUESTS, "model"))
TRAFFIC: tuple[Panel, ...] = (
    lines(
        "Requests",
        "Calls a second, by how they ended.",
        "reqps",
        Query(rate(REQUESTS, "status"), "{{status}}"),
        colours={"success": "green", "error": "red"},
        stacked=True,
        width=8,
    ),
    lines(
        "Errors by type",
        "Failed calls a second. Click a type for its log lines.",
        "reqps",
        Query(f"{rate(BAD, 'error_type')} > 0", "{{error_type}}"),
        colours=ERRORS,
        stacked=True,
        width=8,
        links=TO_ERRORS,
    ),
    lines(
        "Error share",
        "Failed calls of all, by provider. Dashed: 5 %.",
        "percentunit",
        Query(ratio(rate(BAD, "provider"), rate(REQUESTS, "provider")), "{{provider}}"),
        width=8,
        thresholds=steps("transparent", (0.05, "red")),
    ),
    lines(
        "Requests by model",
        "Calls a second.",
        "reqps",
        Query(rate(REQUESTS, "model"), "{{model}}"),
        stacked=True,
        side=True,
        links=TO_USAGE,
    ),
    bars(
        "Errors in range by type",
        "Failed calls.",
        "short",
        Query(f"sort_desc(topk(5, round({counted(BAD, 'error_type')})) > 0)", "{{error_type}}"),
        colours=ERRORS,
        width=6,
    ),
    bars(
        "Worst models",
        "Failed calls of all, in the range. A model that only ever failed is called as it was asked for.",
        "percentunit",
        Query(f"sort_desc(topk(5, {ratio(increase(BAD, 'model'), increase(REQUESTS, 'model'))}))", "{{model}}"),
        width=6,
        thresholds=ERROR_STEPS,
        highest=1,
        links=TO_USAGE,
    ),
    lines(
        "Error share by model",
        "Failed calls of all.",
        "percentunit",
        Query(FAILING, "{{model}}"),
        side=True,
        links=TO_USAGE,
    ),
    lines(
        "Requests by $dimension",
        "Calls a second, the ten busiest values of the dimension chosen at the top.",
        "reqps",
        Query(f"topk(10, {named(rate(REQUESTS, '$dimension'))})", "{{$dimension}}"),
        stacked=True,
    ),
)
