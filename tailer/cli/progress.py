"""How far a long read has come, on a terminal only; elsewhere it prints nothing."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 24
EVERY_SECONDS = 0.1
AFTER_SECONDS = 0.3
"""What is quickly done needs no bar."""
CLEAR = "\r\x1b[K"


class Progress:
    """A bar of bytes on one line of `stream`. `total_bytes` None: nobody knows how much will come."""

    def __init__(self, stream: TextIO, total_bytes: int | None) -> None:
        self._stream = stream
        self._total_bytes = total_bytes
        self._is_on = stream.isatty()
        self._next = time.monotonic() + AFTER_SECONDS
        self._is_drawn = False

    def show(self, done_bytes: int, name: str) -> None:
        """Draws the bar, if it is on and the last time was a while ago."""
        if not self._is_on or (now := time.monotonic()) < self._next:
            return
        self._next = now + EVERY_SECONDS
        self._stream.write(CLEAR + bar(done_bytes, self._total_bytes, name))
        self._stream.flush()
        self._is_drawn = True

    def clear(self) -> None:
        """Takes the bar away, so that something else can be printed."""
        if self._is_drawn:
            self._stream.write(CLEAR)
            self._stream.flush()
            self._is_drawn = False


def bar(done_bytes: int, total_bytes: int | None, name: str) -> str:
    """`[=====>     ]  42 %  1.2 of 2.9 GB  app.log`; without a total only what is done."""
    if not total_bytes:
        return f"{_size(done_bytes)} read  {name[-40:]}"
    share = min(1.0, done_bytes / total_bytes)
    filled = int(share * WIDTH)
    drawn = ("=" * filled + ">")[:WIDTH].ljust(WIDTH)
    return f"[{drawn}] {share:4.0%}  {_size(done_bytes)} of {_size(total_bytes)}  {name[-40:]}"


def _size(count: int) -> str:
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} B"
