"""Dead letters go when they are too old, also while none are added; decides nothing else about them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tailer.outbound.counted import Counted
from tailer.outbound.pusher import Clock
from tailer.ship.deadletter import DeadLetters

LOOK_SECONDS = 600.0


async def expire_old(letters: DeadLetters, counted: Counted, clock: Clock) -> None:
    """Looks for old ones now and then, until it is cancelled."""
    while True:
        with suppress(OSError):  # They are looked at again in the next round.
            if gone := await asyncio.to_thread(letters.expire, clock.now_ns()):
                counted.set_aside(gone, "expired")
        await asyncio.sleep(LOOK_SECONDS)
