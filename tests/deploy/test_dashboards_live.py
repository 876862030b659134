"""The dashboards on a real Prometheus that scrapes a real tokentail on the demonstration log, with every profile."""

from __future__ import annotations

import asyncio
import math
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

import aiohttp
import pytest
import yaml

from dashboards.queries import counted
from tailer.cli.demo_log import lines
from tests.deploy.dashboard_files import MADE, Asked, asked, filled, used
from tests.deploy.lokianswers import LogQuery
from tests.e2e.process import Samples, running
from tests.e2e.test_profiles import EVERY
from tests.e2e.test_profiles_scraped import Prometheus, prometheus
from tests.fakehec import FakeHec
from tests.fakeloki import FakeLoki

CALLS = 400
PORTIONS = 6
SCRAPES = "count_over_time(tokentail_build_info[1h])"
DIMENSIONS = {"tenant": "tenant", "capability": "logger", "operation": "event"}
SCRAPER = {"job", "instance", "namespace"}
"""Labels that come from the scrape."""
OF_THE_SCRAPE = {"scrape_samples_scraped", "scrape_duration_seconds"}
"""Metrics that Prometheus makes of every scrape."""
ON_TROUBLE = {"tokentail_file_errors_total", "tokentail_http_refused_total"}
"""Counters without a series until there is trouble; their panels then show a zero."""


class Seen(NamedTuple):
    """What a scrape held, what Prometheus answered to each query, which queries for log lines found some."""

    samples: Samples
    answers: dict[Asked, list[float]]
    found_lines: dict[Asked, bool]
    values: dict[str, list[str]]
    """Of the variables, by `file: name`."""


