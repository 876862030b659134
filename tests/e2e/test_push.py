"""Pushed metrics through kills: a receiver of OTLP and a real Prometheus get every number exactly, and no reset."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import aiohttp
import pytest

from tailer.statedir import CURRENT, PREVIOUS, peek
from tests.e2e.exact import check_counters
from tests.e2e.process import Samples, Tokentail, running, total
from tests.e2e.prometheus import serving
from tests.e2e.writer import Writer
from tests.fakemetrics import FakeMetrics

KILLS = 12
INTERVAL = {
    "TOKENTAIL_OTLP_METRICS_INTERVAL_SECONDS": "0.1",
    "TOKENTAIL_REMOTE_WRITE_INTERVAL_SECONDS": "0.1",
    "TOKENTAIL_OTLP_METRICS_RETRY_MIN_SECONDS": "0.05",
    "TOKENTAIL_REMOTE_WRITE_RETRY_MIN_SECONDS": "0.05",
    "OTEL_RESOURCE_ATTRIBUTES": "k8s.pod.name=checkout-1,k8s.namespace.name=shop",
}
GROWING = ("_total", "_count", "_sum", "_bucket")
OF_PUSHES = ("tokentail_sink_", "tokentail_pushed_")
"""What is counted of the pushes themselves stands in no log: what a lost checkpoint had of it is lost."""


class Prometheus:
    """A running Prometheus that scrapes nobody and takes what is written to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.write_url = f"{url}/api/v1/write"

    async def ask(self, expression: str) -> list[float]:
        """The values of an instant query."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v1/query", params={"query": expression}) as answer,
        ):
            found = await answer.json()
        assert found["status"] == "success", found
        return [float(one["value"][1]) for one in found["data"]["result"]]

    async def samples(self) -> Samples:
        """The newest value of every series."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v1/query", params={"query": '{__name__!=""}'}) as answer,
        ):
            found = (await answer.json())["data"]["result"]
        return {
            (one["metric"]["__name__"], tuple(sorted(one["metric"].items()))): float(one["value"][1]) for one in found
        }

    async def is_ready(self) -> bool:
        try:
            return await self.ask("vector(1)") == [1]
        except (aiohttp.ClientError, ValueError, KeyError, AssertionError):
            return False


@asynccontextmanager
async def prometheus(folder: Path) -> AsyncIterator[Prometheus]:
    os.mkdir(folder)  # before anything runs
    async with serving(folder, None, "--web.enable-remote-write-receiver") as url:
        server = Prometheus(url)
        async with asyncio.timeout(60):
            while not await server.is_ready():
                await asyncio.sleep(0.1)
        yield server


async def live_until_killed(tailer: Tokentail, writer: Writer, rng: Random) -> None:
    """One life, which nobody scrapes. It may be killed even before it listens."""
    if rng.random() < 0.2:
        await asyncio.sleep(rng.uniform(0, 0.5))
    else:
        await tailer.listening()
        for _ in range(rng.randrange(1, 6)):
            writer.write(rng.randrange(1, 60))
            if rng.random() < 0.15:
                writer.rotate()
            await asyncio.sleep(rng.uniform(0, 0.15))
    await tailer.kill()


def lose_newest_checkpoint(state: Path) -> None:
    """As if the disk had lost it; the one before is used then, and what came after it counted again."""
    if (state / PREVIOUS).exists():
        (state / CURRENT).unlink(missing_ok=True)


def check_never_lower(fake: FakeMetrics) -> None:
    """Each series has one value for each time, later ones are no lower, and all began at one time in one place."""
    points = [sample for samples in fake.series.values() for sample in samples]
    assert len({sample.resource for sample in points}) == 1
    assert len({sample.started_ns for sample in points} - {0}) == 1
    for (name, _), samples in fake.series.items():
        times = [sample.at_ms for sample in samples]
        assert times == sorted(set(times))
        if name.endswith(GROWING) and not name.startswith(OF_PUSHES):
            values = [sample.value for sample in samples]
            assert values == sorted(values), name
            assert all(sample.started_ns for sample in samples), name


async def test_pushed_numbers_are_exact_through_kills(tmp_path: Path) -> None:
    """Over a log that is written and rotated; one receiver has troubles, and some kills take the checkpoint along."""
    seed = Random().randrange(2**32)
    print(f"seed {seed}")
    rng = Random(seed)
    writer = Writer(tmp_path, rng)
    writer.write(20)
    async with FakeMetrics() as fake, prometheus(tmp_path / "prometheus") as server:
        to = ["--otlp-metrics-url", fake.url, "--remote-write-url", server.write_url]
        arguments = [str(tmp_path / "app.log*"), *to]
        for _ in range(KILLS):
            fake.script = rng.choices([200, 503, 429, 400, "reset", "lost_answer"], [12, 1, 1, 1, 1, 1], k=8)
            tailer = await Tokentail.start(tmp_path, *arguments, environ=INTERVAL)
            await live_until_killed(tailer, writer, rng)
            writer.write(rng.randrange(30))
            if rng.random() < 0.2:
                lose_newest_checkpoint(tmp_path / "state")
        writer.answer_all()
        fake.script = []
        async with running(tmp_path, *arguments, environ=INTERVAL) as tailer:
            assert await tailer.stop() == 0
        check_counters(fake.newest(), writer)
        check_never_lower(fake)
        resource = dict(next(iter(fake.series.values()))[-1].resource)
        origin = peek(str(tmp_path / "state"))
        assert len({s[-1].resource for s in fake.series.values()}) == 1, "the same instance through every kill"
        assert (resource["k8s.pod.name"], resource["service.name"]) == ("checkout-1", "tokentail")
        assert {s[-1].started_ns for s in fake.series.values()} == {0, origin.started_ns}
        check_counters(await server.samples(), writer)
        assert await server.ask('sum(llm_tokens_total{type="input"})') == [writer.input_tokens]
        assert await server.ask("sum(llm_cost_usd_total)") == [pytest.approx(writer.pico_usd / 1e12, abs=1e-9)]
        for name in ("llm_tokens_total", "llm_cost_usd_total", "llm_request_duration_seconds_bucket"):
            assert set(await server.ask(f"resets({name}[1h])")) == {0}, name
        assert await server.ask("sum(tokentail_pushed_samples_total{sink='remote_write',outcome='refused'})") == [0]


