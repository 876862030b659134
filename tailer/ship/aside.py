"""What a sink refuses for good: put in the dead-letter file, counted, said once. Stops nothing, whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from tailer.outbound.answer import PartlyTaken, Refused, TooLarge
from tailer.outbound.counted import Counted
from tailer.outbound.pusher import Clock
from tailer.ship.deadletter import DeadLetters, Why
from tailer.ship.entry import Entry
from tailer.ship.sink import Sink

log = structlog.get_logger()

Final = Refused | TooLarge | PartlyTaken
"""After which nothing more can be done for the entries."""


class Aside:
    """Puts entries aside, whether or not the file can be written."""

    def __init__(self, sink: Sink, dead_letters: DeadLetters, counted: Counted, clock: Clock) -> None:
        self._sink = sink
        self._dead_letters = dead_letters
        self._counted = counted
        self._clock = clock
        self._said: set[str] = set()
        self._failing = False

    async def put(self, entries: Sequence[Entry], answer: Final) -> None:
        """The entries are on disk at return, or counted as not kept."""
        self._note(len(entries), answer)
        fate = await self._keep(entries, answer) if self._dead_letters.keeps else "dropped"
        self._counted.set_aside(len(entries), fate)

    def calm(self) -> None:
        """A batch went through without a refusal: the next one is news again."""
        self._said.clear()

    async def _keep(self, entries: Sequence[Entry], answer: Final) -> str:
        now_ns = self._clock.now_ns()
        try:
            why = Why(answer.status, answer.text, self._kind(len(entries), answer))
            gone = await asyncio.to_thread(self._dead_letters.write, entries, why, now_ns)
        except OSError as error:
            if not self._failing:
                log.warning("dead_letters_failed", path=self._dead_letters.path, error=type(error).__name__)
            self._failing = True
            return "failed"
        if gone:
            self._counted.set_aside(gone, "discarded")
        self._failing = False
        return "kept"

    def _kind(self, entries: int, answer: Final) -> str:
        if isinstance(answer, TooLarge):
            return "too_large"
        if isinstance(answer, PartlyTaken) and answer.rejected < entries:
            return "partly_taken"
        return self._sink.refusals.kind(answer.text)

    def _note(self, entries: int, answer: Final) -> None:
        kind = self._kind(entries, answer)
        if kind not in self._said:
            place = self._dead_letters.path
            log.warning("entries_refused", sink=self._sink.name, kind=kind, status=answer.status, dead_letters=place)
        self._said.add(kind)
