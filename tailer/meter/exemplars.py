"""The newest call of each cost series and of each bucket of a duration, by its id. In memory only; has no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from parsers.base import Call
from tailer.meter.facts import PICO_USD, Amount
from tailer.tally import Labels, Mark, Marks

Noted = tuple[Call, Amount | None, str | None]
"""A counted call, what it cost, and the trace that its lines name."""
Fresh = dict[int, Noted]
"""The calls of one series that nobody has looked at yet, by the place of their bucket."""

MARKED = ("cost", "duration")
LABEL_CHARS = 128
"""OpenMetrics' limit on an exemplar's label names and values together. A cut id leads nowhere, so it is all or none."""
HELD_BYTES = 4 * 1024 * 1024
"""After about so much log the calls noted are reduced to their ids; what else they hold can be as long as a line."""
# Not every reader of OpenMetrics takes what it has to be escaped for, and a scrape that cannot be read is lost whole.
_NO_ID = re.compile(r'[\s"\\]')


class Exemplars:
    """One for each series and bucket at most, so as many as the series that the ledger has room for."""

    def __init__(self, naming: Callable[[str], str]) -> None:
        """`naming` says how an id taken from a line may be seen."""
        self._naming = naming
        self._fresh: dict[str, dict[Labels, Fresh]] = {family: {} for family in MARKED}
        self._kept: dict[str, dict[Labels, dict[int, Mark]]] = {family: {} for family in MARKED}
        self._held_bytes = 0

    def fresh(self, family: str, labels: Labels) -> Fresh:
        """Where a series' calls are put as they are counted, each in the place of its bucket."""
        return self._fresh[family].setdefault(labels, {})

    def read(self, count: int, now_ns: int) -> None:
        """So many bytes of log were counted, whose calls may be held."""
        self._held_bytes += count
        if self._held_bytes > HELD_BYTES:
            self._held_bytes = 0
            for family in MARKED:
                self._settle(family, now_ns)

    def of(self, family: str, now_ns: int) -> Mapping[Labels, Marks]:
        """The exemplars of a family by the labels of its series; none where the family has none."""
        if family not in MARKED:
            return {}
        self._settle(family, now_ns)
        return self._kept[family]

    def _settle(self, family: str, now_ns: int) -> None:
        """A call older by its log than what is kept stays out: Prometheus takes the exemplars of a series in order."""
        for labels, fresh in self._fresh[family].items():
            if not fresh:
                continue
            kept = self._kept[family].setdefault(labels, {})
            for place, noted in fresh.items():
                made = self._made(family, noted, now_ns)
                if made is not None and (place not in kept or kept[place].told_ns <= made.told_ns):
                    kept[place] = made
            fresh.clear()

    def _made(self, family: str, noted: Noted, now_ns: int) -> Mark | None:
        """None where the line gave no id that can be shown."""
        call, cost, trace_id = noted
        value = call.duration_seconds if family == "duration" else None if cost is None else cost[0] / PICO_USD
        if value is None:
            return None
        at_ns = call.timestamp_ns
        if at_ns is not None and at_ns > now_ns:
            # A clock ahead of ours must not keep out what comes after it, here or in Prometheus.
            at_ns = None
        for label, told in (("trace_id", trace_id), ("request_id", call.request_id)):
            if told and len(label) + len(told) <= LABEL_CHARS and self._leads_somewhere(told):
                return Mark(label, told, value, at_ns, now_ns if at_ns is None else at_ns)
        return None

    def _leads_somewhere(self, told: str) -> bool:
        """Not if a mask would change it; and tracers write zeros where there is no trace."""
        return told.isprintable() and not _NO_ID.search(told) and told.strip("0-") != "" and self._naming(told) == told
