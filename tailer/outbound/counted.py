"""What is counted of every way out, under the names of Loki's metrics or, for all others, with the label `sink`."""

from __future__ import annotations

from typing import Protocol, Self

LOKI = "loki"
OUTCOMES = ("accepted", "refused", "doubtful")
"""Of entries: taken; refused for good and set aside; set aside as some of them were refused and nobody says which."""

FATES = ("kept", "failed", "discarded", "expired", "dropped")
"""Of what was set aside: on disk; not, as the disk refused it; given up for want of room, for its age; none is kept."""


class Counters(Protocol):
    """The part of the telemetry that is used here."""

    def add(self, name: str, amount: float = 1, *labels: str) -> None: ...

    def observe(self, name: str, value: float, *labels: str) -> None: ...


def family(receiver: str, what: str) -> tuple[str, tuple[str, ...]]:
    """The family of `entries_total`, `retries_total`, … of a receiver, and the labels that come before its own."""
    return (f"tokentail_loki_{what}", ()) if receiver == LOKI else (f"tokentail_sink_{what}", (receiver,))


class Counted:
    """The counters of one receiver."""

    def __init__(self, counters: Counters, name: str) -> None:
        self._counters = counters
        self._name = name
        _, self._labels = family(name, "")
        self._dead_letters = "tokentail_dead_letters_total" if name == LOKI else "tokentail_sink_dead_letters_total"

    def pushed(self, seconds: float, size_bytes: int) -> None:
        """One push, as it went over the wire."""
        self._counters.observe(self._family("push_seconds"), seconds, *self._labels)
        self._counters.add(self._family("push_bytes_total"), size_bytes, *self._labels)

    def retried(self, reason: str) -> None:
        self._counters.add(self._family("retries_total"), 1, *self._labels, reason)

    def begun(self) -> Self:
        """With every outcome of entries there at zero: else nobody who watches would see the first refusal."""
        for outcome in OUTCOMES:
            self.settled(0, outcome)
        for fate in FATES:
            self.set_aside(0, fate)
        return self

    def settled(self, entries: int, outcome: str) -> None:
        self._counters.add(self._family("entries_total"), entries, *self._labels, outcome)

    def set_aside(self, entries: int, fate: str) -> None:
        self._counters.add(self._dead_letters, entries, *self._labels, fate)

    def _family(self, what: str) -> str:
        return family(self._name, what)[0]
