"""The checkpoint: the marks of all consumers, the ledger, the open calls, saved together in one atomic file."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from typing import TypeVar

import msgspec
import structlog
from aiofiles.os import wrap

from tailer.meter.joiner import SavedJoiner
from tailer.meter.ledger import SavedLedger
from tailer.ship.stamps import SenderState
from tailer.source.journal import SavedJournal
from tailer.tally import SavedTally
from tailer.telemetry import Telemetry

VERSION = 1
MAGIC = b"tokentail-checkpoint"
CURRENT, PREVIOUS, DAMAGED = "checkpoint", "checkpoint.previous", "checkpoint.damaged"

T = TypeVar("T")
log = structlog.get_logger("tokentail.state")


class StateError(Exception):
    """The state directory cannot be used; the message says why and what to do."""


class Snapshot(msgspec.Struct):
    """Everything that must survive a kill, as of one instant."""

    journal: SavedJournal = msgspec.field(default_factory=SavedJournal)
    ledger: SavedLedger = msgspec.field(default_factory=SavedLedger)
    joiner: SavedJoiner = msgspec.field(default_factory=SavedJoiner)
    telemetry: SavedTally = msgspec.field(default_factory=SavedTally)
    senders: dict[str, SenderState] = {}


class StateDirectory:
    """The directory of one process's checkpoints, locked against any other process."""

    def __init__(self, path: str) -> None:
        """Makes and locks the directory; StateError when it cannot be, or another process has it."""
        self.path = path
        try:
            self._descriptor = _locked(path)
        except BlockingIOError as error:
            taken = "another tokentail uses it; give each process a --state-dir of its own"
            raise StateError(f"state directory {path}: {taken}") from error
        except OSError as error:
            raise StateError(f"state directory {path}: {os.strerror(error.errno or 0)}") from error

    def close(self) -> None:
        os.close(self._descriptor)

    def load(self) -> tuple[Snapshot, float]:
        """The newest checkpoint that can be read and when it was written (0 when there is none)."""
        damaged = False
        for name in (CURRENT, PREVIOUS):
            place = os.path.join(self.path, name)
            try:
                with open(place, "rb") as file:
                    content = file.read()
                    written = os.fstat(file.fileno()).st_mtime
            except FileNotFoundError:
                continue
            except PermissionError as error:
                raise StateError(f"checkpoint {place}: permission denied: it belongs to another user") from error
            except OSError as error:
                log.error("checkpoint_cannot_be_read", path=place, reason=os.strerror(error.errno or 0))  # noqa: TRY400  # a traceback tells an operator nothing
                continue
            snapshot = _decode(content, place)
            if snapshot is not None:
                if name == PREVIOUS:
                    log.error("checkpoint_previous_used", path=place, effect="what came after it is read again")
                return snapshot, written
            log.error("checkpoint_damaged", path=place, bytes=len(content))
            with suppress(OSError):
                os.replace(place, os.path.join(self.path, DAMAGED))
            damaged = True
        if damaged:
            log.error("counting_starts_over", path=self.path, effect="counters at zero, all files read again")
        return Snapshot(), 0.0

    def write(self, content: bytes) -> None:
        """Replaces the current checkpoint, keeping the one before. Blocks; OSError when it is not durable."""
        current, previous = os.path.join(self.path, CURRENT), os.path.join(self.path, PREVIOUS)
        fresh = f"{current}.new"
        if os.fstat(self._descriptor).st_nlink == 0:
            self._make_again()
        try:
            _write_durably(fresh, content)
            if os.path.exists(current):
                _keep(current, previous)
            os.replace(fresh, current)
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.unlink(fresh)
            raise

    def _make_again(self) -> None:
        """The directory was deleted under the running process: what it held is all still here."""
        descriptor = _locked(self.path)
        os.close(self._descriptor)
        self._descriptor = descriptor
        log.warning("state_directory_made_again", path=self.path)


