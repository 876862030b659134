"""The checkpoint: the marks of all consumers, the ledger, the open calls, saved together as of one instant."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
import structlog
from aiofiles.os import wrap

from tailer.statedir import Snapshot, StateDirectory, encoded
from tailer.telemetry import Telemetry

T = TypeVar("T")
log = structlog.get_logger("tokentail.state")


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
        self._torn = False

    def touch(self) -> None:
        """Something changed that has to be saved within a second or so."""
        self._revision += 1
        self.changed.set()

    @contextmanager
    def step(self) -> Iterator[None]:
        """What is done within is saved as a whole: when it fails halfway, nothing is saved any more."""
        try:
            yield
        except BaseException:
            self._torn = True
            raise

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
        if self._torn:
            raise OSError(errno.ECANCELED, "a step of the tailer failed halfway")
        self.changed.clear()
        revision, body = self._revision, msgspec.json.encode(self._snapshot())
        seen = view() if view is not None else None
        is_known = body == self._saved and not self.failing
        writing = asyncio.ensure_future(_write_off_loop(self._directory, body, is_known))
        cancelled = await _outlast(writing)
        try:
            has_written = writing.result()
        except OSError as error:
            self._fail(error)
            if cancelled is not None:
                raise cancelled from error
            raise
        if has_written:
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


def _write_unless_there(directory: StateDirectory, body: bytes, is_known: bool) -> bool:
    """Whether it was written. What is known to be on disk is not, unless the disk is another one meanwhile."""
    if is_known and directory.is_in_place():
        return False
    directory.write(encoded(body))
    return True


_write_off_loop = wrap(_write_unless_there)


async def _outlast(writing: asyncio.Future[bool]) -> asyncio.CancelledError | None:
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
