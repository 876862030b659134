"""The variables at the top of a dashboard, and the links from one to the others and to the log lines in Loki."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from dashboards.grafana import LOKI, PROMETHEUS, Json

USAGE, SERVICE, HEALTH, PROFILES = "tokentail-usage", "tokentail-service", "tokentail-health", "tokentail-profiles"

KNOWN_LABELS = (
    "__name__", "cluster", "container", "endpoint", "error_type", "exported_.*", "gen_ai_.*", "instance", "job", "le",
    "limit", "model", "namespace", "node", "pod", "prometheus", "provider", "service", "status", "type",
)  # fmt: skip
"""Labels of every call's metrics that are no dimension of the application, or have a variable of their own."""

CALL_VARIABLES = ("job", "instance", "namespace", "provider", "model")
_KEPT = re.compile(r"\$\{[^}]*\}")


def datasource(name: str, kind: str) -> Json:
    return {
        "name": name, "label": kind.capitalize(), "type": "datasource", "query": kind, "regex": "",
        "hide": 0, "multi": False, "includeAll": False, "refresh": 1, "options": [], "current": {},
    }  # fmt: skip


def query(name: str, label: str, text: str, *, all_value: str = ".+", loki: bool = False) -> Json:
    """Values found in the data source; any number of them may be chosen, all at first."""
    return {
        "name": name, "label": label, "type": "query", "datasource": LOKI if loki else PROMETHEUS,
        "query": {"query": text, "refId": name}, "definition": text, "regex": "", "sort": 1,
        "refresh": 2,  # when the time range changes: pods come and go
        "hide": 0, "multi": True, "includeAll": True, "allValue": all_value, "options": [],
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }  # fmt: skip


def targets(metric: str) -> tuple[Json, ...]:
    """Which sidecars: the labels that the scraper gives."""
    return (
        datasource("prometheus_datasource", "prometheus"),
        query("job", "Job", f"label_values({metric}, job)"),
        # A scrape without Kubernetes gives no namespace: everything must match it too.
        query("namespace", "Namespace", f'label_values({metric}{{job=~"$job"}}, namespace)', all_value=".*"),
        query("instance", "Instance", f'label_values({metric}{{job=~"$job",namespace=~"$namespace"}}, instance)'),
    )


def call_variables() -> tuple[Json, ...]:
    """Which calls: provider, model, and one dimension of the application with its values."""
    chosen = 'job=~"$job",instance=~"$instance",namespace=~"$namespace"'
    requests = f"llm_requests_total{{{chosen}}}"
    models = f'llm_requests_total{{{chosen},provider=~"$provider"}}'
    dimension = query("dimension", "Dimension", f"label_names({requests})")
    one: Json = {"multi": False, "includeAll": False, "allValue": None}
    dimension |= {**one, "regex": f"/^(?!(?:{'|'.join(KNOWN_LABELS)})$).+$/"}
    # `operation` is there whatever the configuration, so that the queries are never broken.
    dimension["current"] = {"selected": True, "text": "operation", "value": "operation"}
    return (
        *targets("llm_requests_total"),
        query("provider", "Provider", f"label_values({requests}, provider)"),
        query("model", "Model", f"label_values({models}, model)"),
        dimension,
        query("value", "Value", f"label_values({requests}, $dimension)", all_value=".*"),
    )


def log_variables() -> tuple[Json, ...]:
    """Where the lines are, by Loki's own label `job`, which need not be the scraper's; and the traces, if any."""
    logs = (datasource("loki_datasource", "loki"), query("log_job", "Log job", "label_values(job)", loki=True))
    return (*logs, datasource("tempo_datasource", "tempo"))


def budget() -> Json:
    """USD a day, typed in by whoever looks."""
    return {
        "name": "daily_budget", "label": "USD a day", "type": "textbox", "query": "100", "hide": 0,
        "options": [{"selected": True, "text": "100", "value": "100"}],
        "current": {"selected": True, "text": "100", "value": "100"},
    }  # fmt: skip


def to_dashboard(uid: str, title: str, *, label: str = "") -> Json:
    """A link that keeps time and variables; with `label` it narrows that variable to the series clicked on."""
    kept = "&".join(f"${{{name}:queryparam}}" for name in CALL_VARIABLES if name != label)
    clicked = f"&var-{label}=${{__field.labels.{label}}}" if label else ""
    return {"title": title, "url": f"/d/{uid}?${{__url_time_range}}&{kept}{clicked}"}


def to_cell(uid: str, title: str, label: str) -> Json:
    """The same from a table's cell."""
    kept = "&".join(f"${{{name}:queryparam}}" for name in CALL_VARIABLES if name != label)
    return {"title": title, "url": f"/d/{uid}?${{__url_time_range}}&{kept}&var-{label}=${{__value.text}}"}


def to_logs(title: str, *filters: str) -> Json:
    """A link into Explore: the lines that match what tokentail put into their structured metadata."""
    pipeline = "".join(f" | {one}" for one in filters)
    return _to_explore(title, "loki", {"expr": f"{{job=~`${{log_job:pipe}}`}}{pipeline}"})


def to_trace(title: str) -> Json:
    """A link from a trace id to the trace, in the tracing data source chosen at the top."""
    return _to_explore(title, "tempo", {"queryType": "traceql", "query": "${__value.raw}"})


def to_traces(title: str, *conditions: str) -> Json:
    """A link into Explore: the traces that have such a span, by the attributes of OpenTelemetry's GenAI conventions."""
    return _to_explore(title, "tempo", {"queryType": "traceql", "query": f"{{ {' && '.join(conditions)} }}"})


def _to_explore(title: str, kind: str, query: Json) -> Json:
    source = f"${{{kind}_datasource}}"
    asked = {"refId": "A", **query, "datasource": {"type": kind, "uid": source}}
    times = {"from": "${__from}", "to": "${__to}"}
    panes = json.dumps({kind: {"datasource": source, "queries": [asked], "range": times}})
    # Grafana fills in ${…} before it opens the address, so those must not be encoded.
    parts = zip(_KEPT.split(panes), [*_KEPT.findall(panes), ""], strict=True)
    return {
        "title": title,
        "url": "/explore?schemaVersion=1&panes=" + "".join(quote(text, safe="") + kept for text, kept in parts),
        "targetBlank": True,
    }