def _locked(path: str) -> int:
    """A descriptor of the directory, made when it is not there, with its lock; OSError, BlockingIOError when taken."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class Checkpoint:
    """Saves snapshots of the running whole, never two at once, never one that equals what is on disk."""

    def __init__(
        self,
        directory: StateDirectory,
        snapshot: Callable[[], Snapshot],
        telemetry: Telemetry,
        saved: Snapshot,
        at: float,
    ) -> None:
        self.saved_at = at
        self.failing: str | None = None
        """Why the last attempt failed, None when it did not."""
        self.changed = asyncio.Event()
        self._directory = directory
        self._snapshot = snapshot
        self._telemetry = telemetry
        self._saved = msgspec.json.encode(saved) if at else b""
        self._lock = asyncio.Lock()
        self._revision = 0
        self._saved_revision = 0

    def touch(self) -> None:
        """Something changed that has to be saved within a second or so."""
        self._revision += 1
        self.changed.set()

    def last(self) -> Snapshot:
        """What is on disk."""
        return msgspec.json.decode(self._saved, type=Snapshot) if self._saved else Snapshot()

    async def save(self) -> None:
        """Everything up to now is on disk when this returns; OSError when it could not be written."""
        wanted = self._revision
        async with self._lock:
            if self._saved_revision < wanted or self.failing:
                await self._write()

    async def save_and_view(self, view: Callable[[], T]) -> T:
        """Like `save`; returns `view()` as it was at the very instant that has been saved."""
        async with self._lock:
            return await self._write(view)

    async def _write(self, view: Callable[[], T] | None = None) -> T:
        self.changed.clear()
        revision, body = self._revision, msgspec.json.encode(self._snapshot())
        seen = view() if view is not None else None
        cancelled = None
        if body != self._saved or self.failing:
            writing = asyncio.ensure_future(_write_off_loop(self._directory, _encode(body)))
            cancelled = await _outlast(writing)
            try:
                writing.result()
            except OSError as error:
                self._fail(error)
                if cancelled is not None:
                    raise cancelled from error
                raise
            self._saved, self.saved_at = body, time.time()
        self._recover()
        self._saved_revision = revision
        if cancelled is not None:
            raise cancelled
        return seen  # type: ignore[return-value]  # None only where no view was asked for, and nobody looks

    def _fail(self, error: OSError) -> None:
        reason = os.strerror(error.errno or 0)
        self._telemetry.add("tokentail_checkpoint_errors_total")
        if self.failing is None:
            effect = "metrics stand still and nothing is lost until it can be written"
            log.error("checkpoint_cannot_be_written", path=self._directory.path, reason=reason, effect=effect)
        self.failing = reason
        self.changed.set()  # so that it is tried again

    def _recover(self) -> None:
        if self.failing is not None:
            log.info("checkpoint_written_again", path=self._directory.path)
        self.failing = None


_write_off_loop = wrap(StateDirectory.write)


async def _outlast(writing: asyncio.Future[None]) -> asyncio.CancelledError | None:
    """Waits for a write to end whatever happens to this task; the cancellation to pass on, if there was one.

    Its thread cannot be cancelled: were the lock let go while it writes, the next write would spoil the file under it.
    """
    cancelled = None
    while not writing.done():
        try:
            await asyncio.wait({writing})
        except asyncio.CancelledError as error:
            cancelled = error
    return cancelled


def _encode(body: bytes) -> bytes:
    return b"%s %d %s\n%s" % (MAGIC, VERSION, _digest(VERSION, body), body)


def _digest(version: int, body: bytes) -> bytes:
    return blake2b(b"%d %s" % (version, body), digest_size=16).hexdigest().encode()


def _decode(content: bytes, place: str) -> Snapshot | None:
    """The snapshot, or None when the file is damaged; StateError when it is whole but of another version."""
    head, _, body = content.partition(b"\n")
    match head.split(b" "):
        case [magic, number, digest] if magic == MAGIC and number.isdigit() and len(number) < 9:
            version = int(number)
        case _:
            return None
    if digest != _digest(version, body):
        return None
    if version != VERSION:
        raise StateError(
            f"checkpoint {place} is of version {version}, this tokentail knows {VERSION}: run the one that wrote it"
        )
    try:
        return msgspec.json.decode(body, type=Snapshot)
    except msgspec.DecodeError as error:
        raise StateError(f"checkpoint {place}: {error}: it was written by another build of this version") from error


def _write_durably(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep(current: str, previous: str) -> None:
    """The current checkpoint becomes the previous one, without a moment in which there is no current one."""
    spare = f"{previous}.new"
    with suppress(FileNotFoundError):
        os.unlink(spare)
    try:
        os.link(current, spare)
    except OSError:
        os.replace(current, previous)  # No hard links here: `load` copes with a missing current one.
    else:
        os.replace(spare, previous)
