"""The way to a Loki, which fails as scripted, push by push, and else lets everything through; speaks HTTP/1.1 only.

Below HTTP where that is where things go wrong: connections cut at every point, answers that are none.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

Fault = Callable[["Push"], Awaitable[bool]]
"""Misbehaves at one push; whether the connection may be used for another."""


class Push:
    """One request whose head has come in; the body is read only when a fault wants that."""

    def __init__(self, front: Front, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head, self.reader, self.writer, self.closing = head, reader, writer, front.closing
        self._loki_port = front.loki_port

    async def body(self) -> bytes:
        return await self.reader.readexactly(length(self.head))

    async def answer(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def passed_on(self) -> bytes:
        """Lets Loki take the push; its whole answer."""
        body = await self.body()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._loki_port)
        try:
            writer.write(self.head + body)
            head = await reader.readuntil(b"\r\n\r\n")
            return head + await reader.readexactly(length(head))
        finally:
            writer.close()

    def reset(self) -> bool:
        """Cuts the connection with a TCP reset: what is under way is gone on both sides."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()
        return False


class Front:
    """Start with `async with`; `url` leads through it. Each push meets the next of `faults`, then none.

    With `always` set every further push meets that one until `heal`. `troubled` counts pushes that met one.
    """

    def __init__(
        self,
        loki_url: str,
        faults: Iterable[Fault] = (),
        *,
        always: Fault | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.loki_port = urlsplit(loki_url).port or 80
        self.faults = list(faults)
        self.always = always
        self.too_large: tuple[Fault, int] | None = None
        """What a push with a body over so many bytes meets."""
        self.troubled = 0
        self.passed = 0
        self.connections = 0
        self.heads: list[bytes] = []
        self.url = ""
        self.closing = asyncio.Event()
        self._tls = tls
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def met(self, pushes: int) -> None:
        """Waits until so many pushes have met a fault."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.troubled >= pushes)

    def heal(self) -> None:
        self.faults, self.always = [], None

    async def __aenter__(self) -> Self:
        # A small window: what is not read is soon felt by who writes.
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self._server = await asyncio.start_server(self._serve, sock=listening, ssl=self._tls)
        scheme = "http" if self._tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        try:
            while await self._push(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # The other side has had enough.
        finally:
            self._serving.discard(task)
            writer.close()

    async def _push(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        push = Push(self, head, reader, writer)
        fault = self.faults.pop(0) if self.faults else self.always
        if self.too_large is not None and length(head) > self.too_large[1]:
            fault = self.too_large[0]
        if fault is None:
            self.passed += 1
            await push.answer(await push.passed_on())
            return True
        async with self._changed:
            self.troubled += 1
            self._changed.notify_all()
        return await fault(push)


def length(head: bytes) -> int:
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


def says(status: int, text: str = "", **headers: str) -> Fault:
    """An answer by HTTP, with nothing taken."""

    async def fault(push: Push) -> bool:
        await push.body()
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(text.encode())}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await push.answer("\r\n".join([*lines, "", text]).encode())
        return True

    return fault


def sends(data: bytes, *, taken: bool = False) -> Fault:
    """These bytes for an answer, then the end of the connection; `taken`: Loki has the push all the same."""

    async def fault(push: Push) -> bool:
        await (push.passed_on() if taken else push.body())
        await push.answer(data)
        return False

    return fault


async def reset_before_the_body(push: Push) -> bool:
    return push.reset()


async def reset_after_the_body(push: Push) -> bool:
    await push.body()
    return push.reset()


async def taken_and_reset(push: Push) -> bool:
    await push.passed_on()
    return push.reset()


async def hang(push: Push) -> bool:
    await push.body()
    await push.closing.wait()
    return False


async def reads_nothing(push: Push) -> bool:
    await push.closing.wait()
    return False


async def reads_slowly(push: Push) -> bool:
    """A byte at a time: the push would take an hour."""
    while not push.closing.is_set():
        await push.reader.readexactly(1)
        await asyncio.sleep(0.05)
    return False


async def taken_and_trickled(push: Push) -> bool:
    """Takes the push and answers byte by byte, without end."""
    await push.passed_on()
    await push.answer(b"HTTP/1.1 204 No Content\r\nX-Slow: ")
    while not push.closing.is_set():
        await push.answer(b"x")
        await asyncio.sleep(0.01)
    return False


async def closed_after_the_answer(push: Push) -> bool:
    """Answers well and hangs up without having said so: the next push on the connection finds it half closed."""
    await push.answer(await push.passed_on())
    return False


def endless(status: int, gigabytes: int = 1) -> Fault:
    """An answer of a gigabyte, as fast as it is read."""

    async def fault(push: Push) -> bool:
        await push.body()
        await push.answer(f"HTTP/1.1 {status} X\r\nContent-Length: {gigabytes << 30}\r\n\r\n".encode())
        for _ in range(gigabytes << 14):
            await push.answer(b"x" * 65536)
        return False

    return fault


def bomb(status: int, megabytes: int = 512) -> Fault:
    """A small answer that unpacks to a large one."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    head = f"HTTP/1.1 {status} X\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    return sends(head.encode() + packed)
