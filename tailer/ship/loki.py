"""Loki as a sink: where a push goes, how it is encoded, what each answer means.

Source: the HTTP API reference of Grafana Loki and its list of ingestion errors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit, urlunsplit

from tailer.config import Config
from tailer.outbound.answer import Accepted, Answer, Refused, Reply, Retry, TooLarge, undecided
from tailer.outbound.connected import Connected
from tailer.outbound.post import Body, Post
from tailer.ship import refusal, wire
from tailer.ship.entry import Entry
from tailer.ship.sink import Refusals

PUSH_PATH = "/loki/api/v1/push"


def push_url(url: str) -> str:
    """The push address for a base URL, or the URL itself where it already is one."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if not path.endswith(PUSH_PATH):
        path += PUSH_PATH
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


class Loki(Connected):
    """A connection to one Loki, opened by `async with`. ValueError where its files cannot be used."""

    name = "loki"
    refusals: Refusals = refusal

    def __init__(self, config: Config, now_ns: Callable[[], int] = time.time_ns) -> None:
        if config.loki_url is None:
            raise ValueError("loki_url: expected a URL, got none")
        self.options = config.loki
        self.mends_times = config.loki.mend_times
        self._now_ns = now_ns
        self._encoding = config.loki_encoding
        tenant = {} if config.loki_tenant is None else {"X-Scope-OrgID": config.loki_tenant}
        super().__init__(Post("loki", push_url(config.loki_url), config.loki, headers=tenant))

    def encode(self, entries: Sequence[Entry]) -> Body:
        """One push of these entries."""
        return wire.encode(entries, self._encoding)

    async def push(self, body: Body) -> Answer:
        """Posts the body and says what came of it. Cancelled in between, Loki may have taken it or not."""
        reply = await self._post.post(body)
        return reply if isinstance(reply, Retry) else judge(reply, self._now_ns())


def judge(reply: Reply, now_ns: int) -> Answer:
    """The meaning of Loki's reply. What is not known to be final is tried again."""
    status = reply.status
    detail = f"HTTP {status}"
    if reply.is_page and (status < 300 or status in (400, 422)):
        return Retry("not_loki", None, detail)
    if status in (200, 202, 204):
        return Accepted()
    if reply.is_too_large():
        return TooLarge(status, reply.text)
    if status in (400, 422):
        return Retry("disallowed", None, detail) if refusal.is_disallowed(reply.text) else Refused(status, reply.text)
    return undecided(reply, now_ns)
