"""What a back end has to be able to do to get the lines: the next one is a module with such a class."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from tailer.config import SinkOptions
from tailer.outbound.answer import Answer
from tailer.outbound.post import Body
from tailer.ship.entry import Entry


class Refusals(Protocol):
    """What the words of a refusal mean: a module for each language in which receivers refuse."""

    def kind(self, text: str) -> str:
        """What a refusal in these words objects to, from a closed set; `other` when its words are not known."""

    def doomed(self, entries: Sequence[Entry], text: str) -> list[bool]:
        """For each of the entries whether these words prove that it will not be taken as it is."""

    def took_the_rest(self, text: str) -> bool:
        """Whether a refusal in these words may have left the push's good entries with the receiver."""


class Sink(Protocol):
    """Encodes and pushes once. Waiting, splitting, marks and dead letters are the sender's."""

    @property
    def name(self) -> str:
        """The name of its consumer, of its section in the configuration, and in its metrics."""

    @property
    def options(self) -> SinkOptions: ...

    @property
    def mends_times(self) -> bool:
        """Whether an entry whose time is refused may be sent with the time of now."""

    @property
    def refusals(self) -> Refusals: ...

    def encode(self, entries: Sequence[Entry]) -> Body:
        """One push. The same entries give the same bytes."""

    async def push(self, body: Body) -> Answer:
        """Says what came of it; never waits to try again."""


class OpenSink(Sink, AbstractAsyncContextManager["OpenSink"], Protocol):
    """A sink with a connection that `async with` opens."""
