"""Rows of `LLM usage` about money: what is asked first, and where it goes."""

from __future__ import annotations

from dashboards.grafana import Panel, Query
from dashboards.llm import (
    BUDGET_STEPS,
    CACHED,
    COST,
    INPUT,
    MISSING,
    PROJECTED,
    REQUESTS,
    SOME,
    TO_SERVICE,
    TOKENS,
    UNPRICED,
    UNPRICED_TOKENS,
    hourly,
)
from dashboards.panels import bars, lines, stat
from dashboards.queries import counted, increase, named, or_zero, rate, ratio
from dashboards.variables import SERVICE, to_dashboard

TODAY = "now/d"

PRICED = f"({counted(REQUESTS)} - {counted(UNPRICED)})"
PRICED_TOKENS = f"({counted(TOKENS)} - {counted(UNPRICED_TOKENS)})"
MONEY: tuple[Panel, ...] = (
    stat("Spend per hour", "USD an hour at the present rate.", hourly(COST), "currencyUSD", decimals=2),
    stat(
        "Spend today",
        "USD since midnight UTC, as counted.",
        counted(COST),
        "currencyUSD",
        decimals=2,
        time_from=TODAY,
    ),
    stat(
        "Projected today",
        "Today's spend at midnight UTC if the rest of the day goes on like the last hour.",
        PROJECTED,
        "currencyUSD",
        decimals=2,
        time_from=TODAY,
    ),
    stat(
        "Budget used at midnight",
        "The projection as a share of the daily budget typed in at the top. Orange from 80 %, red from 100 %.",
        f"({PROJECTED}) / $daily_budget",
        "percentunit",
        decimals=0,
        thresholds=BUDGET_STEPS,
        time_from=TODAY,
    ),
    stat("Spend in range", "USD in the time range shown.", counted(COST), "currencyUSD", decimals=2),
    stat(
        "Unpriced calls",
        "Calls in the range whose model has no known price: their cost is missing from every figure here.",
        counted(UNPRICED),
        "short",
        decimals=0,
        thresholds=SOME,
        links=(to_dashboard(SERVICE, "Which models"),),
    ),
    stat(
        "Cost per request",
        "Average over the priced requests of the range.",
        ratio(counted(COST), PRICED),
        "currencyUSD",
    ),
    stat(
        "Cost per 1,000 tokens",
        "Average over all priced tokens of the range, input and output.",
        f"1000 * {ratio(counted(COST), PRICED_TOKENS)}",
        "currencyUSD",
    ),
    stat(
        "Cached share of input",
        "Input tokens from a provider's cache, which are cheaper. When it falls, prompts changed at their beginning.",
        ratio(increase(CACHED), increase(INPUT)),
        "percentunit",
        decimals=1,
    ),
    stat("Requests", "Calls in the range, failed ones too.", counted(REQUESTS), "locale", decimals=0),
    stat("Tokens", "Input and output tokens in the range.", counted(TOKENS), "short", decimals=1),
    stat(
        "Calls without usage",
        "Calls in the range whose tokens are not known, often streams that did not ask for it. Their cost is not here.",
        or_zero(increase(MISSING), increase(REQUESTS)),
        "short",
        decimals=0,
        thresholds=SOME,
    ),
)

SPEND: tuple[Panel, ...] = (
    lines(
        "Spend by model",
        "USD an hour. Click a series for the service of that model or its log lines.",
        "currencyUSD",
        Query(hourly(COST, "model"), "{{model}}", exemplar=True),
        stacked=True,
        width=16,
        side=True,
        links=TO_SERVICE,
    ),
    bars(
        "Cost by model",
        "USD in the range, the six dearest models.",
        "currencyUSD",
        Query(f"sort_desc(topk(6, {counted(COST, 'model')}))", "{{model}}"),
    ),
    lines(
        "Spend by provider",
        "USD an hour.",
        "currencyUSD",
        Query(hourly(COST, "provider"), "{{provider}}"),
        stacked=True,
        width=8,
    ),
    lines(
        "Spend by $dimension",
        "USD an hour, the ten dearest values of the dimension chosen at the top. Calls without one are called “none”.",
        "currencyUSD",
        Query(f"topk(10, {named(hourly(COST, '$dimension'))})", "{{$dimension}}"),
        stacked=True,
        width=8,
    ),
    lines(
        "Cost per request",
        "Average USD of a request by model: a rise is longer prompts, longer answers or a lost cache.",
        "currencyUSD",
        Query(ratio(rate(COST, "model"), rate(REQUESTS, "model")), "{{model}}", exemplar=True),
        width=8,
        links=TO_SERVICE,
    ),
)
