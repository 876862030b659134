"""Readings to the ledger, a chunk at a time, in one step without a pause: what a checkpoint sees is always whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from parsers.base import Call
from tailer.meter.exemplars import Noted
from tailer.meter.facts import Amount
from tailer.meter.joiner import Joined, Joiner
from tailer.meter.ledger import Ledger
from tailer.meter.recent import KEPT, RecentCalls
from tailer.reading.chunk import Chunk, Reading
from tailer.telemetry import Telemetry

PriceOf = Callable[[Call], Amount | None]
"""What a call cost, or None when nobody knows."""


LATELY_BYTES = 1024 * 1024
"""Of about so much log it is kept what each call cost: a sender that keeps up asks for them again."""


class Moment(NamedTuple):
    """Now, in nanoseconds: by the wall, and by a clock that nobody sets back or forward."""

    wall_ns: int
    steady_ns: int


class Meter:
    """Joins the parts of calls, prices the calls, counts them and the lines they came from."""

    def __init__(self, ledger: Ledger, joiner: Joiner, price_of: PriceOf, telemetry: Telemetry) -> None:
        self._ledger = ledger
        self._joiner = joiner
        self._price_of = price_of
        self._telemetry = telemetry
        self._lately: dict[int, Noted] = {}
        """Costs by the identity of their calls, which are kept with them: no other can come to the same identity."""
        self._lately_bytes = 0
        self.recent = RecentCalls()

    def consume(self, chunk: Chunk, readings: list[Reading], now: Moment) -> None:
        """Counts every line of a chunk and the calls they finish."""
        joiner, ledger, price_of, lately = self._joiner, self._ledger, self._price_of, self._lately
        wall_ns = now.wall_ns
        self._lately_bytes += chunk.end - chunk.start
        if self._lately_bytes > LATELY_BYTES:
            lately.clear()
            self._lately_bytes = 0
        known = len(lately)
        for reading in readings:
            call = reading.call
            if call is None:
                continue
            if joiner.is_alone(reading):
                cost = price_of(call)
                lately[id(call)] = noted = call, cost, reading.trace_id
                ledger.add(call, reading.dimensions, cost, None, wall_ns, noted)
            else:
                self._count(joiner.add(reading, now.steady_ns), now)
        for outcome, lines in Counter([reading.outcome for reading in readings]).items():
            self._telemetry.add("tokentail_lines_total", lines, outcome)
        self._telemetry.add("tokentail_read_bytes_total", chunk.end - chunk.start)
        self._note_alone(len(lately) - known, wall_ns)
        self.recent.read(chunk.end - chunk.start)
        ledger.read(chunk.end - chunk.start, wall_ns)
        self._note_overflow()

    def cost_of(self, call: Call) -> Amount | None:
        """What a call cost: what was counted if that was lately, whatever the prices are now."""
        known = self._lately.get(id(call))
        return known[1] if known is not None else self._price_of(call)

    def give_up_stale(self, now: Moment) -> bool:
        """Counts the open calls for which nothing came for too long; whether there were any."""
        stale = self._joiner.expire(now.steady_ns)
        self._count(stale, now)
        self._note_overflow()
        return bool(stale)

    def finish(self, now: Moment) -> None:
        """Counts what is still open: nothing more will come."""
        self._count(self._joiner.close_all(), now)
        self._note_overflow()

    def _count(self, finished: Iterable[Joined], now: Moment) -> None:
        for call, dimensions, missing, trace_id in finished:
            cost = self._price_of(call)
            self._ledger.add(call, dimensions, cost, missing, now.wall_ns, (call, cost, trace_id))
            self.recent.note((call, cost, missing, now.wall_ns))

    def _note_alone(self, calls: int, wall_ns: int) -> None:
        """Of the calls priced last, so many, only those are looked at that are kept: once for a chunk, not for each."""
        newest = [*islice(reversed(self._lately.values()), min(calls, KEPT))]
        for call, cost, _ in reversed(newest):
            self.recent.note((call, cost, None, wall_ns))

    def _note_overflow(self) -> None:
        if self._ledger.overflowed:
            self._telemetry.add("tokentail_series_overflow_total", self._ledger.overflowed)
            self._ledger.overflowed = 0
        if self._ledger.given_up:
            self._telemetry.add("tokentail_unpriced_given_up_total", self._ledger.given_up)
            self._ledger.given_up = 0
        if self._joiner.dropped:
            self._telemetry.add("tokentail_open_calls_dropped_total", self._joiner.dropped)
            self._joiner.dropped = 0
