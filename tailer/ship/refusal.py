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
"""More alternations than this of doomed and other entries and halving is the better search."""

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
_OLDEST = re.compile(
    r"oldest acceptable timestamp is: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)
_IGNORED = re.compile(r"total ignored: (\d+) out of (\d+)")


class Run(NamedTuple):
    """Neighbouring entries that share a fate: doomed by Loki's own words, or still to be tried."""

    doomed: bool
    entries: Sequence[Entry]


def kind(text: str) -> str:
    """What Loki objects to, from a closed set; `other` when its words are not known."""
    return next((name for name, words in _KINDS if words in text), "other")


def took_the_rest(text: str) -> bool:
    """Whether this kind of refusal leaves the push's good entries with Loki."""
    return kind(text) != "other"


def runs(entries: Sequence[Entry], text: str) -> list[Run]:
    """The entries in order, split where Loki's words decide; empty when they do not, or not usefully."""
    doomed = _doomed(entries, text)
    if doomed is None or not any(doomed):
        return []
    found = list(_runs(entries, doomed))
    return found if len(found) <= MAX_RUNS else []


def _doomed(entries: Sequence[Entry], text: str) -> list[bool] | None:
    ignored = _IGNORED.findall(text)
    if len(ignored) == 1 and ignored[0] == (str(len(entries)), str(len(entries))):
        return [True] * len(entries)
    # How far behind is too far is a matter of each stream; how old is too old is the same for all.
    if "too far behind" in text and any(entry.labels != entries[0].labels for entry in entries):
        return None
    oldest = [_nanoseconds(time + zone) for time, zone in _OLDEST.findall(text)]
    return [entry.timestamp_ns < min(oldest) for entry in entries] if oldest else None


def _nanoseconds(time: str) -> int:
    try:
        return int(datetime.fromisoformat(time.upper()).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError):
        return 0


def _runs(entries: Sequence[Entry], doomed: Sequence[bool]) -> Iterator[Run]:
    start = 0
    for at in range(1, len(entries) + 1):
        if at == len(entries) or doomed[at] != doomed[start]:
            yield Run(doomed[start], entries[start:at])
            start = at
