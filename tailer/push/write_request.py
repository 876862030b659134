"""Points to Prometheus remote write, version 1.0, and markers for series that are no more; touches no network.

Source: the Prometheus Remote-Write 1.0 specification; exemplars as in Prometheus' own `prompb/types.proto`.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from cramjam import snappy
from prometheus_client.samples import Exemplar, Sample

from tailer.outbound.post import Body
from tailer.outbound.protobuf import field, varint
from tailer.push.points import PART_BYTES, PART_SAMPLES, Part, Point

HEADERS: Mapping[str, str] = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The one value that is not a number and says: this series has ended."""
_DOUBLE = struct.Struct("<d")

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A series as a scrape shows it: its name and labels."""


class WriteRequests:
    """The parts of views, one view after the other. Remembers which series the receiver may have had."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        """`labels` are added to every series; those that it has itself go before."""
        self._labels = dict(labels)
        self._names: dict[Key, bytes] = {}

    def parts(self, points: Sequence[Point], done: int, at_ms: int) -> Iterator[Part]:
        """As `Parts`; the last ones end the series that this view has no more."""
        shown = {_key(sample) for point in points[:done] for sample in point.samples}
        series: list[bytes] = []
        size = begun = 0
        for number, point in enumerate(points[done:], 1):
            for sample in point.samples:
                key = _key(sample)
                shown.add(key)
                series.append(_series(self._name(key), sample.value, at_ms, sample.exemplar))
                size += len(series[-1])
            if len(series) >= PART_SAMPLES or size >= PART_BYTES:
                yield _part(series, number - begun)
                series, size, begun = [], 0, number
        if series:
            yield _part(series, len(points) - done - begun)
        yield from self._endings(self._names.keys() - shown, at_ms)

    def _endings(self, gone: Collection[Key], at_ms: int) -> Iterator[Part]:
        left = iter(sorted(gone))
        while keys := list(islice(left, PART_SAMPLES)):
            yield _part([_series(self._names[key], STALE, at_ms) for key in keys], 0)
            for key in keys:
                del self._names[key]

    def _name(self, key: Key) -> bytes:
        known = self._names.get(key)
        if known is None:
            name, labels = key
            own = {label: value for label, value in labels if value}
            known = self._names[key] = _labels({**self._labels, **own, "__name__": name})
        return known


def _key(sample: Sample) -> Key:
    return sample.name, tuple(sample.labels.items())


def _labels(labels: Mapping[str, str]) -> bytes:
    """Field 1 for each, sorted; an empty one is none."""
    pairs = sorted((name, value) for name, value in labels.items() if value)
    return b"".join(field(1, field(1, name.encode()) + field(2, value.encode())) for name, value in pairs)


def _series(name: bytes, value: float, at_ms: int, exemplar: Exemplar | None = None) -> bytes:
    sample = b"".join((b"\x09", _DOUBLE.pack(value), b"\x10", varint(at_ms)))
    return field(1, b"".join((name, field(2, sample), _exemplar(exemplar))))


def _exemplar(exemplar: Exemplar | None) -> bytes:
    """Field 3. One without a time of its own is left out: at each push it would be another one."""
    if exemplar is None or exemplar.timestamp is None:
        return b""
    at_ms = int(float(exemplar.timestamp) * 1000)
    return field(3, b"".join((_labels(exemplar.labels), b"\x11", _DOUBLE.pack(exemplar.value), b"\x18", varint(at_ms))))


def _part(series: Sequence[bytes], points: int) -> Part:
    return Part(Body(bytes(snappy.compress_raw(b"".join(series))), HEADERS), points, len(series))
