"""Clients that mean harm or do not know better: each costs little, none for long, and a scrape still gets through."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tailer.web.connection import Patience
from tests.web.port import Certificates, Port, ended, gone, hashed, serving

QUICK = Patience(
    connections=8,
    shake_seconds=0.2,
    head_seconds=0.2,
    idle_seconds=0.4,
    answer_seconds=0.4,
    slow_seconds=0.1,
    body_seconds=0.1,
)
PLENTY = 10 * 1024 * 1024
CLOSE = b"Connection: close\r\n\r\n"
UNFINISHED = b"GET /metrics HTTP/1.1\r\nHost: x\r\n"


async def trickle(port: Port) -> bytes:
    """Header after header, never an end."""
    reader, writer = await port.connect()

    async def send() -> None:
        writer.write(UNFINISHED)
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    sending = asyncio.create_task(send())
    got = await ended(reader)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await gone(writer)
    return got


async def test_a_head_that_never_ends_is_waited_for_only_so_long() -> None:
    async with serving(patience=QUICK._replace(connections=64)) as port, asyncio.timeout(10):
        slow = [asyncio.create_task(trickle(port)) for _ in range(30)]
        assert (await port.ask("/metrics"))[0] == 200
        assert await asyncio.gather(*slow) == [b""] * 30
        assert port.refused == {"slow": 30}


@pytest.mark.parametrize("first", [b"", UNFINISHED, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
async def test_who_says_nothing_more_is_let_go(first: bytes) -> None:
    async with serving(patience=QUICK) as port, asyncio.timeout(10):
        reader, writer = await port.connect()
        writer.write(first)
        await ended(reader)
        await gone(writer)
        # An idle connection that was served has done nothing wrong.
        assert port.refused["slow"] == (0 if b"\r\n\r\n" in first else 1)


@pytest.mark.parametrize("method", [b"GET", b"POST", b"HEAD"])
async def test_ten_megabytes_of_body_are_thrown_away(method: bytes) -> None:
    async with serving(patience=QUICK._replace(body_seconds=5, answer_seconds=10)) as port, asyncio.timeout(20):
        head = method + b" /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % PLENTY
        reader, writer = await port.connect()
        reading = asyncio.create_task(ended(reader))
        writer.write(head)
        try:
            for _ in range(PLENTY // 65536):
                writer.write(bytes(65536))
                await writer.drain()
        except OSError:
            pass  # It may be closed before all has been said.
        answer = await reading
        assert answer.startswith(b"HTTP/1.1 405" if method == b"POST" else b"HTTP/1.1 200")
        assert answer.count(b"HTTP/1.1") == 1
        await gone(writer)
        assert (await port.ask("/healthz"))[0] == 200


async def test_a_body_that_never_comes_is_not_waited_for() -> None:
    async with serving(patience=QUICK) as port, asyncio.timeout(10):
        for head in (b"Content-Length: 10000000", b"Transfer-Encoding: chunked"):
            answer = await port.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
            assert answer.endswith(b"\r\n\r\nok\n")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * PLENTY + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * PLENTY + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a" * PLENTY,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (PLENTY // 6) + b"\r\n",
        b"a" * PLENTY,
        b"\0" * PLENTY,
    ],
    ids=["url", "header", "name", "headers", "method", "zeros"],
)
async def test_ten_megabytes_of_head_are_refused_at_once(request_bytes: bytes) -> None:
    async with serving(patience=QUICK._replace(head_seconds=20)) as port, asyncio.timeout(10):
        reader, writer = await port.connect()
        writer.write(request_bytes)
        answer = await ended(reader)
        await gone(writer)
        assert len(answer) < 1000
        assert port.refused["bad_request"] == 1
        assert (await port.ask("/healthz"))[0] == 200


async def test_idle_connections_make_room_for_a_scrape() -> None:
    async with serving(patience=QUICK._replace(head_seconds=20, idle_seconds=20)) as port, asyncio.timeout(10):
        idle = [await port.connect() for _ in range(40)]
        assert (await port.ask("/metrics"))[0] == 200
        await port.until("crowded_out", 33)
        assert port.refused == {"crowded_out": 33}
        for _, writer in idle:
            await gone(writer)


async def test_a_scraper_keeps_its_connection_while_strangers_come_and_stay() -> None:
    async with serving(patience=QUICK._replace(head_seconds=20, idle_seconds=20)) as port, asyncio.timeout(10):
        reader, writer = await port.connect()
        idle = []
        for _ in range(3):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"\r\nok\n")).startswith(b"HTTP/1.1 200")
            idle += [await port.connect() for _ in range(20)]
            await port.until("crowded_out", len(idle) - 7)
        for _, other in [(reader, writer), *idle]:
            await gone(other)


async def test_who_does_not_take_his_answer_is_let_go() -> None:
    """And holds up nobody: a newcomer takes the place of a slow one."""
    async with serving(patience=QUICK) as port, asyncio.timeout(20):
        port.padding = PLENTY
        slow = [await port.connect() for _ in range(QUICK.connections)]
        for _, writer in slow:
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        await port.until("slow", QUICK.connections)
        port.padding = 0
        assert (await port.ask("/metrics"))[0] == 200
        for _, writer in slow:
            await gone(writer)


async def test_many_requests_at_once_on_one_connection_are_answered_one_after_the_other() -> None:
    async with serving() as port, asyncio.timeout(20):
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 300 + b"GET /readyz HTTP/1.1\r\nHost: x\r\n" + CLOSE
        answer = await port.raw(request)
        assert answer.count(b"\r\n\r\nok\n") == 300
        assert answer.endswith(b"\r\n\r\nready\n")


async def test_who_asks_on_and_on_without_reading_makes_no_more_scrapes() -> None:
    async with serving(patience=QUICK._replace(answer_seconds=1)) as port, asyncio.timeout(20):
        port.padding = PLENTY
        _, writer = await port.connect()
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 5000)
        await port.until("slow")
        assert port.scrapes < 3
        await gone(writer)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["http2", "tls", "version", "connect", "smuggled", "length"],
)
async def test_what_is_not_http_as_we_speak_it_is_refused(request_bytes: bytes) -> None:
    async with serving(patience=QUICK) as port, asyncio.timeout(10):
        reader, writer = await port.connect()
        writer.write(request_bytes)
        answer = await ended(reader)
        await gone(writer)
        assert not answer.startswith(b"HTTP/1.1 2")
        assert (port.scrapes, port.refused.total()) == (0, 1)


@pytest.mark.parametrize("wanted", [b"h2c", b"websocket"])
async def test_another_protocol_is_not_changed_to(wanted: bytes) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: " + wanted + b"\r\n\r\n"
    async with serving(patience=QUICK) as port, asyncio.timeout(10):
        answer = await port.raw(head + b"\0" * 100_000)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"101" not in answer.split(b"\r\n")[0]


@pytest.mark.parametrize(
    "said", [b"", b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x40\x00" + b"a" * 99]
)
async def test_who_speaks_no_tls_to_a_tls_port_holds_nothing(tmp_path: Path, said: bytes) -> None:
    certificates = Certificates(tmp_path)
    async with serving(certificates.web_config(), QUICK) as port, asyncio.timeout(20):
        strangers = [await port.connect() for _ in range(20)]
        for _, writer in strangers:
            writer.write(said)
        port.client = certificates.client()
        assert (await port.ask("/metrics"))[0] == 200
        for reader, writer in strangers:
            assert b"HTTP" not in await ended(reader)
            await gone(writer)
        assert port.refused.total() >= 20
        assert port.scrapes == 1


async def test_a_flood_of_strangers_does_not_keep_a_user_out(tmp_path: Path) -> None:
    path = tmp_path / "web.yml"
    path.write_text(f"basic_auth_users: {{alice: {hashed('wonder')}}}\n")
    async with serving(path, QUICK) as port, asyncio.timeout(30):
        assert await port.as_user("alice", "wonder") == 200
        flood = [asyncio.create_task(port.as_user("eve", str(number))) for number in range(100)]
        for _ in range(5):
            assert await port.as_user("alice", "wonder") == 200
        for attempt in flood:
            attempt.cancel()
        await asyncio.gather(*flood, return_exceptions=True)


async def test_closing_waits_for_nobody_who_is_slow(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    loop = asyncio.get_running_loop()
    writers = []
    async with serving(certificates.web_config()) as port:
        writers = [(await port.connect())[1] for _ in range(5)]
        started = loop.time()
    assert loop.time() - started < 3
    for writer in writers:
        await gone(writer)
