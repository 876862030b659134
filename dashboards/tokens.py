"""Rows of `LLM usage` about models and tokens, and what its figures leave out."""

from __future__ import annotations

from dashboards.grafana import Json, Panel, Query
from dashboards.llm import (
    BAD,
    CACHED,
    COST,
    INPUT,
    KINDS,
    MISSING,
    OUTPUT,
    REASONING,
    REQUESTS,
    SOME,
    TO_SERVICE,
    TOKENS,
    UNPRICED,
    WRITTEN,
    minute,
)
from dashboards.panels import bars, lines, stat, table
from dashboards.queries import CALLS, counted, increase, mean, named, rate, ratio
from dashboards.variables import SERVICE, to_cell

BAR: Json = {
    "custom.cellOptions": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
    "min": 0,
    "fieldMinMax": True,
}
SECONDS = mean("llm_request_duration_seconds", CALLS, "model", window="$__range")
COLUMNS: dict[str, tuple[str, str, Json]] = {
    "Cost": (counted(COST, "model"), "currencyUSD", {**BAR, "color": {"mode": "fixed", "fixedColor": "green"}}),
    "Requests": (counted(REQUESTS, "model"), "locale", {"decimals": 0}),
    "Input tokens": (counted(INPUT, "model"), "short", {}),
    "Output tokens": (counted(OUTPUT, "model"), "short", {}),
    "Cached": (ratio(increase(CACHED, "model"), increase(INPUT, "model")), "percentunit", {"decimals": 0}),
    "Cost per request": (ratio(counted(COST, "model"), counted(REQUESTS, "model")), "currencyUSD", {}),
    "Errors": (ratio(increase(BAD, "model"), increase(REQUESTS, "model")), "percentunit", {"decimals": 1}),
    "Average time": (SECONDS, "s", {"decimals": 2}),
}
MODELS: tuple[Panel, ...] = (
    table(
        "Models",
        "The dearest first. A model that answered only with errors is called as it was asked for.",
        "model",
        COLUMNS,
        height=11,
        links=(to_cell(SERVICE, "Service of this model", "model"),),
    ),
    lines(
        "Requests by model",
        "Calls a minute, by the model that answered.",
        "short",
        Query(minute(REQUESTS, "model"), "{{model}}"),
        stacked=True,
        width=12,
        side=True,
        links=TO_SERVICE,
    ),
    bars(
        "Top 5 models",
        "By requests in the range.",
        "short",
        Query(f"sort_desc(topk(5, {counted(REQUESTS, 'model')}))", "{{model}}"),
        width=6,
    ),
    bars(
        "Requests by operation",
        "In the range: chat, text completion, embeddings and so on.",
        "short",
        Query(f"sort_desc({counted(REQUESTS, 'operation')})", "{{operation}}"),
        width=6,
    ),
)

FRESH = f"{minute(INPUT)} - {minute(CACHED)} - {minute(WRITTEN)}"
PARTS = {
    "input": FRESH, "cached input": minute(CACHED), "cache write": minute(WRITTEN),
    "output": f"{minute(OUTPUT)} - {minute(REASONING)}", "reasoning": minute(REASONING),
}  # fmt: skip
SUMS = increase(TOKENS), increase(INPUT), increase(OUTPUT)
A_REQUEST, READ, ANSWERED = (ratio(one, increase(REQUESTS)) for one in SUMS)
TOKEN_PANELS: tuple[Panel, ...] = (
    stat("Tokens a request", "Average of the range, input and output.", A_REQUEST, "locale", decimals=0),
    stat("Input a request", "Average of the range.", READ, "locale", decimals=0),
    stat("Output a request", "Average of the range.", ANSWERED, "locale", decimals=0),
    stat("Tokens a minute", "At the present rate.", minute(TOKENS), "short", decimals=1),
    stat("Input tokens", "In the range; cached ones are part of them.", counted(INPUT), "short", decimals=1),
    stat("Output tokens", "In the range; reasoning is part of them.", counted(OUTPUT), "short", decimals=1),
    lines(
        "Tokens by kind",
        "Tokens a minute. Nothing is shown twice: input without its cached part, output without its reasoning.",
        "short",
        *(Query(expr, name) for name, expr in PARTS.items()),
        colours=KINDS,
        stacked=True,
    ),
    lines(
        "Tokens by model",
        "Tokens a minute, input and output.",
        "short",
        Query(minute(TOKENS, "model"), "{{model}}"),
        stacked=True,
        side=True,
        links=TO_SERVICE,
    ),
    lines(
        "Tokens per request",
        "Average input and output tokens of a request over time.",
        "short",
        Query(ratio(rate(INPUT), rate(REQUESTS)), "input"),
        Query(ratio(rate(OUTPUT), rate(REQUESTS)), "output"),
        colours=KINDS,
        width=8,
    ),
    lines(
        "Cached share of input by model",
        "A fall to zero is a cache that no longer works; it makes input several times dearer.",
        "percentunit",
        Query(ratio(rate(CACHED, "model"), rate(INPUT, "model")), "{{model}}"),
        width=8,
        highest=1,
    ),
    lines(
        "Tokens by $dimension",
        "Tokens a minute, the ten largest values of the dimension chosen at the top.",
        "short",
        Query(f"topk(10, {named(minute(TOKENS, '$dimension'))})", "{{$dimension}}"),
        stacked=True,
        width=8,
    ),
)

MISSING_PANELS: tuple[Panel, ...] = (
    bars(
        "Unpriced calls by model",
        "In the range, the five with most. Give them a price with --prices; calls counted before are priced then.",
        "short",
        Query(f"sort_desc(topk(5, {counted(UNPRICED, 'model')}))", "{{model}}"),
        width=12,
        thresholds=SOME,
    ),
    lines(
        "Calls without usage",
        "Calls a minute whose tokens could not be known, by reason and model.",
        "short",
        Query(minute(MISSING, "model", "reason"), "{{model}} {{reason}}"),
        width=12,
    ),
)
