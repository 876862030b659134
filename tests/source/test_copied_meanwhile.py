"""A log that is copied and truncated between any two calls of whoever looks at it: every line is read once."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tailer.source.marks import METER
from tests.source.rotator import Between, Copier
from tests.source.tailed import SHIP, Tailed, numbers

SEEDS = range(150)
"""Of these, 15 read lines twice while a file's start and its size were not of one moment."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_line_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    rng = Random(seed)
    writer, tailed = Copier(tmp_path, rng), Tailed(tmp_path, "app.log*", rotate_grace_seconds=1e9)
    await tailed.read()
    between = Between(monkeypatch, rng, rng.choice([1, 1, 2, 4]))
    between.steps = writer.rotations(rng.randrange(1, 6))
    for _ in range(rng.randrange(1, 6)):
        await tailed.read()
    between.rest()
    monkeypatch.undo()
    for _ in range(2):
        await tailed.read()
    for consumer in (METER, SHIP):
        assert sorted(numbers(tailed.lines[consumer])) == list(range(writer.lines))
    assert tailed.lost() == {}
