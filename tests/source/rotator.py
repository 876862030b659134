"""A writer that rotates its log one file-system change at a time: between any two calls of whoever looks at it."""

from __future__ import annotations

import gzip
import os
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.source.tailed import Tailed, text

TICK_NS = 4_000_000
"""How long the clock of a file system stands still: files of several rotations bear one time."""

LINES = 3
OLD = 1_000_000
"""The first number of the lines in files that were rotated away before the first look."""


def rotate(tailed: Tailed, first: int, last: int) -> None:
    """As Python's handler does it, with a line in each new file."""
    for line in range(first, last):
        for number in range(8, 0, -1):
            if tailed.path(f"app.log.{number}").exists():
                os.rename(tailed.path(f"app.log.{number}"), tailed.path(f"app.log.{number + 1}"))
        os.rename(tailed.path(), tailed.path("app.log.1"))
        tailed.write(text(line, line + 1))


class Rotator:
    """Python's RotatingFileHandler on `app.log`, by its single steps. The lines of its nth file begin at n * LINES."""

    def __init__(self, directory: Path, backups: int, *, is_late: bool = False, steps_of_a_tick: int = 20) -> None:
        self._directory = directory
        self._backups = backups
        self._is_late = is_late
        self._steps_of_a_tick = steps_of_a_tick
        self._start_ns = time.time_ns() // TICK_NS * TICK_NS
        self._steps = 0
        self._files = 0
        self.path = directory / "app.log"

    def old(self, count: int) -> None:
        """Files that were rotated away long ago."""
        for number in range(count):
            place = self._backup(number + 1)
            place.write_text(text(OLD + number, OLD + number + 1))
            long_ago_ns = self._start_ns - (number + 1) * 3_600_000_000_000
            os.utime(place, ns=(long_ago_ns, long_ago_ns))

    def rotations(self, count: int) -> Iterator[None]:
        """So many files more, each begun, written to and rotated away by the next. Every change is a step."""
        for _ in range(count):
            yield from self._rotated()
            if self._is_late:
                # The log is made when there is something to write.
                self._write(LINES)
                yield from self._step()
            else:
                self._write(0)
                yield from self._step()
                for _ in range(LINES):
                    self._write(1)
                    yield from self._step()

    def _rotated(self) -> Iterator[None]:
        if not self.path.exists():
            return
        if self._backup(self._backups).exists():
            self._backup(self._backups).unlink()
            yield from self._step()
        for number in range(self._backups - 1, 0, -1):
            if self._backup(number).exists():
                self._backup(number).rename(self._backup(number + 1))
                yield from self._step()
        self.path.rename(self._backup(1))
        self._files += 1
        yield from self._step()

    def _write(self, lines: int) -> None:
        with self.path.open("ab") as file:
            first = self._files * LINES + self.path.read_bytes().count(b"\n")
            file.write(text(first, first + lines).encode())
        now_ns = self._start_ns + self._steps // self._steps_of_a_tick * TICK_NS
        os.utime(self.path, ns=(now_ns, now_ns))

    def _step(self) -> Iterator[None]:
        self._steps += 1
        yield

    def _backup(self, number: int) -> Path:
        return self._directory / f"app.log.{number}"


class Copier:
    """logrotate with `copytruncate` on `app.log`, by its single steps. Every line has a number of its own."""

    def __init__(self, directory: Path, rng: Random) -> None:
        self.path = directory / "app.log"
        self.lines = 0
        self._directory = directory
        self._rng = rng
        self._copies = rng.choice([1, 2, 9])
        """How many are kept; what is in an older one is gone."""
        self._compresses = rng.random() < 0.5
        self.write(rng.choice([0, 1, 2, 5, 40]))

    def write(self, lines: int) -> None:
        with self.path.open("ab") as file:
            file.write(text(self.lines, self.lines + lines).encode())
        self.lines += lines

    def rotations(self, count: int) -> Iterator[None]:
        """So many copies more, each made in a few writes. What is written while one is made would be destroyed."""
        for _ in range(count):
            for number in range(self._copies - 1, 0, -1):
                for end in ("", ".gz"):
                    if self._copy(number, end).exists():
                        self._copy(number, end).rename(self._copy(number + 1, end))
                        yield
            content = self.path.read_bytes()
            for end in ("", ".gz"):
                self._copy(1, end).unlink(missing_ok=True)
                yield
            with self._copy(1).open("wb", buffering=0) as copy:
                yield
                for part in (2, 1):
                    copy.write(content[copy.tell() : len(content) // part])
                    yield
            os.truncate(self.path, 0)
            yield
            if self._compresses:
                yield from self._compressed(gzip.compress(content))
            for lines in self._rng.choices([1, 1, 2, 30], k=self._rng.randrange(3)):
                self.write(lines)
                yield

    def _compressed(self, content: bytes) -> Iterator[None]:
        with self._copy(1, ".gz").open("wb", buffering=0) as packed:
            yield
            for part in (2, 1):
                packed.write(content[packed.tell() : len(content) // part])
                yield
        self._copy(1).unlink()
        yield

    def _copy(self, number: int, end: str = "") -> Path:
        return self._directory / f"app.log.{number}{end}"


class Entry:
    """An entry of a directory, at which the writer may step too."""

    def __init__(self, entry: os.DirEntry[str], step: Callable[[], None]) -> None:
        self._entry, self._step = entry, step
        self.name, self.path = entry.name, entry.path

    def inode(self) -> int:
        return self._entry.inode()

    def is_file(self) -> bool:
        return self._entry.is_file()

    def stat(self) -> os.stat_result:
        self._step()
        return self._entry.stat()


class List:
    """What a directory gives to who lists it while it changes: part is of before the change and part of after it."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def __enter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __exit__(self, *_: object) -> None:
        pass


class Between:
    """Lets a writer step before each call by which a file system is asked for what stands where, and what is in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rng: Random, most: int) -> None:
        self.steps: Iterator[None] = iter(())
        self.calls = 0
        self._rng, self._most = rng, most
        self._is_stepping = False
        self._scandir = os.scandir
        for name in ("stat", "fstat", "open", "pread", "scandir"):
            monkeypatch.setattr(os, name, self._after_steps(getattr(os, name)))
        monkeypatch.setattr(os, "scandir", self._listed)

    def step(self) -> None:
        """Some steps of the writer, none by its own calls."""
        if self._is_stepping:
            return
        self._is_stepping = True
        self.calls += 1
        try:
            for _ in range(self._rng.randrange(self._most + 1)):
                next(self.steps, None)
        finally:
            self._is_stepping = False

    def rest(self) -> None:
        self._is_stepping = True
        for _ in self.steps:
            pass
        self._is_stepping = False

    def _after_steps(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **named: Any) -> Any:
            self.step()
            return call(*arguments, **named)

        return stepped

    def _listed(self, path: str) -> Any:
        if self._is_stepping:
            return self._scandir(path)
        self.step()
        salt = self._rng.randbytes(4)
        early = self._now(path, lambda name: zlib.crc32(salt + name.encode()) % 2 == 0)
        self.step()
        return List(early + self._now(path, lambda name: zlib.crc32(salt + name.encode()) % 2 == 1))

    def _now(self, path: str, is_reached: Callable[[str], bool]) -> list[Entry]:
        with self._scandir(path) as entries:
            return [Entry(entry, self.step) for entry in entries if is_reached(entry.name)]
