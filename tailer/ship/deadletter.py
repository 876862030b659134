"""Entries that a sink refused for good: JSON lines in a file bounded in size and age; never sends them by itself.

The running tailer adds to it while `tokentail deadletters` takes away from it: whoever changes it holds its lock.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from tailer.outbound.counted import LOKI
from tailer.ship.entry import Entry
from tailer.ship.privacy import fit

FILE_NAME = "dead-letters.jsonl"
PREVIOUS_NAME = "dead-letters.1.jsonl"
LOCK_NAME = "dead-letters.lock"
"""The files of Loki's; those of another sink have its name before the first dot: `dead-letters-splunk.jsonl`."""
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW


class Why(NamedTuple):
    """Why entries were refused: the status and the words of the answer, and what kind of objection that is."""

    status: int
    text: str
    kind: str


class DeadLetters:
    """Of one sink: two generations of at most half of `max_bytes` each, for the owner alone; the older goes first.

    With `max_bytes` 0 nothing is to be kept (`keeps` is False), with `max_age_seconds` 0 nothing is too old. A record
    has: time, status, reason, kind, labels, timestamp_ns, text, metadata, file (its number in the checkpoint), offset.
    All methods block, and raise OSError when the directory cannot be used.
    """

    def __init__(self, directory: str, max_bytes: int, max_age_seconds: float = 0, sink: str = LOKI) -> None:
        self.path, self._previous, self._lock = (
            os.path.join(directory, _of_sink(name, sink)) for name in (FILE_NAME, PREVIOUS_NAME, LOCK_NAME)
        )
        self._directory = directory
        self._half_bytes = max_bytes // 2
        self._max_age_seconds = max_age_seconds
        self.keeps = self._half_bytes > 0

    def write(self, entries: Sequence[Entry], why: Why, now_ns: int) -> int:
        """Appends the entries, durable at return. Gives how many older records had to go to make room."""
        lines = [_record(entry, why, now_ns, self._half_bytes) for entry in entries]
        gone = 0
        pending = bytearray()
        with self._locked():
            room = self._half_bytes - self._size_bytes()
            for line in lines:
                if len(pending) + len(line) > room:
                    self._append(pending)
                    gone += self._turn()
                    pending.clear()
                    room = self._half_bytes
                pending += line
            self._append(pending)
        return gone

    def expire(self, now_ns: int) -> int:
        """Deletes what was set aside too long ago; gives how many records that were."""
        oldest = now_ns // 1_000_000_000 - self._max_age_seconds
        if not self._max_age_seconds or not any(_is_older(line, oldest) for line in self._firsts()):
            return 0
        with self._locked():
            return self._rewrite(lambda line: not _is_older(line, oldest))

    def lines(self) -> list[bytes]:
        """Every record as it stands in the file, the oldest first."""
        if not any(map(os.path.exists, (self._previous, self.path))):
            return []
        with self._locked():
            return [*_lines(self._previous), *_lines(self.path)]

    def remove(self, lines: Iterable[bytes]) -> int:
        """Deletes these records, each once; one that has gone meanwhile is none of the number given back."""
        wanted = Counter(lines)

        def stays(line: bytes) -> bool:
            wanted[line] -= 1
            return wanted[line] < 0

        with self._locked():
            return self._rewrite(stays)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _rewrite(self, stays: Callable[[bytes], bool]) -> int:
        """Each generation is replaced as a whole, so that a kill leaves a record in it or takes it away."""
        gone = 0
        for path in (self._previous, self.path):
            lines = list(_lines(path))
            kept = [line for line in lines if stays(line)]
            if len(kept) == len(lines):
                continue
            gone += len(lines) - len(kept)
            fresh = f"{path}.new"
            _write(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _FLAGS, 0o600), b"".join(kept))
            os.replace(fresh, path)
        self._sync()
        return gone

    def _firsts(self) -> Iterator[bytes]:
        """The oldest record of each generation."""
        for path in (self._previous, self.path):
            yield next(_lines(path), b"")

    def _sync(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _size_bytes(self) -> int:
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0

    def _append(self, lines: bytearray) -> None:
        if not lines:
            return
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _FLAGS, 0o600)
        size = os.fstat(descriptor).st_size
        # An interrupted write left half a record: it must not swallow the next one.
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        _write(descriptor, b"\n" + lines if torn else lines)

    def _turn(self) -> int:
        gone = sum(1 for _ in _lines(self._previous))
        try:
            os.replace(self.path, self._previous)
        except FileNotFoundError:
            return 0
        return gone


def _of_sink(name: str, sink: str) -> str:
    return name if sink == LOKI else name.replace(".", f"-{sink}.", 1)


def _record(entry: Entry, why: Why, now_ns: int, limit_bytes: int) -> bytes:
    record = {
        "time": datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z"),
        "status": why.status,
        "reason": why.text[:1024],
        "kind": why.kind,
        "labels": dict(entry.labels),
        "timestamp_ns": str(entry.timestamp_ns),
        "text": entry.text.decode("utf-8", "replace"),
        "metadata": dict(entry.metadata),
        "file": entry.file,
        "offset": entry.start,
    }
    return fit(orjson.dumps(record), max(0, limit_bytes - 1)) + b"\n"


def _lines(path: str) -> Iterator[bytes]:
    """The lines of a generation; none when it is not there."""
    try:
        with open(os.open(path, os.O_RDONLY | _FLAGS), "rb") as file:
            yield from file
    except FileNotFoundError:
        return


def _is_older(line: bytes, seconds: float) -> bool:
    """Whether a record was set aside before this time. Half a record is as old as can be."""
    if not line:
        return False
    try:
        return datetime.fromisoformat(orjson.loads(line)["time"]).timestamp() < seconds
    except (ValueError, KeyError, TypeError):
        return True


def _write(descriptor: int, data: bytes | bytearray) -> None:
    """All of it, durable; closes the descriptor."""
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
