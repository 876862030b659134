"""What is counted of every way out, under the names of Loki's metrics or, for all others, with the label `sink`."""

from __future__ import annotations

from typing import Protocol

LOKI = "loki"


class Counters(Protocol):
    """The part of the telemetry that is used here."""

    def add(self, name: str, amount: float = 1, *labels: str) -> None: ...

    def observe(self, name: str, value: float, *labels: str) -> None: ...


class Counted:
    """The counters of one receiver."""

    def __init__(self, counters: Counters, name: str) -> None:
        self._counters = counters
        is_loki = name == LOKI
        self._prefix = "tokentail_loki" if is_loki else "tokentail_sink"
        self._dead_letters = "tokentail_dead_letters_total" if is_loki else "tokentail_sink_dead_letters_total"
        self._labels = () if is_loki else (name,)

    def pushed(self, seconds: float, size_bytes: int) -> None:
        """One push, as it went over the wire."""
        self._counters.observe(f"{self._prefix}_push_seconds", seconds, *self._labels)
        self._counters.add(f"{self._prefix}_push_bytes_total", size_bytes, *self._labels)

    def retried(self, reason: str) -> None:
        self._counters.add(f"{self._prefix}_retries_total", 1, *self._labels, reason)

    def settled(self, entries: int, outcome: str) -> None:
        self._counters.add(f"{self._prefix}_entries_total", entries, *self._labels, outcome)

    def set_aside(self, entries: int, outcome: str) -> None:
        self._counters.add(self._dead_letters, entries, *self._labels, outcome)
