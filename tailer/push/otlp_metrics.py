"""A receiver of OTLP metrics over HTTP: where a push goes and what each answer means.

Source: the OpenTelemetry protocol specification, "OTLP/HTTP".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import structlog
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from tailer.config import OtlpMetricsOptions
from tailer.outbound.answer import Accepted, Answer, PartlyTaken, Refused, Reply, Retry, undecided
from tailer.outbound.connected import Connected
from tailer.outbound.post import Body, Post
from tailer.push.export_request import ExportRequests
from tailer.push.points import Part, Point

NAME = "otlp_metrics"
PATH = "/v1/metrics"
RETRYABLE = (429, 502, 503, 504)

log = structlog.get_logger()


def push_url(url: str) -> str:
    """The address of the metrics for a base URL, or the URL itself where it already is one."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith(PATH) else path + PATH))


class OtlpMetrics(Connected):
    """A connection to one receiver, opened by `async with`. ValueError where its files cannot be used."""

    name = NAME

    def __init__(
        self,
        url: str,
        options: OtlpMetricsOptions,
        resource: Mapping[str, str],
        started_ns: int,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.options = options
        self._requests = ExportRequests(resource, started_ns, options.compression)
        self._now_ns = now_ns
        super().__init__(Post(NAME, push_url(url), options))
        self._warned = ""

    def parts(self, points: Sequence[Point], done: int, at_ms: int) -> Iterator[Part]:
        return self._requests.parts(points, done, at_ms)

    async def push(self, body: Body) -> Answer:
        """Posts the body and says what came of it. Cancelled in between, it may have been taken or not."""
        reply = await self._post.post(body)
        if isinstance(reply, Retry):
            return reply
        answer = judge(reply, self._now_ns())
        if isinstance(answer, PartlyTaken) and not answer.rejected:
            self._warn(answer.text)
            return Accepted()
        return answer

    def _warn(self, text: str) -> None:
        if text != self._warned:
            log.warning(f"{NAME}_warning", said=text[:300])
        self._warned = text


def judge(reply: Reply, now_ns: int) -> Answer:
    """The meaning of a reply; PartlyTaken with none rejected is a warning only."""
    status = reply.status
    if status < 300 and reply.is_page:
        return Retry("unexpected_answer", None, f"HTTP {status}")
    if 200 <= status < 300:
        return _partial(reply)
    if status >= 400 and status not in RETRYABLE:
        return Refused(status, reply.text)
    return undecided(reply, now_ns)


def _partial(reply: Reply) -> Answer:
    """A success as a whole or in part. One in no known words is whole: the status has said it."""
    if "protobuf" not in reply.content_type:
        return Accepted()
    try:
        partial = ExportMetricsServiceResponse.FromString(reply.data).partial_success
    except DecodeError:
        return Accepted()
    if not partial.rejected_data_points and not partial.error_message:
        return Accepted()
    return PartlyTaken(partial.rejected_data_points, reply.status, partial.error_message)
