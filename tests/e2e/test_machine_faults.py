"""The machine under the log fails a running tailer: volumes, descriptors, inotify, stops, memory, its own log."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import socket
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.process import Tokentail, total
from tests.faults.trial import READ, Trial, trial
from tests.faults.volume import volume

QUEUED_EVENTS = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())


async def test_a_disk_that_refuses_to_be_read_loses_nothing(tmp_path: Path) -> None:
    """Rotated while it refuses, and killed: what was written meanwhile is read when it can be again."""
    async with trial(tmp_path) as it:
        await it.start()
        await it.counted()
        for error, is_killed in ((errno.EIO, False), (errno.ESTALE, True)):
            with it.faults.failing("pread", error, "app.log") as rule:
                it.writer.write(30)
                it.writer.answer_all()  # The newer file may be readable first, and no duration be known across the two.
                it.writer.rotate()
                it.writer.write(30)
                reason = os.strerror(error).lower().replace(" ", "_")
                await it.scraped(lambda seen: total(seen, "tokentail_file_errors_total", reason=reason) > 0)  # noqa: B023  # called at once
                if is_killed:
                    await it.kill_and_start()
                assert rule.spoiled > 0
                assert (await it.tailer.get("/readyz"))[0] == 200
            await it.counted()


async def test_a_file_that_refuses_after_a_restart_is_named_once(tmp_path: Path) -> None:
    async with trial(tmp_path) as it:
        await it.start()
        await it.counted()
        it.writer.rotate()
        it.writer.write(30)
        await it.counted()
        with it.faults.failing("pread", errno.EIO, "app.log") as rule:
            await it.kill_and_start()
            await it.scraped(lambda seen: total(seen, "tokentail_file_errors_total") > 10)
            assert rule.spoiled > 10
            places = [str(event["path"]) for event in it.tailer.events if event["event"] == "file_cannot_be_read"]
        await it.counted()
        assert sorted(places) == sorted(set(places))


@pytest.mark.destroys("the volume is gone with the test")
async def test_a_log_volume_that_goes_and_comes_back_repeats_nothing(tmp_path: Path) -> None:
    """Longer away than a deleted file would be followed; then also over a kill."""
    with volume(tmp_path / "logs") as disk:
        async with trial(tmp_path, tmp_path / "logs") as it:
            await it.start("--rotate-grace-seconds", "0.2")
            await it.counted()
            disk.unmount()
            await it.scraped(lambda seen: total(seen, "tokentail_files") == 0)
            disk.mount()
            it.writer.write(30)
            await it.counted()
            await it.tailer.kill()
            disk.unmount()
            await it.start()
            await it.scrape()
            disk.mount()
            it.writer.write(30)
            await it.counted()


@pytest.mark.destroys("the volume is gone with the test")
async def test_a_volume_that_is_full_for_the_log_spoils_one_line(tmp_path: Path) -> None:
    """The application's last line is cut; when there is room again it goes on right behind it."""
    with volume(tmp_path / "logs", "128k") as disk:
        async with trial(tmp_path, tmp_path / "logs") as it:
            await it.start()
            await it.counted()
            ballast = disk.fill()
            with it.writer.path.open("ab", buffering=0) as file:
                line = b'{"n":"' + b"x" * 9_000 + b'"}\n'
                written = file.write(line)
                assert 0 < written < len(line), "the volume took a part"
                await it.scraped(lambda seen: total(seen, "tokentail_lag_bytes", consumer="meter") == written)
                ballast.unlink()
                file.write(b'{"n":1}\n')
            it.writer.lines.append((line[:written] + b'{"n":1}').decode())
            it.writer.outcomes["bad_json"] += 1
            it.writer.write(30)
            await it.counted()


