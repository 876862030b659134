"""A push until there is an answer that decides: waits as long as it takes, says so once, settles nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import NamedTuple, Protocol

import structlog

from tailer.config import HttpOptions
from tailer.outbound.answer import Accepted, Answer, Retry, RetryReason, TooLarge, Verdict
from tailer.outbound.counted import Counted
from tailer.outbound.post import Body

log = structlog.get_logger()

MAX_RETRY_AFTER_SECONDS = 300.0
"""A longer `Retry-After` is taken for a mistake of some proxy's."""
SPLIT_AFTER = 4
"""A batch above the tenant's burst or too slow for the line would never pass: then smaller ones are tried."""
HURRIED_SECONDS = 1.0
"""The longest wait while draining."""
CALM_SECONDS = 60.0
"""Trouble that comes back sooner is the same trouble: said again only when it lasts as long."""


class State(Enum):
    """What the sender is at."""

    SENDING = "sending"
    WAITING = "waiting"
    DONE = "done"


class Pushing(Protocol):
    """Who can push once."""

    @property
    def name(self) -> str: ...

    async def push(self, body: Body) -> Answer: ...


class Clock(NamedTuple):
    """Time and chance, handed in so that a test needs no waiting."""

    now_ns: Callable[[], int] = time.time_ns
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    rng: random.Random = random.Random()  # noqa: S311  # spreads retries, keeps no secret


def backoff_seconds(attempt: int, options: HttpOptions, rng: random.Random) -> float:
    """The wait before attempt 1, 2, …: doubled each time, capped, its upper half left to chance."""
    longest = options.retry_max_seconds
    ceiling = min(longest, options.retry_min_seconds * 2.0 ** min(attempt - 1, 32))
    return ceiling * (0.5 + 0.5 * rng.random())


class Pusher:
    """Tries a push for as long as the answer is to try again. What is public is for the page."""

    def __init__(self, receiver: Pushing, options: HttpOptions, counted: Counted, clock: Clock) -> None:
        self.state = State.SENDING
        self.waiting_reason: RetryReason | None = None
        """Why nothing gets through; None while it does."""
        self.waiting_since_ns: int | None = None
        """Since when nothing gets through; None while it does."""
        self.accepted_ns: int | None = None
        """When a push was last taken; None when none has been."""
        self._receiver = receiver
        self._options = options
        self._counted = counted
        self._clock = clock
        self._attempts = 0
        self._recovered_ns = 0
        self._said: set[RetryReason] = set()
        self._told = False
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """The time to deliver is running out: the present wait ends, and later ones are short."""
        self._hurry.set()

    async def push(self, body: Body, *, divisible: bool) -> Verdict:
        """Pushes until it is decided. TooLarge also for what is `divisible` and never passes as a whole."""
        failed = 0
        while True:
            answer = await self.attempt(body)
            if not isinstance(answer, Retry):
                return answer
            await self.wait(answer)
            failed += answer.divide
            if divisible and failed >= SPLIT_AFTER:
                return TooLarge()

    async def attempt(self, body: Body) -> Answer:
        """Pushes once and counts it, whatever comes of it; after a Retry it is for the caller to `wait`."""
        started = time.perf_counter()
        answer = await self._receiver.push(body)
        self._counted.pushed(time.perf_counter() - started, len(body.data))
        if isinstance(answer, Retry):
            self._counted.retried(answer.reason)
            return answer
        self.recovered()
        if isinstance(answer, Accepted):
            self.accepted_ns = self._clock.now_ns()
        return answer

    async def wait(self, answer: Retry) -> None:
        """Waits before the next attempt, longer each time until `recovered`."""
        self._note(answer)
        self._attempts += 1
        seconds = backoff_seconds(self._attempts, self._options, self._clock.rng)
        if answer.after_seconds is not None:
            seconds = max(seconds, min(answer.after_seconds, MAX_RETRY_AFTER_SECONDS))
        await self._pause(seconds)

    def recovered(self) -> None:
        """Something was decided: the next trouble starts with a short wait again."""
        self._attempts = 0
        if self.waiting_since_ns is None:
            return
        self._recovered_ns = self._clock.now_ns()
        if self._told:
            waited_seconds = (self._recovered_ns - self.waiting_since_ns) / 1e9
            log.info(
                f"{self._receiver.name}_recovered", reason=self.waiting_reason, waited_seconds=round(waited_seconds, 3)
            )
        self._told = False
        self.waiting_reason = self.waiting_since_ns = None
        self.state = State.SENDING

    def _note(self, answer: Retry) -> None:
        now_ns = self._clock.now_ns()
        if self.waiting_since_ns is None:
            self.waiting_since_ns = now_ns
            if now_ns - self._recovered_ns > CALM_SECONDS * 1e9:
                self._said.clear()
        lasting = not self._told and now_ns - self.waiting_since_ns > CALM_SECONDS * 1e9
        # One that takes every other push, or fails in turns, would else fill the log with as many lines as pushes.
        if answer.reason not in self._said or lasting:
            is_ours = answer.reason == "checkpoint"
            event = "checkpoint_awaited" if is_ours else f"{self._receiver.name}_unreachable"
            log.warning(event, reason=answer.reason, detail=answer.detail)
            self._said.add(answer.reason)
            self._told = True
        self.waiting_reason = answer.reason
        self.state = State.WAITING

    async def _pause(self, seconds: float) -> None:
        if self._hurry.is_set():
            await self._clock.sleep(min(seconds, HURRIED_SECONDS))
            return
        waits = [asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._hurry.wait())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in done:
                wait.result()
        finally:
            for wait in waits:
                wait.cancel()
