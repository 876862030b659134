"""What the rows about tokentail itself share: its metrics as the variables choose them. No panel."""

from __future__ import annotations

from dashboards.queries import named_zero, rate, sidecar

INFO = sidecar("tokentail_build_info")
LINES, READ = sidecar("tokentail_lines_total"), sidecar("tokentail_read_bytes_total")
LAG, SAVED = sidecar("tokentail_lag_bytes"), sidecar("tokentail_checkpoint_timestamp_seconds")
LOST, ENTRIES = sidecar("tokentail_lost_bytes_total"), sidecar("tokentail_loki_entries_total")
PUSH = sidecar("tokentail_loki_push_seconds_bucket")
REFUSED = sidecar("tokentail_loki_entries_total", 'outcome="refused"')
CALLS = sidecar("tokentail_lines_total", 'outcome="call"')
BAD_LINES = sidecar("tokentail_lines_total", 'outcome=~"bad_json|bad_usage|oversize"')
METER_LAG, LOKI_LAG = (sidecar("tokentail_lag_bytes", f'consumer{one}"meter"') for one in ("=", "!="))
BEHIND = f"time() - {SAVED}"


def per_minute(selector: str, label: str) -> str:
    """A counter whose series appear only with the first trouble."""
    return named_zero(f"{rate(selector, label)} * 60", label, INFO)
