"""The stream of events: who hears what, how many may, and that nobody who is slow costs memory."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.web import events
from tailer.web.connection import Patience
from tailer.web.events import LISTENERS, Told, news
from tests.web.port import Port, ended, gone, serving

ASK = b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n"


class Looked:
    """What there is to tell: a number that counts the looks, and as much beside it as a test wants."""

    def __init__(self, padding: int = 0) -> None:
        self.times = 0
        self.padding = "x" * padding
        self.failure: Exception | None = None

    async def __call__(self) -> Told:
        self.times += 1
        if self.failure is not None:
            raise self.failure
        rows = [{"serial": number} for number in range(self.times)]
        return {"times": self.times, "always": 1, "calls": rows, "padding": f"{self.times}{self.padding}"}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVERY_SECONDS", 0.01)


class Listener:
    """A client that reads one event after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def of(cls, port: Port) -> Listener:
        reader, writer = await port.connect()
        writer.write(ASK)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert b"Content-Type: text/event-stream" in head
        return cls(reader, writer)

    async def next(self) -> tuple[str, Any]:
        async with asyncio.timeout(10):
            size = int(await self.reader.readline(), 16)
            name, data = (await self.reader.readexactly(size)).decode().strip().split("\n")
            await self.reader.readline()
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def go(self) -> None:
        await gone(self.writer)


async def test_the_whole_comes_first_and_then_what_is_new() -> None:
    async with serving(look=Looked()) as port:
        listener = await Listener.of(port)
        kind, told = await listener.next()
        assert (kind, set(told)) == ("whole", {"times", "always", "calls", "padding"})
        kind, more = await listener.next()
        assert (kind, set(more)) == ("more", {"times", "calls", "padding"})
        assert more["times"] == told["times"] + 1
        assert more["calls"] == [{"serial": told["times"]}]
        await listener.go()


async def test_nobody_looks_while_nobody_listens() -> None:
    """Neither before the first listener nor after the last."""
    looked = Looked()
    async with serving(look=looked) as port:
        await port.ask("/")
        assert looked.times == 0
        listener = await Listener.of(port)
        await listener.next()
        assert port.server._events is not None
        looking = port.server._events._looking
        assert looking is not None
        await listener.go()
        async with asyncio.timeout(10):
            await asyncio.wait({looking})
        times = looked.times
        await port.ask("/")
        assert looked.times == times
        assert port.server._events._looking is None
        assert port.server._events._told == {}


async def test_all_listeners_share_one_look() -> None:
    looked = Looked()
    async with serving(look=looked) as port:
        listeners = [await Listener.of(port) for _ in range(LISTENERS)]
        last = [(await listener.next())[1]["times"] for listener in listeners]
        assert looked.times <= max(last) + 1
        for listener in listeners:
            await listener.go()


async def test_beyond_so_many_listeners_it_says_so() -> None:
    """A counted refusal, and room again when one has gone."""
    async with serving(look=Looked()) as port:
        listeners = [await Listener.of(port) for _ in range(LISTENERS)]
        status, body, headers = await port.ask("/events")
        assert (status, body, headers["Retry-After"]) == (503, b"too many pages are open\n", "10")
        assert port.refused["too_many_listeners"] == 1
        assert (await port.ask("/metrics"))[0] == 200
        await listeners.pop().go()
        events_now = port.server._events
        assert events_now is not None
        async with asyncio.timeout(10):
            while events_now.is_full:
                await asyncio.sleep(0.005)
        listeners.append(await Listener.of(port))
        for listener in listeners:
            await listener.go()


async def test_who_takes_nothing_is_let_go_and_costs_one_event() -> None:
    """The others hear on; nothing piles up for the slow one but what is on its way."""
    looked = Looked(padding=200_000)
    patience = Patience(answer_seconds=0.5)
    async with serving(patience=patience, look=looked) as port:
        reader, writer = await port.connect()
        writer.write(ASK)
        await reader.readuntil(b"\r\n\r\n")
        # It reads no more: the stream's own buffer fills, then the kernel's, then the server's.
        quick = await Listener.of(port)
        async with asyncio.timeout(20):
            while not port.refused["slow"]:
                held = sum(
                    it.transport.get_write_buffer_size() for it in port.server._connections._open if it.transport
                )
                assert held < 2 * 400_000
                await quick.next()
        assert port.refused["slow"] == 1
        before = looked.times
        while (await quick.next())[1]["times"] <= before:
            pass
        await quick.go()
        await gone(writer)


async def test_who_listens_long_is_not_slow() -> None:
    """Longer than an answer may take."""
    async with serving(patience=Patience(answer_seconds=0.2), look=Looked()) as port:
        listener = await Listener.of(port)
        until = asyncio.get_running_loop().time() + 0.6
        while asyncio.get_running_loop().time() < until:
            await listener.next()
        assert port.refused["slow"] == 0
        await listener.go()


async def test_after_an_hour_who_listens_has_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has been taken away hears no more by then."""
    monkeypatch.setattr(events, "LISTENING_SECONDS", 0.05)
    async with serving(look=Looked()) as port:
        listener = await Listener.of(port)
        assert (await listener.next())[0] == "whole"
        while (heard := await listener.next())[0] == "more":
            pass
        assert heard == ("again", {})
        await listener.go()


async def test_at_the_end_it_says_good_bye() -> None:
    async with serving(look=Looked()) as port:
        listener = await Listener.of(port)
        await listener.next()
        closing = asyncio.create_task(port.server.close())
        while (heard := await listener.next())[0] == "more":
            pass
        assert heard == ("bye", {})
        assert await ended(listener.reader) in (b"", b"0\r\n\r\n")
        await closing
        await listener.go()


async def test_a_look_that_fails_ends_the_stream_and_the_next_listener_tries_anew() -> None:
    looked = Looked()
    async with serving(look=looked) as port:
        looked.failure = ZeroDivisionError()
        listener = await Listener.of(port)
        assert await ended(listener.reader) == b""
        await listener.go()
        looked.failure = None
        async with asyncio.timeout(10):
            again = await Listener.of(port)
            assert (await again.next())[0] == "whole"
            await again.go()


async def test_without_anything_to_look_at_there_are_no_events() -> None:
    async with serving() as port:
        assert (await port.ask("/events"))[0] == 404


ROWS = st.dictionaries(st.integers(0, 9), st.integers(0, 3))


@given(ROWS, ROWS, st.integers(0, 1), st.integers(0, 1))
def test_what_was_told_and_the_news_make_the_whole(
    before: dict[int, int], more: dict[int, int], a: int, b: int
) -> None:
    """For lists that grow at their end and change in place, as the page puts them together."""
    rows = before | more
    then = {"calls": [{"serial": key, "n": before[key]} for key in sorted(before)], "x": a}
    now = {"calls": [{"serial": key, "n": rows[key]} for key in sorted(rows)], "x": b}
    heard = news(then, now)
    known = {row["serial"]: row for row in (*then["calls"], *heard.get("calls", ()))}  # type: ignore[misc]
    assert [known[key] for key in sorted(known)] == now["calls"]
    assert heard.get("x", a) == b
    assert ("x" in heard) == (a != b)
