"""Metric families to the bytes of a scrape, in the format and encoding the scraper asks for. Keeps nothing."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import CollectorRegistry


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
    """OpenMetrics 1.0 or the Prometheus text format 0.0.4 by the Accept header, gzip by Accept-Encoding."""
    encoder, content_type = choose_encoder(accept)
    compressed = "gzip" in accept_encoding

    def encode(families: Iterable[Metric]) -> bytes:
        text: bytes = encoder(_Families(families))
        return gzip.compress(text, compresslevel=1, mtime=0) if compressed else text

    return Exposition(encode, content_type, compressed)
