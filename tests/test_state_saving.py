"""Saving while everything runs: one write at a time, and nothing that happens between two of them is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tailer.statedir import CURRENT, PREVIOUS
from tests.checkpoints import Saved, opened


@pytest.fixture
async def saved(tmp_path: Path) -> AsyncIterator[Saved]:
    with opened(tmp_path / "state") as directory:
        yield Saved(directory)


async def test_what_was_counted_is_on_disk_when_save_returns(saved: Saved) -> None:
    for _ in range(3):
        saved.count()
        await saved.checkpoint.save()
        assert saved.on_disk() == saved.lines()


async def test_nothing_new_is_not_written(saved: Saved) -> None:
    saved.count()
    await saved.checkpoint.save()
    written = saved.inode()
    await saved.checkpoint.save()
    saved.checkpoint.touch()
    await saved.checkpoint.save()
    assert await saved.checkpoint.save_and_view(saved.lines) == 1
    assert saved.inode() == written


async def test_saves_at_the_same_time_are_one(saved: Saved) -> None:
    saved.count()
    await asyncio.gather(*[saved.checkpoint.save() for _ in range(20)])
    assert saved.snapshots == [1]
    assert saved.on_disk() == 1


async def test_what_happens_during_a_write_is_in_the_next(saved: Saved) -> None:
    saved.count()
    first = asyncio.create_task(saved.checkpoint.save())
    await saved.writing(first)
    saved.count()
    assert saved.checkpoint.changed.is_set()
    await asyncio.gather(first, saved.checkpoint.save(), saved.checkpoint.save())
    assert saved.snapshots == [1, 2]
    assert saved.on_disk() == 2


async def test_a_view_is_of_the_very_instant_that_was_saved(saved: Saved) -> None:
    """A scrape shows what a restart would find, though lines are counted all the while."""
    ended = asyncio.Event()

    async def count_on() -> None:
        while not ended.is_set():
            saved.count()
            await asyncio.sleep(0)

    async def scrape() -> None:
        for _ in range(10):
            seen = await saved.checkpoint.save_and_view(saved.lines)
            assert seen in saved.snapshots
            assert seen <= saved.on_disk() <= saved.lines()

    counting = asyncio.create_task(count_on())
    await asyncio.gather(scrape(), scrape())
    ended.set()
    await counting
    assert saved.snapshots == sorted(saved.snapshots)


async def test_a_save_that_is_cancelled_does_not_spoil_the_next(saved: Saved) -> None:
    """A stop cancels whoever saves and saves once more: two threads must not write the same file."""
    saved.count(models=2000)
    caught = 0
    while caught < 10:
        saved.count()
        cancelled = asyncio.create_task(saved.checkpoint.save())
        while "checkpoint.new" not in saved.files() and not cancelled.done():
            await asyncio.sleep(0)
        if cancelled.done():
            continue  # The write was over before anybody looked.
        caught += 1
        saved.count()
        last = asyncio.create_task(saved.checkpoint.save())
        cancelled.cancel()
        await last
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert saved.on_disk() == saved.lines()
    assert saved.files() == [CURRENT, PREVIOUS]
