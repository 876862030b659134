"""Each alert on made-up series: it fires, clears, and is silent when it knows nothing or nothing is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.alerts_promtool import Alert, Expected, Json, counter, gauge, rule_groups, rules, verdict
from tests.deploy.alerts_quiet import QUIET, QUIET_DAYS
from tests.deploy.alerts_troubles import TROUBLES, Trouble
from tests.deploy.alerts_world import CALLS, PUSHED, TARGET, healthy

ALERTS = rules("alert")
LENGTH = 210
OVER_DAYS = 5
"""Minutes between two looks at series that were recorded for days: at each minute of a week takes long."""
WAYS_OUT = [name for name in TROUBLES if re.match("Tokentail(Loki|Sink|MetricsPush)", name)]
WORDS: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("alerts_words.yaml").read_text())


def groups_for(name: str, *, recorded: bool = False) -> list[Json]:
    """The rules that one alert needs, no more, or a week takes minutes; none for what is given as `recorded`."""
    rule = ALERTS[name]
    wanted = f"{rule['expr']} {rule['annotations']}"
    groups: list[Json] = [{"name": "alert", "rules": [rule]}]
    thresholds, rates, totals, *_ = rule_groups()
    for group in (thresholds,) if recorded else (totals, rates, thresholds):  # The first build on the later ones.
        kept: list[Json] = []
        for one in reversed(list(group["rules"])):
            if re.search(rf"{one['record']}(?![\w:])", wanted):
                kept.insert(0, one)
                wanted += one["expr"]
        groups.insert(0, {"name": group["name"], "rules": kept})
    return groups


def world(trouble: Trouble) -> dict[str, str]:
    return dict(trouble.series) if trouble.recorded else {**healthy(LENGTH), **trouble.series}


def looks(trouble: Trouble) -> int:
    return OVER_DAYS if trouble.recorded else 1


def firing(name: str, trouble: Trouble) -> Alert:
    severity = str(ALERTS[name]["labels"]["severity"])
    url = f"https://runbooks.example/tokentail/RUNBOOK.md#{name.lower()}"
    said = {**WORDS[name], "runbook_url": url}
    return Alert(name, {**trouble.labels, "severity": severity}, said)


def test_every_alert_has_its_trouble() -> None:
    assert list(TROUBLES) == list(ALERTS)


@pytest.mark.parametrize("name", TROUBLES)
def test_an_alert_fires_and_clears(tmp_path: Path, name: str) -> None:
    """Before the trouble silent, in it firing with these labels and words, after it silent."""
    trouble = TROUBLES[name]
    expected = [
        Expected(29, name),
        Expected(trouble.fires, name, (firing(name, trouble),)),
        Expected(trouble.clears, name),
    ]
    groups = groups_for(name, recorded=trouble.recorded)
    assert verdict(tmp_path, world(trouble), expected, groups, looks(trouble)) == ""


@pytest.mark.parametrize("name", TROUBLES)
def test_an_alert_is_silent_without_a_series_that_it_needs(tmp_path: Path, name: str) -> None:
    """Whichever metric is missing, there is no alert from what is left of it, and no rule fails."""
    trouble = TROUBLES[name]
    for missing in {series.split("{")[0] for series in trouble.series}:
        left = {series: values for series, values in world(trouble).items() if not series.startswith(missing + "{")}
        groups = groups_for(name, recorded=trouble.recorded)
        assert verdict(tmp_path, left, [Expected(trouble.fires, name)], groups, looks(trouble)) == "", missing


@pytest.mark.parametrize("name", WAYS_OUT)
def test_the_trouble_of_one_receiver_is_told_of_no_other(tmp_path: Path, name: str) -> None:
    """Not by another alert, and not of another sink: who is woken looks in the right place."""
    trouble = TROUBLES[name]
    one = world(trouble)
    beside = {series.replace("splunk", "otlp_logs"): values for series, values in healthy(LENGTH).items()}
    others = [Expected(minute, other) for other in WAYS_OUT if other != name for minute in range(29, 100, 5)]
    expected = [Expected(trouble.fires, name, (firing(name, trouble),)), *others]
    groups: list[Json] = [{"name": "alerts", "rules": [ALERTS[other] for other in WAYS_OUT]}]
    assert verdict(tmp_path, beside | one, expected, groups) == ""


@pytest.mark.parametrize("name", ["TokentailLokiRefusing", "TokentailSinkRefusing"])
def test_entries_of_which_nobody_says_which_were_refused_are_told(tmp_path: Path, name: str) -> None:
    """They stand in the dead letters as the refused do."""
    refused = TROUBLES[name]
    series = {one.replace("refused", "doubtful"): values for one, values in refused.series.items()}
    expected = [Expected(29, name), Expected(refused.fires, name, (firing(name, refused),))]
    assert verdict(tmp_path, world(refused._replace(series=series)), expected, groups_for(name)) == ""


@pytest.mark.parametrize("what", QUIET)
def test_no_alert_fires_when(tmp_path: Path, what: str) -> None:
    """All rules together, looked at every ten minutes for two hours."""
    series = QUIET[what]
    beside = {name: values for name, values in healthy(120).items() if series and name not in series}
    expected = [Expected(minute, name) for name in ALERTS for minute in range(9, 120, 10)]
    assert verdict(tmp_path, beside | dict(series), expected, rule_groups()) == ""


@pytest.mark.parametrize(
    ("name", "what", "series", "minute"), QUIET_DAYS, ids=lambda it: it if isinstance(it, str) else ""
)
def test_an_alert_over_days_does_not_fire_when(
    tmp_path: Path, name: str, what: str, series: dict[str, str], minute: int
) -> None:
    """Too little of anything to tell, or a reason of its own."""
    assert verdict(tmp_path, series, [Expected(minute, name)], groups_for(name, recorded=True), OVER_DAYS) == ""


NEW = f'llm_cost_usd_total{{provider="openai",model="new",operation="chat",source="estimated",{TARGET}}}'


@pytest.mark.parametrize(("first_seen", "fires"), [(30, True), (0, False)])
def test_the_first_call_of_a_new_series_counts(tmp_path: Path, first_seen: int, fires: bool) -> None:
    """120 USD in the very first sample: spent since the last scrape of its sidecar, or at any time before the first."""
    series = healthy(60) | {NEW: gauge((first_seen, None), (60 - first_seen, 120)) if first_seen else gauge((60, 120))}
    spent = verdict(tmp_path, series, [Expected(first_seen + 3, "HighUsageCost")], groups_for("HighUsageCost"))
    assert ("120.00 USD in 5 minutes" in spent) == fires
    later = [Expected(first_seen + 6, "HighUsageCost")]
    assert verdict(tmp_path, series, later, groups_for("HighUsageCost")) == ""


def test_a_sidecar_down_is_known_by_its_past_where_the_job_has_another_name(tmp_path: Path) -> None:
    """While it is down there is only `up`; another program that is down in the same job is none of ours."""
    labels = 'job="pods",instance="10.0.0.1:9847"'
    series = {
        f"up{{{labels}}}": gauge((30, 1), (30, 0)),
        f'tokentail_build_info{{{labels},version="1"}}': gauge((30, 1), (30, None)),
        'up{job="pods",instance="10.0.0.2:80"}': gauge((60, 0)),
    }
    said = verdict(tmp_path, series, [Expected(59, "TokentailDown")], groups_for("TokentailDown"))
    assert "Sidecars of pods that do not answer: 1." in said


def test_pushes_of_which_a_part_is_refused_are_told(tmp_path: Path) -> None:
    """Though the rest arrives, and though one sidecar is wrong in both ways it is one."""
    name, refused = "TokentailMetricsPushFailing", f'tokentail_pushed_samples_total{{{PUSHED},outcome="refused"}}'
    trouble = TROUBLES[name]._replace(series={refused: counter((30, 0), (30, 5), (150, 0))})
    expected = [Expected(29, name), Expected(55, name, (firing(name, trouble),)), Expected(80, name)]
    assert verdict(tmp_path, world(trouble), expected, groups_for(name)) == ""
    both = trouble._replace(series={**trouble.series, **TROUBLES[name].series})
    assert verdict(tmp_path, world(both), expected, groups_for(name)) == ""


def test_pods_add_up_to_one_series(tmp_path: Path) -> None:
    """Two pods at 75 USD each in 5 minutes are one alert at 150, which names no pod."""
    series = {
        name.replace("shop-1", pod).replace("10.0.0.1", address): counter((30, rate))
        for pod, address in (("shop-1", "10.0.0.1"), ("shop-2", "10.0.0.2"))
        for name, rate in (
            (f'llm_cost_usd_total{{{CALLS},source="estimated"}}', 15),
            (f"tokentail_read_bytes_total{{{TARGET}}}", 9),
        )
    }
    description = "gpt-4o of openai cost 150.00 USD in 5 minutes; 100.00 USD are allowed."
    one = firing("HighUsageCost", TROUBLES["HighUsageCost"])
    one = one._replace(annotations={**one.annotations, "description": description})
    assert verdict(tmp_path, series, [Expected(29, "HighUsageCost", (one,))], groups_for("HighUsageCost")) == ""
