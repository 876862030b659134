"""A server on a free port for the tests of the web room, its certificates, and clients of several manners."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import bcrypt
import trustme
from prometheus_client.core import Metric

from tailer.telemetry import Telemetry
from tailer.web.connection import Patience
from tailer.web.events import Look
from tailer.web.server import PATIENCE, Encode, Server


def hashed(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


class Port:
    """A server, ready unless told otherwise, and its clients. `refused` counts what it counts."""

    def __init__(self) -> None:
        self.why_not: str | None = None
        self.failure: Exception | None = None
        self.scrapes = 0
        self.padding = 0
        self.refused: Counter[str] = Counter()
        self.address = ("", 0)
        self.may_scrape = asyncio.Event()
        self.may_scrape.set()
        self.client: ssl.SSLContext | None = None
        self.server: Server

    async def scrape(self, encode: Encode) -> bytes:
        self.scrapes += 1
        await self.may_scrape.wait()
        if self.failure is not None:
            raise self.failure
        families: list[Metric] = list(Telemetry().families())
        return encode(families) + b"#" * self.padding

    def count(self, reason: str) -> None:
        self.refused[reason] += 1

    async def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
        """One request over a connection of its own."""
        scheme = "http" if self.client is None else "https"
        url = f"{scheme}://{self.address[0]}:{self.address[1]}{path}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connector = aiohttp.TCPConnector(ssl=self.client if self.client is not None else True, force_close=True)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
            async with session.request(method, url, headers=given) as answer:
                return answer.status, await answer.read(), answer.headers

    async def as_user(self, user: str, password: str, path: str = "/metrics") -> int:
        return (await self.ask(path, Authorization=basic(user, password)))[0]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.address)

    async def raw(self, request: bytes) -> bytes:
        """Everything that comes back until the server closes."""
        reader, writer = await self.connect()
        writer.write(request)
        answer = await reader.read()
        await gone(writer)
        return answer

    async def until(self, reason: str, times: int = 1) -> None:
        async with asyncio.timeout(10):
            while self.refused[reason] < times:
                await asyncio.sleep(0.005)


async def gone(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        return


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server ends the connection, in whatever way it does."""
    got = b""
    try:
        while data := await reader.read(65536):
            got += data
    except OSError:
        return got
    return got


@asynccontextmanager
async def serving(
    web_config_file: Path | None = None, patience: Patience = PATIENCE, look: Look | None = None
) -> AsyncIterator[Port]:
    port = Port()
    path = str(web_config_file) if web_config_file is not None else None
    async with Server(port.scrape, lambda: port.why_not, path, port.count, patience, look) as server:
        port.server = server
        port.address = await server.listen("127.0.0.1", 0)
        yield port


class Certificates:
    """An authority, a server's certificate of it in files, and what clients need."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authority = trustme.CA()
        self.authority.cert_pem.write_to_path(str(directory / "ca.pem"))
        self.renew()

    def renew(self) -> None:
        """A new certificate and key in the place of the old ones."""
        made = self.authority.issue_cert("127.0.0.1")
        made.private_key_pem.write_to_path(str(self.directory / "key.pem"))
        made.cert_chain_pems[0].write_to_path(str(self.directory / "cert.pem"))

    def client(self, *names: str, of: trustme.CA | None = None) -> ssl.SSLContext:
        """Trusts the server; with names it has a certificate that bears them, from this authority or another."""
        context = ssl.create_default_context(cafile=str(self.directory / "ca.pem"))
        if names:
            (of or self.authority).issue_cert(*names).configure_cert(context)
        return context

    def web_config(self, *lines: str, tls: tuple[str, ...] = ()) -> Path:
        path = self.directory / "web.yml"
        section = ["tls_server_config:", "  cert_file: cert.pem", "  key_file: key.pem", *(f"  {line}" for line in tls)]
        path.write_text("\n".join([*section, *lines]) + "\n")
        return path
