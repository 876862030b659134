"""One receiver of metrics and the loop that feeds it: the newest durable numbers, once an interval."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Protocol, Self, TypeVar

import structlog
from prometheus_client.core import Metric

from tailer.config import PushOptions
from tailer.outbound.answer import Accepted, PartlyTaken, Refused, Retry, TooLarge, Verdict
from tailer.outbound.counted import Counted, Counters
from tailer.outbound.pusher import Clock, Pusher, Pushing
from tailer.push.points import Part, Parts, points_of
from tailer.push.pushed import Pushed

T = TypeVar("T")
SAID_CHARACTERS = 300
"""How much of a receiver's words is repeated in the log; they quote labels at most."""
SAMPLES = "tokentail_pushed_samples_total"

log = structlog.get_logger()


class View(Protocol):
    """Answers from numbers that are on disk: what `encode` makes of the families of one instant."""

    async def __call__(self, encode: Callable[[Iterable[Metric]], T]) -> T: ...


class Receiver(Parts, Pushing, Protocol):
    """Makes parts and can push one. `async with` opens its connection."""

    @property
    def options(self) -> PushOptions: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Push:
    """Pushes views to a receiver. Nothing is queued: the numbers only grow, so the newest ones say it all."""

    def __init__(
        self, receiver: Receiver, view: View, pushed: Pushed, counters: Counters, clock: Clock | None = None
    ) -> None:
        self.name = receiver.name
        self._receiver = receiver
        self._view = view
        self._pushed = pushed
        self._counters = counters
        self._clock = clock or Clock()
        self.pusher = Pusher(receiver, receiver.options, Counted(counters, receiver.name), self._clock)
        """How its pushes fare."""
        self._refused: int | None = None
        self.has_ended = False
        """Whether a last view has been taken, all of it."""
        for outcome in ("accepted", "refused"):
            counters.add(SAMPLES, 0, self.name, outcome)

    async def __aenter__(self) -> Self:
        await self._receiver.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._receiver.__aexit__(kind, error, trace)

    @property
    def refused_status(self) -> int | None:
        """The status with which the last view was refused, in whole or in part; None when all of it was taken."""
        return self._refused

    @property
    def arrived_seconds(self) -> float | None:
        """Unix time at which all of a view had been taken; None when none has been since the start."""
        return self._pushed.arrived_seconds or None

    async def run(self) -> None:
        """A view now and one each interval, or as soon as the receiver takes one again."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self.once()
            await self._clock.sleep(max(0.0, began + self._receiver.options.interval_seconds - loop.time()))

    async def last(self) -> None:
        """A last view, with short waits until it is decided on."""
        self.pusher.hurry()
        self.has_ended = await self.once()

    async def once(self) -> bool:
        """Tries until the receiver has decided on every point. Whether it took all of them.

        After a wait the rest goes out as it is then: what was taken is old by less than an interval and comes again.
        """
        done, taken = 0, True
        while True:
            at_ms = self._pushed.next(self._clock.now_ns())
            points = points_of(await self._view(list))
            for part in self._receiver.parts(points, done, at_ms):
                answer = await self.pusher.attempt(part.body)
                if isinstance(answer, Retry):
                    await self.pusher.wait(answer)
                    break
                done += part.points
                taken = self._settle(part, answer) and taken
            else:
                if taken:
                    self._arrived()
                return taken

    def _settle(self, part: Part, answer: Verdict) -> bool:
        """Counts and says what has become of a part; whether all of it was taken."""
        match answer:
            case Accepted():
                refused = 0
            case PartlyTaken(rejected, status, text):
                refused = min(rejected, part.samples)
                self._note(status, text, refused)
            case Refused(status, text) | TooLarge(status, text):
                refused = part.samples
                self._note(status, text, refused)
                self._pushed.refused(self._clock.now_ns())
        self._counters.add(SAMPLES, part.samples - refused, self.name, "accepted")
        self._counters.add(SAMPLES, refused, self.name, "refused")
        return not refused

    def _note(self, status: int, text: str, samples: int) -> None:
        """Says it once, until all is taken again or the receiver has another reason."""
        if self._refused != status:
            said = " ".join("".join(it if it.isprintable() else " " for it in text).split())[:SAID_CHARACTERS]
            log.error(f"{self.name}_refused", status=status, samples=samples, said=said, effect="pushed anew next time")
        self._refused = status

    def _arrived(self) -> None:
        self._pushed.arrived(self._clock.now_ns())
        if self._refused is not None:
            log.info(f"{self.name}_taken_again")
        self._refused = None
