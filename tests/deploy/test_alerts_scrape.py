"""The rules on a real tokentail that a real Prometheus scrapes: every name, label and value in them exists there."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import aiohttp
import pytest

from tailer.cli.demo_log import lines
from tests.deploy.alerts_promtool import Alert, Expected, Json, rule_groups, rules, verdict
from tests.e2e.process import running, total
from tests.e2e.prometheus import serving
from tests.fakehec import FakeHec
from tests.fakeloki import FakeLoki
from tests.fakemetrics import FakeMetrics
from tests.fakeotlp import FakeOtlp
from tests.meter.test_mixin_alerts import ALERTS as MIXIN

TARGET_LABELS = {"cluster": "test", "namespace": "shop", "app": "assistant", "pod": "shop-1"}
WORDS = {"and", "or", "unless", "by", "on", "without", "group_left", "offset", "ignoring"}
GROUPING = re.compile(r"\b(?:by|on|without|group_left|ignoring)\s*\(([^)]*)\)")
SELECTOR = re.compile(r"(?<![\w:])([a-zA-Z_:][\w:]*)(\{[^}]*\})?(?![\w:]*\s*\()")


def selectors(expression: str) -> set[str]:
    """The metrics it selects, with their conditions."""
    bare = re.sub(r"\[[^\]]*\]|\boffset \w+", "", GROUPING.sub("", expression))
    return {name + (braces or "") for name, braces in SELECTOR.findall(bare) if name not in WORDS}


def grouping_labels(expression: str) -> set[str]:
    """The labels that it keeps or matches; `without` takes away what may not be there."""
    kept = re.sub(r"\bwithout\s*\([^)]*\)", "", expression)
    return {label.strip() for found in GROUPING.findall(kept) for label in found.split(",")} - {""}


def test_selectors_are_found() -> None:
    found = selectors(
        'sum by (a, le) (rate(x_total{k="v (1)"}[5m] offset 1d)) / on (a) group_left () job:y:z > scalar(t) and 0 * w'
    )
    assert found == {'x_total{k="v (1)"}', "job:y:z", "t", "w"}


def chat(model: str, *, usage: bool = True, **more: object) -> str:
    """A line of a call that worked, with what else is given."""
    counts = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    body = {
        "id": "c1",
        "object": "chat.completion",
        "model": model,
        "choices": [],
        **({"usage": counts} if usage else {}),
    }
    return (
        json.dumps({"request": {"model": model}, "response": body, "status": 200, "duration_ms": 9000, **more}) + "\n"
    )


def own_lines() -> str:
    """What the demonstration log does not have: no price, no usage, a rate limit that lasts."""
    headers = {f"x-ratelimit-{what}-requests": "5000" for what in ("limit", "remaining")}
    headers["x-ratelimit-reset-requests"] = "10m"
    return chat("in-house-7b", usage=False) + chat("in-house-7b", headers=headers)


class Server:
    """A Prometheus with the rules, ten times as hurried as in life."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def get(self, path: str, **asked: str) -> Json:
        async with aiohttp.ClientSession() as session, session.get(self.url + path, params=asked) as answer:
            found: Json = await answer.json()
            return found

    async def values(self, expression: str) -> list[object]:
        answer = await self.get("/api/v1/query", query=expression)
        assert answer["status"] == "success", (expression, answer)
        return list(answer["data"]["result"])

    async def firing(self) -> set[str]:
        alerts = (await self.get("/api/v1/alerts"))["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts}

    async def sinks(self, alert: str) -> set[str]:
        """Of which an alert fires."""
        alerts = (await self.get("/api/v1/alerts"))["data"]["alerts"]
        return {str(one["labels"]["sink"]) for one in alerts if one["labels"]["alertname"] == alert}

    async def until(self, expression: str, seconds: float = 60) -> None:
        """Waits until this gives something."""
        async with asyncio.timeout(seconds):
            while not await self.values(expression):
                await asyncio.sleep(0.2)

    async def fires(self, wanted: set[str], seconds: float = 60) -> None:
        """Waits until all of these fire."""
        try:
            async with asyncio.timeout(seconds):
                while not wanted <= await self.firing():
                    await asyncio.sleep(0.2)
        except TimeoutError:
            pytest.fail(f"silent: {wanted - await self.firing()}")

    async def evaluated(self, seconds: float = 60) -> list[Json]:
        """All rules, once each has been evaluated without a fault and there are rates."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    groups = (await self.get("/api/v1/rules"))["data"]["groups"]
                    known: list[Json] = [rule for group in groups for rule in group["rules"]]
                    if known and {rule["health"] for rule in known} != {"unknown"}:
                        assert {str(it["lastError"]) for it in known if "lastError" in it} == set()
                        if await self.values("service:llm_requests:rate5m"):
                            return known
                except aiohttp.ClientError:
                    pass  # It is still starting.
                await asyncio.sleep(0.2)


def impatient(rule: Json) -> Json:
    return {**rule, "for": "0s"} if "for" in rule else rule


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Server]:
    hurried = [{**group, "interval": "1s", "rules": list(map(impatient, group["rules"]))} for group in rule_groups()]
    (folder / "rules.yaml").write_text(json.dumps({"groups": hurried}))
    scraped: dict[str, object] = {"static_configs": [{"targets": [target], "labels": TARGET_LABELS}]}
    async with serving(folder, scraped, rule_files=["rules.yaml"]) as url:
        yield Server(url)


async def test_every_rule_finds_its_series_in_a_real_scrape(tmp_path: Path) -> None:
    """No rule fails, every recording rule gives something, every selector and label of every expression exists."""
    log = tmp_path / "app.log"
    log.write_text("".join(f"{line}\n" for _, line in lines(Random(1), datetime.now(UTC), calls=400)) + own_lines())
    (tmp_path / "folder.log").mkdir()
    async with FakeLoki() as loki, FakeOtlp() as otlp, FakeMetrics() as metrics:
        urls = ("--loki-url", loki.url, "--otlp-logs-url", otlp.url, "--remote-write-url", metrics.write_url)
        arguments = (str(log), str(tmp_path / "folder.log"), *urls)
        async with running(tmp_path, *arguments) as tailer:
            await tailer.scraped(lambda samples: total(samples, "llm_unpriced_requests_total") == 1)
            async with prometheus(tmp_path, tailer.url.removeprefix("http://")) as server:
                await server.evaluated()
                with log.open("a") as file:
                    file.write(10 * own_lines())
                await server.until("service:llm_requests_failed:ratio_rate3d")
                for rule in await server.evaluated():
                    assert rule["health"] == "ok", rule
                await _look_for_all(server)


async def _look_for_all(server: Server) -> None:
    missing = [name for name in rules("record") if not await server.values(name)]
    for kind in ("record", "alert"):
        for rule in rules(kind).values():
            expression = str(rule["expr"])
            wanted = selectors(expression)
            missing += [f"{name} in {rule[kind]}" for name in wanted if not await server.values(name)]
            for label in grouping_labels(expression):
                having = [re.sub(r"\{.*", "", name) + f'{{{label}!=""}}' for name in wanted]
                if not any([await server.values(name) for name in having]):
                    missing.append(f"{label} in {rule[kind]}")
    assert missing == []


async def test_real_trouble_fires_the_alerts_it_is_for(tmp_path: Path) -> None:
    """What goes wrong while Prometheus looks on is told, the first call of a new model too; and nothing else."""
    log = tmp_path / "app.log"
    log.write_text(chat("gpt-4o"))
    refused = {"error": {"message": "slow down", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
    trouble = 30 * chat("gpt-4o") + 5 * chat("gpt-4o", response=refused, status=429)
    trouble += chat("in-house-7b") + 20 * '{"cut off\n' + chat("gpt-4o", poison=True)
    async with (
        FakeLoki(refuse=lambda kept: "entry too bad" if "poison" in kept.line else None) as loki,
        FakeHec(refuse=lambda event: 12 if "poison" in str(event) else None) as hec,
        FakeOtlp() as otlp,
    ):
        urls = ("--loki-url", loki.url, "--splunk-url", hec.url, "--otlp-logs-url", otlp.url)
        arguments = (str(log), str(tmp_path / "second.log"), *urls)
        async with running(tmp_path, *arguments, environ={"SPLUNK_HEC_TOKEN": "1111-2222"}) as tailer:
            await tailer.scraped(lambda samples: total(samples, "tokentail_sink_entries_total") == 2)
            async with prometheus(tmp_path, tailer.url.removeprefix("http://")) as server:
                await server.evaluated()
                assert await server.firing() == set()
                otlp.script = [503] * 10_000
                (tmp_path / "second.log").mkdir()
                with log.open("a") as file:
                    file.write(trouble)
                told = {"LLMErrorRatioHigh", "LLMErrorBudgetBurnFast", "LLMErrorBudgetBurnSlow", "LLMRateLimited"}
                told |= {"LLMLatencyHigh", "LongRequestDuration", "LLMUnpricedCalls"}
                told |= {"TokentailParseFailures", "TokentailLokiRefusing", "TokentailFileUnreadable"}
                told |= {"TokentailSinkRefusing", "TokentailSinkNotAccepting"}
                await server.fires(told)
                assert await server.firing() == told
                assert await server.sinks("TokentailSinkRefusing") == {"splunk"}
                assert await server.sinks("TokentailSinkNotAccepting") == {"otlp_logs"}
                await tailer.kill()
                await server.fires({"TokentailDown"})


async def test_the_mixins_own_expressions_fire_on_a_real_scrape(tmp_path: Path) -> None:
    """One call that is too large in every way, seen through profile `openai_mixin`."""
    usage = {"prompt_tokens": 6_000, "completion_tokens": 20_000_000, "total_tokens": 20_006_000}
    body = {"id": "c1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", "choices": [], "usage": usage}
    log = tmp_path / "app.log"
    log.write_text(json.dumps({"request": {"model": "gpt-4o"}, "response": body, "duration_ms": 2500}) + "\n")
    async with running(tmp_path, str(log), "--profile", "openai_mixin") as tailer:
        samples = await tailer.scraped(lambda samples: total(samples, "openai_totalTokens") > 0)
    series = {
        name + "{" + ",".join(f"{key}={json.dumps(text)}" for key, text in labels) + "}": f"{value}x8"
        for (name, labels), value in samples.items()
        if name.startswith("openai_")
    }
    alerts = [
        {"alert": name, "expr": expression, "for": patience, "labels": {"severity": severity}}
        for name, (expression, patience, severity) in MIXIN.items()
    ]
    of_model = {"model": "gpt-4o-2024-08-06"}
    expected = [
        Expected(7, name, (Alert(name, {**of_model, "severity": severity}, {}),))
        for name, (_, _, severity) in MIXIN.items()
    ]
    groups: list[Json] = [{"name": "OpenAI_API_Alerts", "rules": alerts}]
    assert verdict(tmp_path, series, expected, groups) == ""
