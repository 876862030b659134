"""What small receivers share: pushes over real HTTP, answers by script; decodes and keeps nothing."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

from aiohttp import web

Step = int | str | tuple[int, dict[str, str]] | tuple[int, dict[str, str], str]
"""A status (below 300: the push is handled as usual), with headers and text; or what goes wrong:

`reset` (connection closed, nothing taken), `lost_answer` (taken, then closed), `hang` (no answer, nothing taken).
"""
Kept = TypeVar("Kept")


class UndecodableError(Exception):
    """The body is not what its headers say."""


class Request(NamedTuple, Generic[Kept]):
    """One push as it came in, decoded where that was possible; `body` without its gzip."""

    path: str
    headers: dict[str, str]
    entries: tuple[Kept, ...]
    body: bytes


class StandIn:
    """A small HTTP server. Start with `async with`; `url` is then its base."""

    def __init__(self, port: int = 0) -> None:
        self.url = ""
        self._port = port
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def routes(self) -> Iterable[web.RouteDef]:
        """What it answers."""
        raise NotImplementedError

    def pushes(self) -> int:
        """How many pushes have come in."""
        raise NotImplementedError

    async def asked(self, count: int) -> None:
        """Waits until at least so many pushes have come in."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.pushes() >= count)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()


def serve(make: Callable[[int], StandIn], about: str | None) -> None:
    """Runs one by hand, on the port that is asked for."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--port", type=int, default=0)

    async def run(port: int) -> None:
        async with make(port) as standing:
            print(standing.url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(run(options.parse_args().port))


class FakeReceiver(StandIn, Generic[Kept]):
    """Takes pushes. A limit left None is not enforced."""

    usual = 204
    """The status of a push that went well."""

    def __init__(self, script: Iterable[Step] = (), *, port: int = 0, max_body_bytes: int | None = None) -> None:
        super().__init__(port)
        self.script = list(script)
        self.max_body_bytes = max_body_bytes
        self.requests: list[Request[Kept]] = []

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post("/{path:.*}", self._push), web.get("/entries", self._show)]

    def pushes(self) -> int:
        return len(self.requests)

    def lines(self) -> list[str]:
        """The text of every entry once, in the order of first arrival."""
        raise NotImplementedError

    def decoded(self, body: bytes, headers: Mapping[str, str]) -> Iterable[Kept]:
        """The entries of a push. UndecodableError when it is none."""
        raise NotImplementedError

    def answer(self, status: int, headers: Mapping[str, str], text: str) -> web.Response:
        """An answer with these words, as this receiver says them."""
        return web.Response(status=status, headers=headers, text=text)

    def held(self) -> int:
        """How many entries that are."""
        raise NotImplementedError

    def take(self, entries: Iterable[Kept]) -> web.Response | None:
        """Keeps the good ones; an answer where it is not that of the script."""
        raise NotImplementedError

    async def holds(self, count: int) -> None:
        """Waits until at least so many entries are kept."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.held() >= count)

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            entries = tuple(self.decoded(body, request.headers))
        except UndecodableError as error:
            await self._note(request, (), body)
            return self.answer(400, {}, str(error))
        await self._note(request, entries, body)
        step = self.script.pop(0) if self.script else self.usual
        if isinstance(step, str):
            return await self._misbehave(step, request, entries)
        status, headers, text = (step, {}, "") if isinstance(step, int) else (*step, "")[:3]
        if status >= 300:
            return self.answer(status, headers, text or f"scripted {status}")
        if self.max_body_bytes is not None and len(body) > self.max_body_bytes:
            return self.answer(413, {}, "Request body too large")
        fault = await self._taken(entries)
        return self.answer(status, headers, text) if fault is None else fault

    async def _misbehave(self, step: str, request: web.Request, entries: Iterable[Kept]) -> web.Response:
        if step == "hang":
            await self._closing.wait()
        if step == "lost_answer":
            await self._taken(entries)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _note(self, request: web.Request, entries: tuple[Kept, ...], body: bytes) -> None:
        async with self._changed:
            self.requests.append(Request(request.path_qs, dict(request.headers), entries, body))
            self._changed.notify_all()

    async def _taken(self, entries: Iterable[Kept]) -> web.Response | None:
        async with self._changed:
            try:
                return self.take(entries)
            finally:
                self._changed.notify_all()

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self.lines())
