"""What is known of the pushes to one receiver: when the last one was, and which time the next one bears; pure."""

from __future__ import annotations


class Pushed:
    """The times of one receiver's pushes, in milliseconds since 1970. Each is later than the one before.

    `at_ms` is saved before a push with it goes out: a receiver refuses what is older than what it has, so a clock that
    steps back, be it over a restart, must not take the time of the pushes with it.
    """

    def __init__(self, at_ms: int = 0) -> None:
        self.at_ms = at_ms
        self.arrived_seconds = 0.0
        """Unix time at which all of a view had been taken, 0 when none has been since the start."""

    def next(self, now_ns: int) -> int:
        """The time of the next push: now, or just after the last one while the clock is behind it."""
        self.at_ms = max(now_ns // 1_000_000, self.at_ms + 1)
        return self.at_ms

    def refused(self, now_ns: int) -> None:
        """What was pushed last was not taken. If the clock was ahead of itself before, that binds nobody any more."""
        if self.at_ms > now_ns // 1_000_000:
            self.at_ms = 0

    def arrived(self, now_ns: int) -> None:
        self.arrived_seconds = now_ns / 1e9
