"""Dead letters go when they are too old, also while none are added; decides nothing else about them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tailer.ship.deadletter import DeadLetters
from tailer.ship.push import Clock, Counters

LOOK_SECONDS = 600.0


async def expire_old(letters: DeadLetters, counters: Counters, clock: Clock) -> None:
    """Looks for old ones now and then, until it is cancelled."""
    while True:
        with suppress(OSError):  # They are looked at again in the next round.
            if gone := await asyncio.to_thread(letters.expire, clock.now_ns()):
                counters.add("tokentail_dead_letters_total", gone, "expired")
        await asyncio.sleep(LOOK_SECONDS)
