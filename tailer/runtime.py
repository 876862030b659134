"""The parts of a running tailer, made from configuration and checkpoint, and what a scrape tells of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import structlog

from parsers import registry
from parsers.base import Call
from tailer.config import Config
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import PICO_USD, Cost, Ledger
from tailer.meter.meter import Meter, Moment
from tailer.meter.prices import Prices
from tailer.meter.profiles import PROFILES
from tailer.reading.reading import LineReader
from tailer.ship.loki import Loki
from tailer.ship.sender import Sender
from tailer.source.journal import METER, Journal
from tailer.state import Checkpoint, Snapshot, StateDirectory
from tailer.telemetry import Metric, Telemetry, build_info, gauge, plain_gauge

LOKI = "loki"

log = structlog.get_logger("tokentail")


def moment() -> Moment:
    """Now, by both clocks."""
    return Moment(time.time_ns(), time.monotonic_ns())


class Numbers(NamedTuple):
    """What counts: the part of the state that a scrape shows."""

    ledger: Ledger
    telemetry: Telemetry

    @classmethod
    def restored(cls, config: Config, snapshot: Snapshot) -> Numbers:
        """The numbers of a checkpoint; those that this version or configuration cannot hold are named in the log."""
        numbers = cls(Ledger(config.limits, tuple(config.dimension)), Telemetry())
        strangers = numbers.ledger.load(snapshot.ledger) + numbers.telemetry.load(snapshot.telemetry)
        if strangers:
            log.warning("numbers_not_restored", names=strangers, reason="no such metric, or other buckets")
        return numbers

    def families(self, config: Config, now_ns: int) -> Iterator[Metric]:
        for profile in config.profile:
            yield from PROFILES[profile](self.ledger, now_ns)
        yield from self.telemetry.families()


class Runtime:
    """The parts of a running tailer. Made in one step; nothing runs until the service starts its tasks."""

    def __init__(self, config: Config, directory: StateDirectory, loki: Loki | None) -> None:
        snapshot, saved_at = directory.load()
        self.config = config
        self.numbers = Numbers.restored(config, snapshot)
        self.prices = Prices.load(config.prices)
        self.joiner = Joiner(config.limits, tuple(config.dimension))
        self.joiner.load(snapshot.joiner, moment().steady_ns)
        self.meter = Meter(self.numbers.ledger, self.joiner, self.price_of, self.numbers.telemetry)
        self.reader = LineReader(
            registry.load(config.parsers), config.fields, config.dimension, config.loki.labels_from
        )
        consumers = [METER] if loki is None else [METER, LOKI]
        self.journal = Journal(config, self.numbers.telemetry, consumers, snapshot.journal, self._save)
        self.senders = {} if loki is None else {LOKI: self._sender(loki, snapshot)}
        self._idle_senders = {name: state for name, state in snapshot.senders.items() if name not in self.senders}
        self.checkpoint = Checkpoint(directory, self.snapshot, self.numbers.telemetry, snapshot, saved_at)

    def snapshot(self) -> Snapshot:
        """All that must survive a kill, as of now. It shares its lists with what runs: encode it at once."""
        senders = {name: sender.dump() for name, sender in self.senders.items()}
        return Snapshot(
            self.journal.dump(),
            self.numbers.ledger.dump(),
            self.joiner.dump(),
            self.numbers.telemetry.dump(),
            self._idle_senders | senders,
        )

    def price_of(self, call: Call) -> Cost | None:
        cost = self.prices.cost(call)
        return None if cost is None else Cost(*cost)

    def families(self, numbers: Numbers | None = None) -> Iterator[Metric]:
        """All of /metrics: the given numbers, or those of now, and how things stand."""
        yield from (numbers or self.numbers).families(self.config, time.time_ns())
        lag = {name: float(self.journal.lag_bytes(name)) for name in self.journal.consumers()}
        failing = float(self.checkpoint.failing is not None)
        dated = self.prices.timestamp_seconds
        yield gauge("tokentail_lag_bytes", "Written, but not yet consumed.", lag, "consumer")
        yield plain_gauge("tokentail_files", "Files being followed.", len(self.journal.files))
        yield plain_gauge("tokentail_open_calls", "Calls of which only parts have been seen.", len(self.joiner))
        yield plain_gauge("tokentail_checkpoint_failing", "1 while the state cannot be saved.", failing)
        yield plain_gauge(
            "tokentail_checkpoint_timestamp_seconds", "When the state was last saved.", self.checkpoint.saved_at
        )
        yield plain_gauge("tokentail_price_table_timestamp_seconds", "The date of the price table.", dated)
        yield build_info()

    def why_not_ready(self) -> str | None:
        """Why the tailer cannot keep its promises at present, None when it can. Loki is no reason."""
        return f"the checkpoint cannot be written: {self.checkpoint.failing}" if self.checkpoint.failing else None

    def _sender(self, loki: Loki, snapshot: Snapshot) -> Sender:
        sender = Sender(
            self.journal,
            loki,
            self.config,
            self.numbers.telemetry,
            read=self.reader.read,
            cost=self._cost_usd,
            consumer=LOKI,
        )
        if LOKI in snapshot.senders:
            sender.load(snapshot.senders[LOKI])
        self.journal.when_gone(sender.forget)
        return sender

    def _cost_usd(self, call: Call) -> float | None:
        cost = self.prices.cost(call)
        return None if cost is None else cost[0] / PICO_USD

    async def _save(self) -> None:
        await self.checkpoint.save()
