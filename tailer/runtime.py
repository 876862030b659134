"""The parts of a running tailer, made from configuration and checkpoint, and what a scrape tells of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import structlog

from parsers import registry
from parsers.base import Call, Parser
from parsers.registry import RegistryError
from tailer import reloading
from tailer.config import Config, Examined
from tailer.meter.facts import PICO_USD, Amount, Cost
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import Ledger
from tailer.meter.meter import Meter, Moment
from tailer.meter.prices import PriceError, Prices
from tailer.meter.profiles import PROFILES, needs_of
from tailer.past import Past
from tailer.push.pushed import Pushed
from tailer.push.pushes import wanted
from tailer.reading.chunk import Chunk, Reading
from tailer.reading.reading import LineReader
from tailer.ship.privacy_key import masks_of, naming_of
from tailer.ship.sender import Sender
from tailer.ship.sink import Sink
from tailer.source.journal import Journal
from tailer.source.marks import METER
from tailer.state import Checkpoint
from tailer.statedir import Snapshot, StateDirectory
from tailer.telemetry import Metric, Telemetry, build_info, configure_log, gauge, plain_gauge, process

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
        ledger = Ledger(
            config.limits,
            tuple(config.dimension),
            needs_of(config.profile),
            naming_of(config) if config.exemplars else None,
        )
        numbers = cls(ledger, Telemetry())
        strangers = numbers.ledger.load(snapshot.ledger) + numbers.telemetry.load(snapshot.telemetry)
        if strangers:
            log.warning("numbers_not_restored", names=strangers, reason="no such metric, or other buckets")
        return numbers

    def families(self, config: Config, now_ns: int) -> Iterator[Metric]:
        for profile in dict.fromkeys(config.profile):
            yield from PROFILES[profile].families(self.ledger, now_ns, config.label)
        yield from self.telemetry.families()


class Runtime:
    """The parts of a running tailer. Made in one step; nothing runs until the service starts its tasks."""

    def __init__(self, config: Config, directory: StateDirectory, sinks: Sequence[Sink]) -> None:
        snapshot, saved_at = directory.load()
        self.started_ns = snapshot.started_ns if saved_at else time.time_ns()
        """When all counters stood at zero; 0 where nobody knows."""
        self.pushed = {name: Pushed(snapshot.pushed_ms.get(name, 0)) for name in wanted(config)}
        self._idle_pushed_ms = snapshot.pushed_ms
        self.recounted = asyncio.Event()
        """Not set while the counters are lower than what a scrape may have shown: the newest checkpoint was lost."""
        if not directory.is_behind and not snapshot.is_behind:
            self.recounted.set()
        self.config = config
        self.numbers = Numbers.restored(config, snapshot)
        self.prices = Prices.load(config.prices, config.model_alias)
        self.joiner = Joiner(config.limits, tuple(config.dimension))
        self.joiner.load(snapshot.joiner, moment().steady_ns)
        self.meter = Meter(self.numbers.ledger, self.joiner, self.price_of, self.numbers.telemetry)
        self.reader = self._reader(config, registry.load(config.parsers))
        self._masks = masks_of(config)
        consumers = [METER, *(sink.name for sink in sinks)]
        self.journal = Journal(config, self.numbers.telemetry, consumers, snapshot.journal, self._save)
        self.senders = {sink.name: self._sender(sink, snapshot) for sink in sinks}
        self._idle_senders = {name: state for name, state in snapshot.senders.items() if name not in self.senders}
        self.checkpoint = Checkpoint(directory, self.snapshot, self.numbers.telemetry, snapshot, saved_at)
        self._price_what_waits()
        self.past = Past(self.checkpoint, *self.numbers)
        self.journal.when_changed(self.checkpoint.touch)

    def snapshot(self) -> Snapshot:
        """All that must survive a kill, as of now. It shares its lists with what runs: encode it at once."""
        senders = {name: sender.dump() for name, sender in self.senders.items()}
        return Snapshot(
            self.journal.dump(),
            self.numbers.ledger.dump(),
            self.joiner.dump(),
            self.numbers.telemetry.dump(),
            self._idle_senders | senders,
            is_behind=not self.recounted.is_set(),
            started_ns=self.started_ns,
            pushed_ms=self._idle_pushed_ms | {name: it.at_ms for name, it in self.pushed.items()},
        )

    def price_of(self, call: Call) -> Amount | None:
        return self.prices.cost(call)

    def reload(self, found: Examined) -> None:
        """Takes over what of a configuration can change while it runs; one with a fault is refused whole."""
        faults = reloading.faults_of(found)
        if found.config is not None and not faults:
            faults = self._take_over(found.config)
        self.numbers.telemetry.add("tokentail_reloads_total", 1, "refused" if faults else "applied")
        self.checkpoint.touch()
        if faults:
            log.error("reload_refused", faults=faults, effect="the configuration stays as it was")

    def _take_over(self, wanted: Config) -> list[str]:
        """What is wrong with it; then nothing has changed."""
        change = reloading.change(self.config, wanted)
        try:
            prices = Prices.load(change.config.prices, change.config.model_alias)
            reader = self._reader(change.config, registry.load(change.config.parsers))
        except (PriceError, RegistryError) as error:
            return str(error).splitlines()
        self.config, self.prices, self.reader = change.config, prices, reader
        tell = log.warning if change.waiting else log.info
        read_anew = (*change.config.prices, *change.config.parsers)
        tell("reloaded", changed=change.applied, needs_restart=change.waiting, read_anew=read_anew)
        configure_log(change.config.log_level, change.config.log_format)
        self._price_what_waits()
        return []

    def read(self, chunk: Chunk) -> list[Reading]:
        """The readings of a chunk, by the configuration of now."""
        readings = self.reader.read(chunk)
        return readings if self._masks is None else self._masks.readings(readings)

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
        if self.pushed:
            arrived = {name: it.arrived_seconds for name, it in self.pushed.items()}
            text = "When all metrics last arrived at a receiver that they are pushed to, 0 when not since the start."
            yield gauge("tokentail_push_timestamp_seconds", text, arrived, "sink")
        yield plain_gauge("tokentail_price_table_timestamp_seconds", "The date of the price table.", dated)
        yield build_info()
        yield from process()

    def why_not_ready(self) -> str | None:
        """Why the tailer cannot keep its promises at present, None when it can. Loki is no reason."""
        return f"the checkpoint cannot be written: {self.checkpoint.failing}" if self.checkpoint.failing else None

    def _price_what_waits(self) -> None:
        """Calls counted without a price get the one that is known by now. Saved with the counters, so only once."""
        priced = self.numbers.ledger.price(self._price_again)
        if priced:
            log.info("unpriced_calls_priced", calls=priced)
            self.checkpoint.touch()

    def _price_again(self, call: Call, calls: int) -> Cost | None:
        pico_usd = self.prices.estimate(call, calls=calls)
        return None if pico_usd is None else Cost(pico_usd, "estimated")

    @staticmethod
    def _reader(config: Config, parsers: tuple[Parser, ...]) -> LineReader:
        return LineReader(parsers, config.fields, config.dimension, config.loki.labels_from)

    def _sender(self, sink: Sink, snapshot: Snapshot) -> Sender:
        telemetry = self.numbers.telemetry
        sender = Sender(self.journal, sink, self.config, telemetry, read=self.read, cost=self._cost_usd)
        if sink.name in snapshot.senders:
            sender.load(snapshot.senders[sink.name])
        self.journal.when_gone(sender.forget)
        return sender

    def _cost_usd(self, call: Call) -> float | None:
        cost = self.meter.cost_of(call)
        return None if cost is None else cost[0] / PICO_USD

    async def _save(self) -> None:
        # The times that the sender has just given to lines are news that only it knows of.
        self.checkpoint.touch()
        await self.checkpoint.save()
