"""The HTTP port: /metrics, /healthz, /readyz. Reads nothing from a request but its method, path and Accept headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Self

import structlog
from aiohttp import web
from prometheus_client.core import Metric

from tailer.web.exposition import negotiate

Encode = Callable[[Iterable[Metric]], bytes]

NEGOTIATED = ("Accept", "Accept-Encoding")
INDEX = """tokentail

/metrics   Prometheus metrics
/healthz   200 while the process runs
/readyz    200 while it can do all it should, else 503 and why
"""

log = structlog.get_logger("tokentail.web")


class _Connection(web.RequestHandler):
    """aiohttp's own answers to what is no HTTP quote it, and its log does too: these say nothing of the request."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # where aiohttp quotes the request
    ) -> web.StreamResponse:
        if status < 500:
            log.debug("bad_request", status=status, reason=type(exc).__name__)
        else:
            log.error("request_failed", status=status, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun, an error cannot be told any more")
        answer = web.Response(status=status, text="bad request\n" if status < 500 else "failed, see the log\n")
        answer.force_close()
        return answer


class _Connections(web.Server):
    def __call__(self) -> _Connection:
        return _Connection(self, loop=self._loop, **self._kwargs)


class Server:
    """Serves until closed. `scrape(encode)` gives the encoded families of one durable instant."""

    def __init__(self, scrape: Callable[[Encode], Awaitable[bytes]], why_not_ready: Callable[[], str | None]) -> None:
        self._scrape = scrape
        self._why_not_ready = why_not_ready
        self._runner = web.ServerRunner(
            _Connections(self._answer, access_log=None), handle_signals=False, shutdown_timeout=1.0
        )

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Starts listening; port 0 takes any free one. Returns the address in use; OSError when it cannot be had."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        address = self._runner.addresses[0]
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, text="only GET and HEAD\n", headers={"Allow": "GET, HEAD"})
        match request.path:
            case "/metrics":
                return await self._metrics(request)
            case "/healthz":
                return web.Response(text="ok\n")
            case "/readyz":
                why_not = self._why_not_ready()
                return web.Response(status=503, text=f"{why_not}\n") if why_not else web.Response(text="ready\n")
            case "/":
                return web.Response(text=INDEX)
        return web.Response(status=404, text="not here\n")

    async def _metrics(self, request: web.BaseRequest) -> web.Response:
        accept, accept_encoding = (",".join(request.headers.getall(name, ())) for name in NEGOTIATED)
        exposition = negotiate(accept, accept_encoding)
        body = await self._scrape(exposition.encode)
        headers = {"Content-Type": exposition.content_type, "Vary": ", ".join(NEGOTIATED)}
        if exposition.compressed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, headers=headers)
