"""Entries that Loki refused for good: a bounded file of JSON lines; keeps them, never sends them again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from tailer.ship import privacy, refusal
from tailer.ship.entry import Entry

FILE_NAME = "dead-letters.jsonl"
PREVIOUS_NAME = "dead-letters.1.jsonl"


class DeadLetters:
    """Two generations of at most half of `max_bytes` each, readable by the owner alone; the older goes first.

    With `max_bytes` 0 nothing is to be kept (`keeps` is False). A record has: time, status, reason, kind, labels,
    timestamp_ns, text, metadata, file (its number in the checkpoint), offset.
    """

    def __init__(self, directory: str, max_bytes: int) -> None:
        self.path = os.path.join(directory, FILE_NAME)
        self._previous = os.path.join(directory, PREVIOUS_NAME)
        self._half_bytes = max_bytes // 2
        self.keeps = self._half_bytes > 0

    def write(self, entries: Sequence[Entry], status: int, reason: str, now_ns: int) -> int:
        """Appends the entries, durable at return; blocks. Gives how many older records had to go, or raises OSError."""
        gone = 0
        pending = bytearray()
        room = self._half_bytes - self._size_bytes()
        for entry in entries:
            line = _record(entry, status, reason, now_ns, self._half_bytes)
            if len(pending) + len(line) > room:
                self._append(pending)
                gone += self._turn()
                pending.clear()
                room = self._half_bytes
            pending += line
        self._append(pending)
        return gone

    def _size_bytes(self) -> int:
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0

    def _append(self, lines: bytearray) -> None:
        if not lines:
            return
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            # An interrupted write left half a record: it must not swallow the next one.
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                lines = bytearray(b"\n") + lines
            unwritten = memoryview(lines)
            while unwritten:
                unwritten = unwritten[file.write(unwritten) or 0 :]
            os.fsync(descriptor)

    def _turn(self) -> int:
        gone = _records(self._previous)
        try:
            os.replace(self.path, self._previous)
        except FileNotFoundError:
            return 0
        return gone


def _record(entry: Entry, status: int, reason: str, now_ns: int, limit_bytes: int) -> bytes:
    record = {
        "time": datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z"),
        "status": status,
        "reason": reason[:1024],
        "kind": refusal.kind(reason),
        "labels": dict(entry.labels),
        "timestamp_ns": str(entry.timestamp_ns),
        "text": entry.text.decode("utf-8", "replace"),
        "metadata": dict(entry.metadata),
        "file": entry.file,
        "offset": entry.start,
    }
    return privacy.fit(orjson.dumps(record), max(0, limit_bytes - 1)) + b"\n"


def _records(path: str) -> int:
    count = 0
    try:
        with open(path, "rb") as file:
            while block := file.read(64 * 1024):
                count += block.count(b"\n")
    except FileNotFoundError:
        return 0
    return count