async def test_out_of_descriptors_it_goes_on_with_those_it_has(tmp_path: Path) -> None:
    """Prometheus, which keeps its connection, is answered all the while; new files and the state wait."""
    async with trial(tmp_path) as it:
        it.paths.append(str(tmp_path / "more-*.log"))
        await it.start()
        await it.counted()
        async with aiohttp.ClientSession() as session:
            assert (await (await session.get(f"{it.tailer.url}/readyz")).text()) == "ready\n"
            pid, before = it.tailer.process.pid, resource.prlimit(it.tailer.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
            it.writer.write(30)
            for number in range(3):
                (tmp_path / f"more-{number}.log").write_text('{"n":1}\n')
            while (await session.get(f"{it.tailer.url}/readyz")).status == 200:
                await asyncio.sleep(0.02)
            async with session.get(f"{it.tailer.url}/metrics") as answer:
                text = await answer.text()
            assert "tokentail_checkpoint_failing 1.0" in text
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            while (await session.get(f"{it.tailer.url}/readyz")).status != 200:
                await asyncio.sleep(0.02)
        it.writer.lines += ['{"n":1}'] * 3
        it.writer.outcomes["not_llm"] += 3
        await it.counted()
        assert it.said("checkpoint_cannot_be_written") == ["Too many open files"]
        assert len(it.said("checkpoint_written_again")) == 1


async def test_stopped_for_long_it_catches_up_over_rotations_and_lost_events(tmp_path: Path) -> None:
    """SIGSTOP; more events than inotify keeps; two rotations in between, of which it hears nothing."""
    async with trial(tmp_path) as it:
        await it.start("--poll-seconds", "3600")
        await it.counted()
        it.tailer.process.send_signal(signal.SIGSTOP)
        noise = [tmp_path / f"noise-{number}" for number in range(2)]
        for number in range(QUEUED_EVENTS // 2 + 500):
            noise[number % 2].write_bytes(b"")
        for _ in range(2):
            it.writer.write(30)
            it.writer.rotate()
        it.writer.write(30)
        it.tailer.process.send_signal(signal.SIGCONT)
        await it.counted()


@pytest.mark.parametrize("what", ["watches", "instances"])
async def test_without_inotify_looking_is_enough(tmp_path: Path, what: str) -> None:
    """In a user namespace of its own, since the limits are those of a user."""
    none = f'echo 0 >/proc/sys/user/max_inotify_{what} && exec "$@"'
    limited = ("unshare", "--user", "--map-root-user", "sh", "-c", none, "sh")
    trying = await asyncio.create_subprocess_exec(*limited, "true", stderr=asyncio.subprocess.DEVNULL)
    if await trying.wait():
        pytest.skip(f"needs user namespaces (unshare --user) to take away the inotify {what}")
    async with trial(tmp_path) as it:
        await it.start(before=limited)
        for _ in range(2):
            it.writer.write(30)
            it.writer.rotate()
            it.writer.write(30)
            await it.counted()
        refused = [event["event"] for event in it.tailer.events if str(event["event"]).startswith("inotify")]
        assert len(refused) == 1, "said once, not at every look"


async def test_killed_at_the_peak_of_memory_it_loses_nothing(tmp_path: Path) -> None:
    """As the kernel does it: SIGKILL while long lines are in its hands; then memory that is refused."""
    async with trial(tmp_path) as it:
        await it.start()
        for _ in range(3):
            long_lines(it)
            before = it.tailer.memory_bytes()
            while it.tailer.memory_bytes() <= before + 2_000_000 and total(await it.scrape(), READ) < size(it):
                await asyncio.sleep(0)
            await it.kill_and_start()
        await it.counted()
        resource.prlimit(it.tailer.process.pid, resource.RLIMIT_AS, (address_space(it.tailer) + 4_000_000,) * 2)
        long_lines(it)
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            await it.counted()
        if it.tailer.process.returncode is None:
            await it.tailer.kill()
        await it.start()
        await it.counted()


def long_lines(it: Trial) -> None:
    """Lines of 200 kB, which Loki takes, 8 MB in all."""
    with it.writer.path.open("ab") as file:
        for _ in range(40):
            line = f'{{"ts":"2026-11-21T10:00:00Z","n":{len(it.writer.lines)},"text":"{"x" * 200_000}"}}'
            file.write(line.encode() + b"\n")
            it.writer.lines.append(line)
            it.writer.outcomes["not_llm"] += 1


def size(it: Trial) -> int:
    return sum(len(line.encode()) + 1 for line in it.writer.lines)


def address_space(tailer: Tokentail) -> int:
    return int(Path(f"/proc/{tailer.process.pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


async def test_a_log_of_its_own_that_nobody_reads_does_not_stop_it(tmp_path: Path) -> None:
    """The pipe stays open and full: a write to it would wait for ever."""
    async with trial(tmp_path) as it:
        it.paths.append(str(tmp_path / "more-*.log"))
        await it.start()
        it.tailer.stop_listening()
        for number in range(600):
            (tmp_path / f"more-{number}.log").write_text('{"n":1}\n')
        it.writer.lines += ['{"n":1}'] * 600
        it.writer.outcomes["not_llm"] += 600
        await it.counted()
        assert (await it.tailer.get("/healthz"))[0] == 200
        it.tailer.listen_again()
        while not (dropped := [event for event in it.tailer.events if "dropped_lines" in event]):
            it.writer.rotate()
            it.writer.write(1)
            await it.counted()
        assert isinstance(dropped[0]["dropped_lines"], int)
        assert dropped[0]["dropped_lines"] > 0


async def test_without_standard_streams_it_runs_all_the_same(tmp_path: Path) -> None:
    """As some supervisors start it. What it opens must not become its standard error."""
    async with trial(tmp_path) as it:
        await it.start()
        await it.tailer.kill()
        port = free_port()
        closed = ("sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh")
        with pytest.raises(AssertionError, match="ended before it listened"):
            await it.start("--listen", f"127.0.0.1:{port}", before=closed)
        it.tailer.url = f"http://127.0.0.1:{port}"
        while not await answers(it.tailer):
            await asyncio.sleep(0.02)
        it.writer.write(30)
        await it.counted()
        await it.kill_and_start()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answers(tailer: Tokentail) -> bool:
    assert tailer.process.returncode is None
    try:
        return (await tailer.get("/healthz"))[0] == 200
    except aiohttp.ClientError:
        return False
