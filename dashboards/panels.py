"""The kinds of panels in use, each with the looks of the house. Knows no metric."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.grafana import Json, Panel, Query, coloured, override, steps

PLAIN = steps("text")
GOOD_AT_ZERO = steps("green", (1e-9, "red"))
"""For what should never happen."""
BY_NAME: Json = {"mode": "palette-classic-by-name"}
"""A model has the same colour in every panel."""
LAST: Json = {"calcs": ["lastNotNull"], "fields": "", "values": False}
LINE: Json = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "spanNulls": 120_000}
# Without a line: one on a stack would show series at zero as if they were the top.
STACK: Json = {**LINE, "lineWidth": 0, "fillOpacity": 60, "stacking": {"mode": "normal", "group": "A"}}
BELOW: Json = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
BESIDE: Json = {
    "showLegend": True, "displayMode": "table", "placement": "right",
    "calcs": ["lastNotNull"], "sortBy": "Last *", "sortDesc": True,
}  # fmt: skip


def stat(  # noqa: PLR0913 (keywords with defaults: a panel names only what is its own)
    title: str,
    description: str,
    expr: str,
    unit: str,
    *,
    thresholds: Json = PLAIN,
    decimals: int | None = None,
    width: int = 4,
    time_from: str | None = None,
    links: tuple[Json, ...] = (),
) -> Panel:
    """One number."""
    defaults: Json = {"unit": unit, "thresholds": thresholds, "color": {"mode": "thresholds"}, "noValue": "-"}
    if decimals is not None:
        defaults["decimals"] = decimals
    looks: Json = {"graphMode": "none", "colorMode": "value", "textMode": "value", "justifyMode": "center"}
    options: Json = {"reduceOptions": LAST, **looks, "orientation": "auto", "wideLayout": False}
    queries = (Query(expr, title, instant=True),)
    return Panel(title, description, "stat", width, 4, queries, defaults, options, links=links, time_from=time_from)


def lines(  # noqa: PLR0913 (as above)
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    colours: Mapping[str, str] | None = None,
    stacked: bool = False,
    width: int = 12,
    height: int = 8,
    highest: float | None = None,
    thresholds: Json = PLAIN,
    side: bool = False,
    logarithmic: bool = False,
    rare: bool = False,
    links: tuple[Json, ...] = (),
) -> Panel:
    """Curves over time; `side` puts a table of the series beside them, for many series, else a list stands below.

    `rare` is for what is nearly always zero: its axis does not go to 100 then.
    """
    custom: Json = {**(STACK if stacked else LINE), **({"axisSoftMax": 1} if rare else {})}
    if thresholds is not PLAIN:
        custom["thresholdsStyle"] = {"mode": "dashed"}
    if logarithmic:
        custom["scaleDistribution"] = {"type": "log", "log": 2}
    bounds: Json = {**({} if logarithmic else {"min": 0}), **({} if highest is None else {"max": highest})}
    defaults: Json = {"unit": unit, "color": BY_NAME, "custom": custom, "thresholds": thresholds, **bounds}
    options: Json = {"legend": BESIDE if side else BELOW, "tooltip": {"mode": "multi", "sort": "desc"}}
    fixed = coloured(colours or {})
    return Panel(title, description, "timeseries", width, height, queries, defaults, options, fixed, links=links)


def bars(  # noqa: PLR0913 (as above)
    title: str,
    description: str,
    unit: str,
    query: Query,
    *,
    colours: Mapping[str, str] | None = None,
    width: int = 8,
    height: int = 8,
    thresholds: Json | None = None,
    highest: float | None = None,
    links: tuple[Json, ...] = (),
) -> Panel:
    """A bar for each series, the values of now; more than six do not fit."""
    colour: Json = {"mode": "thresholds"} if thresholds else BY_NAME
    bounds: Json = {"min": 0, **({} if highest is None else {"max": highest})}
    defaults: Json = {"unit": unit, "color": colour, "thresholds": thresholds or PLAIN, **bounds}
    looks: Json = {"displayMode": "basic", "valueMode": "color", "namePlacement": "top", "showUnfilled": True}
    sizes: Json = {"sizing": "auto", "minVizHeight": 10, "minVizWidth": 0, "text": {"titleSize": 13, "valueSize": 14}}
    options: Json = {"reduceOptions": LAST, "orientation": "horizontal", **looks, **sizes}
    queries, fixed = (query._replace(instant=True),), coloured(colours or {})
    return Panel(title, description, "bargauge", width, height, queries, defaults, options, fixed, links=links)


def table(  # noqa: PLR0913 (as above)
    title: str,
    description: str,
    label: str,
    columns: Mapping[str, tuple[str, str, Json]],
    *,
    height: int = 9,
    links: tuple[Json, ...] = (),
) -> Panel:
    """A row for each value of `label`; `columns` gives each heading its expression, unit and further settings."""
    queries = tuple(Query(expr, "", "table", instant=True) for expr, _, _ in columns.values())
    names = {f"Value #{chr(ord('A') + at)}": name for at, name in enumerate(columns)}
    overrides = [override(name, {"unit": unit, **more}) for name, (_, unit, more) in columns.items()]
    overrides.append(override(label, {"custom.width": 240, "links": list(links)}))
    by_first = {"displayName": next(iter(columns)), "desc": True}
    options: Json = {"showHeader": True, "cellHeight": "sm", "sortBy": [by_first]}
    defaults: Json = {"unit": "short", "thresholds": PLAIN, "noValue": "-", "custom": {"align": "auto"}}
    changed: tuple[Json, ...] = (
        {"id": "merge", "options": {}},
        {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": names, "indexByName": {}}},
    )
    return Panel(title, description, "table", 24, height, queries, defaults, options, tuple(overrides), changed)


def lines_table(title: str, description: str, expr: str, columns: Mapping[str, tuple[str, Json]]) -> Panel:
    """A row for each line from Loki: what stands beside it as columns, each with its heading and further settings."""
    settings: Mapping[str, Json] = {"Time": {"custom.width": 180}, **dict(columns.values())}
    overrides = tuple(override(heading, its) for heading, its in settings.items())
    # Grafana has two names for the time of a line, as its own feature toggles say.
    headings = {"Time": "Time", "timestamp": "Time", **{name: heading for name, (heading, _) in columns.items()}}
    changed: tuple[Json, ...] = (
        {"id": "extractFields", "options": {"source": "labels", "format": "json", "replace": False, "keepTime": False}},
        {"id": "filterFieldsByName", "options": {"include": {"names": [*headings]}}},
        {
            "id": "convertFieldType",
            "options": {"conversions": [{"targetField": "cost_usd", "destinationType": "number"}], "fields": {}},
        },
        {
            "id": "organize",
            "options": {
                "indexByName": {name: at for at, name in enumerate(headings)},
                "renameByName": headings,
                "excludeByName": {},
            },
        },
    )
    options: Json = {"showHeader": True, "cellHeight": "sm"}
    defaults: Json = {"unit": "short", "noValue": "-", "custom": {"align": "auto"}}
    return Panel(title, description, "table", 24, 10, (Query(expr, logs=True),), defaults, options, overrides, changed)


def heat(title: str, description: str, unit: str, query: Query, *, width: int = 12) -> Panel:
    """How many fell into each bucket of a histogram over time; `query` is summed by `le`."""
    colour: Json = {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "reverse": False}
    options: Json = {
        "calculate": False,
        "cellGap": 1,
        "color": colour,
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "tooltip": {"mode": "single", "yHistogram": True},
        "yAxis": {"unit": unit, "axisPlacement": "left"},
    }
    queries = (query._replace(legend="{{le}}", format="heatmap"),)
    return Panel(title, description, "heatmap", width, 8, queries, {"unit": unit}, options)


def logs(title: str, description: str, expr: str) -> Panel:
    """Lines from Loki, the newest first."""
    shown: Json = {"showTime": True, "showLabels": False, "showCommonLabels": False, "enableLogDetails": True}
    layout: Json = {"wrapLogMessage": False, "prettifyLogMessage": False, "sortOrder": "Descending"}
    options: Json = {**shown, **layout, "dedupStrategy": "none"}
    return Panel(title, description, "logs", 24, 10, (Query(expr, logs=True),), {"unit": "short"}, options)
