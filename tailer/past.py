"""Tells the history what the ledger comes to, at instants that are on disk. Wakes nobody while nothing changes."""

from __future__ import annotations

import asyncio
import time

from tailer.meter.history import History
from tailer.meter.ledger import Ledger
from tailer.meter.sums import Sums, sums_of
from tailer.reading.chunk import OUTCOMES
from tailer.state import Checkpoint
from tailer.telemetry import Telemetry

APART_SECONDS = 4.0
"""Between two samples: what came in between is counted in the minute of the later one."""


class Past:
    """Saves as the checkpoint does, and samples every few of its saves. Begins with what was restored."""

    def __init__(self, checkpoint: Checkpoint, ledger: Ledger, telemetry: Telemetry) -> None:
        self._checkpoint = checkpoint
        self._ledger = ledger
        self._telemetry = telemetry
        self._sampled_at = time.monotonic()
        self._later: asyncio.TimerHandle | None = None
        self.history = History(_sums(ledger, telemetry), time.time())

    async def save(self) -> None:
        """As `Checkpoint.save`; OSError when it could not be written."""
        left_seconds = self._sampled_at + APART_SECONDS - time.monotonic()
        if left_seconds <= 0:
            await self.sample()
            return
        await self._checkpoint.save()
        if self._later is None:
            # What came last before a silence would else be counted when the silence ends.
            self._later = asyncio.get_running_loop().call_later(left_seconds, self._checkpoint.touch)

    async def sample(self) -> None:
        """The history knows everything up to now, and it is on disk; OSError when it could not be written."""
        sums = await self._checkpoint.save_and_view(lambda: _sums(self._ledger, self._telemetry))
        self.history.note(sums, time.time())
        self._sampled_at = time.monotonic()
        if self._later is not None:
            self._later.cancel()
        self._later = None

    def recall(self, ledger: Ledger, telemetry: Telemetry) -> None:
        """The history knows these numbers, which are those of the last save."""
        self.history.note(_sums(ledger, telemetry), time.time())


def _sums(ledger: Ledger, telemetry: Telemetry) -> Sums:
    return sums_of(ledger, {str(it): int(telemetry.value("tokentail_lines_total", it)) for it in OUTCOMES})
