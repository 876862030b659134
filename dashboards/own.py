"""What the rows about tokentail itself share: its metrics as the variables choose them. No panel."""

from __future__ import annotations

from dashboards.queries import RANGE, named_zero, rate, sidecar, total

INFO = sidecar("tokentail_build_info")
LINES, READ = sidecar("tokentail_lines_total"), sidecar("tokentail_read_bytes_total")
LAG, SAVED = sidecar("tokentail_lag_bytes"), sidecar("tokentail_checkpoint_timestamp_seconds")
LOST, ENTRIES = sidecar("tokentail_lost_bytes_total"), sidecar("tokentail_loki_entries_total")
PUSH = sidecar("tokentail_loki_push_seconds_bucket")
# What Loki has families of its own for, every other receiver has here, by `sink`.
SINK_ENTRIES, SINK_PUSH = sidecar("tokentail_sink_entries_total"), sidecar("tokentail_sink_push_seconds_bucket")
CALLS = sidecar("tokentail_lines_total", 'outcome="call"')
BAD_LINES = sidecar("tokentail_lines_total", 'outcome=~"bad_json|bad_usage|oversize"')
METER_LAG, SHIPPING_LAG = (sidecar("tokentail_lag_bytes", f'consumer{one}"meter"') for one in ("=", "!="))
BEHIND = f"time() - {SAVED}"


def refused(*by: str) -> str:
    """Entries of the range that Loki and the other sinks have refused, all together."""
    outcomes = 'outcome=~"refused|doubtful"'
    loki, others = (sidecar(f"tokentail_{whose}_entries_total", outcomes) for whose in ("loki", "sink"))
    return total(f"increase({loki}[{RANGE}]) or increase({others}[{RANGE}])", *by)


def per_minute(selector: str, label: str) -> str:
    """A counter whose series appear only with the first trouble."""
    return named_zero(f"{rate(selector, label)} * 60", label, INFO)
