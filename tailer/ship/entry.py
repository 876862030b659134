"""What Loki gets of a line, and when the line is from; pure."""

from __future__ import annotations

import msgspec

from tailer.reading.chunk import Reading
from tailer.ship.metadata import Pairs

_MILLISECOND = 1_000_000
# Loki keeps nanoseconds in 64 signed bits; a time outside is nonsense on the line and counts as none.
_LATEST_NS = 2**63 - 2 * _MILLISECOND


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line for Loki and where it came from.

    `start` and `end` are offsets in `file`, `number` is the line's, from 0. `text` is valid UTF-8, `labels` are sorted.
    """

    file: int
    start: int
    end: int
    number: int
    labels: Pairs
    timestamp_ns: int
    text: bytes
    metadata: Pairs
    midway: bool = False
    """No mark may end here: the next line can only be read together with this one."""


def own_time_ns(reading: Reading) -> int | None:
    """The time the line itself names, None when it names none or one that Loki cannot hold."""
    time_ns = reading.timestamp_ns
    if time_ns is None and reading.call is not None:
        time_ns = reading.call.timestamp_ns
    return time_ns if time_ns is not None and 0 < time_ns < _LATEST_NS else None


def positioned(time_ns: int, number: int) -> int:
    """The time with the line's number in its low digits, so that two equal lines stay two entries.

    Below the millisecond where the log is no finer than that, else below the microsecond.
    """
    if time_ns % _MILLISECOND == 0:
        return time_ns + number % _MILLISECOND
    return time_ns - time_ns % 1000 + number % 1000
