"""The commands that the README gives to the users of five earlier systems: each run as shown, on stand-ins."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.process import Samples, Tokentail, running
from tests.fakehec import FakeHec
from tests.fakeloki import FakeLoki
from tests.fakemetrics import FakeMetrics
from tests.fakeotlp import FakeOtlp

README = (Path(__file__).parents[2] / "README.md").read_text()
BODY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
}
REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Good morning"}]}
ABOUT = {"app": "shop", "capability": "parse-task", "step": "core", "trace_id": "0af7651916cd43dd8448eb211c80319c"}
CALL = {**ABOUT, "request": REQUEST, "response": BODY, "duration_ms": 1500}


def commands() -> dict[str, list[str]]:
    """The words of each command by the comment above it."""
    section = README.split("## In place of\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    lines = block.splitlines()
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return {re.split("[;,]", comment[2:])[0]: shlex.split(command) for comment, command in pairs}


class World(NamedTuple):
    """Everything that a command may send to."""

    loki: FakeLoki
    hec: FakeHec
    metrics: FakeMetrics
    otlp: FakeOtlp
    folder: Path

    async def tail(self, words: list[str], stack: AsyncExitStack) -> Tokentail:
        """The command with the addresses of the stand-ins for those of the README."""
        log, token = self.folder / "app.log", self.folder / "token"
        log.write_text(json.dumps(CALL) + "\n")
        token.write_text("a-token\n")
        addresses = {
            "--loki-url": self.loki.url,
            "--splunk-url": self.hec.url,
            "--otlp-logs-url": self.otlp.url,
            "--otlp-metrics-url": self.metrics.url,
            "--remote-write-url": self.metrics.write_url,
        }
        start = words.index("tokentail")
        assert words[start : start + 3] == ["tokentail", "run", "app.log"]
        environ = dict(word.replace("/etc/tokentail/token", str(token)).split("=", 1) for word in words[:start])
        given = words[start + 3 :]
        flags = [addresses.get(before, word) for before, word in zip(["", *given], given, strict=False)]
        return await stack.enter_async_context(running(self.folder, str(log), *flags, environ=environ))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with FakeLoki() as loki, FakeHec(token="a-token") as hec, FakeMetrics() as metrics, FakeOtlp() as otlp:
        yield World(loki, hec, metrics, otlp, tmp_path)


def value_of(samples: Samples, name: str, **labels: str) -> float:
    """Of the one series with this name and, among others, these labels."""
    (value,) = [it for (found, pairs), it in samples.items() if found == name and labels.items() <= dict(pairs).items()]
    return value


async def test_there_is_a_command_for_each_of_the_five() -> None:
    assert list(commands()) == [
        "Grafana's OpenAI mixin",
        "Grafana's OpenAI library",
        "a prom-client stack",
        "an OpenTelemetry stack",
        "the Splunk monitor",
    ]


async def test_grafanas_mixin_finds_its_gauges(world: World) -> None:
    async with AsyncExitStack() as stack:
        tailer = await world.tail(commands()["Grafana's OpenAI mixin"], stack)
        samples = await tailer.scraped(lambda it: any(name == "openai_totalTokens" for name, _ in it))
    labels = {"job": "integrations/openai", "source": "shop", "environment": "prod"}
    values = {"promptTokens": 1000, "completionTokens": 100, "totalTokens": 1100, "requestDuration": 1.5}
    assert {name: value_of(samples, f"openai_{name}", **labels) for name in values} == values
    assert value_of(samples, "openai_usageCost", **labels) == pytest.approx(0.0035)


async def test_grafanas_library_finds_its_pushes_and_its_stream(world: World) -> None:
    async with AsyncExitStack() as stack:
        tailer = await world.tail(commands()["Grafana's OpenAI library"], stack)
        await world.loki.holds(1)
        assert await tailer.stop() == 0
    (kept,) = world.loki.entries()
    assert dict(kept.labels) == {"job": "integrations/openai"}
    assert dict(kept.metadata).items() >= {"model": "gpt-4o-2024-08-06", "input_tokens": "1000"}.items()
    assert value_of(world.metrics.newest(), "openai_totalTokens", job="integrations/openai") == 1100


async def test_a_prom_client_stack_finds_its_counters(world: World) -> None:
    async with AsyncExitStack() as stack:
        tailer = await world.tail(commands()["a prom-client stack"], stack)
        samples = await tailer.scraped(lambda it: any(name == "openai_api_requests_total" for name, _ in it))
    labels = {"capability": "parse-task", "operation": "core"}
    assert value_of(samples, "openai_api_requests_total", **labels, status="success") == 1
    assert value_of(samples, "openai_api_tokens_total", **labels, type="output") == 100
    assert value_of(samples, "openai_api_request_duration_ms_sum", **labels) == 1500


async def test_an_opentelemetry_stack_gets_metrics_and_lines(world: World) -> None:
    async with AsyncExitStack() as stack:
        tailer = await world.tail(commands()["an OpenTelemetry stack"], stack)
        await world.otlp.holds(1)
        assert await tailer.stop() == 0
    newest = world.metrics.newest()
    model = "gpt-4o-2024-08-06"
    assert value_of(newest, "openai_requests_total", model=model, status="success") == 1
    assert value_of(newest, "openai_tokens_total", model=model, token_type="total") == 1100
    (record,) = world.otlp.records()
    assert json.loads(record.line) == CALL
    assert record.trace_id == ABOUT["trace_id"]


async def test_the_splunk_monitor_gets_its_events(world: World) -> None:
    async with AsyncExitStack() as stack:
        await world.tail(commands()["the Splunk monitor"], stack)
        await world.hec.holds(1)
    (event,) = world.hec.events()
    assert event.body == {"request": REQUEST, "response": BODY, "response_time": 1.5}
    assert (event.index, event.sourcetype) == ("open_ai", "_json")
