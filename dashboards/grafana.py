"""Grafana's classic JSON: panels, rows and dashboards as data. Knows no metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Json = dict[str, object]

COLUMNS = 24
PROMETHEUS: Json = {"type": "prometheus", "uid": "${prometheus_datasource}"}
LOKI: Json = {"type": "loki", "uid": "${loki_datasource}"}
SCHEMA_VERSION = 39


class Query(NamedTuple):
    """One query of a panel; `legend` is Grafana's legend format."""

    expr: str
    legend: str = ""
    format: str = "time_series"
    instant: bool = False
    logs: bool = False
    exemplar: bool = False
    """Shows calls as points beside the curves, each with a link to its trace."""


class Panel(NamedTuple):
    """A panel without its place: rows lay panels out from left to right."""

    title: str
    description: str
    kind: str
    width: int
    height: int
    queries: tuple[Query, ...]
    defaults: Json
    options: Json
    overrides: tuple[Json, ...] = ()
    transformations: tuple[Json, ...] = ()
    links: tuple[Json, ...] = ()
    time_from: str | None = None

    def json(self, number: int, x: int, y: int) -> Json:
        source = LOKI if any(query.logs for query in self.queries) else PROMETHEUS
        defaults = {**self.defaults, **({"links": list(self.links)} if self.links else {})}
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": source,
            "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "targets": [target(query, chr(ord("A") + at)) for at, query in enumerate(self.queries)],
            "fieldConfig": {"defaults": defaults, "overrides": list(self.overrides)},
            "options": self.options,
            **({"transformations": list(self.transformations)} if self.transformations else {}),
            **({"timeFrom": self.time_from, "hideTimeOverride": True} if self.time_from else {}),
        }


class Row(NamedTuple):
    """A heading and the panels under it."""

    title: str
    panels: tuple[Panel, ...]


class Dashboard(NamedTuple):
    """One file: `name` is the file's, `uid` what links refer to."""

    name: str
    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    variables: tuple[Json, ...]
    rows: tuple[Row, ...]
    since: str = "now-6h"

    def json(self) -> Json:
        return {
            "id": None,
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": list(self.tags),
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "graphTooltip": 1,  # one crosshair for all panels
            "timezone": "utc",
            "refresh": "1m",
            "time": {"from": self.since, "to": "now"},
            "timepicker": {},
            "annotations": {"list": []},
            "links": [_neighbours()],
            "templating": {"list": list(self.variables)},
            "panels": laid_out(self.rows),
        }


def target(query: Query, ref: str) -> Json:
    """A query as a panel has it."""
    common: Json = {"refId": ref, "datasource": LOKI if query.logs else PROMETHEUS, "expr": query.expr}
    if query.logs:
        return {**common, "queryType": "range", "maxLines": 100}
    kind: Json = {"instant": True, "range": False} if query.instant else {"instant": False, "range": True}
    shown: Json = {"format": query.format, "legendFormat": query.legend, "editorMode": "code", **kind}
    return {**common, **shown, **({"exemplar": True} if query.exemplar else {})}


def laid_out(rows: Sequence[Row]) -> list[Json]:
    """Panels from left to right, a new line when one does not fit; ids count up, so the JSON is stable."""
    out: list[Json] = []
    y = 0
    for row in rows:
        place: Json = {"h": 1, "w": COLUMNS, "x": 0, "y": y}
        heading: Json = {"id": len(out) + 1, "type": "row", "title": row.title, "collapsed": False, "panels": []}
        out.append({**heading, "gridPos": place})
        y += 1
        x = tallest = 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            out.append(panel.json(len(out) + 1, x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return out


def override(name: str, properties: Mapping[str, object], *, by: str = "byName") -> Json:
    """Settings for one field: `by` is Grafana's matcher."""
    return {
        "matcher": {"id": by, "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def coloured(colours: Mapping[str, str]) -> tuple[Json, ...]:
    """One colour for each name, the same in every panel that shows it."""
    return tuple(override(name, {"color": {"mode": "fixed", "fixedColor": hue}}) for name, hue in colours.items())


def steps(base: str, *above: tuple[float, str]) -> Json:
    """Thresholds: the colour at the bottom, then from each value on."""
    all_steps: Iterable[Json] = ({"color": colour, "value": value} for value, colour in ((None, base), *above))
    return {"mode": "absolute", "steps": list(all_steps)}


def _neighbours() -> Json:
    """The other dashboards of the family, with the time and the variables carried over."""
    return {
        "type": "dashboards",
        "title": "tokentail",
        "tags": ["tokentail"],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    }
