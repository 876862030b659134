"""One push to Loki over HTTP, once: says what came of it, never waits to try again."""

from __future__ import annotations

import base64
import errno
import re
import socket
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from tailer import __version__
from tailer.config import Config
from tailer.ship import answer
from tailer.ship.answer import Answer, Reply, Retry
from tailer.ship.secret import Secret
from tailer.ship.tls import Tls, described
from tailer.ship.wire import Body

PUSH_PATH = "/loki/api/v1/push"
_BREAKS = re.compile(r"[\r\n\0]")
ANSWER_BYTES = 64 * 1024
"""How much of an answer is read: its words only help to tell refused entries apart."""


def push_url(url: str) -> str:
    """The push address for a base URL, or the URL itself where it already is one."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if not path.endswith(PUSH_PATH):
        path += PUSH_PATH
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


class Loki:
    """A connection to one Loki, opened by `async with`. Its repr and its answers hold no secret."""

    def __init__(self, config: Config, now_ns: Callable[[], int] = time.time_ns) -> None:
        if config.loki_url is None:
            raise ValueError("loki_url: expected a URL, got none")
        options = config.loki
        self.url = push_url(config.loki_url)
        self._now_ns = now_ns
        self._username = options.username
        self._password = Secret.of(options.password, options.password_file)
        self._token = Secret.of(options.bearer_token, options.bearer_token_file)
        self._headers = {name: Secret(value) for name, value in options.headers.items()}
        # An answer is read as it comes: unpacking one could make a gigabyte of a few kilobytes.
        self._fixed = {"User-Agent": f"tokentail/{__version__}", "Accept-Encoding": "identity"}
        if config.loki_tenant is not None:
            self._fixed["X-Scope-OrgID"] = config.loki_tenant
        self._timeout_seconds = options.timeout_seconds
        self._proxy = options.proxy_url
        self._tls = Tls(options) if self.url.startswith("https") else None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
            connector=aiohttp.TCPConnector(limit=2),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def __repr__(self) -> str:
        return "Loki()"

    async def push(self, body: Body) -> Answer:
        """Posts the body and says what came of it. Cancelled in between, Loki may have taken it or not."""
        if self._session is None:
            raise RuntimeError("a push outside of `async with`")
        try:
            headers = self._secret_headers()
        except (OSError, ValueError) as error:
            return Retry("credentials", None, _named(error))
        headers.update(self._fixed)
        headers.update(body.headers)
        try:
            reply = await self._post(self._session, body.data, headers)
        except TimeoutError as error:
            return Retry("timeout", None, _named(error), divide=True)
        except (aiohttp.ClientError, OSError) as error:
            if (tls := _tls_error(error)) is not None:
                return Retry("tls", None, described(tls))
            # Who hangs up may have had enough of so large a push; who is not there cannot know its size.
            return Retry("connection", None, _named(error), not isinstance(error, aiohttp.ClientConnectorError))
        return answer.judge(reply, self._now_ns())

    async def _post(self, session: aiohttp.ClientSession, data: bytes, headers: dict[str, str]) -> Reply:
        context = self._tls.context() if self._tls is not None else True
        # A redirect is to be mended in the configuration: following it could carry credentials elsewhere.
        async with session.post(
            self.url, data=data, headers=headers, allow_redirects=False, ssl=context, proxy=self._proxy
        ) as response:
            return await _reply(response)

    def _secret_headers(self) -> dict[str, str]:
        headers = {name: secret.read() for name, secret in self._headers.items()}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.read()}"
        elif self._username is not None:
            password = self._password.read() if self._password is not None else ""
            joined = f"{self._username}:{password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(joined).decode()}"
        if any(_BREAKS.search(value) for value in headers.values()):
            raise ValueError("a secret of several lines")
        return headers


async def _reply(response: aiohttp.ClientResponse) -> Reply:
    text = bytearray()
    async for piece in response.content.iter_any():
        text += piece[: ANSWER_BYTES - len(text)]
        if len(text) >= ANSWER_BYTES:
            # Leaving the rest unread gives up the connection, which is cheaper than to read on.
            response.close()
            break
    return Reply(
        response.status,
        text.decode("utf-8", "replace"),
        response.headers.get("Content-Type", "").lower(),
        response.headers.get("Retry-After"),
    )


def _named(error: BaseException) -> str:
    """The kind of an error, without its message: that could quote an address or a header."""
    cause = getattr(error, "os_error", None)
    if isinstance(cause, socket.gaierror):
        return f"DNS: {cause.strerror}"
    number = getattr(error, "errno", None)
    name = errno.errorcode.get(number, "") if isinstance(number, int) else ""
    return f"{type(error).__name__} {name}".rstrip()


def _tls_error(error: BaseException) -> BaseException | None:
    """What TLS said, wherever aiohttp keeps it; None when it was another trouble."""
    # Its own class for refused certificates says less than the error that it was made of.
    seen = [getattr(error, name, None) for name in ("certificate_error", "os_error", "__cause__", "__context__")]
    return next((it for it in (*seen, error) if isinstance(it, ssl.SSLError)), None)
