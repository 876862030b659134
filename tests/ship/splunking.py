"""A sender to Splunk on a source in memory."""

from __future__ import annotations

from typing import Any

from tailer.config import Config, SplunkOptions
from tailer.ship.sender import Sender
from tailer.ship.splunk import Splunk
from tailer.telemetry import Telemetry
from tests.ship.making import MemorySource, Ticking, cost, read

TOKEN = "11111111-2222-3333-4444-555555555555"


def config(url: str, state_dir: str, **options: Any) -> Config:
    top = {name: options.pop(name) for name in ("fields", "privacy", "label") if name in options}
    options = {"batch_seconds": 0.02, "token": TOKEN, "host": "shop-1", **options}
    return Config(splunk_url=url, state_dir=state_dir, splunk=SplunkOptions(**options), **top)


class Shipping:
    """A sender with its own connection; `telemetry` holds what it counted."""

    def __init__(self, source: MemorySource, setting: Config, ticking: Ticking | None = None) -> None:
        self.source = source
        self.ticking = ticking or Ticking()
        self.telemetry = Telemetry()
        clock = self.ticking.clock()
        self.splunk = Splunk(setting, clock)
        self.sender = Sender(source, self.splunk, setting, self.telemetry, read=read, cost=cost, clock=clock)
        self.sender.load(source.state())
        source.sender = self.sender

    async def run(self) -> None:
        async with self.splunk:
            await self.sender.run()

    def entries(self, outcome: str) -> float:
        return self.telemetry.value("tokentail_sink_entries_total", "splunk", outcome)

    def retries(self, reason: str) -> float:
        return self.telemetry.value("tokentail_sink_retries_total", "splunk", reason)


def closed_source(*lines: bytes, lines_per_chunk: int = 10) -> MemorySource:
    source = MemorySource(lines_per_chunk)
    source.append(1, lines)
    source.close()
    return source
