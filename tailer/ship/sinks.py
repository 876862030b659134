"""Which sinks a configuration asks for. A new one is a module with its class, a section, and a line here."""

from __future__ import annotations

from collections.abc import Iterator

from tailer.config import Config
from tailer.ship.loki import Loki
from tailer.ship.sink import OpenSink


def sinks_of(config: Config) -> Iterator[OpenSink]:
    """Each one that has a URL; none is connected yet. ValueError where the files of one cannot be used."""
    if config.loki_url is not None:
        yield Loki(config)
