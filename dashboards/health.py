"""Dashboard `tokentail`: whether the sidecars keep up, lose nothing and are scraped."""

from __future__ import annotations

from dashboards.grafana import Dashboard, Row
from dashboards.shipping import SHIPPING, STATE
from dashboards.sidecars import EACH, OVERVIEW, READING
from dashboards.variables import HEALTH, targets


def dashboard() -> Dashboard:
    """Loss and lag first."""
    rows = (
        Row("Overview", OVERVIEW),
        Row("Reading", READING),
        Row("Shipping", SHIPPING),
        Row("State, limits and scrapes", STATE),
        Row("Each sidecar", EACH),
    )
    about = "Whether the tokentail sidecars keep up with the logs, lose nothing, and save their state."
    return Dashboard("tokentail", HEALTH, "tokentail", about, ("tokentail",), targets("tokentail_build_info"), rows)
