"""Dashboard `Other profiles`: the panels of earlier systems on their own metric names, a row for each profile."""

from __future__ import annotations

from dashboards.grafana import Dashboard, Row
from dashboards.profiles_otel import OTEL, SCANIUM
from dashboards.profiles_pulled import MIXIN_PANELS, PROM_CLIENT
from dashboards.variables import PROFILES, targets


def dashboard() -> Dashboard:
    """As their own dashboards had them."""
    rows = (
        Row("Profile openai_mixin: gauges of the last call", MIXIN_PANELS),
        Row("Profile prom_client", PROM_CLIENT),
        Row("Profile scanium", SCANIUM),
        Row("Profile otel", OTEL),
    )
    about = "The panels of earlier systems on their own metric names. A row without its profile is empty."
    return Dashboard(
        "profiles", PROFILES, "Other profiles", about, ("tokentail",), targets("tokentail_build_info"), rows
    )