def demo_lines() -> list[str]:
    """With times of now and later: a rate limit that was reset before its line is read is not shown."""
    return [line for _, line in lines(Random(1), datetime.now(UTC), calls=CALLS)]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One run for all tests."""
    return asyncio.run(look(tmp_path_factory.mktemp("dashboards")))


async def look(folder: Path) -> Seen:
    """A Loki and a Splunk that fail once, tokentail, Prometheus; the log comes in portions, scraped between them."""
    own = [f"--dimension={name}={path}" for name, path in DIMENSIONS.items()]
    own += ["--label=job=tokentail", "--label=environment=demo", "--label=source=shop"]
    # A stream whose usage never comes is given up in time to be seen.
    (folder / "config.yaml").write_text("limits: {finished_call_seconds: 1}")
    (folder / "app.log").write_text("")
    own += [f"--config={folder}/config.yaml", str(folder / "app.log")]
    async with FakeLoki([204, 503]) as loki, FakeHec([200, 503], refuse=turned_away) as hec:
        own += [f"--loki-url={loki.url}", f"--splunk-url={hec.url}"]
        async with (
            running(folder, *EVERY, *own, environ={"SPLUNK_HEC_TOKEN": "1111-2222"}) as tailer,
            prometheus(folder, tailer.url.removeprefix("http://")) as server,
        ):
            await write(folder / "app.log", server)
            await loki.holds(await server_lines(server))
            return Seen(await tailer.scrape(), await answers(server), found_lines(loki), await values(server))


def turned_away(event: Mapping[str, object]) -> int | None:
    """As a Splunk that calls some events invalid."""
    return 12 if "rate_limit" in str(event) else None


async def write(log: Path, server: Prometheus) -> None:
    """Until everything that there is to see has been scraped at least twice."""
    await server.until("count(tokentail_build_info)", 1)
    written = demo_lines()
    step = len(written) // PORTIONS + 1
    for at in range(0, len(written), step):
        portion = written[at : at + step]
        with log.open("a") as file:
            file.writelines(f"{line}\n" for line in portion)
        await server.until("sum(tokentail_lines_total)", at + len(portion))
    await server.until("sum(tokentail_lag_bytes)", 0)
    await server.until("count(llm_usage_missing_total) > bool 0", 1)
    ((_, scrapes),) = await server.ask(SCRAPES)
    await server.until(f"{SCRAPES} >= bool {scrapes + 2}", 1)


async def server_lines(server: Prometheus) -> int:
    ((_, lines_metered),) = await server.ask("sum(tokentail_lines_total)")
    return int(lines_metered)


async def answers(server: Prometheus) -> dict[Asked, list[float]]:
    """All as of one moment: on a slow machine the last of them is asked long after it."""
    now = time.time()
    found = {}
    async with aiohttp.ClientSession() as session:
        for query in (query for name in MADE for query in asked(name) if not query.logs):
            async with session.get(
                f"{server.url}/api/v1/query", params={"query": query.expr, "time": f"{now:.3f}"}
            ) as answer:
                told = await answer.json()
            assert told["status"] == "success", (query, told)
            found[query] = [float(one["value"][1]) for one in told["data"]["result"]]
    return found


def found_lines(loki: FakeLoki) -> dict[Asked, bool]:
    queries = [query for name in MADE for query in asked(name) if query.logs]
    parsed = {query: LogQuery.parsed(query.expr) for query in queries}
    return {query: any(parsed[query].line(one) is not None for one in loki.entries()) for query in queries}


async def values(server: Prometheus) -> dict[str, list[str]]:
    """Asked for as Grafana does: `label_values(selector, label)` and `label_names(selector)`."""
    found = {}
    for name, made in MADE.items():
        for variable in made["templating"]["list"]:
            asks = re.fullmatch(r"label_(values|names)\((.*?)(?:, (\S+))?\)", variable.get("definition", ""))
            if asks is None or variable["datasource"]["type"] == "loki":
                continue
            path = f"label/{filled(asks[3])}/values" if asks[1] == "values" else "labels"
            pattern = re.compile(variable["regex"].strip("/"))
            told = await metadata(server, path, filled(asks[2]))
            found[f"{name}: {variable['name']}"] = [value for value in told if pattern.match(value)]
    return found


async def metadata(server: Prometheus, path: str, selector: str) -> list[str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/api/v1/{path}", params={"match[]": selector}) as answer,
    ):
        return [str(value) for value in (await answer.json())["data"]]


def test_every_metric_and_label_of_every_query_is_in_a_real_scrape(seen: Seen) -> None:
    """A dashboard that asks for a name which tokentail does not give is empty, and nobody knows why."""
    labels: dict[str, set[str]] = {}
    for metric, pairs in seen.samples:
        labels.setdefault(metric, set()).update(name for name, _ in pairs)
    every = SCRAPER.union(*labels.values())
    labels |= {name: set() for name in OF_THE_SCRAPE} | {name: {"reason"} for name in ON_TROUBLE} | {"": every}
    wrong = []
    for query in seen.answers:
        for metric, label in used(query.expr):
            if metric not in labels or (label and label not in labels[metric] | SCRAPER):
                wrong.append(f"{query.where}: {metric} {label}")
        shown = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
        wrong += [f"{query.where}: {{{{{label}}}}}" for label in shown - every]
    assert not wrong


def test_every_query_returns_data(seen: Seen) -> None:
    """And a number each: NaN draws nothing."""
    empty = [query for query, found in seen.answers.items() if not any(map(math.isfinite, found))]
    empty += [query for query, found in seen.found_lines.items() if not found]
    assert not empty


def test_every_variable_has_values(seen: Seen) -> None:
    """Only the namespace is not known outside Kubernetes; everything matches it then."""
    assert {name for name, found in seen.values.items() if not found} == {f"{name}: namespace" for name in MADE}


def test_the_dimension_variable_offers_only_what_the_application_gave(seen: Seen) -> None:
    """And `operation`, which is always there."""
    for name in ("llm-usage.json", "llm-service.json"):
        assert set(seen.values[f"{name}: dimension"]) == {"tenant", "capability", "app_operation", "operation"}


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param({'x{m="old"}': "10+1x200"}, 60, id="a series that goes on counts what it grew by"),
        pytest.param(
            {'x{m="old"}': "10+0x200", 'x{m="new"}': "_x149 7+0x50"}, 7, id="a new series counts from its first scrape"
        ),
        pytest.param({'x{m="old"}': "10+0x200", 'x{m="new"}': "_x199 5"}, 5, id="even with that scrape alone"),
    ],
)
def test_counted_takes_the_first_scrape_of_a_new_series_too(
    tmp_path: Path, series: dict[str, str], expected: float
) -> None:
    """What a pod that lives for a minute spends is in the sum of the day."""
    check_counted(tmp_path, {**series, 'tokentail_read_bytes_total{job="j"}': "1+1x200"}, expected)


def test_counted_does_not_take_the_past_for_the_present(tmp_path: Path) -> None:
    """A Prometheus that is younger than the window has not seen these counters begin."""
    series = {'x{m="old"}': "_x149 5000+0x50", 'tokentail_read_bytes_total{job="j"}': "_x149 9+0x50"}
    check_counted(tmp_path, series, 0)


def check_counted(folder: Path, series: dict[str, str], expected: float) -> None:
    """At minute 200, over an hour, by promtool."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed")
    expr = filled(counted('x{job="j"}', window="1h")).replace('job=~".+",instance=~".+",namespace=~".*"', "")
    inputs = [{"series": name.replace("x{", 'x{job="j",'), "values": values} for name, values in series.items()]
    found = [{"labels": "{}", "value": expected}]
    test = {
        "interval": "1m",
        "input_series": inputs,
        "promql_expr_test": [{"expr": expr, "eval_time": "200m", "exp_samples": found}],
    }
    (folder / "test.yml").write_text(yaml.safe_dump({"rule_files": [], "tests": [test]}))
    done = subprocess.run(
        [program, "test", "rules", str(folder / "test.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
