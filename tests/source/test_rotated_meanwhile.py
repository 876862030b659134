"""A log that is rotated on and on while it is looked at: every file that is left is read, in order, once."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tailer.source import unseen
from tailer.source.discover import beside
from tailer.source.marks import METER
from tailer.source.unseen import Unseen
from tests.source.rotator import OLD, Between, Rotator, rotate
from tests.source.tailed import SHIP, Tailed, numbers, text

SEEDS = range(25)
FOR_EVER = 1e9


class Storm:
    """A log, who reads it, and a writer that does nothing but rotate."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, seed: int, pattern: str) -> None:
        self.rng = Random(seed)
        self.directory = directory
        self.monkeypatch = monkeypatch
        self.tick = self.rng.choice([1, 20, 10_000])
        self.backups = self.rng.choice([2, 5, 30])
        self.tailed = Tailed(directory, pattern, rotate_grace_seconds=self.rng.choice([0.0, FOR_EVER]))
        self.writer = Rotator(directory, self.backups, is_late=self.rng.random() < 0.3, steps_of_a_tick=self.tick)
        if pattern == "app.log":
            self.writer.old(self.rng.randrange(4))
        for _ in self.writer.rotations(1):
            pass

    def begin(self) -> Between:
        between = Between(self.monkeypatch, self.rng, self.rng.choice([1, 2, 8, 30]))
        between.steps = self.writer.rotations(self.rng.randrange(1, 13))
        return between

    async def end(self, between: Between) -> list[int]:
        """The numbers of the lines that were read, when the writer has come to rest."""
        between.rest()
        self.monkeypatch.undo()
        for _ in range(3):
            await self.tailed.read()
        assert self.tailed.lines[SHIP] == self.tailed.lines[METER]
        return numbers(self.tailed.lines[METER])

    def left(self) -> set[int]:
        """The numbers of the lines in all files that are left."""
        lines = [line for path in self.directory.iterdir() for line in path.read_bytes().splitlines()]
        return set(numbers(lines))

    def check(self, read: list[int], first: int = 0) -> None:
        left = self.left()
        assert len(read) == len(set(read)), "nothing twice"
        assert {number for number in left if first <= number < OLD} <= set(read), "everything that is left"
        assert max(read) < OLD, "nothing that was rotated away before"

    def check_lost(self, read: list[int]) -> None:
        """What was measured as lost is not more than was lost."""
        missing = set(range(max(read))).difference(read)
        lost = self.tailed.lost()
        assert lost.get("deleted", 0) <= sum(len(text(number, number + 1)) for number in missing)
        assert lost.get("deleted", 0) == lost.get("deleted_unsent", 0)


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_every_file_that_is_left_is_read_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, pattern: str
) -> None:
    storm = Storm(tmp_path, monkeypatch, seed, pattern)
    await storm.tailed.read()
    between = storm.begin()
    for _ in range(storm.rng.randrange(1, 4)):
        await storm.tailed.read()
    read = await storm.end(between)
    storm.check(read)
    storm.check_lost(read)
    # Of files that bear one time and are no more nobody can tell the order.
    left = storm.left()
    known = [number for number in read if storm.tick == 1 or number in left]
    assert known == sorted(known)


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_log_that_is_first_looked_at_while_it_is_rotated_is_read_from_there_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, pattern: str
) -> None:
    storm = Storm(tmp_path, monkeypatch, seed, pattern)
    between = storm.begin()
    for _ in range(storm.rng.randrange(1, 4)):
        await storm.tailed.read()
    read = await storm.end(between)
    storm.check(read, min(read))


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_kill_at_any_moment_of_it_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, pattern: str
) -> None:
    storm = Storm(tmp_path, monkeypatch, seed, pattern)
    tailed = storm.tailed
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    await tailed.read()
    between = storm.begin()
    for _ in range(storm.rng.randrange(1, 4)):
        await tailed.killed_at(storm.rng.randrange(300))
        if storm.rng.random() < 0.5:
            await tailed.read()
    storm.check(await storm.end(between))


async def test_two_lists_with_a_rotation_in_the_first_do_not_say_that_nothing_is_missing(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that both lack was moved during each: by the end of one rotation, and by the beginning of the next."""
    tailed.write(text(0, 1))
    await tailed.read()
    rotate(tailed, 1, 3)
    tailed.path("app.log.2").unlink()
    lists = 0

    def moving(path: str) -> list[str]:
        nonlocal lists
        lists += 1
        if lists == 1:
            rotate(tailed, 3, 4)
        elif lists == 2:
            os.rename(tailed.path("app.log.2"), tailed.path("app.log.3"))
        hidden = {1: "app.log.2", 2: "app.log.3"}.get(lists)
        return [place for place in beside(path) if os.path.basename(place) != hidden]

    monkeypatch.setattr(unseen, "beside", moving)
    assert numbers(await tailed.read()) == [0, 1, 2, 3]


async def test_a_line_that_comes_after_a_file_was_opened_is_read_before_the_next_file(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailed.write(text(0, 1))
    await tailed.read()
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write("")
    real = Unseen.find

    async def then_rotated(self: Unseen) -> bool:
        await real(self)
        tailed.write(text(1, 2))
        rotate(tailed, 2, 3)
        return await real(self)

    monkeypatch.setattr(Unseen, "find", then_rotated)
    assert numbers(await tailed.read()) == [0, 1, 2]
