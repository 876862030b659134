"""Two logs, one of them behind a symbolic link, and what writers and rotators do to them: who wrote what, and where."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

APP, LINK = "app.log", "link.log"
LINE_BYTES = 82


class Generation:
    """What one file holds, as its writer knows it: numbers of whole lines, and the beginning of a next one."""

    def __init__(self, place: Path) -> None:
        self.lines: list[int] = []
        self.unfinished = b""
        self.is_deleted = False
        self.writer = place.open("ab", buffering=0)

    def moved(self) -> Generation:
        """What it held until now, which is somewhere else from now on."""
        was = object.__new__(Generation)
        was.lines, was.unfinished, was.is_deleted, was.writer = self.lines, self.unfinished, False, self.writer
        self.lines, self.unfinished = [], b""
        return was


def line(number: int) -> bytes:
    return b'{"n":"%07d","text":"' % number + b"x" * 56 + b'"}\n'


def number_of(start: bytes) -> int:
    return int(start[6:13])


class World:
    """A directory of logs. Every line in it has a number of its own, by which it begins as `line` does."""

    def __init__(self, directory: Path, line: Callable[[int], bytes] = line) -> None:
        self.directory = directory
        self._line = line
        self.lines = 0
        self.written_bytes = 0
        self.held: list[Generation] = []
        """Rotated, and somebody still writes to them."""
        self.past: list[Generation] = []
        self.destroyed: set[int] = set()
        """Lines of which nothing is left."""
        self.deleted: set[int] = set()
        """Lines that only a descriptor that is open already still leads to."""
        self._names = 0
        self.live = {log: self._created(log) for log in (APP, LINK)}

    def path(self, log: str) -> Path:
        return self.directory / log

    def write(self, generation: Generation, count: int, cut: int) -> None:
        """Ends the unfinished line, adds whole ones, begins another if there is something of it to be told."""
        data, numbers = b"", []
        if generation.unfinished:
            numbers.append(number_of(generation.unfinished))
            data = self._line(numbers[0])[len(generation.unfinished) :]
        for _ in range(count):
            numbers.append(self._next_line())
            data += self._line(numbers[-1])
        generation.unfinished = self._line(self._next_line())[:cut] if cut > 13 else b""
        data += generation.unfinished
        generation.lines += numbers
        generation.writer.write(data)
        self.written_bytes += len(data)
        if generation.is_deleted:
            self.deleted.update(numbers)

    def rename(self, *, keeps_writing: bool) -> None:
        os.rename(self.path(APP), self._new_path(APP))
        self._rotated(APP, keeps_writing=keeps_writing)

    def move_the_link(self, *, keeps_writing: bool) -> None:
        self.path(LINK).unlink()
        self._rotated(LINK, keeps_writing=keeps_writing)

    def delete(self, *, keeps_writing: bool) -> None:
        self.path(APP).unlink()
        self.live[APP].is_deleted = True
        self.deleted.update(self.live[APP].lines)
        self._rotated(APP, keeps_writing=keeps_writing)

    def truncate(self, log: str) -> None:
        was = self.live[log].moved()
        self.destroyed.update(was.lines)
        if was.unfinished:
            self.destroyed.add(number_of(was.unfinished))
        os.truncate(self.path(log), 0)

    def copy_and_truncate(self) -> Iterator[str]:
        """Pauses when the copy is `empty`, `half` done and `whole`."""
        content = self.path(APP).read_bytes()
        with self._new_path(APP).open("ab", buffering=0) as copy:
            for end, pause in ((0, "empty"), (len(content) // 2, "half"), (len(content), "whole")):
                copy.write(content[copy.tell() : end])
                yield pause
        self.past.append(self.live[APP].moved())
        os.truncate(self.path(APP), 0)

    def let_go(self) -> None:
        """Nobody writes to what was rotated any more."""
        for generation in self.held:
            generation.writer.close()
        self.held.clear()

    def lose_deleted(self) -> set[int]:
        """The process that held the deleted files open has died: the lines that went with them."""
        for generation in [generation for generation in self.held if generation.is_deleted]:
            self.held.remove(generation)
            generation.writer.close()
        return self.deleted

    def close(self) -> None:
        for generation in (*self.live.values(), *self.held):
            generation.writer.close()

    def unfinished(self) -> set[int]:
        generations = (*self.live.values(), *self.past)
        return {number_of(generation.unfinished) for generation in generations if generation.unfinished}

    def _rotated(self, log: str, *, keeps_writing: bool) -> None:
        old = self.live[log]
        self.past.append(old)
        if keeps_writing:
            self.held.append(old)
        else:
            old.writer.close()
        self.live[log] = self._created(log)

    def _created(self, log: str) -> Generation:
        place = self.path(log)
        if log == LINK:
            place = self._new_path("day")
            place.touch()
            os.symlink(place, self.path(LINK))
        return Generation(place)

    def _next_line(self) -> int:
        self.lines += 1
        return self.lines

    def _new_path(self, start: str) -> Path:
        self._names += 1
        return self.directory / f"{start}.{self._names}"
