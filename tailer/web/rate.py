"""How many requests there may be: a bucket of tokens. Takes the time as it is told."""

from __future__ import annotations


class Bucket:
    """One more request each `interval_seconds`, at most `burst` at once; an interval of 0 is no limit."""

    def __init__(self, interval_seconds: float, burst: int, now: float) -> None:
        self._interval_seconds = interval_seconds
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more is in order at this time."""
        if not self._interval_seconds:
            return True
        self._tokens = min(float(self._burst), self._tokens + (now - self._at) / self._interval_seconds)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