def calls(count: int) -> str:
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
    body = {"object": "chat.completion", "model": "gpt-4o-2024-08-06", "choices": [], "usage": usage}
    return "".join(json.dumps({"response": {**body, "id": f"c{number}"}}) + "\n" for number in range(count))


async def test_a_job_that_nobody_scraped_has_told_everything(tmp_path: Path) -> None:
    """It ends long before its first interval has passed."""
    (tmp_path / "app.log").write_text(calls(20))
    async with prometheus(tmp_path / "prometheus") as server:
        url = ["--remote-write-url", server.write_url]
        tailer = await Tokentail.start(tmp_path, "--once", str(tmp_path / "app.log"), *url)
        assert await tailer.ended() == 0
        assert await server.ask('llm_tokens_total{job="tokentail",type="input"}') == [20_000]
        assert await server.ask("sum(llm_requests_total)") == [20]


async def test_a_tailer_that_is_stopped_pushes_what_it_read_last(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(calls(1))
    async with FakeMetrics() as fake, running(tmp_path, str(log), "--remote-write-url", fake.write_url) as tailer:
        await fake.asked(1)
        with log.open("a") as file:
            file.write(calls(9))
        assert await tailer.stop() == 0
    assert total(fake.newest(), "llm_requests_total") == 10


@pytest.mark.parametrize("step", [401, 503, "hang"])
async def test_once_fails_when_the_last_push_does_not_arrive(tmp_path: Path, step: int | str) -> None:
    """What is refused for good at once; all else is tried until it is told to stop, and then for the drain time."""
    (tmp_path / "app.log").write_text(calls(1))
    async with FakeMetrics(step=step) as fake:
        arguments = ["--once", str(tmp_path / "app.log"), "--otlp-metrics-url", fake.url, "--drain-seconds", "0.1"]
        tailer = await Tokentail.start(tmp_path, *arguments)
        await fake.asked(1)
        assert await (tailer.ended() if step == 401 else tailer.stop()) == 1
    (failed,) = [event for event in tailer.events if event["event"] == "last_push_failed"]
    assert failed["sinks"] == ["otlp_metrics"]


async def test_a_second_signal_skips_the_last_push(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(calls(1))
    async with FakeMetrics(step="hang") as fake:
        arguments = [str(tmp_path / "app.log"), "--remote-write-url", fake.write_url, "--drain-seconds", "60"]
        async with running(tmp_path, *arguments) as tailer, asyncio.timeout(30):
            await fake.asked(1)
            tailer.process.terminate()
            await fake.asked(2)
            assert await tailer.stop() == 0
        await tailer.logged("last_push_failed")


async def test_a_scrape_tells_how_the_pushes_fare(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(calls(1))
    async with FakeMetrics([400]) as fake:
        arguments = [str(tmp_path / "app.log"), "--remote-write-url", fake.write_url]
        async with running(tmp_path, *arguments, environ=INTERVAL) as tailer:
            name, sink = "tokentail_pushed_samples_total", {"sink": "remote_write"}
            samples = await tailer.scraped(lambda it: total(it, name, outcome="accepted", **sink) > 0)
            assert total(samples, name, outcome="refused", **sink) == len(fake.requests[0].samples)
            assert total(samples, "tokentail_push_timestamp_seconds", **sink) > 1e9
            refused = await tailer.logged("remote_write_refused")
            assert (refused["status"], refused["said"]) == (400, "scripted 400")


async def test_a_fault_in_the_resource_attributes_is_said_and_discards_them(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(calls(1))
    async with FakeMetrics() as fake:
        arguments = ["--once", str(tmp_path / "app.log"), "--otlp-metrics-url", fake.url, "--resource", "team=a"]
        tailer = await Tokentail.start(tmp_path, *arguments, environ={"OTEL_RESOURCE_ATTRIBUTES": "a=1,b"})
        assert await tailer.ended() == 0
    said = await tailer.logged("resource_attributes_discarded")
    assert said["reason"] == "OTEL_RESOURCE_ATTRIBUTES: expected NAME=VALUE at place 2"
    resource = dict(next(iter(fake.series.values()))[-1].resource)
    assert resource.keys() == {"service.name", "service.instance.id", "host.name", "team"}


async def test_a_state_that_starts_over_begins_anew(tmp_path: Path) -> None:
    """The same instance, and a start time that tells its receiver of the reset."""
    (tmp_path / "app.log").write_text(calls(1))
    found = []
    for _ in range(2):
        async with FakeMetrics() as fake:
            arguments = ["--once", str(tmp_path / "app.log"), "--otlp-metrics-url", fake.url]
            assert await (await Tokentail.start(tmp_path, *arguments)).ended() == 0
            sample = next(s[-1] for key, s in fake.series.items() if key[0] == "llm_requests_total")
            found.append((sample.started_ns, dict(sample.resource)["service.instance.id"], sample.value))
        os.rename(tmp_path / "state", tmp_path / f"state before {len(found)}")
    first, second = found
    assert first[0] < second[0]
    assert first[1] == second[1]
    assert first[2] == second[2] == 1
