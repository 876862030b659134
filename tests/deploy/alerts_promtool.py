"""Runs rules on made-up series with Prometheus's own tool; knows nothing of what the rules mean."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

RULES = Path(__file__).parents[2] / "deploy" / "alerts" / "rules.yaml"

Json = dict[str, Any]
Segment = tuple[int, float | None]
"""Minutes, and by how much a counter grows in each, or what a gauge is; None: there is no sample."""


class Alert(NamedTuple):
    """A firing alert."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class Expected(NamedTuple):
    """Which alerts of a name fire at a minute."""

    minute: int
    name: str
    alerts: tuple[Alert, ...] = ()


@functools.cache
def rule_groups() -> list[Json]:
    """The groups of the rules file as they are shipped; nobody changes them."""
    groups: list[Json] = yaml.safe_load(RULES.read_text())["groups"]
    return groups


def rules(kind: str) -> dict[str, Json]:
    """All rules of a kind, `alert` or `record`, by name."""
    found: list[Json] = [rule for group in rule_groups() for rule in group["rules"]]
    return {str(rule[kind]): rule for rule in found if kind in rule}


def counter(*segments: Segment, start: float = 0) -> str:
    """Samples a minute apart of what grows at these rates, in promtool's notation; a rate below 0 is a reset to 0."""
    parts, value = [], start
    for minutes, rate in segments:
        if rate is None:
            parts.append(f"_x{minutes}")
        elif rate < 0:
            parts.append(f"0x{minutes - 1}")
            value = 0
        else:
            parts.append(f"{value + rate!r}+{rate!r}x{minutes - 1}")
            value += minutes * rate
    return " ".join(parts)


def gauge(*segments: Segment) -> str:
    """Samples a minute apart of what stays at these values."""
    return " ".join(f"_x{minutes}" if value is None else f"{value:g}x{minutes - 1}" for minutes, value in segments)


def verdict(
    folder: Path, series: Mapping[str, str], expected: Iterable[Expected], groups: list[Json], every_minutes: int = 1
) -> str:
    """What promtool says against it, empty when everything is as expected. Minute 0 is that of the first sample."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool of Prometheus is not installed")
    cases = [
        {
            "eval_time": f"{it.minute}m",
            "alertname": it.name,
            "exp_alerts": [{"exp_labels": {**a.labels}, "exp_annotations": {**a.annotations}} for a in it.alerts],
        }
        for it in expected
    ]
    samples = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": samples, "alert_rule_test": cases}
    order = [group["name"] for group in groups]
    every = f"{every_minutes}m"
    suite = {"rule_files": ["rules.yaml"], "evaluation_interval": every, "group_eval_order": order, "tests": [test]}
    (folder / "rules.yaml").write_text(json.dumps({"groups": groups}))
    (folder / "suite.yaml").write_text(json.dumps(suite))
    done = subprocess.run([tool, "test", "rules", str(folder / "suite.yaml")], capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0 or "FAILED" in said, said
    return "" if done.returncode == 0 else said
