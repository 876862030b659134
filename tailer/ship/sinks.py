"""Which sinks there are. A new one is a module with its class, a section and a URL to configure, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tailer.config import Config
from tailer.ship.loki import Loki
from tailer.ship.sink import OpenSink
from tailer.ship.splunk import Splunk


def _otlp_logs(config: Config) -> OpenSink:
    from tailer.ship.otlp_logs import OtlpLogs  # noqa: PLC0415  # protobuf's imports, for who has such a receiver

    return OtlpLogs(config)


SINKS: Mapping[str, Callable[[Config], OpenSink]] = {"loki": Loki, "splunk": Splunk, "otlp_logs": _otlp_logs}
"""By name: the sink `x` has its URL in `x_url` and its options in the section `x`."""


def is_wanted(config: Config, name: str) -> bool:
    """Whether a sink has a URL."""
    return getattr(config, f"{name}_url") is not None


def sinks_of(config: Config) -> Iterator[OpenSink]:
    """Those with a URL; none is connected yet. ValueError where the files of one cannot be used."""
    return (make(config) for name, make in SINKS.items() if is_wanted(config, name))
