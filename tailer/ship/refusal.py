"""Which entries a refusal means, as far as Loki's words tell: saves pushes, never decides on words it does not know.

Source: the validation errors in Grafana Loki's documentation of ingestion errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from tailer.ship.entry import Entry

MAX_RUNS = 16
"""More alternations than this of hopeless and other entries and halving is the better search."""

_KINDS = (
    ("too_old", "has timestamp too old"),
    ("too_new", "has timestamp too new"),
    ("too_far_behind", "entry too far behind"),
    ("out_of_order", "entry out of order"),
    ("line_too_long", "max entry size"),
    ("metadata", "structured metadata"),
    ("labels", "label name"),
    ("labels", "label value too long"),
)
_TIME = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)"
_OLDEST = re.compile(f"oldest acceptable timestamp is: {_TIME}", re.IGNORECASE)
_TOO_NEW = re.compile(f"has timestamp too new: {_TIME}", re.IGNORECASE)
_LINE_LIMIT = re.compile(r"max entry size '?(\d{1,12})'? bytes exceeded", re.IGNORECASE)
_PAIRS_LIMIT = re.compile(r"too many structured metadata labels: '\d+', limit: '(\d{1,9})'", re.IGNORECASE)
_METADATA_LIMIT = re.compile(r"structured metadata too large: '\d+' bytes, limit: '(\d{1,12})' bytes", re.IGNORECASE)
# A matter of the tenant's settings, not of any entry: until they change nothing would be taken.
_DISALLOWED = re.compile(r"feature is disallowed|blocked for user|missing required labels", re.IGNORECASE)
_IGNORED = re.compile(r"total ignored: (\d+) out of (\d+)")


class Cutoffs(NamedTuple):
    """What Loki's words say of every entry, not only of the one they name. None where they say nothing."""

    oldest_ns: int | None
    """An entry before this is too old."""
    newest_ns: int | None
    """An entry from here on is too new."""
    line_bytes: int | None
    """A longer line is too long."""
    pairs: int | None = None
    """More pairs of metadata are too many."""
    metadata_bytes: int | None = None
    """More of metadata, names and values, is too much."""

    def untimely(self, entry: Entry) -> bool:
        too_old = self.oldest_ns is not None and entry.timestamp_ns < self.oldest_ns
        return too_old or (self.newest_ns is not None and entry.timestamp_ns >= self.newest_ns)

    def overlong(self, entry: Entry) -> bool:
        return self.line_bytes is not None and len(entry.text) > self.line_bytes

    def overloaded(self, entry: Entry) -> bool:
        if self.pairs is not None and len(entry.metadata) > self.pairs:
            return True
        limit = self.metadata_bytes
        return limit is not None and sum(len(name) + len(value.encode()) for name, value in entry.metadata) > limit


class Run(NamedTuple):
    """Neighbouring entries that share a fate: nothing more can be done for them, or they are still to be tried."""

    hopeless: bool
    entries: Sequence[Entry]


def kind(text: str) -> str:
    """What Loki objects to, from a closed set; `other` when its words are not known."""
    return next(iter(kinds(text)), "other")


def kinds(text: str) -> list[str]:
    """All that Loki objects to in one answer: it names each fault it has found once, in no order."""
    # Versions of Loki differ in the case of their words.
    lower = text.lower()
    return [name for name, words in _KINDS if words in lower]


def took_the_rest(text: str) -> bool:
    """Whether this kind of refusal leaves the push's good entries with Loki."""
    return kind(text) != "other"


def is_disallowed(text: str) -> bool:
    """Whether Loki takes nothing at all as long as its settings stay as they are."""
    return _DISALLOWED.search(text) is not None


def cutoffs(text: str) -> Cutoffs:
    """What Loki's words tell of times and sizes."""
    oldest = [_nanoseconds(time + zone) for time, zone in _OLDEST.findall(text)]
    too_new = [_nanoseconds(time + zone) for time, zone in _TOO_NEW.findall(text)]
    # Of a time that was too new only the second is told.
    newest_ns = min(too_new) + 1_000_000_000 if too_new and min(too_new) > 0 else None
    limits = (_largest(pattern, text) for pattern in (_LINE_LIMIT, _PAIRS_LIMIT, _METADATA_LIMIT))
    return Cutoffs(min(oldest) if oldest else None, newest_ns, *limits)


def _largest(pattern: re.Pattern[str], text: str) -> int | None:
    return max(map(int, pattern.findall(text)), default=None)


def doomed(entries: Sequence[Entry], text: str) -> list[bool]:
    """For each of the entries whether Loki's words prove that it will not be taken as it is."""
    ignored = _IGNORED.findall(text)
    if len(ignored) == 1 and ignored[0] == (str(len(entries)), str(len(entries))):
        return [True] * len(entries)
    found = cutoffs(text)
    # How far behind is too far is a matter of each stream; how old is too old is the same for all.
    if "too far behind" in text and any(entry.labels != entries[0].labels for entry in entries):
        found = found._replace(oldest_ns=None)
    return [found.untimely(entry) or found.overlong(entry) or found.overloaded(entry) for entry in entries]


def runs(entries: Sequence[Entry], hopeless: Sequence[bool]) -> list[Run]:
    """The entries in order, neighbours of one fate together; empty when there are too many runs to be of use."""
    found = list(_runs(entries, hopeless))
    return found if len(found) <= MAX_RUNS else []


def _nanoseconds(time: str) -> int:
    try:
        return int(datetime.fromisoformat(time.upper()).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError):
        return 0


def _runs(entries: Sequence[Entry], hopeless: Sequence[bool]) -> Iterator[Run]:
    start = 0
    for at in range(1, len(entries) + 1):
        if at == len(entries) or hopeless[at] != hopeless[start]:
            yield Run(hopeless[start], entries[start:at])
            start = at
