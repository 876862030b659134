"""Metric families to the bytes of a scrape, in the format and encoding the scraper asks for. Keeps nothing."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import exposition as plain
from prometheus_client.core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import CollectorRegistry

OPENMETRICS = "application/openmetrics-text"
OPENMETRICS_VERSIONS = ("", "1.0.0")
OPENMETRICS_TYPE = f"{OPENMETRICS}; version=1.0.0; charset=utf-8"
PLAIN_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Families(CollectorRegistry):
    """What `generate_latest` takes for a registry: the families of one scrape."""

    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


class Exposition(NamedTuple):
    """A negotiated answer: how to encode families, and what to say of it in the headers."""

    encode: Callable[[Iterable[Metric]], bytes]
    content_type: str
    compressed: bool


def negotiate(accept: str, accept_encoding: str) -> Exposition:
    """OpenMetrics 1.0 or the Prometheus text format 0.0.4 by the Accept header, gzip by Accept-Encoding.

    Nothing of the headers comes back in the answer, and none of them can make it fail.
    """
    is_open = _wants_openmetrics(accept)
    compressed = any(value in ("gzip", "x-gzip") and weight > 0 for value, _, weight in _choices(accept_encoding))

    def encode(families: Iterable[Metric]) -> bytes:
        generate = openmetrics.generate_latest if is_open else plain.generate_latest
        text: bytes = generate(_Families(families))
        return gzip.compress(text, compresslevel=1, mtime=0) if compressed else text

    return Exposition(encode, OPENMETRICS_TYPE if is_open else PLAIN_TYPE, compressed)


def _wants_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics is asked for, and no less than plain text is."""
    plain_weight = open_weight = 0.0
    for value, version, weight in _choices(accept):
        if value == OPENMETRICS and version in OPENMETRICS_VERSIONS:
            open_weight = max(open_weight, weight)
        elif value == "text/plain":
            plain_weight = max(plain_weight, weight)
    return open_weight > 0 and open_weight >= plain_weight


def _choices(header: str) -> Iterator[tuple[str, str, float]]:
    """What a header of choices lists: the value, its version ("" without one) and its weight."""
    for choice in header.lower().split(","):
        value, *rest = (part.strip() for part in choice.split(";"))
        told = dict(part.split("=", 1) for part in rest if "=" in part)
        yield value, told.get("version", "").strip('"'), _weight(told.get("q", "1"))


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
