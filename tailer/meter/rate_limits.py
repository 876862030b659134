"""What providers last told of their rate limits, until it is reset. Knows no clock and no metric name."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import msgspec

from parsers.base import LIMIT_SUBJECTS, Call
from tailer.tally import Labels

DEFAULT_SECONDS = 60
"""How long a limit is believed when the log does not say when it resets."""
MAX_SECONDS = 7 * 86_400
"""How long a limit is believed whatever the log says."""
SECOND_NS = 1_000_000_000


class Limit(msgspec.Struct, frozen=True, array_like=True):
    """A rate limit as the response of `told_ns` told it, to be forgotten at `expires_ns`."""

    remaining: float | None
    limit: float | None
    expires_ns: int
    told_ns: int = 0


class RateLimits:
    """The limits by their labels, at most `room` of them; the last label is what is limited."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._limits: dict[Labels, Limit] = {}

    def note(self, base: Labels, call: Call, now_ns: int) -> int:
        """Takes what a response told, unless a later one is known. Returns how many limits found no room."""
        # The clock of the log may be ahead of ours: a limit must not outlive its reset by that.
        told_ns = min(call.timestamp_ns or now_ns, now_ns)
        refused = 0
        for subject in LIMIT_SUBJECTS:
            limit = _told(call.rate_limit, subject, told_ns)
            if limit is not None:
                refused += not self._keep((*base, subject), limit, now_ns)
        return refused

    def at(self, now_ns: int) -> dict[Labels, Limit]:
        """Those that have not yet been reset; the others are forgotten."""
        self._limits = {labels: limit for labels, limit in self._limits.items() if limit.expires_ns > now_ns}
        return self._limits

    def dump(self) -> list[tuple[Labels, Limit]]:
        return list(self._limits.items())

    def load(self, saved: list[tuple[Labels, Limit]]) -> None:
        self._limits = dict(saved)

    def _keep(self, labels: Labels, limit: Limit, now_ns: int) -> bool:
        known = self._limits.get(labels)
        if known is not None and known.told_ns > limit.told_ns:
            return True
        if limit.expires_ns <= now_ns:
            # From a log of old: reset long ago, and so is whatever was told before it.
            self._limits.pop(labels, None)
            return True
        if known is None and len(self._limits) >= self._room and len(self.at(now_ns)) >= self._room:
            return False
        self._limits[labels] = limit
        return True


def _told(told: Mapping[str, float], subject: str, told_ns: int) -> Limit | None:
    remaining, limit = _amount(told, f"remaining_{subject}"), _amount(told, f"limit_{subject}")
    if remaining is None and limit is None:
        return None
    seconds = _amount(told, f"reset_{subject}_seconds")
    seconds = DEFAULT_SECONDS if seconds is None else min(seconds, MAX_SECONDS)
    return Limit(remaining, limit, told_ns + int(seconds * SECOND_NS), told_ns)


def _amount(told: Mapping[str, float], key: str) -> float | None:
    value = told.get(key)
    return value if value is not None and value >= 0 and isfinite(value) else None
