"""Dashboard `LLM usage`: what the calls cost and how many tokens they used."""

from __future__ import annotations

from dashboards.grafana import Dashboard, Row
from dashboards.money import MONEY, SPEND
from dashboards.tokens import MISSING_PANELS, MODELS, TOKEN_PANELS
from dashboards.variables import USAGE, budget, call_variables, log_variables


def dashboard() -> Dashboard:
    """Money first."""
    rows = (
        Row("Money", MONEY),
        Row("Spend", SPEND),
        Row("Models", MODELS),
        Row("Tokens", TOKEN_PANELS),
        Row("What the figures leave out", MISSING_PANELS),
    )
    about = "What the LLM calls cost and which tokens they used, from the log lines of the applications."
    variables = (*call_variables(), budget(), *log_variables())
    return Dashboard("llm-usage", USAGE, "LLM usage", about, ("tokentail", "llm"), variables, rows, since="now-24h")
