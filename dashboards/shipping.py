"""Rows of `tokentail`: shipping to Loki and to other receivers, the state, limits and scrapes."""

from __future__ import annotations

from dashboards.grafana import Json, Panel, Query, override
from dashboards.own import BEHIND, ENTRIES, PUSH, READ, SINK_ENTRIES, SINK_PUSH, per_minute
from dashboards.panels import heat, lines
from dashboards.queries import RATE, SIDECAR, mean, quantile, rate, sidecar, total

# Loki's colours. Others have those of their names, since they may be several.
REASONS = {
    "loki none": "green",
    "loki connection": "red",
    "loki timeout": "purple",
    "loki rate_limited": "orange",
    "loki server_error": "yellow",
}
OUTCOMES = {"loki accepted": "green", "loki mended": "yellow", "loki refused": "red", "loki doubtful": "orange"}
NOT_TAKEN = "/^(?!loki ).* (refused|doubtful)$/"
LETTERS = {"loki kept": "blue", "loki failed": "red", "loki discarded": "orange", "loki expired": "yellow"}


def others_over(stack: Panel) -> Panel:
    """The second query as lines over the stack of the first: each sink settles the same entries anew."""
    looks: Json = {"custom.lineWidth": 2, "custom.fillOpacity": 0, "custom.stacking": {"mode": "none", "group": "A"}}
    red: Json = {"color": {"mode": "fixed", "fixedColor": "dark-red"}}
    others = override("B", looks, by="byFrameRefID"), override(NOT_TAKEN, red, by="byRegexp")
    return stack._replace(overrides=(*stack.overrides, *others))


SHIPPING: tuple[Panel, ...] = (
    others_over(
        lines(
            "Entries settled",
            "Entries a second, by what each sink did with them; Loki's are an area, those of others lines over it.",
            "suffix:/s",
            Query(rate(ENTRIES, "outcome"), "loki {{outcome}}"),
            Query(rate(SINK_ENTRIES, "sink", "outcome"), "{{sink}} {{outcome}}"),
            colours=OUTCOMES,
            stacked=True,
            width=8,
        )
    ),
    lines(
        "Retries",
        "Pushes a minute that had to be repeated, by receiver and reason. Nothing is lost by them; the lag grows.",
        "short",
        Query(per_minute(sidecar("tokentail_loki_retries_total"), "reason"), "loki {{reason}}"),
        Query(f"{rate(sidecar('tokentail_sink_retries_total'), 'sink', 'reason')} * 60", "{{sink}} {{reason}}"),
        colours=REASONS,
        width=8,
        rare=True,
    ),
    lines(
        "Bytes sent",
        "Bytes a second on the wire to each receiver, compressed, beside what was read.",
        "Bps",
        Query(rate(sidecar("tokentail_loki_push_bytes_total")), "loki"),
        Query(rate(READ), "read"),
        Query(rate(sidecar("tokentail_sink_push_bytes_total"), "sink"), "{{sink}}"),
        colours={"loki": "blue", "read": "text"},
        width=8,
    ),
    lines(
        "Time of a push",
        "From sending to the answer; of receivers beside Loki the 95th percentile.",
        "s",
        *(Query(quantile(share, PUSH), f"loki {name}") for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))),
        Query(mean("tokentail_loki_push_seconds", SIDECAR), "loki average"),
        Query(quantile(0.95, SINK_PUSH, "sink"), "{{sink}} p95"),
        colours={"loki p50": "green", "loki p95": "orange", "loki p99": "red", "loki average": "blue"},
        width=8,
    ),
    heat(
        "Times of pushes",
        "How many pushes a second took how long, to all receivers together.",
        "s",
        Query(total(f"rate({PUSH}[{RATE}]) or rate({SINK_PUSH}[{RATE}])", "le")),
        width=8,
    ),
    lines(
        "Dead letters",
        "Refused entries a minute, by sink and by what became of them. “failed” could not be set aside.",
        "short",
        Query(f"{rate(sidecar('tokentail_dead_letters_total'), 'outcome')} * 60", "loki {{outcome}}"),
        Query(f"{rate(sidecar('tokentail_sink_dead_letters_total'), 'sink', 'outcome')} * 60", "{{sink}} {{outcome}}"),
        colours=LETTERS,
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
