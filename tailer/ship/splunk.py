"""Splunk as a sink: the HTTP Event Collector gets the lines as events, by itself or by its indexers acknowledged.

The collector drops no duplicates: what is sent again is indexed again, with the same `tokentail_id`.
"""

from __future__ import annotations

import gzip
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from tailer.config import Config
from tailer.outbound.answer import Accepted, Answer, Retry
from tailer.outbound.connected import Connected
from tailer.outbound.credentials import Credentials
from tailer.outbound.post import Body, Post
from tailer.outbound.pusher import Clock
from tailer.outbound.secret import Secret
from tailer.ship import splunk_answers, splunk_events
from tailer.ship.entry import Entry
from tailer.ship.sink import Refusals
from tailer.ship.splunk_acks import CHANNEL_HEADER, Acknowledgement, new_channel
from tailer.ship.splunk_call import Calls

COLLECTOR = "/services/collector"
HEADERS = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

# A twentieth more on the wire than level 3 makes, for half of its time.
_GZIP_LEVEL = 1


def collector_url(url: str, endpoint: str) -> str:
    """The address of an endpoint, for a base URL or one of any of the collector's endpoints."""
    parts = urlsplit(url)
    base = parts.path.partition(COLLECTOR)[0].rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{base}{COLLECTOR}/{endpoint}", "", ""))


class Splunk(Connected):
    """A connection to one collector, opened by `async with`. ValueError where its files cannot be used."""

    name = "splunk"
    refusals: Refusals = splunk_answers
    mends_times = False

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        if config.splunk_url is None:
            raise ValueError("splunk_url: expected a URL, got none")
        options = config.splunk
        clock = clock or Clock()
        self.options = options
        self._now_ns = clock.now_ns
        host = options.host or socket.gethostname()
        self._origin = splunk_events.Origin(host, options.sourcetype, options.source, options.index)
        self._event_of = Calls(config.fields).event if options.event == "call" else splunk_events.line_event
        channel = new_channel()
        asks = options.acknowledge == "auto"
        super().__init__(
            Post(
                "splunk",
                collector_url(config.splunk_url, "event"),
                options,
                headers={CHANNEL_HEADER: channel} if asks else None,
                credentials=Credentials(options, Secret.of(options.token, options.token_file), "Splunk"),
                keeps_cookies=asks,
            )
        )
        url = collector_url(config.splunk_url, "ack")
        self._acknowledgement = Acknowledgement(self._post, url, channel, clock) if asks else None

    def encode(self, entries: Sequence[Entry]) -> Body:
        """One push of these entries."""
        events = splunk_events.encode(entries, self._origin, self._event_of)
        return Body(gzip.compress(events, _GZIP_LEVEL, mtime=0), HEADERS)

    async def push(self, body: Body) -> Answer:
        """Posts the body and says what came of it, where the collector acknowledges once its indexers have it.

        Cancelled in between, Splunk may have taken it or not.
        """
        reply = await self._post.post(body)
        if isinstance(reply, Retry):
            return reply
        answer = splunk_answers.judge(reply, self._now_ns())
        ack_id = splunk_answers.told(reply.text).ack_id
        if isinstance(answer, Accepted) and self._acknowledgement is not None and ack_id is not None:
            return await self._acknowledgement.awaited(ack_id)
        return answer
