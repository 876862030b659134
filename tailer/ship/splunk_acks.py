"""Waits until the indexers have what the collector took: asks again and again, for as long as Splunk advises.

Source: "About HTTP Event Collector Indexer Acknowledgment" in Splunk's documentation. An id that is not known, after a
restart of the collector say, is answered like one that is not indexed yet; one answered `true` is then forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import orjson

from tailer.outbound.answer import Accepted, Reply, Retry
from tailer.outbound.post import Body, Post
from tailer.outbound.pusher import Clock
from tailer.ship.splunk_answers import ACK_DISABLED, told

CHANNEL_HEADER = "X-Splunk-Request-Channel"
PATIENCE_SECONDS = 300.0
"""Splunk's advice: what is not acknowledged after five minutes is to be sent again."""
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
PATIENT_STATUSES = (408, 429)


def new_channel() -> str:
    """Ids of acknowledgement count within a channel. One for each process: nobody else can ask for its ids first."""
    return str(uuid.uuid4())


def pauses_seconds() -> Iterator[float]:
    """Before each question; together as long as is to be waited."""
    waited = 0.0
    while waited < PATIENCE_SECONDS:
        # Nothing else is sent meanwhile, so what is indexed is heard of at most a quarter too late.
        pause = min(LONGEST_PAUSE_SECONDS, max(SHORTEST_PAUSE_SECONDS, waited / 4), PATIENCE_SECONDS - waited)
        yield pause
        waited += pause


class Acknowledgement:
    """Asks on a channel of the collector whether pushes are indexed."""

    def __init__(self, post: Post, url: str, channel: str, clock: Clock) -> None:
        self._post = post
        self._url = f"{url}?channel={channel}"
        self._sleep = clock.sleep

    async def awaited(self, ack_id: int) -> Accepted | Retry:
        """Accepted once all of the push is indexed; Retry when that is not said in time, or cannot be asked."""
        body = Body(orjson.dumps({"acks": [ack_id]}), {"Content-Type": "application/json"})
        seen = "not indexed"
        for pause in pauses_seconds():
            await self._sleep(pause)
            reply = await self._post.post(body, self._url)
            if isinstance(reply, Retry):
                seen = reply.detail
            elif _is_indexed(reply, ack_id) or told(reply.text).code == ACK_DISABLED:
                return Accepted()
            elif 300 <= reply.status < 500 and reply.status not in PATIENT_STATUSES:
                return Retry("unacknowledged", None, f"asked for an acknowledgement: HTTP {reply.status}")
            else:
                seen = "not indexed" if reply.status == 200 else f"HTTP {reply.status}"
        return Retry("unacknowledged", None, f"no acknowledgement within {PATIENCE_SECONDS:.0f} s: {seen}")


def _is_indexed(reply: Reply, ack_id: int) -> bool:
    if reply.status != 200:
        return False
    try:
        found = orjson.loads(reply.text)
    except orjson.JSONDecodeError:
        return False
    acks = found.get("acks") if isinstance(found, dict) else None
    return isinstance(acks, dict) and acks.get(str(ack_id)) is True
