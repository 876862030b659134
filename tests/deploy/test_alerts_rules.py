"""What the rules file promises beside its expressions: runbook, thresholds that can be patched, one source."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.alerts_promtool import RULES, rule_groups, rules

ALERTS = rules("alert")
RECORDS = rules("record")
FOLDER = RULES.parent
ROOT = FOLDER.parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_prometheus_rule.py"))
MIMIR_RULES_IN_A_GROUP = 20
"""What Mimir takes unless told otherwise."""


def test_promtool_finds_no_fault() -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool of Prometheus is not installed")
    done = subprocess.run(
        [tool, "check", "rules", "--lint=all", "--lint-fatal", RULES], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_complete(name: str) -> None:
    """Patience, severity, words with a value, and a section of the runbook that says what to look at and do."""
    alert = ALERTS[name]
    assert {"alert", "expr", "for", "labels", "annotations"} == alert.keys()
    assert alert["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    notes = alert["annotations"]
    assert isinstance(notes, dict)
    assert notes.keys() == {"summary", "description", "runbook_url"}
    assert notes["runbook_url"].endswith(f"RUNBOOK.md#{name.lower()}")
    section = (FOLDER / "RUNBOOK.md").read_text().split(f"\n### {name}\n")[1].split("\n### ")[0]
    assert len(section) > 100


def test_the_runbook_has_no_other_sections() -> None:
    assert re.findall(r"^### (\w+)$", (FOLDER / "RUNBOOK.md").read_text(), re.MULTILINE) == list(ALERTS)


def test_every_link_of_the_runbook_leads_somewhere() -> None:
    text = (FOLDER / "RUNBOOK.md").read_text()
    anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors


def test_names_are_level_metric_operations() -> None:
    wrong = [
        name for name in RECORDS if not re.fullmatch(r"(job|model|service|tokentail):\w+:\w+|job:tokentail:count", name)
    ]
    assert not wrong


def test_groups_fit_into_mimir_and_have_the_interval_the_sums_need() -> None:
    for group in rule_groups():
        assert len(list(group["rules"])) <= MIMIR_RULES_IN_A_GROUP, group["name"]
        assert group["interval"] == "1m", "`* 60` in the expressions"


def test_every_threshold_is_used_and_every_used_one_exists() -> None:
    thresholds = {name for name in RECORDS if name.startswith("tokentail:threshold:")}
    text = str(ALERTS)
    used = set(re.findall(r"tokentail:threshold:\w+", text))
    assert used == thresholds


def test_the_documented_numbers_are_the_places_of_the_thresholds() -> None:
    """A patch goes by place: a threshold must never move."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    comments = [int(number) for number in re.findall(r"^ +# (\d+): ", RULES.read_text(), re.MULTILINE)]
    first = rule_groups()[0]["rules"]
    names = [rule["record"].rpartition(":")[2] for rule in first]
    assert [(int(number), name) for number, name in rows] == list(enumerate(names))
    assert comments == list(range(len(names)))


def test_the_object_for_the_operator_is_made_from_the_rules() -> None:
    """Byte for byte what the script makes, and the same rules."""
    text = (FOLDER / "operator" / "prometheusrule.yaml").read_text()
    assert text == SCRIPT["prometheus_rule"](RULES.read_text()), "run `make alerts`"
    assert yaml.safe_load(text)["spec"]["groups"] == rule_groups()


def test_runbooks_can_be_moved() -> None:
    moved = SCRIPT["with_runbooks"](RULES.read_text(), "https://wiki.example.com/r")
    assert moved.count("runbook_url: https://wiki.example.com/r#") == len(ALERTS)
    assert moved.count("\n") == RULES.read_text().count("\n")


def kustomized(folder: Path, kustomization: str) -> str:
    command = next(
        ([it, *verb] for it, *verb in (["kustomize", "build"], ["kubectl", "kustomize"]) if shutil.which(it)), None
    )
    if command is None:
        pytest.skip("neither kustomize nor kubectl is on the PATH")
    (folder / "kustomization.yaml").write_text(kustomization)
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_line_of_a_patch_changes_a_threshold(tmp_path: Path) -> None:
    """The example of the README, as it stands there."""
    (example,) = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    here = os.path.relpath(FOLDER / "operator", tmp_path.resolve())
    built = yaml.safe_load(kustomized(tmp_path, example.replace("../tokentail/deploy/alerts/operator", here)))
    changed = [
        (before["record"], after["expr"])
        for group, group_before in zip(built["spec"]["groups"], rule_groups(), strict=True)
        for after, before in zip(group["rules"], group_before["rules"], strict=True)
        if after != before
    ]
    assert changed == [("tokentail:threshold:daily_budget_usd", "vector(2500)")]


def test_the_rules_are_in_the_config_map(tmp_path: Path) -> None:
    here = os.path.relpath(FOLDER, tmp_path.resolve())
    built = yaml.safe_load(kustomized(tmp_path, f"resources: [{here}]"))
    assert built["kind"] == "ConfigMap"
    assert built["data"]["rules.yaml"] == RULES.read_text()
