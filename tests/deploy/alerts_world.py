"""A healthy workload as series. Data only; the names are those of a scrape."""

from __future__ import annotations

from tests.deploy.alerts_promtool import Segment, counter, gauge

TARGET = 'job="tokentail",namespace="shop",app="assistant",instance="10.0.0.1:9847",pod="shop-1"'
CALLS = f'provider="openai",model="gpt-4o",operation="chat",{TARGET}'
PUSHED = f'{TARGET},sink="remote_write"'
SHIPPED = f'{TARGET},sink="splunk"'
LOST_CAUSES = ("truncated", "deleted", "unfinished", "truncated_unsent", "deleted_unsent", "unfinished_unsent")
MODEL = 'job="tokentail",namespace="shop",app="assistant",provider="openai",model="gpt-4o"'
JOB = 'job="tokentail",namespace="shop",app="assistant"'
OF_JOB = {"job": "tokentail", "namespace": "shop", "app": "assistant"}
OF_MODEL = {**OF_JOB, "provider": "openai", "model": "gpt-4o"}

# metric and labels, the growth of a minute; nothing here is worth an alert
COUNTERS: dict[str, float] = {
    f'llm_requests_total{{{CALLS},status="success",error_type=""}}': 10,
    f'llm_requests_total{{{CALLS},status="error",error_type="server_error"}}': 0,
    f'llm_requests_total{{{CALLS},status="error",error_type="rate_limit"}}': 0,
    f'llm_requests_total{{{CALLS},status="error",error_type="cancelled"}}': 1,
    f'llm_tokens_total{{{CALLS},type="input"}}': 500,
    f'llm_tokens_total{{{CALLS},type="output"}}': 200,
    f'llm_token_details_total{{{CALLS},detail="cached_input"}}': 200,
    f'llm_cost_usd_total{{{CALLS},source="estimated"}}': 0.01,
    f"llm_unpriced_requests_total{{{CALLS}}}": 0,
    f'llm_usage_missing_total{{{CALLS},reason="no_usage"}}': 0,
    **{
        f'llm_request_duration_seconds_bucket{{{CALLS},status="success",le="{bound}"}}': 10
        for bound in ("1.28", "2.56", "5.12", "10.24", "+Inf")
    },
    f'tokentail_lines_total{{{TARGET},outcome="call"}}': 10,
    f'tokentail_lines_total{{{TARGET},outcome="bad_json"}}': 0,
    f"tokentail_read_bytes_total{{{TARGET}}}": 9000,
    f'tokentail_loki_entries_total{{{TARGET},outcome="accepted"}}': 10,
    f'tokentail_loki_entries_total{{{TARGET},outcome="refused"}}': 0,
    f'tokentail_loki_entries_total{{{TARGET},outcome="doubtful"}}': 0,
    f"tokentail_loki_push_seconds_count{{{TARGET}}}": 6,
    f'tokentail_sink_entries_total{{{SHIPPED},outcome="accepted"}}': 10,
    f'tokentail_sink_entries_total{{{SHIPPED},outcome="refused"}}': 0,
    f'tokentail_sink_entries_total{{{SHIPPED},outcome="doubtful"}}': 0,
    f"tokentail_sink_push_seconds_count{{{SHIPPED}}}": 6,
    f"tokentail_sink_push_seconds_count{{{PUSHED}}}": 4,
    f'tokentail_pushed_samples_total{{{PUSHED},outcome="accepted"}}': 400,
    f'tokentail_pushed_samples_total{{{PUSHED},outcome="refused"}}': 0,
    **{f'tokentail_lost_bytes_total{{{TARGET},cause="{cause}"}}': 0 for cause in LOST_CAUSES},
    f"tokentail_series_overflow_total{{{TARGET}}}": 0,
    f'tokentail_file_errors_total{{{TARGET},reason="permission_denied"}}': 0,
}
GAUGES: dict[str, float] = {
    f'llm_rate_limit_remaining{{{CALLS},limit="requests"}}': 5000,
    f'llm_rate_limit_limit{{{CALLS},limit="requests"}}': 10_000,
    f'tokentail_lag_bytes{{{TARGET},consumer="meter"}}': 100,
    f'tokentail_lag_bytes{{{TARGET},consumer="loki"}}': 100,
    f'tokentail_lag_bytes{{{TARGET},consumer="splunk"}}': 100,
    f"tokentail_checkpoint_failing{{{TARGET}}}": 0,
    f'tokentail_build_info{{{TARGET},version="1"}}': 1,
    f"up{{{TARGET}}}": 1,
}


def healthy(minutes: int, *then: Segment, start: float = 7) -> dict[str, str]:
    """Every series for so many minutes, then as in `then`. A counter has been through something before: `start`."""
    return {
        **{name: counter((minutes, rate), *then, start=start) for name, rate in COUNTERS.items()},
        **{name: gauge((minutes, value), *then) for name, value in GAUGES.items()},
    }


def recorded(name: str, labels: str, *segments: Segment) -> dict[str, str]:
    return {f"{name}{{{labels}}}": gauge(*segments)}
