"""What the last measured call of each label set came to: for profiles that show calls as gauges. Pure, no clock."""

from __future__ import annotations

from math import inf

import msgspec

from parsers.base import Call
from tailer.meter.facts import Amount
from tailer.tally import Labels


class LastCall(msgspec.Struct, frozen=True, array_like=True):
    """One call with known tokens, and when it was; None is "not known"."""

    told_ns: int
    input_tokens: int | None
    output_tokens: int | None
    duration_seconds: float | None
    pico_usd: int | None


class LastCalls:
    """The last calls by their labels, at most `room` of them; what comes then shares the labels `other`."""

    def __init__(self, room: int, other: Labels) -> None:
        self.values: dict[Labels, LastCall] = {}
        self._room = room
        self._other = other

    def note(self, base: Labels, call: Call, cost: Amount | None, now_ns: int) -> int:
        """Takes a call that succeeded with known tokens, unless a later one is known. Returns 1 if it had no room."""
        if call.error_type is not None or (call.input_tokens is None and call.output_tokens is None):
            return 0
        refused = base not in self.values and len(self.values) >= self._room - 1
        labels = self._other if refused else base
        # The clock of the log may be ahead of ours: one such line must not stand for ever.
        told_ns = min(call.timestamp_ns or now_ns, now_ns)
        known = self.values.get(labels)
        if known is None or known.told_ns <= told_ns:
            seconds = call.duration_seconds
            timed = seconds is not None and 0 <= seconds < inf
            self.values[labels] = LastCall(
                told_ns,
                call.input_tokens,
                call.output_tokens,
                seconds if timed else None,
                None if cost is None else cost[0],
            )
        return int(refused)

    def dump(self) -> list[tuple[Labels, LastCall]]:
        """What is known now."""
        return list(self.values.items())

    def load(self, saved: list[tuple[Labels, LastCall]]) -> None:
        """Takes up what was saved; of two under the same labels the later call."""
        for labels, last in saved:
            known = self.values.get(labels)
            if known is None or known.told_ns <= last.told_ns:
                self.values[labels] = last
