"""Rows of `tokentail`: the overview, reading, and each sidecar."""

from __future__ import annotations

from dashboards.grafana import Json, Panel, Query, steps
from dashboards.own import (
    BAD_LINES,
    BEHIND,
    CALLS,
    INFO,
    LAG,
    LINES,
    LOST,
    METER_LAG,
    READ,
    SHIPPING_LAG,
    per_minute,
    refused,
)
from dashboards.panels import GOOD_AT_ZERO, lines, stat, table
from dashboards.queries import increase, rate, ratio, sidecar, total

OUTCOMES = {
    "call": "green", "part": "blue", "not_llm": "super-light-blue", "empty": "text",
    "bad_json": "red", "bad_usage": "dark-red", "oversize": "orange",
}  # fmt: skip
LOST_COLOURS = {
    "truncated": "red", "deleted": "orange", "unfinished": "yellow",
    "truncated_unsent": "semi-dark-red", "deleted_unsent": "semi-dark-orange", "unfinished_unsent": "semi-dark-yellow",
}  # fmt: skip
LAG_STEPS = steps("green", (1 << 20, "orange"), (16 << 20, "red"))

SMALL = 3
FAILING = sidecar("tokentail_checkpoint_failing")
BAD_SHARE = ratio(increase(BAD_LINES), increase(LINES))
OVERVIEW: tuple[Panel, ...] = (
    stat("Sidecars", "That answered the last scrape.", total(INFO), "short", decimals=0, width=SMALL),
    stat(
        "Metrics lag",
        "Bytes written to the logs and not yet metered, the worst sidecar.",
        f"max({METER_LAG})",
        "bytes",
        thresholds=LAG_STEPS,
        width=SMALL,
    ),
    stat(
        "Shipping lag",
        "Bytes written and not yet accepted by Loki or another sink, the worst. Nothing where there is none.",
        f"max({SHIPPING_LAG})",
        "bytes",
        thresholds=LAG_STEPS,
        width=SMALL,
    ),
    stat(
        "Lost bytes",
        "In the range: written, known, and gone before they were read or shipped.",
        increase(LOST),
        "bytes",
        thresholds=GOOD_AT_ZERO,
        width=SMALL,
    ),
    stat(
        "Refused entries",
        "Of the range: what Loki or another sink will never take. They are in the dead-letter file of that sink.",
        refused(),
        "short",
        decimals=0,
        thresholds=GOOD_AT_ZERO,
        width=SMALL,
    ),
    stat(
        "Unreadable lines",
        "Share of the range's lines that are no JSON, too long, or carry usage that cannot be believed.",
        BAD_SHARE,
        "percentunit",
        decimals=2,
        thresholds=steps("green", (0.01, "orange"), (0.05, "red")),
        width=SMALL,
    ),
    stat(
        "State not saved",
        "Sidecars that cannot write their checkpoint now. Their counters stand still until they can.",
        total(FAILING),
        "short",
        decimals=0,
        thresholds=GOOD_AT_ZERO,
        width=SMALL,
    ),
    stat(
        "Price age",
        "Of the oldest price table in use. Newer models and prices come with a newer tokentail or --prices.",
        f"time() - min({sidecar('tokentail_price_table_timestamp_seconds')})",
        "s",
        decimals=0,
        thresholds=steps("green", (90 * 86400, "orange"), (270 * 86400, "red")),
        width=SMALL,
    ),
)

READING: tuple[Panel, ...] = (
    lines(
        "Lag",
        "Bytes written and not yet consumed, the ten worst. It should fall back to zero within seconds.",
        "bytes",
        Query(f"topk(10, max by (instance, consumer) ({LAG}))", "{{instance}} {{consumer}}"),
    ),
    lines(
        "Read",
        "Bytes a second, the ten busiest sidecars.",
        "Bps",
        Query(f"topk(10, {rate(READ, 'instance')})", "{{instance}}"),
    ),
    lines(
        "Lines by outcome",
        "Lines a second: a call, a part of one, something else, or trouble.",
        "suffix:/s",
        Query(rate(LINES, "outcome"), "{{outcome}}"),
        colours=OUTCOMES,
        stacked=True,
    ),
    lines(
        "Unreadable lines",
        "Lines a minute. See `tokentail explain` for what is odd about them.",
        "short",
        Query(f"{rate(BAD_LINES, 'outcome')} * 60", "{{outcome}}"),
        colours=OUTCOMES,
        rare=True,
    ),
    lines(
        "Lost bytes",
        "In each interval, by cause. *_unsent were metered but had not reached Loki or another sink.",
        "bytes",
        Query(total(f"increase({LOST}[$__rate_interval])", "cause"), "{{cause}}"),
        colours=LOST_COLOURS,
        width=8,
        rare=True,
    ),
    lines(
        "Files and open calls",
        "Files followed, and calls of which only a part has been seen.",
        "short",
        Query(total(sidecar("tokentail_files")), "files"),
        Query(total(sidecar("tokentail_open_calls")), "open calls"),
        width=8,
    ),
    lines(
        "File errors",
        "Failed attempts a minute to open or read a file, by reason.",
        "short",
        Query(per_minute(sidecar("tokentail_file_errors_total"), "reason"), "{{reason}}"),
        colours={"none": "green"},
        width=8,
        rare=True,
    ),
    lines(
        "Memory",
        "Resident memory, the ten largest sidecars.",
        "bytes",
        Query(f"topk(10, {sidecar('process_resident_memory_bytes')})", "{{instance}}"),
    ),
    lines(
        "CPU",
        "Share of a core, the ten busiest sidecars.",
        "percentunit",
        Query(f"topk(10, {rate(sidecar('tokentail_cpu_seconds'), 'instance')})", "{{instance}}"),
    ),
)

RED: Json = {"custom.cellOptions": {"type": "color-text"}, "thresholds": GOOD_AT_ZERO, "decimals": 0}
COLUMNS: dict[str, tuple[str, str, Json]] = {
    "Read": (rate(READ, "instance"), "Bps", {"decimals": 1}),
    "Lag": (f"max by (instance) ({LAG})", "bytes", {}),
    "Calls a minute": (f"{rate(CALLS, 'instance')} * 60", "short", {"decimals": 1}),
    "Lost bytes": (increase(LOST, "instance"), "bytes", RED),
    "Refused entries": (refused("instance"), "short", RED),
    "Series overflow": (increase(sidecar("tokentail_series_overflow_total"), "instance"), "short", RED),
    "Since checkpoint": (f"max by (instance) ({BEHIND})", "s", {"decimals": 0}),
    "Samples": (f"max by (instance) ({sidecar('scrape_samples_scraped')})", "short", {"decimals": 0}),
}
ABOUT = "Those that read most first. Counts are of the range."
VERSIONS = lines(
    "Versions",
    "Sidecars by the version of tokentail they run.",
    "short",
    Query(f"count by (version) ({INFO})", "{{version}}"),
    stacked=True,
    width=24,
    height=5,
)
EACH: tuple[Panel, ...] = (table("Sidecars", ABOUT, "instance", COLUMNS, height=7), VERSIONS)
