"""What the page is told, as server-sent events: the whole at first, then what is new. Looks only while one listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import structlog
from aiohttp import web

Told = dict[str, Any]
Look = Callable[[], Awaitable[Told]]
"""Everything there is to tell, by sections."""

log = structlog.get_logger("tokentail.web")

LISTENERS = 8
EVERY_SECONDS = 2.0
LISTENING_SECONDS = 3600.0
"""Then a listener has to come again, and with it the password or the certificate of now."""
GROWING = {"minutes": "start", "calls": "serial"}
"""Sections that are lists whose items keep their place: of these only what is new or has changed is told again."""


class Events:
    """So many listeners and no more. Each has at most one event on its way: who is slow is told less often."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._listening = 0
        self._told: Told = {}
        self._number = 0
        self._more = b""
        self._news = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def is_full(self) -> bool:
        return self._listening >= LISTENERS

    async def tell(
        self, request: web.BaseRequest, headers: Mapping[str, str], took: Callable[[], None]
    ) -> web.StreamResponse:
        """Tells until the client goes or `close`; `took` is called whenever the client has taken an event."""
        response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream"})
        self._listening += 1
        try:
            await response.prepare(request)
            if self._looking is None:
                self._looking = asyncio.create_task(self._keep_looking(), name="page")
            seen, until = 0, asyncio.get_running_loop().time() + LISTENING_SECONDS
            while asyncio.get_running_loop().time() < until and (event := await self._next(seen)) is not None:
                seen = self._number
                await response.write(event)
                took()
            await response.write(_event("bye" if self._closed else "again", {}))
        except ConnectionError:
            log.debug("listener_gone")
        finally:
            self._listening -= 1
            if not self._listening:
                self._rest()
        return response

    async def close(self) -> None:
        """Says good-bye to all who listen."""
        self._closed = True
        self._wake()

    async def _next(self, seen: int) -> bytes | None:
        """The event for who has been told up to `seen`; None when there will be none. Raises what looking has."""
        while self._number == seen and not self._closed:
            looking = self._looking
            if looking is None or looking.done():
                if looking is not None:
                    looking.result()
                return None
            await self._news.wait()
        if self._closed:
            return None
        return self._more if seen and seen == self._number - 1 else _event("whole", self._told)

    async def _keep_looking(self) -> None:
        try:
            while True:
                told = await self._look()
                self._more = _event("more", news(self._told, told))
                self._told = told
                self._number += 1
                self._wake()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _rest(self) -> None:
        """Nobody listens: nothing is looked at and nothing kept."""
        if self._looking is not None:
            self._looking.cancel()
        self._looking, self._told, self._number, self._more = None, {}, 0, b""


def news(before: Told, now: Told) -> Told:
    """The sections that are not as they were; of the growing ones the items that are not."""
    changed = {}
    for name, section in now.items():
        then = before.get(name)
        if section == then:
            continue
        if name in GROWING and then is not None:
            key = GROWING[name]
            known = {item[key]: item for item in then}
            section = [item for item in section if known.get(item[key]) != item]  # noqa: PLW2901  # the part of it
        changed[name] = section
    return changed


def _event(name: str, told: Told) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(told))
