"""The mixin's own five alert expressions, run by Prometheus's tool on what profile `openai_mixin` shows."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from parsers.base import Call
from tailer.config import Limits
from tailer.meter.ledger import Cost, Ledger
from tailer.meter.profiles import PROFILES
from tests.meter.calls import NOON_NS, USED
from tests.meter.exposed import samples

ALERTS = {
    "HighCompletionTokensUsage": ("sum by (model) (openai_completionTokens) > 10000", "5m", "critical"),
    "HighPromptTokensUsage": ("sum by (model) (openai_promptTokens) > 5000", "5m", "warning"),
    "HighTotalTokensUsage": ("sum by (model) (openai_totalTokens) > 15000", "5m", "critical"),
    "LongRequestDuration": ("max by (model) (openai_requestDuration) > 2", "2m", "warning"),
    "HighUsageCost": ("sum by (model) (openai_usageCost) > 100", "5m", "critical"),
}
MODEL = "gpt-4o-2024-08-06"
SMALL = USED._replace(input_tokens=10, output_tokens=10, duration_seconds=0.5)
FIRED_BY = {
    "HighCompletionTokensUsage": (SMALL._replace(output_tokens=10_001), 1),
    "HighPromptTokensUsage": (SMALL._replace(input_tokens=5_001), 1),
    "HighTotalTokensUsage": (SMALL._replace(input_tokens=5_000, output_tokens=10_000 + 1), 1),
    "LongRequestDuration": (SMALL._replace(duration_seconds=2.1), 1),
    "HighUsageCost": (SMALL, 101),
}


def fired(folder: Path, call: Call, usd: int) -> set[str]:
    """The alerts that fire six minutes after this call."""
    ledger = Ledger(Limits(), (), PROFILES["openai_mixin"].needs)
    ledger.add(call, (), Cost(usd * 10**12, "estimated"), None, NOON_NS)
    series = [
        {
            "series": name + "{" + ",".join(f"{key}={json.dumps(text)}" for key, text in labels) + "}",
            "values": f"{value}x8",
        }
        for (name, labels), value in samples(PROFILES["openai_mixin"].families(ledger, NOON_NS, {})).items()
    ]
    return {name for name in ALERTS if _agrees(folder, series, name)}


def _agrees(folder: Path, series: list[dict[str, str]], name: str) -> bool:
    """Whether promtool finds that the alert fires for the model."""
    expr, patience, severity = ALERTS[name]
    rule = {"alert": name, "expr": expr, "for": patience, "labels": {"severity": severity}}
    firing = [{"exp_labels": {"severity": severity, "model": MODEL}}]
    test = {"interval": "1m", "input_series": series}
    test |= {"alert_rule_test": [{"eval_time": "6m", "alertname": name, "exp_alerts": firing}]}
    (folder / "rules.yaml").write_text(json.dumps({"groups": [{"name": "OpenAI_API_Alerts", "rules": [rule]}]}))
    (folder / "test.yaml").write_text(json.dumps({"rule_files": ["rules.yaml"], "tests": [test]}))
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool of Prometheus is not installed")
    done = subprocess.run([tool, "test", "rules", str(folder / "test.yaml")], capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0 or "got:[]" in said, said
    return done.returncode == 0


def test_a_small_call_fires_none_of_them(tmp_path: Path) -> None:
    assert fired(tmp_path, SMALL, 1) == set()


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_fires_on_the_call_it_is_for(tmp_path: Path, name: str) -> None:
    call, usd = FIRED_BY[name]
    also = {"HighTotalTokensUsage": {"HighCompletionTokensUsage"}}
    assert fired(tmp_path, call, usd) == {name} | also.get(name, set())
