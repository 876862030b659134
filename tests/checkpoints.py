"""Snapshots for the tests of the state: one of everything, and a small one that tells which it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from parsers.base import Stage
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import Cost, Ledger
from tailer.ship.stamps import SenderState, Stamp
from tailer.source.marks import SavedJournal
from tailer.source.tracked import FileRecord, Mark
from tailer.state import Checkpoint
from tailer.statedir import CURRENT, Snapshot, StateDirectory, encoded
from tailer.telemetry import Telemetry
from tests.meter.calls import GPT, NOON_NS, USED, part

LINES = "tokentail_lines_total"


def full() -> Snapshot:
    """A snapshot with something in every part of it."""
    ledger, joiner, telemetry = Ledger(Limits(), ("team",)), Joiner(Limits(), ("team",)), Telemetry()
    told = {"remaining_requests": 9998.0}
    call = USED._replace(duration_seconds=1.843, rate_limit=told)
    ledger.add(call, ("suche “quer”",), Cost(4_647_500_000, "estimated"), None, NOON_NS)
    joiner.add(part(Stage.LAST, GPT._replace(response_id="chatcmpl-1"), dimensions=("a",)), NOON_NS)
    joiner.add(part(Stage.PIECE, USED, "req_2", dimensions=("b",)), NOON_NS)
    telemetry.observe("tokentail_loki_push_seconds", 0.02)
    record = FileRecord(3, "/var/log/app.log", "/var/log/app.log.1", 2049, 77, 256, "ab" * 16, 10_000)
    marks = {"meter": {3: Mark(9_000, 81)}, "loki": {3: Mark(100, 1)}}
    journal = SavedJournal(4, [record], [record], {"/var/log/app.log": NOON_NS}, marks)
    senders = {"loki": SenderState({3: [Stamp(100, 900, NOON_NS)]})}
    snapshot = Snapshot(journal, ledger.dump(), joiner.dump(), telemetry.dump(), senders)
    snapshot.started_ns = NOON_NS
    snapshot.pushed_ms = {"remote_write": NOON_NS // 1_000_000}
    return snapshot


def small(number: int) -> Snapshot:
    return Snapshot(SavedJournal(number))


def write(directory: StateDirectory, snapshot: Snapshot) -> None:
    """Writes a snapshot in the form in which the running tailer does."""
    directory.write(encoded(msgspec.json.encode(snapshot)))


@contextmanager
def opened(path: Path) -> Iterator[StateDirectory]:
    with closing(StateDirectory(str(path))) as directory:
        yield directory


class Saved:
    """A checkpoint of a ledger and a telemetry that can be added to, and a look at what is on disk."""

    def __init__(self, directory: StateDirectory) -> None:
        self.directory, self.ledger, self.telemetry = directory, Ledger(Limits()), Telemetry()
        self.snapshots: list[int] = []
        """How many lines were counted at each snapshot that was taken."""
        self.checkpoint = Checkpoint(directory, self.snapshot, self.telemetry, Snapshot(), 0.0)

    def snapshot(self) -> Snapshot:
        self.snapshots.append(self.lines())
        return Snapshot(ledger=self.ledger.dump(), telemetry=self.telemetry.dump())

    def lines(self) -> int:
        return int(self.telemetry.value(LINES, "call"))

    def count(self, models: int = 1) -> None:
        """Something happens that must be saved."""
        self.telemetry.add(LINES, 1, "call")
        for number in range(models):
            self.ledger.add(USED._replace(model=f"model-{number}"), (), None, None, NOON_NS)
        self.checkpoint.touch()

    def on_disk(self) -> int:
        snapshot, _ = self.directory.load()
        restored = Telemetry()
        restored.load(snapshot.telemetry)
        return int(restored.value(LINES, "call"))

    def inode(self) -> int:
        """Another one after every write."""
        return Path(self.directory.path, CURRENT).stat().st_ino

    def files(self) -> list[str]:
        return sorted(path.name for path in Path(self.directory.path).iterdir())

    async def writing(self, task: asyncio.Task[None]) -> None:
        """Returns when the task has taken its snapshot and writes it."""
        before = len(self.snapshots)
        while len(self.snapshots) == before:
            assert not task.done()
            await asyncio.sleep(0)
