"""Scrapes at the same time: made once, and never older than the question."""

from __future__ import annotations

import asyncio

from prometheus_client.core import GaugeMetricFamily

from tailer.web.exposition import negotiate
from tailer.web.sharing import Encode, SharedScrapes

PLAIN = negotiate("", "")
OPEN = negotiate("application/openmetrics-text", "")


class Scraped:
    """Saving takes until it may go on; the families are those of the moment before it, as in the service."""

    def __init__(self) -> None:
        self.now = 0
        self.views = 0
        self.may_view = asyncio.Event()
        self.may_save = asyncio.Event()
        self.may_view.set()
        self.may_save.set()

    async def __call__(self, encode: Encode) -> bytes:
        await self.may_view.wait()
        self.views += 1
        body = encode([GaugeMetricFamily("now", "", value=self.now)])
        await self.may_save.wait()
        return body


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_who_wait_get_one_answer() -> None:
    scraped = Scraped()
    shared = SharedScrapes(scraped)
    scraped.may_view.clear()
    asking = [asyncio.create_task(shared.get(PLAIN)) for _ in range(50)]
    asking += [asyncio.create_task(shared.get(OPEN)) for _ in range(50)]
    await settled()
    scraped.may_view.set()
    bodies = await asyncio.gather(*asking)
    assert (scraped.views, len(set(bodies))) == (2, 2)


async def test_who_asks_after_the_moment_was_taken_gets_the_next_one() -> None:
    """A client that has seen a change elsewhere must find it here."""
    scraped = Scraped()
    shared = SharedScrapes(scraped)
    scraped.may_save.clear()
    first = asyncio.create_task(shared.get(PLAIN))
    await settled()
    scraped.now = 7
    later = [asyncio.create_task(shared.get(PLAIN)) for _ in range(3)]
    await settled()
    scraped.may_save.set()
    assert b"now 0.0" in await first
    assert all(b"now 7.0" in body for body in await asyncio.gather(*later))


async def test_a_client_that_goes_away_takes_nothing_from_the_others() -> None:
    scraped = Scraped()
    shared = SharedScrapes(scraped)
    scraped.may_view.clear()
    first, second = (asyncio.create_task(shared.get(PLAIN)) for _ in range(2))
    await settled()
    first.cancel()
    await settled()
    scraped.may_view.set()
    assert b"now" in await second


async def test_a_failure_is_everybodys_and_the_next_scrape_is_new() -> None:
    fails = [True]

    async def scrape(encode: Encode) -> bytes:
        await asyncio.sleep(0)
        if fails.pop() if fails else False:
            raise RuntimeError
        return encode(())

    shared = SharedScrapes(scrape)
    answers = await asyncio.gather(*[shared.get(PLAIN) for _ in range(3)], return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError] * 3
    assert isinstance(await shared.get(PLAIN), bytes)


async def test_closing_leaves_no_scrape_behind() -> None:
    scraped = Scraped()
    shared = SharedScrapes(scraped)
    scraped.may_view.clear()
    asking = asyncio.create_task(shared.get(PLAIN))
    await settled()
    await shared.close()
    assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], asyncio.CancelledError)
