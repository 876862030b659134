"""The dashboards as files: made by the generator, complete, and with queries that follow the rules of the house."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.__main__ import files
from tests.deploy.dashboard_files import MADE, objects, panels
from tests.deploy.lokianswers import LogQuery

FOLDER = Path(__file__).parents[2] / "dashboards"
PANELS = [pytest.param(panel, id=f"{name}: {panel['title']}") for name in MADE for panel in panels(name)]
LINKS = [
    pytest.param(link["url"], id=f"{name}: {panel['title']}: {link['title']}")
    for name in MADE
    for panel in panels(name)
    for link in objects(panel)
    if "url" in link and "title" in link
]
UIDS = {made["uid"] for made in MADE.values()}
CONFIG_MAP_BYTES = 256 * 1024


def test_the_files_are_what_the_generator_makes() -> None:
    """And there is no other dashboard beside them."""
    made = files()
    assert {path.name for path in made} == {path.name for path in FOLDER.glob("*.json")}
    for path, text in made.items():
        assert path.read_text("utf-8") == text, f"{path.name}: run `make dashboards`"


@pytest.mark.parametrize("name", MADE)
def test_a_dashboard_can_be_provisioned_anywhere(name: str) -> None:
    """No id, a uid of its own, no `__inputs`, small enough for a ConfigMap that client-side apply takes."""
    made = MADE[name]
    assert made["id"] is None
    assert made["editable"] is False
    assert 39 <= made["schemaVersion"] <= 41
    assert "__inputs" not in made
    assert len(UIDS) == len(MADE)
    assert (FOLDER / name).stat().st_size < CONFIG_MAP_BYTES


@pytest.mark.parametrize("name", MADE)
def test_no_panel_lies_over_another(name: str) -> None:
    """Ids are unique and everything is within the grid of 24 columns."""
    made = MADE[name]["panels"]
    assert len({panel["id"] for panel in made}) == len(made)
    places = [panel["gridPos"] for panel in made]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, two in combinations(places, 2):
        beside = one["x"] + one["w"] <= two["x"] or two["x"] + two["w"] <= one["x"]
        below = one["y"] + one["h"] <= two["y"] or two["y"] + two["h"] <= one["y"]
        assert beside or below, (one, two)


@pytest.mark.parametrize("name", MADE)
def test_titles_tell_panels_of_a_row_apart(name: str) -> None:
    """The same title twice under one heading says nothing."""
    titles: set[str] = set()
    for panel in MADE[name]["panels"]:
        if panel["type"] == "row":
            titles = set()
            continue
        title = f"{panel['type']} {panel['title']}"
        assert title not in titles, title
        titles.add(title)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    """Title, description, unit, and data sources by variable on the panel and each of its queries."""
    assert panel["title"]
    assert panel["description"].endswith((".", "%."))
    assert panel["fieldConfig"]["defaults"]["unit"]
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {source["uid"] for source in sources} <= {"${prometheus_datasource}", "${loki_datasource}"}


@pytest.mark.parametrize("panel", PANELS)
def test_a_query_follows_the_variables_and_the_scrape_interval(panel: dict[str, Any]) -> None:
    """Counters under a rate or an increase only, over windows that Grafana chooses; every selector can be narrowed."""
    for target in panel["targets"]:
        expr = target["expr"]
        if target["datasource"]["type"] == "loki":
            continue
        for metric, inside in re.findall(r"(\w+)\{([^}]*)\}", expr):
            mixin = metric.startswith("openai_") and "job=" not in inside
            assert mixin or 'job=~"$job"' in inside, metric
            assert 'instance=~"$instance"' in inside
            assert not metric.startswith("llm_") or 'model=~"$model"' in inside
        for function in re.findall(r"(\w+)\(\w+_(?:total|bucket|sum|count)\{", expr):
            assert function in ("rate", "increase", "max_over_time", "min_over_time"), function
        for window in re.findall(r"\[([^\]]*)\]", expr):
            assert window in ("$__rate_interval", "$__range", "1h"), window


@pytest.mark.parametrize("url", LINKS)
def test_a_link_leads_somewhere(url: str) -> None:
    """To a dashboard that is here, with the time; or into Explore, with a query that Loki or Tempo takes."""
    parts = urlsplit(url)
    if parts.path.startswith("/d/"):
        assert parts.path.removeprefix("/d/") in UIDS
        assert "${__url_time_range}" in url
        return
    assert parts.path == "/explore"
    (panes,) = parse_qs(parts.query)["panes"]
    (pane,) = json.loads(panes).values()
    for query in pane["queries"]:
        kind = query["datasource"]["type"]
        assert query["datasource"]["uid"] == pane["datasource"] == f"${{{kind}_datasource}}"
        if kind == "loki":
            assert LogQuery.parsed(query["expr"]).filters
        else:
            assert kind == "tempo"
            assert query["queryType"] == "traceql"
            assert re.fullmatch(r"\$\{__value\.raw\}|\{ span\.[\w.]+ = `\$\{[\w.]+\}` \}", query["query"])


@pytest.mark.parametrize("panel", PANELS)
def test_calls_are_shown_as_points_where_they_are_measured(panel: dict[str, Any]) -> None:
    """Once in a panel, over time, and only of metrics that have exemplars."""
    marked = [target["expr"] for target in panel["targets"] if target.get("exemplar")]
    assert len(marked) <= 1
    for expr in marked:
        assert panel["type"] in ("timeseries", "heatmap")
        assert re.search(r"(_duration(_seconds|_ms)_bucket|llm_cost_usd_total)\{", expr)
    measured = re.search(r"_request_duration_\w+_bucket|operation_duration_\w+_bucket", str(panel["targets"]))
    assert marked or not measured or panel["type"] == "stat"


@pytest.mark.parametrize("name", MADE)
def test_a_variable_that_a_query_names_exists(name: str) -> None:
    """And none is there for nothing."""
    made = MADE[name]
    known = {variable["name"] for variable in made["templating"]["list"]}
    text = json.dumps([made["panels"], made["templating"]])
    named = set(re.findall(r"\$\{?(?!__)(\w+)", text))
    assert named == known


def test_the_readme_names_panels_that_exist() -> None:
    """Each panel of the earlier systems is ticked off with the title of one that is here."""
    text = (FOLDER / "README.md").read_text("utf-8")
    ticked = text[text.index("## Panels of earlier systems") :]
    titles = {panel["title"] for name in MADE for panel in panels(name)}
    named = set(re.findall(r"\*([^*|]+)\*", ticked)) - {made["title"] for made in MADE.values()}
    assert named
    assert named <= titles, named - titles


def test_each_dashboard_has_its_picture() -> None:
    """Small enough for a README."""
    for name in MADE:
        assert 10_000 < (FOLDER / "pictures" / name.replace(".json", ".png")).stat().st_size < 500_000
