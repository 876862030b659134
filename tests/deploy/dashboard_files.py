"""The dashboards of the generator taken apart: panels, links, and the names that their queries use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from dashboards.__main__ import files

MADE: dict[str, dict[str, Any]] = {path.name: json.loads(text) for path, text in files().items()}
STAND_INS = {
    "$__rate_interval": "20s", "$__range": "1m", "$daily_budget": "100", "$dimension": "tenant",
    "$namespace": ".*", "$value": ".*",
    "$job": ".+", "$instance": ".+", "$provider": ".+", "$model": ".+", "$log_job": ".+",
}  # fmt: skip
"""What Grafana would put in with everything chosen."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring) \(([^)]*)\)")


class Asked(NamedTuple):
    """One query of a panel, or of a variable, with the variables filled in."""

    where: str
    expr: str
    legend: str = ""
    logs: bool = False


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in MADE[name]["panels"] if panel["type"] != "row"]


def filled(text: str) -> str:
    """The longest names first: `$__range` is no `$__rate_interval`."""
    for variable in sorted(STAND_INS, key=len, reverse=True):
        text = text.replace(variable, STAND_INS[variable])
    return text


def asked(name: str) -> Iterator[Asked]:
    """Every query of every panel of the file."""
    for panel in panels(name):
        for target in panel["targets"]:
            where = f"{name}: {panel['title']}: {target['refId']}"
            logs = target["datasource"]["type"] == "loki"
            yield Asked(where, filled(target["expr"]), filled(target.get("legendFormat", "")), logs)


def used(expr: str) -> Iterator[tuple[str, str]]:
    """Each metric with each label that is matched on it, and `("", label)` for the labels of groupings."""
    for metric, inside in _SELECTOR.findall(_STRING.sub('""', expr)):
        yield metric, ""
        for matcher in filter(None, inside.split(",")):
            yield metric, re.split(r"[=!]", matcher)[0].strip()
    for inside in _GROUPING.findall(_STRING.sub('""', expr)):
        for label in filter(None, inside.split(",")):
            yield "", label.strip()


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object within."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)
