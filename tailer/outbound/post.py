"""One POST over HTTP, once: says what came of it, never waits to try again."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp

from tailer import __version__
from tailer.config import HttpOptions
from tailer.outbound.answer import Reply, Retry
from tailer.outbound.credentials import Credentials
from tailer.outbound.tls import Tls, described

ANSWER_BYTES = 64 * 1024
"""How much of an answer is read: its words only help to tell refused entries apart."""


class Body(NamedTuple):
    """What is posted, with the headers that say how it is encoded."""

    data: bytes
    headers: Mapping[str, str]


class Post:
    """A connection to one receiver, opened by `async with`. Its repr and what it answers hold no secret.

    `section` is the part of the configuration that `options` come from, for messages about its files. The credentials
    are those of the options unless others are given. With `keeps_cookies` a load balancer gets its own back and finds
    the same server again.
    """

    def __init__(  # noqa: PLR0913  # all that a receiver may ask for beyond its options
        self,
        section: str,
        url: str,
        options: HttpOptions,
        *,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        keeps_cookies: bool = False,
    ) -> None:
        self.url = url
        self._credentials = credentials or Credentials(options)
        # An answer is read as it comes: unpacking one could make a gigabyte of a few kilobytes.
        self._fixed = {"User-Agent": f"tokentail/{__version__}", "Accept-Encoding": "identity", **(headers or {})}
        self._timeout_seconds = options.timeout_seconds
        self._proxy = options.proxy_url
        self._tls = Tls(section, options) if url.startswith("https") else None
        self._keeps_cookies = keeps_cookies
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
            connector=aiohttp.TCPConnector(limit=2),
            cookie_jar=aiohttp.CookieJar(unsafe=True) if self._keeps_cookies else aiohttp.DummyCookieJar(),
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
        return "Post()"

    async def post(self, body: Body, url: str | None = None) -> Reply | Retry:
        """Posts the body, to another `url` of the same receiver where one is given. Retry when no answer came.

        Cancelled in between, the receiver may have taken it or not.
        """
        if self._session is None:
            raise RuntimeError("a push outside of `async with`")
        try:
            headers = self._credentials.headers()
        except (OSError, ValueError) as error:
            return Retry("credentials", None, _named(error))
        headers.update(self._fixed)
        headers.update(body.headers)
        try:
            return await self._send(self._session, url or self.url, body.data, headers)
        except TimeoutError as error:
            return Retry("timeout", None, _named(error), divide=True)
        except (aiohttp.ClientError, OSError) as error:
            if (tls := _tls_error(error)) is not None:
                return Retry("tls", None, described(tls))
            # Who hangs up may have had enough of so large a push; who is not there cannot know its size.
            return Retry("connection", None, _named(error), not isinstance(error, aiohttp.ClientConnectorError))

    async def _send(self, session: aiohttp.ClientSession, url: str, data: bytes, headers: dict[str, str]) -> Reply:
        context = self._tls.context() if self._tls is not None else True
        # A redirect is to be mended in the configuration: following it could carry credentials elsewhere.
        async with session.post(
            url, data=data, headers=headers, allow_redirects=False, ssl=context, proxy=self._proxy
        ) as response:
            return await _reply(response)


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
        bytes(text),
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
