"""What the rows about calls share: metrics as the variables choose them, colours, thresholds, links. No panel."""

from __future__ import annotations

from dashboards.grafana import steps
from dashboards.queries import calls, counted, rate
from dashboards.variables import SERVICE, USAGE, to_dashboard, to_logs, to_traces

COST, REQUESTS, TOKENS = calls("llm_cost_usd_total"), calls("llm_requests_total"), calls("llm_tokens_total")
INPUT, OUTPUT = calls("llm_tokens_total", 'type="input"'), calls("llm_tokens_total", 'type="output"')
CACHED = calls("llm_token_details_total", 'detail="cached_input"')
WRITTEN = calls("llm_token_details_total", 'detail="cache_write"')
REASONING = calls("llm_token_details_total", 'detail="reasoning"')
UNPRICED, UNPRICED_TOKENS = calls("llm_unpriced_requests_total"), calls("llm_unpriced_tokens_total")
MISSING = calls("llm_usage_missing_total")
GOOD, BAD = calls("llm_requests_total", 'status="success"'), calls("llm_requests_total", 'status="error"')
LIMITED = calls("llm_requests_total", 'error_type=~"rate_limit|quota_exceeded"')
TOOK, FIRST = calls("llm_request_duration_seconds_bucket"), calls("llm_time_to_first_token_seconds_bucket")
HEADROOM = f"{calls('llm_rate_limit_remaining')} / ({calls('llm_rate_limit_limit')} > 0)"

PROJECTED = f"{counted(COST)} + sum(rate({COST}[1h])) * (86400 - time() % 86400)"
"""What has been spent since midnight UTC, and the rest of the day at the rate of the last hour."""

KINDS = {
    "input": "blue", "cached input": "purple", "cache write": "semi-dark-purple",
    "output": "orange", "reasoning": "red",
}  # fmt: skip
QUANTILES = {"p50": "green", "p95": "orange", "p99": "red"}
ERRORS = {
    "rate_limit": "orange", "quota_exceeded": "dark-orange", "server_error": "red", "overloaded": "semi-dark-red",
    "timeout": "purple", "connection": "dark-purple", "invalid_request": "blue", "context_length": "light-blue",
    "content_filter": "yellow",
    "authentication": "dark-blue", "permission": "semi-dark-blue",
    "not_found": "dark-yellow",
    "cancelled": "light-purple", "unknown": "text",
}  # fmt: skip
SOME = steps("green", (0.5, "orange"))
BUDGET_STEPS = steps("green", (0.8, "orange"), (1, "red"))
SUCCESS_STEPS = steps("red", (0.95, "orange"), (0.99, "green"))
ERROR_STEPS = steps("green", (0.01, "orange"), (0.05, "red"))
LATENCY_STEPS = steps("green", (2, "orange"), (5, "red"))
HEADROOM_STEPS = steps("red", (0.1, "orange"), (0.25, "green"))

LOGS_OF_MODEL = to_logs("Log lines of this model", "model=`${__field.labels.model}`")
TRACES_OF_MODEL = to_traces("Traces of this model", "span.gen_ai.response.model = `${__field.labels.model}`")
TO_SERVICE = (to_dashboard(SERVICE, "Service of this model", label="model"), LOGS_OF_MODEL, TRACES_OF_MODEL)
TO_USAGE = (
    to_logs("Failed calls of this model", "status=`error`", "model=`${__field.labels.model}`"),
    LOGS_OF_MODEL,
    TRACES_OF_MODEL,
    to_dashboard(USAGE, "Usage of this model", label="model"),
)


def minute(selector: str, *by: str) -> str:
    return f"{rate(selector, *by)} * 60"


def hourly(selector: str, *by: str) -> str:
    return f"{rate(selector, *by)} * 3600"
