"""One receiver and its loop, over real HTTP: what each answer leads to, and that no push is queued."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from random import Random
from typing import TypeVar

import msgspec
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)
from prometheus_client.core import Metric
from structlog.testing import capture_logs

from tailer.config import OtlpMetricsOptions, PushOptions, RemoteWriteOptions
from tailer.outbound.answer import Accepted, Answer, PartlyTaken, Refused, Reply, Retry
from tailer.outbound.pusher import Clock
from tailer.push import otlp_metrics, remote_write, write_request
from tailer.push.otlp_metrics import OtlpMetrics, push_url
from tailer.push.push import SAMPLES, Push
from tailer.push.pushed import Pushed
from tailer.push.remote_write import RemoteWrite, labels_of
from tailer.telemetry import Telemetry
from tests.fakemetrics import FakeMetrics, Step
from tests.push.made import counter

T = TypeVar("T")
SECOND_NS = 1_000_000_000
NOON_NS = 1_780_000_000 * SECOND_NS
BOTH = pytest.mark.parametrize("name", ["remote_write", "otlp_metrics"])


class World:
    """A counter that grows by one each time it is looked at, and a clock that only sleep moves."""

    def __init__(self, series: int = 3) -> None:
        self.telemetry = Telemetry()
        self.pushed = Pushed()
        self.now_ns = NOON_NS
        self.slept: list[float] = []
        self.views = 0
        self.enough = asyncio.Event()
        self._series = series

    async def view(self, encode: Callable[[Iterable[Metric]], T]) -> T:
        self.views += 1
        return encode([counter("calls_total", {str(number): self.views for number in range(self._series)})])

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_ns += int(seconds * SECOND_NS)
        await asyncio.sleep(0)

    def samples(self, name: str) -> tuple[float, float]:
        """Accepted and refused."""
        return self.telemetry.value(SAMPLES, name, "accepted"), self.telemetry.value(SAMPLES, name, "refused")

    @asynccontextmanager
    async def push(self, name: str, fake: FakeMetrics, **settings: object) -> AsyncIterator[Push]:
        common = {"retry_min_seconds": 1.0, "retry_max_seconds": 4.0, "timeout_seconds": 0.3, **settings}
        receiver: RemoteWrite | OtlpMetrics
        if name == "remote_write":
            options = msgspec.convert(common, RemoteWriteOptions)
            receiver = RemoteWrite(fake.write_url, options, {"job": "shop"}, lambda: self.now_ns)
        else:
            receiver = OtlpMetrics(fake.url, msgspec.convert(common, OtlpMetricsOptions), {}, 0, lambda: self.now_ns)
        clock = Clock(lambda: self.now_ns, self.sleep, Random(7))
        async with Push(receiver, self.view, self.pushed, self.telemetry, clock) as push:
            yield push


@BOTH
async def test_a_view_arrives_as_it_is(name: str) -> None:
    world = World()
    async with FakeMetrics() as fake, world.push(name, fake) as push:
        assert await push.once()
        assert sorted(fake.newest().values()) == [1, 1, 1]
        assert world.samples(name) == (3, 0)
        assert world.pushed.arrived_seconds == NOON_NS / 1e9
        assert world.telemetry.value("tokentail_sink_push_bytes_total", name) > 0
        assert world.telemetry.total("tokentail_sink_retries_total") == 0


@BOTH
@pytest.mark.parametrize("step", [503, 429, "reset", "lost_answer", "hang"])
async def test_after_a_push_that_nobody_decided_on_the_newest_numbers_go(name: str, step: Step) -> None:
    """Three attempts, three views; what was lost on the way is in the last one."""
    world = World()
    with capture_logs() as logged:
        async with FakeMetrics([step, step]) as fake, world.push(name, fake) as push:
            assert await push.once()
            assert set(fake.newest().values()) == {3}
    times = [sample.at_ms for request in fake.requests for sample in request.samples]
    assert times == sorted(times)
    assert len(set(times)) == 3
    assert 0.5 <= world.slept[0] <= 1 <= world.slept[-1] <= 2
    assert world.samples(name) == (3, 0)
    events = [it["event"] for it in logged]
    assert events == [f"{name}_unreachable", f"{name}_recovered"]


@BOTH
async def test_a_long_outage_is_one_warning_and_one_recovery(name: str) -> None:
    world = World()
    with capture_logs() as logged:
        async with FakeMetrics([503] * 40) as fake, world.push(name, fake) as push:
            assert await push.once()
    assert [it["event"] for it in logged] == [f"{name}_unreachable", f"{name}_recovered"]
    assert set(fake.newest().values()) == {41}


@BOTH
async def test_a_refused_push_is_counted_said_once_and_not_repeated(name: str) -> None:
    """Four intervals with the same fault, then all is well again."""
    world = World()
    with capture_logs() as logged:
        async with FakeMetrics([(400, "out of order sample")] * 4) as fake, world.push(name, fake) as push:
            assert [await push.once() for _ in range(5)] == [False] * 4 + [True]
    assert len(fake.requests) == 5
    assert world.slept == []
    assert world.samples(name) == (3, 12)
    refused, taken = logged
    assert refused["event"] == f"{name}_refused"
    assert (refused["status"], refused["said"], refused["samples"]) == (400, "out of order sample", 3)
    assert taken["event"] == f"{name}_taken_again"
    assert set(fake.newest().values()) == {5}


async def test_parts_that_were_taken_are_not_pushed_again_in_the_same_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest goes out as it is later, so that even who takes little at a time gets everything."""
    monkeypatch.setattr(write_request, "PART_SAMPLES", 2)
    world = World(series=6)
    async with FakeMetrics([200, 503, 200, 429, 200]) as fake, world.push("remote_write", fake) as push:
        assert await push.once()
    assert [[it.value for it in request.samples] for request in fake.requests] == [
        [1, 1],
        [1, 1],
        [2, 2],
        [2, 2],
        [3, 3],
    ]
    assert sorted(fake.newest().values()) == [1, 1, 2, 2, 3, 3]
    assert world.samples("remote_write") == (6, 0)


