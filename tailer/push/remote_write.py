"""A receiver of Prometheus remote write: where a push goes and what each answer means.

Source: the Prometheus Remote-Write 1.0 specification, "Retries & Backoff".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from tailer.config import RemoteWriteOptions
from tailer.outbound.answer import Accepted, Answer, Refused, Reply, Retry, undecided
from tailer.outbound.connected import Connected
from tailer.outbound.post import Body, Post
from tailer.push.points import Part, Point
from tailer.push.write_request import WriteRequests

NAME = "remote_write"


def labels_of(options: RemoteWriteOptions, static: Mapping[str, str], host: str) -> dict[str, str]:
    """What every series bears beside its own labels: the static ones, `job` and `instance`, and over them its own."""
    return {"job": "tokentail", "instance": host, **static, **options.labels}


class RemoteWrite(Connected):
    """A connection to one receiver, opened by `async with`. ValueError where its files cannot be used."""

    name = NAME

    def __init__(
        self, url: str, options: RemoteWriteOptions, labels: Mapping[str, str], now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self.options = options
        self._requests = WriteRequests(labels)
        self._now_ns = now_ns
        super().__init__(Post(NAME, url, options))

    def parts(self, points: Sequence[Point], done: int, at_ms: int) -> Iterator[Part]:
        return self._requests.parts(points, done, at_ms)

    async def push(self, body: Body) -> Answer:
        """Posts the body and says what came of it. Cancelled in between, it may have been taken or not."""
        reply = await self._post.post(body)
        return reply if isinstance(reply, Retry) else judge(reply, self._now_ns())


def judge(reply: Reply, now_ns: int) -> Answer:
    """The meaning of a reply. Of what is refused some may have been taken: the next push is another one anyhow."""
    status = reply.status
    if status < 300 and reply.is_page:
        return Retry("unexpected_answer", None, f"HTTP {status}")
    if 200 <= status < 300:
        return Accepted()
    if 400 <= status < 500 and status != 429:
        return Refused(status, reply.text)
    return undecided(reply, now_ns)
