"""The disk under the state fails a running tailer: it says so, shows nothing that is not durable, and heals."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from tests.e2e.process import total
from tests.faults.trial import Trial, trial
from tests.faults.volume import volume

FAILING, ERRORS = "tokentail_checkpoint_failing", "tokentail_checkpoint_errors_total"
STATE = "state/checkpoint"
FRESH = "state/checkpoint.new"

FAULTS = [
    ("open", errno.EMFILE, FRESH),
    ("open", errno.EACCES, FRESH),
    ("write", errno.ENOSPC, FRESH),
    ("write", errno.EIO, FRESH),
    ("fsync", errno.EIO, FRESH),
    ("fsync", errno.EIO, "state"),
    ("rename", errno.EXDEV, STATE),
    ("rename", errno.EPERM, STATE),
    ("rename", errno.EOPNOTSUPP, STATE),
    ("stat", errno.ESTALE, "state"),
]


async def suffered(it: Trial) -> None:
    """The state cannot be saved: what is counted meanwhile is not shown, and why is told, once."""
    shown = await it.scrape()
    it.writer.write(40)
    await it.scraped(lambda samples: total(samples, FAILING) == 1)
    it.writer.write(40)
    during = await it.scrape()
    names = ("llm_requests_total", "tokentail_read_bytes_total", "tokentail_lines_total")
    assert all(total(during, name) == total(shown, name) for name in names)
    reason = it.said("checkpoint_cannot_be_written")[-1]
    assert await it.tailer.get("/readyz") == (503, f"the checkpoint cannot be written: {reason}\n")
    assert (await it.tailer.get("/healthz"))[0] == 200
    assert len(it.said("checkpoint_cannot_be_written")) == len(it.said("checkpoint_written_again")) + 1


async def healed(it: Trial) -> None:
    await it.scraped(lambda samples: total(samples, FAILING) == 0)
    assert total(await it.counted(), ERRORS) > 0
    assert len(it.said("checkpoint_cannot_be_written")) == len(it.said("checkpoint_written_again"))
    assert await it.tailer.get("/readyz") == (200, "ready\n")


async def test_a_call_that_fails_costs_no_count(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        await it.start()
        for call, error, path in FAULTS:
            await it.counted()
            with it.faults.failing(call, error, path) as rule:
                await suffered(it)
                assert rule.spoiled >= 2, (call, error, path)
            await healed(it)


async def test_a_kill_while_nothing_can_be_saved_costs_no_count(tmp_path: Path) -> None:
    """The next life starts under the fault, and heals."""
    async with trial(tmp_path) as it:
        await it.start()
        await it.counted()
        with it.faults.failing("rename", errno.EXDEV, STATE):
            await suffered(it)
            await it.kill_and_start()
            await suffered(it)
        await healed(it)


async def test_a_volume_that_fills_up_or_turns_read_only_costs_no_count(tmp_path: Path) -> None:
    with volume(tmp_path / "state", "400k") as disk:
        async with trial(tmp_path) as it:
            await it.start()
            await it.counted()
            ballast = disk.fill()
            await suffered(it)
            ballast.unlink()
            await healed(it)
            disk.remount("ro")
            await suffered(it)
            assert it.said("checkpoint_cannot_be_written") == ["No space left on device", "Read-only file system"]
            await it.kill_and_start()
            await suffered(it)
            disk.remount("rw")
            await healed(it)


async def test_a_file_system_without_hard_links_will_do(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        await it.start()
        for error in (errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
            with it.faults.failing("link", error, STATE) as rule:
                for _ in range(2):
                    it.writer.write(40)
                    await it.counted()
                assert rule.spoiled >= 2
        await it.kill_and_start()
        await it.scrape()
        assert {path.name for path in (tmp_path / "state").iterdir()} >= {"checkpoint", "checkpoint.previous"}


async def test_a_state_volume_that_goes_and_comes_back_costs_no_count(tmp_path: Path) -> None:
    """While it is away the state goes where its path leads; when it is back, there again, even if nothing is new."""
    with volume(tmp_path / "state") as disk:
        async with trial(tmp_path) as it:
            await it.start()
            await it.counted()
            disk.unmount()
            it.writer.write(40)
            await it.counted()
            await it.kill_and_start()
            it.writer.write(40)
            await it.counted()
            disk.mount()
            await it.scrape()
            await it.kill_and_start()
            await it.scrape()


async def test_a_state_directory_deleted_again_and_again_costs_no_count(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        await it.start()
        for _ in range(2):
            it.writer.write(40)
            await it.counted()
            shutil.rmtree(tmp_path / "state")
            await it.scrape()
            await it.kill_and_start()
            await it.scrape()


UNREADABLE = [
    ("flock", errno.ENOLCK, "state", "cannot be locked: No locks available"),
    ("open", errno.EMFILE, STATE, "Too many open files"),
    ("read", errno.EIO, STATE, "cannot be read: Input/output error"),
    ("open", errno.EACCES, STATE, "it belongs to another user"),
]


async def test_a_state_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """Starting over from zero would overwrite it, and two processes would ruin each other's: better none runs."""
    async with trial(tmp_path) as it:
        await it.start()
        for _ in range(2):
            it.writer.write(20)
            await it.counted()
        await it.tailer.kill()
        for call, error, path, says in UNREADABLE:
            with it.faults.failing(call, error, path), pytest.raises(AssertionError, match=says):
                await it.start()
            assert await it.tailer.ended() == 1
        await it.start()
        await it.scrape()


async def test_a_newest_one_that_cannot_be_read_leads_to_the_one_before(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        it.has_lost_a_checkpoint = True
        await it.start()
        for _ in range(2):
            it.writer.write(20)
            await it.counted()
        await it.tailer.kill()
        with it.faults.failing("read", errno.EIO, STATE, times=1):
            await it.start()
        assert await it.tailer.logged("checkpoint_previous_used")
        await it.scrape()
