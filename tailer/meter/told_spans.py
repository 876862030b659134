"""The spans that have been counted, so that another line about the same call is not: bounded, can be saved, no clock.

A framework's span around the client's own tells the same usage, and so may a log record beside a span. They come on
different lines, in any order.
"""

from __future__ import annotations

from hashlib import blake2b

from parsers.base import Call
from tailer.meter.open_call import is_measured

REMEMBERED_MARKS = 4096
"""About a thousand calls: spans are written in batches, and the outer one ends after the inner one."""


class ToldSpans:
    """Marks of counted calls, and of the spans around them."""

    def __init__(self) -> None:
        self._is_own: dict[int, bool] = {}

    def is_repeat(self, call: Call) -> bool:
        """Whether a line before told of the same call, or of one inside or around it; if not, it is remembered.

        Of a call without known usage nothing is remembered: the line that tells its usage may still come.
        """
        if call.span is None:
            return False
        own = [_digest(mark) for mark in call.span.own]
        around = [_digest(mark) for mark in call.span.around]
        if any(mark in self._is_own for mark in own) or any(self._is_own.get(mark) for mark in around):
            return True
        if is_measured(call):
            self._is_own.update(dict.fromkeys(around, False))
            self._is_own.update(dict.fromkeys(own, True))
            while len(self._is_own) > REMEMBERED_MARKS:
                del self._is_own[next(iter(self._is_own))]
        return False

    def dump(self) -> dict[int, bool]:
        """The marks, the oldest first; True for those of calls themselves."""
        return self._is_own

    def load(self, saved: dict[int, bool]) -> None:
        self._is_own = dict(saved)


def _digest(mark: str) -> int:
    return int.from_bytes(blake2b(mark.encode(errors="surrogatepass"), digest_size=7).digest())
