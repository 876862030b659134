"""The HTTP port: the page at /, /metrics, /healthz, /readyz. Reads of a request its method, path and four headers."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Self

from aiohttp import web

from tailer.web.connection import Connection, Patience, Phase
from tailer.web.connections import Connections
from tailer.web.exposition import negotiate
from tailer.web.guard import Guard
from tailer.web.sharing import Encode, SharedScrapes

if TYPE_CHECKING:
    from tailer.web.events import Events, Look

__all__ = ["Encode", "Server"]

CLOSE_SECONDS = 1.0
PATIENCE = Patience()
NEGOTIATED = ("Accept", "Accept-Encoding")
HEADERS = {
    "Server": "tokentail",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
}
"""On every answer; the web configuration file may say otherwise of those that it may set."""


class Server:
    """Serves until closed. `scrape(encode)` gives the encoded families of one durable instant.

    `web_config_file` says who gets in; ConfigError when it cannot be used. `count` hears the reason of each refusal.
    `look` gives what the page shows; without it the page stays empty.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # wiring: all that it joins is named here, once
        self,
        scrape: Callable[[Encode], Awaitable[bytes]],
        why_not_ready: Callable[[], str | None],
        web_config_file: str | None = None,
        count: Callable[[str], None] = lambda _: None,
        patience: Patience = PATIENCE,
        look: Look | None = None,
    ) -> None:
        self._scrapes = SharedScrapes(scrape)
        self._why_not_ready = why_not_ready
        self._count = count
        self._look = look
        self._events: Events | None = None
        self._guard = Guard(web_config_file, asyncio.get_running_loop().time)
        self._connections = Connections(self._answer, self._plain, count, patience)

    @property
    def scheme(self) -> str:
        return "http" if self._guard.context is None else "https"

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Starts listening; port 0 takes any free one. Returns the address in use; OSError when it cannot be had."""
        sockets = await _bound(host, port)
        for bound in sockets:
            self._connections.listen(bound, self._context)
        address = sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        if self._events is not None:
            await self._events.close()
        await self._connections.close(CLOSE_SECONDS)
        await self._scrapes.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _context(self) -> ssl.SSLContext | None:
        self._guard.refresh()
        return self._guard.context

    async def _answer(self, request: web.BaseRequest, connection: Connection) -> web.StreamResponse:
        connection.enter(Phase.ANSWERING)
        refusal = await self._guard.refusal(request)
        if refusal is not None:
            self._count(refusal.reason)
            answer: web.StreamResponse = self._plain(refusal.status, refusal.text, **refusal.headers)
        elif request.method not in ("GET", "HEAD"):
            self._count("method")
            answer = self._plain(405, "only GET and HEAD\n", Allow="GET, HEAD")
        else:
            answer = await self._found(request, connection)
        if request.body_exists:
            # Nothing here has a use for a body: it is not waited for before the next request.
            answer.force_close()
        return answer

    async def _found(self, request: web.BaseRequest, connection: Connection) -> web.StreamResponse:
        match request.path:
            case "/metrics":
                return await self._metrics(request)
            case "/healthz":
                return self._plain(200, "ok\n")
            case "/readyz":
                why_not = self._why_not_ready()
                return self._plain(503, f"{why_not}\n") if why_not else self._plain(200, "ready\n")
            case "/events" if self._look is not None:
                return await self._tell(request, connection, self._look)
        return self._page(request)

    def _page(self, request: web.BaseRequest) -> web.Response:
        from tailer.web import page  # noqa: PLC0415  # most processes are never looked at

        if request.path not in page.FILES:
            return self._plain(404, "not here\n")
        return page.answer(request, {**HEADERS, **page.HEADERS, **self._guard.headers})

    async def _tell(self, request: web.BaseRequest, connection: Connection, look: Look) -> web.StreamResponse:
        from tailer.web.events import Events  # noqa: PLC0415  # most processes are never looked at

        if self._events is None:
            self._events = Events(look)
        if self._events.is_full:
            self._count("too_many_listeners")
            return self._plain(503, "too many pages are open\n", **{"Retry-After": "10"})
        if request.method == "HEAD":
            return web.Response(headers={**HEADERS, **self._guard.headers, "Content-Type": "text/event-stream"})
        # Who takes what it is told is not slow, however long it listens.
        took = partial(connection.enter, Phase.ANSWERING)
        return await self._events.tell(request, {**HEADERS, **self._guard.headers}, took)

    def _plain(self, status: int, text: str, **headers: str) -> web.Response:
        return web.Response(status=status, text=text, headers={**HEADERS, **self._guard.headers, **headers})

    async def _metrics(self, request: web.BaseRequest) -> web.Response:
        accept, accept_encoding = (",".join(request.headers.getall(name, ())) for name in NEGOTIATED)
        exposition = negotiate(accept, accept_encoding)
        body = await self._scrapes.get(exposition)
        headers = {**HEADERS, **self._guard.headers, "Content-Type": exposition.content_type}
        headers["Vary"] = ", ".join(NEGOTIATED)
        if exposition.compressed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)


async def _bound(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host, all with one port; OSError when there is none to be had."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        taken = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_bind(family, (address[0], taken, *address[2:])))
        except OSError as error:
            # `localhost` has an IPv6 address on machines without IPv6; a port in use is something else.
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                for bound in sockets:
                    bound.close()
                raise
            refused = error
    if not sockets:
        raise refused or OSError(errno.EADDRNOTAVAIL, "the host has no address")
    return sockets


def _bind(family: int, address: tuple[str | int, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
