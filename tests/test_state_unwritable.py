"""A checkpoint that cannot be written: loud, durable all the same, and recovered from when it can be again."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tailer.statedir import CURRENT, Snapshot
from tests.checkpoints import LINES, Saved, opened
from tests.e2e.process import running, total

ERRORS = "tokentail_checkpoint_errors_total"


@pytest.fixture
async def saved(tmp_path: Path) -> AsyncIterator[Saved]:
    with opened(tmp_path / "state") as directory:
        yield Saved(directory)


def obstruct(saved: Saved) -> Path:
    """Makes writing fail for real, root or not: the new checkpoint's place is taken by a directory."""
    obstacle = Path(saved.directory.path, "checkpoint.new")
    obstacle.mkdir()
    return obstacle


async def test_a_failing_save_that_is_cancelled_ends(saved: Saved) -> None:
    """Were the error to hide the cancellation, a task that tries again for ever would never stop."""
    obstruct(saved)
    saved.count()
    task = asyncio.create_task(saved.checkpoint.save())
    await saved.writing(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert saved.checkpoint.failing == "Is a directory"


async def test_a_checkpoint_that_cannot_be_written_is_loud_and_is_tried_again(
    saved: Saved, capsys: pytest.CaptureFixture[str]
) -> None:
    saved.count()
    await saved.checkpoint.save()
    obstacle = obstruct(saved)
    saved.count()
    for attempt in (1, 2, 3):
        with pytest.raises(IsADirectoryError):
            await saved.checkpoint.save()
        assert saved.telemetry.value(ERRORS) == attempt
        assert saved.checkpoint.failing == "Is a directory"
        assert saved.checkpoint.changed.is_set(), "whoever saves must wake up for it"
    assert saved.on_disk() == 1
    obstacle.rmdir()
    await saved.checkpoint.save()
    assert (saved.checkpoint.failing, saved.on_disk()) == (None, 2)
    said = capsys.readouterr().out
    assert (said.count("checkpoint_cannot_be_written"), said.count("checkpoint_written_again")) == (1, 1)


async def test_a_view_fails_while_it_cannot_be_saved_and_the_last_is_still_known(saved: Saved) -> None:
    saved.count()
    assert saved.checkpoint.last() == Snapshot()
    await saved.checkpoint.save()
    durable = saved.checkpoint.last()
    obstacle = obstruct(saved)
    saved.count()
    with pytest.raises(OSError, match="Is a directory"):
        await saved.checkpoint.save_and_view(saved.lines)
    assert saved.checkpoint.last() == durable == saved.directory.load()[0]
    obstacle.rmdir()
    assert await saved.checkpoint.save_and_view(saved.lines) == 2


def full_disk(state: str) -> None:
    """A program: the files it writes may hold 100 bytes, then any number again."""

    async def program() -> list[object]:
        with opened(Path(state)) as directory:
            saved = Saved(directory)
            saved.count()
            await saved.checkpoint.save()
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
            saved.count()
            raised = False
            try:
                await saved.checkpoint.save()
            except OSError:
                raised = True
            meanwhile = [
                raised,
                saved.checkpoint.failing,
                saved.on_disk(),
                saved.files(),
            ]
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            await saved.checkpoint.save()
            return [*meanwhile, saved.checkpoint.failing, saved.on_disk()]

    sys.stderr.write(json.dumps(asyncio.run(program())))


def test_a_write_that_ends_half_way_leaves_the_last_checkpoint_and_recovers(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"from tests.test_state_unwritable import full_disk; full_disk({str(tmp_path)!r})"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, check=True)
    assert json.loads(done.stderr) == [True, "File too large", 1, [CURRENT], None, 2]


async def test_a_scrape_is_answered_from_the_last_checkpoint_while_none_can_be_written(tmp_path: Path) -> None:
    """Otherwise a kill would make counters fall that somebody has already seen."""
    log = tmp_path / "app.log"
    log.write_text("one\n")
    async with running(tmp_path, str(log)) as tailer:
        before = await tailer.scraped(lambda samples: total(samples, LINES) == 1)
        obstacle = tmp_path / "state" / "checkpoint.new"
        obstacle.mkdir()
        with log.open("a") as file:
            file.write("two\nthree\n")
        assert (await tailer.logged("checkpoint_cannot_be_written"))["reason"] == "Is a directory"
        during = await tailer.scrape()
        assert total(during, LINES) == total(before, LINES) == 1
        assert total(during, "tokentail_checkpoint_failing") == 1
        assert await tailer.get("/readyz") == (503, "the checkpoint cannot be written: Is a directory\n")
        assert (await tailer.get("/healthz"))[0] == 200
        obstacle.rmdir()
        after = await tailer.scraped(lambda samples: total(samples, "tokentail_checkpoint_failing") == 0)
        assert total(after, LINES) == 3
        assert total(after, ERRORS) >= 1
        assert await tailer.get("/readyz") == (200, "ready\n")
        assert await tailer.stop() == 0
