"""One client of the HTTP port: what is waited for, how long, and how much of it is listened to. Answers nothing."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any, NamedTuple, Protocol

import structlog
from aiohttp import web

log = structlog.get_logger("tokentail.web")

MAX_UNANSWERED_BYTES = 64 * 1024
"""What comes beyond it before a request is being answered is not listened to: a loop may hand over megabytes at once,
and after a fault aiohttp keeps a fault for each piece, with the piece."""


class Patience(NamedTuple):
    """How much of everything a client may take."""

    connections: int = 64
    shake_seconds: float = 10.0
    head_seconds: float = 10.0
    """From the connection, or the first byte of a later request, to the end of a request's head."""
    idle_seconds: float = 120.0
    answer_seconds: float = 60.0
    """From the head of a request until its answer has been taken."""
    slow_seconds: float = 5.0
    """An answer that has taken so long gives way to a new connection when there are too many."""
    body_seconds: float = 2.0
    """A request's body is thrown away for so long, then the connection is closed."""

    def seconds(self, phase: Phase) -> float:
        """How long a connection may stay in a phase."""
        match phase:
            case Phase.SHAKING:
                return self.shake_seconds
            case Phase.RECEIVING:
                return self.head_seconds
            case Phase.IDLE:
                return self.idle_seconds
        return self.answer_seconds


class Phase(Enum):
    """What a connection is waiting for."""

    SHAKING = "shaking"
    RECEIVING = "receiving"
    IDLE = "idle"
    ANSWERING = "answering"


class Owner(Protocol):
    """Who keeps the connections."""

    patience: Patience

    def count(self, reason: str) -> None: ...

    def plain(self, status: int, text: str) -> web.Response: ...

    def drop(self, connection: Connection, reason: str | None) -> None: ...

    def forget(self, connection: Connection) -> None: ...


class Connection(web.RequestHandler):
    """One client. aiohttp's own answers to what is no HTTP quote it, and its log too: these say nothing of it."""

    def __init__(self, owner: Owner, server: web.Server, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._owner = owner
        self._timer: asyncio.TimerHandle | None = None
        self.phase = Phase.SHAKING
        self.since = 0.0
        self.was_served = False
        self._unanswered_bytes = 0

    @property
    def is_deaf(self) -> bool:
        """Once it was told too much, nothing it is told makes sense any more."""
        return self._unanswered_bytes > MAX_UNANSWERED_BYTES

    def enter(self, phase: Phase) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.phase, self.since = phase, self._loop.time()
        seconds = self._owner.patience.seconds(phase)
        self._timer = self._loop.call_later(seconds, self._owner.drop, self, "slow")

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.enter(Phase.RECEIVING)

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self.end()
        self._owner.forget(self)

    def data_received(self, data: bytes) -> None:
        if self.phase is Phase.IDLE:
            self.enter(Phase.RECEIVING)
        if self.is_deaf:
            return
        if self.phase is Phase.RECEIVING:
            self._unanswered_bytes += len(data)
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # where aiohttp quotes the request
    ) -> web.StreamResponse:
        self.enter(Phase.ANSWERING)
        if status < 500:
            self._owner.count("bad_request")
            log.debug("bad_request", status=status, reason=type(exc).__name__)
        else:
            log.error("request_failed", status=status, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun, an error cannot be told any more")
        answer = self._owner.plain(status, "bad request\n" if status < 500 else "failed, see the log\n")
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if self.is_deaf:
            resp.force_close()
        else:
            self._unanswered_bytes = 0
        answered = await super().finish_response(request, resp, start_time)
        self.was_served |= resp.status < 400
        if self.transport is not None:
            self.enter(Phase.IDLE)
        return answered