async def test_one_refused_part_does_not_keep_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_request, "PART_SAMPLES", 2)
    world = World(series=6)
    async with FakeMetrics([200, (400, "one bad series"), 200]) as fake, world.push("remote_write", fake) as push:
        assert not await push.once()
        assert world.samples("remote_write") == (4, 2)
        assert world.pushed.arrived_seconds == 0
        assert await push.once()


async def test_a_clock_that_steps_back_stops_no_push() -> None:
    """An hour back, and the receiver has samples of the hour to come."""
    world = World()
    async with FakeMetrics() as fake, world.push("remote_write", fake) as push:
        assert await push.once()
        world.now_ns -= 3600 * SECOND_NS
        assert await push.once()
        assert await push.once()
    assert [sample.at_ms - NOON_NS // 10**6 for sample in next(iter(fake.series.values()))] == [0, 1, 2]


async def test_a_time_to_come_that_nobody_takes_is_given_up() -> None:
    """The clock was a year ahead, and before that was pushed, a restart and the right time came."""
    world = World()
    world.pushed = Pushed(NOON_NS // 10**6 + 365 * 86_400_000)
    async with FakeMetrics([(400, "out of bounds")]) as fake, world.push("remote_write", fake) as push:
        assert not await push.once()
        assert await push.once()
    assert {samples[-1].at_ms for samples in fake.series.values()} == {NOON_NS // 10**6}


async def test_the_loop_pushes_once_an_interval() -> None:
    """And as soon as the receiver takes one again, when the interval has passed."""
    world = World()
    async with FakeMetrics() as fake, world.push("remote_write", fake, interval_seconds=15.0) as push:
        running = asyncio.create_task(push.run())
        await fake.asked(3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert all(14.5 < seconds <= 15 for seconds in world.slept)


@BOTH
async def test_the_last_push_waits_no_longer_than_a_second(name: str) -> None:
    world = World()
    async with FakeMetrics([503] * 6) as fake, world.push(name, fake, retry_min_seconds=4.0) as push:
        await push.last()
        assert push.has_ended
    assert all(seconds <= 1 for seconds in world.slept)


async def test_a_part_that_otlp_rejects_is_counted_and_said() -> None:
    partial = ExportMetricsPartialSuccess(rejected_data_points=2, error_message="too\nmany series")
    world = World()
    with capture_logs() as logged:
        steps = [ExportMetricsServiceResponse(partial_success=partial)] * 2
        async with FakeMetrics(steps) as fake, world.push("otlp_metrics", fake) as push:
            assert [await push.once() for _ in range(3)] == [False, False, True]
    assert world.samples("otlp_metrics") == (1 + 1 + 3, 4)
    assert [it["event"] for it in logged] == ["otlp_metrics_refused", "otlp_metrics_taken_again"]
    assert logged[0]["said"] == "too many series"


async def test_a_warning_of_otlp_is_said_once_and_is_no_refusal() -> None:
    partial = ExportMetricsPartialSuccess(error_message="this name is deprecated")
    world = World()
    with capture_logs() as logged:
        step = ExportMetricsServiceResponse(partial_success=partial)
        async with FakeMetrics(step=step) as fake, world.push("otlp_metrics", fake) as push:
            assert [await push.once() for _ in range(3)] == [True] * 3
    assert [(it["event"], it["said"]) for it in logged] == [("otlp_metrics_warning", "this name is deprecated")]


async def test_a_remote_write_says_what_the_specification_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", "glc_secret")
    world = World()
    settings = {"username": "12345", "password": "env:GRAFANA_TOKEN"}
    async with FakeMetrics() as fake, world.push("remote_write", fake, **settings) as push:
        await push.once()
    (request,) = fake.requests
    assert request.path == "/api/v1/write"
    assert request.headers["Content-Type"] == "application/x-protobuf"
    assert request.headers["Content-Encoding"] == "snappy"
    assert request.headers["X-Prometheus-Remote-Write-Version"] == "0.1.0"
    assert request.headers["User-Agent"].startswith("tokentail/")
    assert request.headers["Authorization"] == "Basic MTIzNDU6Z2xjX3NlY3JldA=="
    assert "secret" not in repr(push)


@pytest.mark.parametrize(("compression", "encoding"), [("gzip", "gzip"), ("none", None)])
async def test_an_otlp_export_is_compressed_as_configured(compression: str, encoding: str | None) -> None:
    world = World()
    async with FakeMetrics() as fake, world.push("otlp_metrics", fake, compression=compression) as push:
        assert await push.once()
    (request,) = fake.requests
    assert request.path == "/v1/metrics"
    assert request.headers["Content-Type"] == "application/x-protobuf"
    assert request.headers.get("Content-Encoding") == encoding


PARTIAL = ExportMetricsServiceResponse(
    partial_success=ExportMetricsPartialSuccess(rejected_data_points=200, error_message="no")
).SerializeToString()
PROTOBUF = "application/x-protobuf"


@pytest.mark.parametrize(
    ("reply", "written", "exported"),
    [
        (Reply(200, ""), Accepted(), Accepted()),
        (Reply(204, ""), Accepted(), Accepted()),
        (Reply(200, "", PROTOBUF, None, PARTIAL), Accepted(), PartlyTaken(200, 200, "no")),
        (Reply(200, "", PROTOBUF, None, b"\xff"), Accepted(), Accepted()),
        (Reply(200, "<html>", "text/html"), *[Retry("unexpected_answer", None, "HTTP 200")] * 2),
        (Reply(302, ""), *[Retry("redirect", None, "HTTP 302")] * 2),
        (Reply(400, "no"), *[Refused(400, "no")] * 2),
        (Reply(401, "who?"), *[Refused(401, "who?")] * 2),
        (Reply(404, "no page"), *[Refused(404, "no page")] * 2),
        (Reply(413, "too large"), *[Refused(413, "too large")] * 2),
        (Reply(429, "", "", "7"), *[Retry("rate_limited", 7.0, "HTTP 429", divide=True)] * 2),
        (Reply(500, "no"), Retry("server_error", None, "HTTP 500"), Refused(500, "no")),
        (Reply(501, "no"), Retry("server_error", None, "HTTP 501"), Refused(501, "no")),
        (Reply(503, "", "", "2"), *[Retry("server_error", 2.0, "HTTP 503")] * 2),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_answer_means_what_the_protocols_say(reply: Reply, written: Answer, exported: Answer) -> None:
    assert remote_write.judge(reply, NOON_NS) == written
    assert otlp_metrics.judge(reply, NOON_NS) == exported


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://collector:4318", "http://collector:4318/v1/metrics"),
        ("http://collector:4318/", "http://collector:4318/v1/metrics"),
        ("https://gateway.example/otlp", "https://gateway.example/otlp/v1/metrics"),
        ("https://gateway.example/otlp/v1/metrics", "https://gateway.example/otlp/v1/metrics"),
    ],
)
def test_a_base_url_of_otlp_gets_the_path_of_metrics(given: str, url: str) -> None:
    assert push_url(given) == url


def test_every_series_says_whose_it_is() -> None:
    """The configuration's labels, since no scraper adds any; the host is the name of the pod."""
    assert labels_of(RemoteWriteOptions(), {"job": "shop", "app": "a"}, "pod-1") == {
        "job": "shop",
        "app": "a",
        "instance": "pod-1",
    }
    own = RemoteWriteOptions(labels={"instance": "b", "pod": "p"})
    assert labels_of(own, {}, "pod-1") == {"job": "tokentail", "instance": "b", "pod": "p"}


def test_the_interval_is_that_of_a_usual_scrape() -> None:
    assert PushOptions().interval_seconds == 15
