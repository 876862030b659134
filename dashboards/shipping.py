"""Rows of `tokentail`: shipping to Loki, the state, limits and scrapes."""

from __future__ import annotations

from dashboards.grafana import Panel, Query
from dashboards.own import BEHIND, ENTRIES, PUSH, READ, per_minute
from dashboards.panels import heat, lines
from dashboards.queries import SIDECAR, mean, quantile, rate, sidecar

REASONS = {
    "none": "green",
    "connection": "red",
    "timeout": "purple",
    "rate_limited": "orange",
    "server_error": "yellow",
}

SHIPPING: tuple[Panel, ...] = (
    lines(
        "Entries settled",
        "Entries a second, by what Loki did with them.",
        "suffix:/s",
        Query(rate(ENTRIES, "outcome"), "{{outcome}}"),
        colours={"accepted": "green", "mended": "yellow", "refused": "red"},
        stacked=True,
        width=8,
    ),
    lines(
        "Retries",
        "Pushes a minute that had to be repeated, by reason. Nothing is lost by them; the lag grows.",
        "short",
        Query(per_minute(sidecar("tokentail_loki_retries_total"), "reason"), "{{reason}}"),
        colours=REASONS,
        width=8,
        rare=True,
    ),
    lines(
        "Bytes sent",
        "Bytes a second on the wire, compressed, beside what was read.",
        "Bps",
        Query(rate(sidecar("tokentail_loki_push_bytes_total")), "sent"),
        Query(rate(READ), "read"),
        colours={"sent": "blue", "read": "text"},
        width=8,
    ),
    lines(
        "Time of a push",
        "From sending to Loki's answer.",
        "s",
        *(Query(quantile(share, PUSH), name) for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))),
        Query(mean("tokentail_loki_push_seconds", SIDECAR), "average"),
        colours={"p50": "green", "p95": "orange", "p99": "red", "average": "blue"},
        width=8,
    ),
    heat("Times of pushes", "How many pushes a second took how long.", "s", Query(rate(PUSH, "le")), width=8),
    lines(
        "Dead letters",
        "Refused entries a minute, by what became of them. “failed” could not be set aside.",
        "short",
        Query(f"{rate(sidecar('tokentail_dead_letters_total'), 'outcome')} * 60", "{{outcome}}"),
        colours={"kept": "blue", "failed": "red", "discarded": "orange", "expired": "yellow"},
        width=8,
        rare=True,
    ),
)

GIVEN_UP = "tokentail_unpriced_given_up_total", "tokentail_open_calls_dropped_total"
STATE: tuple[Panel, ...] = (
    lines(
        "Since the last checkpoint",
        "The ten longest. It grows too while nothing is written to the log; it is trouble only with errors beside it.",
        "s",
        Query(f"topk(10, max by (instance) ({BEHIND}))", "{{instance}}"),
        width=8,
    ),
    lines(
        "Checkpoint errors",
        "Checkpoints a minute that could not be written, by sidecar.",
        "short",
        Query(f"topk(10, {rate(sidecar('tokentail_checkpoint_errors_total'), 'instance')} * 60)", "{{instance}}"),
        width=8,
        rare=True,
    ),
    lines(
        "Limits reached",
        "A minute: updates put into __other__ as a family is full, calls no price added later will reach, and calls "
        "given up while open.",
        "short",
        Query(f"{rate(sidecar('tokentail_series_overflow_total'))} * 60", "series overflow"),
        Query(f"{rate(sidecar(GIVEN_UP[0]))} * 60", "unpriced given up"),
        Query(f"{rate(sidecar(GIVEN_UP[1]))} * 60", "open calls dropped"),
        colours={"series overflow": "red", "unpriced given up": "orange", "open calls dropped": "yellow"},
        width=8,
        rare=True,
    ),
    lines(
        "Samples a scrape",
        "What a scrape of a sidecar costs Prometheus, the ten largest.",
        "short",
        Query(f"topk(10, {sidecar('scrape_samples_scraped')})", "{{instance}}"),
        width=8,
    ),
    lines(
        "Time of a scrape",
        "tokentail saves its state before it answers, so a slow disk shows here.",
        "s",
        Query(f"topk(10, {sidecar('scrape_duration_seconds')})", "{{instance}}"),
        width=8,
    ),
    lines(
        "Refused requests and reloads",
        "A minute: requests to the HTTP port that were refused, by reason, and configurations read anew.",
        "short",
        Query(per_minute(sidecar("tokentail_http_refused_total"), "reason"), "refused: {{reason}}"),
        Query(f"{rate(sidecar('tokentail_reloads_total'), 'outcome')} * 60", "reload {{outcome}}"),
        width=8,
        rare=True,
    ),
)
