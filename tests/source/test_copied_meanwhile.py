"""A log that is copied and truncated while it is looked at: every line that is left is read once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tailer.source.marks import METER
from tests.source.rotator import Between, Copier
from tests.source.tailed import SHIP, Tailed, numbers

SEEDS = range(60)


class Storm:
    """A log, who reads it, and a rotator that steps between any two calls of the reader."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self.rng = Random(seed)
        self._monkeypatch = monkeypatch
        self._directory = directory
        self._writer = Copier(directory, self.rng)
        self.tailed = Tailed(directory, "app.log*", rotate_grace_seconds=1e9)

    def begin(self, rotations: int) -> Between:
        between = Between(self._monkeypatch, self.rng, self.rng.choice([1, 1, 2, 4]))
        between.steps = self._writer.rotations(rotations)
        return between

    async def end(self, between: Between) -> None:
        """When the writer has come to rest, all is read that can be."""
        between.rest()
        self._monkeypatch.undo()
        for _ in range(2):
            await self.tailed.read()

    def check(self) -> None:
        places = [path for path in self._directory.iterdir() if path.suffix != ".gz"]
        left = [line for path in places for line in path.read_bytes().splitlines()]
        for consumer in (METER, SHIP):
            read = numbers(self.tailed.lines[consumer])
            assert len(read) == len(set(read)), "nothing twice"
            assert set(numbers(left)) <= set(read), "everything that is left"

    def is_all_read(self) -> bool:
        return len(self.tailed.lines[METER]) == self._writer.lines and not self.tailed.lost()


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_rotation_during_a_look_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    storm = Storm(tmp_path, monkeypatch, seed)
    await storm.tailed.read()
    for _ in range(3):
        between = storm.begin(1)
        await storm.tailed.read()
        await storm.end(between)
    storm.check()
    assert storm.is_all_read()


@pytest.mark.parametrize("seed", SEEDS)
async def test_many_rotations_during_a_few_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    storm = Storm(tmp_path, monkeypatch, seed)
    await storm.tailed.read()
    between = storm.begin(storm.rng.randrange(2, 6))
    for _ in range(storm.rng.randrange(1, 6)):
        await storm.tailed.read()
    await storm.end(between)
    storm.check()


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_kill_at_any_moment_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    storm = Storm(tmp_path, monkeypatch, seed)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    await storm.tailed.read()
    between = storm.begin(storm.rng.randrange(1, 6))
    for _ in range(storm.rng.randrange(1, 4)):
        await storm.tailed.killed_at(storm.rng.randrange(300))
        if storm.rng.random() < 0.5:
            await storm.tailed.read()
    await storm.end(between)
    storm.check()
