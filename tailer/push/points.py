"""What a scrape would show, as points: the samples that belong together, in the order of their families; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

from prometheus_client.core import Metric
from prometheus_client.samples import Sample

from tailer.outbound.post import Body

PART_SAMPLES = 2000
"""How much goes out at once: so many samples, or so many bytes before they are compressed."""
PART_BYTES = 1024 * 1024


class Point(NamedTuple):
    """One series of a counter or gauge, or a histogram of one set of labels with all its buckets."""

    family: Metric
    samples: Sequence[Sample]


class Part(NamedTuple):
    """What is pushed at once: of how many points it is made, and how many samples that is to the receiver."""

    body: Body
    points: int
    samples: int


class Parts(Protocol):
    """Makes the parts of a view, one when it is asked for: the loop is never held up for long.

    `done` points at its beginning have gone out before; `at_ms` is the Unix time of all that it holds. Who asks for
    the next part has had an answer to the last one.
    """

    def parts(self, points: Sequence[Point], done: int, at_ms: int) -> Iterator[Part]: ...


def points_of(families: Iterable[Metric]) -> list[Point]:
    """The points of families. No part ends within one, so the buckets of a histogram are always of one instant."""
    return [Point(family, samples) for family in families for samples in _together(family)]


def _together(family: Metric) -> Iterable[Sequence[Sample]]:
    if family.type != "histogram":
        return ((sample,) for sample in family.samples)
    return (tuple(samples) for _, samples in groupby(family.samples, _but_bound))


def _but_bound(sample: Sample) -> list[tuple[str, str]]:
    return [(name, value) for name, value in sample.labels.items() if name != "le"]
