"""What all receivers are: something with one connection to it, open within `async with`."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from tailer.outbound.post import Post


class Connected:
    """Opens and closes its connection."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def __aenter__(self) -> Self:
        await self._post.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._post.__aexit__(kind, error, trace)
