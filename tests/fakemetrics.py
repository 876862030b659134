"""A small receiver of metrics over real HTTP: remote write by Prometheus' rules, OTLP; keeps every sample.

It misbehaves by script, as the small Loki does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from tests.fakemetrics_wire import Key, Sampled, exported, written
from tests.fakereceiver import StandIn

WRITE, EXPORT = "/api/v1/write", "/v1/metrics"
PROTOBUF = "application/x-protobuf"
Step = int | str | tuple[int, str] | ExportMetricsServiceResponse
"""A status (below 300: the push is handled as usual), with a text; an answer of OTLP to what is taken; or a trouble:

`reset` (connection closed, nothing taken), `lost_answer` (taken, then closed), `hang` (no answer, nothing taken).
"""


class Request(NamedTuple):
    """One push as it came in."""

    path: str
    headers: Mapping[str, str]
    samples: tuple[Sampled, ...]


class FakeMetrics(StandIn):
    """`step` is the answer after those of the script."""

    def __init__(self, script: Iterable[Step] = (), step: Step = 200) -> None:
        super().__init__()
        self.script = list(script)
        self.step = step
        self.requests: list[Request] = []
        self.series: dict[Key, list[Sampled]] = {}

    @property
    def write_url(self) -> str:
        return self.url + WRITE

    def newest(self) -> dict[Key, float]:
        """The last value of every series."""
        return {key: samples[-1].value for key, samples in self.series.items()}

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post("/{path:.*}", self._push)]

    def pushes(self) -> int:
        return len(self.requests)

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        samples = tuple(written(body) if request.path == WRITE else exported(body))
        async with self._changed:
            self.requests.append(Request(request.path, dict(request.headers), samples))
            self._changed.notify_all()
        step = self.script.pop(0) if self.script else self.step
        if isinstance(step, str):
            return await self._misbehave(step, request, samples)
        if isinstance(step, ExportMetricsServiceResponse):
            self._take(samples)
            return web.Response(body=step.SerializeToString(), content_type=PROTOBUF)
        status, text = step if isinstance(step, tuple) else (step, "")
        if status >= 300:
            return web.Response(status=status, text=text or f"scripted {status}")
        fault = self._take(samples)
        return web.Response(status=400, text=fault) if fault else web.Response(status=status)

    async def _misbehave(self, step: str, request: web.Request, samples: Iterable[Sampled]) -> web.Response:
        if step == "hang":
            await self._closing.wait()
        if step == "lost_answer":
            self._take(samples)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _take(self, samples: Iterable[Sampled]) -> str | None:
        """All or nothing, in the words of Prometheus."""
        samples = list(samples)
        for sample in samples:
            known = self.series.get(sample.key)
            if known and known[-1].at_ms > sample.at_ms:
                return "out of order sample"
            if known and known[-1].at_ms == sample.at_ms and known[-1].value != sample.value:
                return "duplicate sample for timestamp"
        for sample in samples:
            self.series.setdefault(sample.key, []).append(sample)
        return None
