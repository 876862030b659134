"""A Loki that only counts, or that is not well: `python -m bench.sink take`. Keeps nothing of what it gets.

It prints its ports for HTTP and for plain TCP. A line on its standard input is its mood from then on; it ends with its
standard input, so that it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

from bench.mood import Mood, mood_named


class Sink:
    """`take` answers 204, `hang` reads a push and never answers it, `refuse` answers 503. GET /counts tells the sums.

    `plain_bytes` are those before compression: told by the first bytes of a snappy block, counted for anything else.
    """

    def __init__(self, mood: Mood) -> None:
        self.mood = mood
        self._pushes = self._taken = self._wire_bytes = self._plain_bytes = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "GET":
            return web.json_response(
                {
                    "pushes": self._pushes,
                    "taken": self._taken,
                    "wire_bytes": self._wire_bytes,
                    "plain_bytes": self._plain_bytes,
                }
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
        if self.mood == "hang":
            await asyncio.Event().wait()
        self._taken += self.mood == "take"
        return web.Response(status=503 if self.mood == "refuse" else 204)

    async def swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Counts what comes over plain TCP until the other side ends it."""
        while piece := await reader.read(1024 * 1024):
            self._wire_bytes += len(piece)
            self._plain_bytes += len(piece)
        writer.close()

    def listen(self) -> None:
        """Takes moods from standard input until it ends."""
        for line in sys.stdin:
            self.mood = mood_named(line.strip())


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
    """Serves on free ports of this machine until standard input ends."""
    sink = Sink(mood)
    runner = web.ServerRunner(web.Server(sink.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with await asyncio.start_server(sink.swallow, "127.0.0.1", 0) as plain:
        print(runner.addresses[0][1], plain.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sink.listen)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(mood_named(sys.argv[1])))
