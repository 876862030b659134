"""Dashboard `LLM service`: how well the providers answer, how fast, and how near the rate limits are."""

from __future__ import annotations

from dashboards.grafana import Dashboard, Row
from dashboards.speed import LATENCY, LIMITS, LOG_LINES
from dashboards.traffic import OVERVIEW, TRAFFIC
from dashboards.variables import SERVICE, call_variables, log_variables


def dashboard() -> Dashboard:
    """What fails first, then what is slow."""
    rows = (
        Row("Overview", OVERVIEW),
        Row("Traffic and errors", TRAFFIC),
        Row("Latency", LATENCY),
        Row("Rate limits", LIMITS),
        Row("Log lines", LOG_LINES),
    )
    about = "How well the LLM providers answer, how fast, and how near the rate limits are."
    variables = (*call_variables(), *log_variables())
    return Dashboard("llm-service", SERVICE, "LLM service", about, ("tokentail", "llm"), variables, rows)
