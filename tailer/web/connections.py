"""The connections of the HTTP port: so many and no more, none without a deadline. Knows no path, gives no metric."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import web

from tailer.web.connection import Connection, Patience, Phase

log = structlog.get_logger("tokentail.web")

MAX_LINE_BYTES, MAX_HEADERS = 4096, 64
BACKLOG = 128


class Connections:
    """Takes connections from listening sockets, and lets a newcomer take the place of the idlest when all are taken."""

    def __init__(
        self,
        answer: Callable[[web.BaseRequest, Connection], Any],
        plain: Callable[[int, str], web.Response],
        count: Callable[[str], None],
        patience: Patience,
    ) -> None:
        self._plain = plain
        self._count = count
        self.patience = patience
        self._loop = asyncio.get_running_loop()
        self._server = web.Server(lambda request: answer(request, request.protocol))  # type: ignore[arg-type]  # ours
        self._listening: list[socket.socket] = []
        self._open: dict[Connection, socket.socket] = {}
        self._shaking: set[asyncio.Task[None]] = set()
        self._is_full = False

    def count(self, reason: str) -> None:
        self._count(reason)

    def plain(self, status: int, text: str) -> web.Response:
        return self._plain(status, text)

    def listen(self, listening: socket.socket, context: Callable[[], ssl.SSLContext | None]) -> None:
        """Takes what comes in at this socket, wrapped in what `context` gives at that moment."""
        listening.setblocking(False)
        listening.listen(BACKLOG)
        self._listening.append(listening)
        self._loop.add_reader(listening.fileno(), self._accept, listening, context)

    async def close(self, seconds: float) -> None:
        """Takes no more, gives those being answered so long, and closes all."""
        for listening in self._listening:
            self._loop.remove_reader(listening.fileno())
            listening.close()
        self._listening.clear()
        for connection in [it for it in self._open if it.phase is Phase.SHAKING]:
            self.drop(connection, None)
        await asyncio.gather(*self._shaking, return_exceptions=True)
        self._server.pre_shutdown()
        await self._server.shutdown(seconds)
        for connection in self._open:
            connection.end()

    def drop(self, connection: Connection, reason: str | None) -> None:
        """Ends a connection at once, whatever it is doing; `reason` is counted."""
        if connection not in self._open:
            return
        if reason is not None and connection.phase is not Phase.IDLE:
            self.count(reason)
        taken = self._open.pop(connection)
        connection.end()
        if connection.transport is not None:
            connection.transport.abort()
        else:
            with suppress(OSError):  # The handshake sees an end and gives up; it may have done so already.
                taken.shutdown(socket.SHUT_RDWR)

    def forget(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    def _accept(self, listening: socket.socket, context: Callable[[], ssl.SSLContext | None]) -> None:
        try:
            taken, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:  # Out of descriptors, most likely: the client waits in the backlog.
            log.warning("connection_not_taken", reason=error.strerror)
            self.count("no_descriptor")
            self._loop.remove_reader(listening.fileno())
            self._loop.call_later(1.0, self._again, listening, context)
            return
        taken.setblocking(False)
        if not self._make_room():
            self.count("too_many_connections")
            taken.close()
            return
        shaking = self._loop.create_task(self._shake(taken, context()), name="connection")
        self._shaking.add(shaking)
        shaking.add_done_callback(self._shaking.discard)

    def _again(self, listening: socket.socket, context: Callable[[], ssl.SSLContext | None]) -> None:
        if listening in self._listening:
            self._loop.add_reader(listening.fileno(), self._accept, listening, context)

    def _make_room(self) -> bool:
        if len(self._open) < self.patience.connections:
            self._is_full = False
            return True
        if not self._is_full:
            log.warning("connections_full", connections=len(self._open), effect="the idlest gives way")
        self._is_full = True
        now = self._loop.time()
        may_go = [
            it for it in self._open if it.phase is not Phase.ANSWERING or now - it.since >= self.patience.slow_seconds
        ]
        if not may_go:
            return False
        # A scraper that has been here before keeps its place longest.
        self.drop(min(may_go, key=lambda it: (it.phase is Phase.ANSWERING, it.was_served, it.since)), "crowded_out")
        return True

    async def _shake(self, taken: socket.socket, wrapped: ssl.SSLContext | None) -> None:
        connection = Connection(
            self,
            self._server,
            loop=self._loop,
            access_log=None,
            keepalive_timeout=2 * self.patience.idle_seconds,  # the phases end it before
            lingering_time=self.patience.body_seconds,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            max_headers=MAX_HEADERS,
            auto_decompress=False,
        )
        self._open[connection] = taken
        connection.enter(Phase.SHAKING)
        shake = self.patience.shake_seconds
        timeouts = {} if wrapped is None else {"ssl_handshake_timeout": shake, "ssl_shutdown_timeout": 1.0}
        try:
            await self._loop.connect_accepted_socket(lambda: connection, taken, ssl=wrapped, **timeouts)
        except OSError as error:  # Also what TLS finds wrong, and who has gone.
            if connection in self._open:
                self.count("bad_handshake")
            log.debug("bad_handshake", reason=getattr(error, "reason", None) or type(error).__name__)
        finally:
            if connection.transport is None:
                connection.end()
                self.forget(connection)
