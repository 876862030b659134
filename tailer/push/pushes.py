"""Which receivers of metrics there are, made from the configuration; imports what one needs only where it is wanted."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable, Mapping

import structlog

from tailer.config import Config
from tailer.outbound.counted import Counters
from tailer.push.push import Push, Receiver, View
from tailer.push.pushed import Pushed

log = structlog.get_logger()


RECEIVERS = ("otlp_metrics", "remote_write")
"""By name: the receiver `x` has its URL in `x_url` and its options in the section `x`."""


def wanted(config: Config) -> tuple[str, ...]:
    """The receivers with a URL."""
    return tuple(name for name in RECEIVERS if getattr(config, f"{name}_url") is not None)


def pushes_of(
    config: Config, started_ns: int, pushed: Mapping[str, Pushed], view: View, counters: Counters
) -> list[Push]:
    """One for each URL that is given; none is connected yet. ValueError where the files of one cannot be used.

    All counters stood at zero at `started_ns`, 0 where nobody knows.
    """
    receivers: list[Receiver] = []
    if config.otlp_metrics_url is not None:
        receivers.append(_otlp_metrics(config, config.otlp_metrics_url, started_ns))
    if config.remote_write_url is not None:
        receivers.append(_remote_write(config, config.remote_write_url))
    return [Push(receiver, view, pushed[receiver.name], counters) for receiver in receivers]


async def last_of(pushes: Iterable[Push]) -> None:
    """The last view to each of them, side by side."""
    async with asyncio.TaskGroup() as group:
        for push in pushes:
            group.create_task(push.last(), name=push.name)


def _otlp_metrics(config: Config, url: str, started_ns: int) -> Receiver:
    from tailer.outbound.resource import resource_of  # noqa: PLC0415  # what most have no use for
    from tailer.push.otlp_metrics import OtlpMetrics  # noqa: PLC0415  # its messages take 20 ms

    resource = resource_of(config, os.environ, socket.gethostname(), os.path.abspath(config.state_dir))
    if resource.fault is not None:
        log.warning("resource_attributes_discarded", reason=resource.fault)
    return OtlpMetrics(url, config.otlp_metrics, resource.attributes, started_ns)


def _remote_write(config: Config, url: str) -> Receiver:
    from tailer.push.remote_write import RemoteWrite, labels_of  # noqa: PLC0415  # for who pushes there

    return RemoteWrite(url, config.remote_write, labels_of(config.remote_write, config.label, socket.gethostname()))
