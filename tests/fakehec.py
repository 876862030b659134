"""A small HTTP Event Collector: takes events over real HTTP by Splunk's rules, misbehaves by script; searches nothing.

`python -m tests.fakehec --port 8088` runs one by hand; `GET /events` shows what it holds.
"""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web

from tests.fakehec_wire import WORDS, Event, FaultError, event_of, objects
from tests.fakereceiver import StandIn, Step, serve


class Request(NamedTuple):
    """One push as it came in, unpacked."""

    path: str
    headers: dict[str, str]
    body: bytes


class FakeHec(StandIn):
    """Limits left None are not enforced.

    With `acks` every push is acknowledged: by the first question, by the question numbered so, or with -1 never.
    """

    def __init__(
        self,
        script: Iterable[Step] = (),
        *,
        port: int = 0,
        token: str | None = None,
        indexes: Sequence[str] | None = None,
        max_body_bytes: int | None = None,
        acks: int | None = None,
        ack_seconds: float = 0.0,
        refuse: Callable[[Mapping[str, Any]], int | None] | None = None,
    ) -> None:
        super().__init__(port)
        self.script = list(script)
        self.token = token
        self.indexes = indexes
        self.max_body_bytes = max_body_bytes
        self.acks = acks
        self.ack_seconds = ack_seconds
        self.ack_script: list[Step] = []
        self.refuse = refuse
        self.requests: list[Request] = []
        self.questions = 0
        self.indexed: list[Event] = []
        self._pending: dict[tuple[str, int], tuple[int, float]] = {}
        self._ids: dict[str, int] = {}

    def events(self) -> list[Event]:
        """What a search with `dedup tokentail_id` gives: one of each, in the order of first arrival."""
        return list({event.identity: event for event in self.indexed}.values())

    def lines(self) -> list[str]:
        return [event.line for event in self.events()]

    def restart(self) -> None:
        """Forgets every channel and its acknowledgements; what is indexed stays."""
        self._pending.clear()
        self._ids.clear()

    async def holds(self, count: int) -> None:
        """Waits until at least so many different events are indexed."""
        async with self._changed:
            await self._changed.wait_for(lambda: len({it.identity for it in self.indexed}) >= count)

    def routes(self) -> Iterable[web.RouteDef]:
        places = ("/services/collector", "/services/collector/event", "/services/collector/event/1.0")
        acknowledging = web.post("/services/collector/ack", self._acknowledge)
        return [acknowledging, *(web.post(place, self._push) for place in places), web.get("/events", self._show)]

    def pushes(self) -> int:
        return len(self.requests)

    async def _push(self, request: web.Request) -> web.Response:
        sent = await request.read()
        async with self._changed:
            self.requests.append(Request(request.path_qs, dict(request.headers), sent))
            self._changed.notify_all()
        step = self.script.pop(0) if self.script else 200
        if isinstance(step, str):
            return await self._misbehave(step, request, sent)
        if step != 200:
            return scripted(step)
        if self.max_body_bytes is not None and len(sent) > self.max_body_bytes:
            return web.Response(status=413, text=f"Content-Length of {len(sent)} too large")
        try:
            channel = self._let_in(request)
            await self._index(sent)
        except FaultError as fault:
            return answer(fault.code, **({} if fault.number is None else {"invalid-event-number": fault.number}))
        return answer(0, **({} if channel is None else {"ackId": self._issue(channel)}))

    async def _misbehave(self, step: str, request: web.Request, sent: bytes) -> web.Response:
        if step == "hang":
            await self._closing.wait()
        if step == "lost_answer":
            await self._index(sent)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _let_in(self, request: web.Request) -> str | None:
        """The channel of a push that is to be acknowledged."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            raise FaultError(2)
        if scheme != "Splunk":
            raise FaultError(3)
        if self.token is not None and token != self.token:
            raise FaultError(4)
        if self.acks is None:
            return None
        channel = request.headers.get("X-Splunk-Request-Channel")
        if channel is None:
            raise FaultError(10)
        try:
            return str(uuid.UUID(channel))
        except ValueError:
            raise FaultError(11) from None

    async def _index(self, sent: bytes) -> None:
        """Each event in its turn: those before a faulty one are indexed, those after it are not."""
        taken: list[Event] = []
        try:
            for number, found in enumerate(objects(sent)):
                taken.append(self._event(found, number))
            if not taken:
                raise FaultError(5)
        finally:
            async with self._changed:
                self.indexed += taken
                self._changed.notify_all()

    def _event(self, found: Mapping[str, Any], number: int) -> Event:
        event = event_of(found, number)
        if self.indexes is not None and event.index not in (None, *self.indexes):
            raise FaultError(7, number + 1)  # Splunk's own count for this one
        if self.refuse is not None and (code := self.refuse(found)) is not None:
            raise FaultError(code, number)
        return event

    def _issue(self, channel: str) -> int:
        number = self._ids.get(channel, 0)
        self._ids[channel] = number + 1
        self._pending[(channel, number)] = (0, asyncio.get_running_loop().time())
        return number

    async def _acknowledge(self, request: web.Request) -> web.Response:
        self.questions += 1
        asked = (await request.json())["acks"]
        step = self.ack_script.pop(0) if self.ack_script else 200
        if isinstance(step, str):
            return await self._misbehave(step, request, b"")
        if step != 200:
            return scripted(step)
        if self.acks is None:
            return answer(14)
        channel = request.query.get("channel") or request.headers.get("X-Splunk-Request-Channel")
        if channel is None:
            return answer(10)
        return web.json_response({"acks": {str(number): self._is_indexed(channel, number) for number in asked}})

    def _is_indexed(self, channel: str, number: int) -> bool:
        """An id that is not known is answered like one that is not indexed; one answered `true` is forgotten."""
        pending = self._pending.get((channel, number))
        if pending is None or self.acks is None:
            return False
        questions, since = pending[0] + 1, pending[1]
        late = self.acks < 0 or questions < self.acks
        if late or asyncio.get_running_loop().time() < since + self.ack_seconds:
            self._pending[(channel, number)] = (questions, since)
            return False
        del self._pending[(channel, number)]
        return True

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response([{**dataclasses.asdict(it), "time": str(it.time)} for it in self.indexed])


STATUSES = {0: 200, 1: 403, 2: 401, 3: 401, 4: 403, 8: 500, 9: 503, **dict.fromkeys((18, 19, 20, 23), 503)}
STATUSES |= dict.fromkeys((24, 25, 26, 27), 429)


def answer(code: int, **more: int) -> web.Response:
    """Splunk's answer with this code."""
    return web.json_response({"text": WORDS[code], "code": code, **more}, status=STATUSES.get(code, 400))


def scripted(step: Step) -> web.Response:
    if isinstance(step, int):
        return web.Response(status=step, text=f"scripted {step}")
    if isinstance(step, str):
        raise TypeError(step)
    status, headers, text = (*step, "")[:3]
    return web.Response(status=status, headers=headers, text=text)


if __name__ == "__main__":
    serve(lambda port: FakeHec(port=port), __doc__)
