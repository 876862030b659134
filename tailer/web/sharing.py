"""Scrapes asked for at the same time are made once. Keeps no answer for later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from prometheus_client.core import Metric

from tailer.web.exposition import Exposition

Encode = Callable[[Iterable[Metric]], bytes]


class SharedScrapes:
    """For each format at most one scrape waits to begin, and all who ask meanwhile get its answer.

    Who asks after it has begun gets the next one: no answer is older than its question.
    """

    def __init__(self, scrape: Callable[[Encode], Awaitable[bytes]]) -> None:
        self._scrape = scrape
        self._to_begin: dict[tuple[str, bool], asyncio.Task[bytes]] = {}
        self._running: set[asyncio.Task[bytes]] = set()

    async def get(self, exposition: Exposition) -> bytes:
        kind = (exposition.content_type, exposition.compressed)
        scrape = self._to_begin.get(kind)
        if scrape is None:
            scrape = asyncio.create_task(self._make(kind, exposition), name="scrape")
            self._to_begin[kind] = scrape
            self._running.add(scrape)
            scrape.add_done_callback(self._done)
        # A client that goes away must not take the answer from the others.
        return await asyncio.shield(scrape)

    async def close(self) -> None:
        for scrape in self._running:
            scrape.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _make(self, kind: tuple[str, bool], exposition: Exposition) -> bytes:
        mine = asyncio.current_task()

        def begun() -> None:
            if self._to_begin.get(kind) is mine:
                del self._to_begin[kind]

        def encode(families: Iterable[Metric]) -> bytes:
            begun()
            return exposition.encode(families)

        try:
            return await self._scrape(encode)
        finally:
            begun()

    def _done(self, scrape: asyncio.Task[bytes]) -> None:
        self._running.discard(scrape)
        if not scrape.cancelled():
            scrape.exception()  # Told to those who asked; when they have all gone, nobody else needs to hear of it.
