"""A Loki that only counts, or that is not well: `python -m bench.sink take`. Keeps nothing of what it gets.

It prints its port, and ends when its standard input does, so that it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Literal

from aiohttp import web

Mood = Literal["take", "hang", "refuse"]
MOODS: tuple[Mood, ...] = ("take", "hang", "refuse")


class Sink:
    """`take` answers 204, `hang` reads a push and never answers it, `refuse` answers 503. GET /counts tells the sums.

    `plain_bytes` are those before compression: told by the first bytes of a snappy block, counted for anything else.
    """

    def __init__(self, mood: Mood) -> None:
        self._mood = mood
        self._pushes = self._wire_bytes = self._plain_bytes = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "GET":
            return web.json_response(
                {"pushes": self._pushes, "wire_bytes": self._wire_bytes, "plain_bytes": self._plain_bytes}
            )
        head, size = b"", 0
        async for piece in request.content.iter_any():
            if len(head) < 8:
                head += piece[:8]
            size += len(piece)
        snappy = "protobuf" in request.headers.get("Content-Type", "")
        self._pushes += 1
        self._wire_bytes += size
        self._plain_bytes += varint(head) if snappy else size
        if self._mood == "hang":
            await asyncio.Event().wait()
        return web.Response(status=503 if self._mood == "refuse" else 204)


def varint(head: bytes) -> int:
    """The number at the start of a raw snappy block: how long it is when decompressed."""
    value = shift = 0
    for byte in head:
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value


async def serve(mood: Mood) -> None:
    """Serves on a free port of this machine until standard input ends."""
    runner = web.ServerRunner(web.Server(Sink(mood).answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


def mood_named(name: str) -> Mood:
    """The mood of that name; ValueError for any other."""
    for mood in MOODS:
        if mood == name:
            return mood
    raise ValueError(f"mood: expected one of {', '.join(MOODS)}, got {name!r}")


if __name__ == "__main__":
    asyncio.run(serve(mood_named(sys.argv[1])))
