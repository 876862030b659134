"""What the signals ask for, and waiting for whichever comes first."""

from __future__ import annotations

import asyncio
import signal
import time


class Stop:
    """What the signals ask for: the first to finish, the second to hurry, SIGHUP to read the configuration anew."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.asked_at = 0.0
        """By the monotonic clock, once it was."""
        self.hurry = asyncio.Event()
        self.reload = asyncio.Event()

    def ask(self) -> None:
        if self.asked.is_set():
            self.hurry.set()
        else:
            self.asked.set()
            self.asked_at = time.monotonic()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.ask)
        loop.add_signal_handler(signal.SIGHUP, self.reload.set)


async def first(task: asyncio.Task[None], event: asyncio.Event, timeout_seconds: float | None = None) -> None:
    """Waits until the task is done, the event is set or time has run out; leaves the task alone."""
    waiting = asyncio.create_task(event.wait(), name="signal")
    await asyncio.wait({task, waiting}, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
