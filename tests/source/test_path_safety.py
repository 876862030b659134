"""What a hostile application may put into its log directory, and the tailer reads nothing it was not meant to."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tailer.source.marks import METER
from tailer.source.reader import NotAFileError, OpenFile
from tailer.source.roots import OutsideError, Roots
from tests.source.tailed import Tailed, numbers, text

OUTSIDE = "outside_allowed_roots"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The log directory; beside it stands what nobody may read."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "token.log").write_text('{"n":666}\n')
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


def errors(tailed: Tailed, reason: str = OUTSIDE) -> float:
    return tailed.telemetry.value("tokentail_file_errors_total", reason)


@pytest.mark.parametrize("pattern", ["*.log", "app.log", "**/*.log"])
async def test_a_link_out_of_the_directory_is_not_read(logs: Path, pattern: str) -> None:
    """Whether it is found by a glob or stands where the operator named a file."""
    os.symlink("../secret/token.log", logs / "app.log")
    tailed = Tailed(logs, pattern)
    assert await tailed.read() == []
    assert errors(tailed) == 1
    assert await tailed.read() == []
    assert errors(tailed) == 2


async def test_it_is_told_once_where_it_leads_and_what_permits_it(logs: Path) -> None:
    os.symlink(logs.parent / "secret" / "token.log", logs / "app.log")
    tailed = Tailed(logs)
    with capture_logs() as said:
        for _ in range(3):
            await tailed.read()
    refused = [it for it in said if it["event"] == "file_cannot_be_read"]
    assert len(refused) == 1
    assert refused[0]["leads_to"] == str(logs.parent / "secret" / "token.log")
    assert f"allowed_roots: [{logs.parent / 'secret'}]" in refused[0]["next"]


async def test_a_linked_directory_leads_out_no_better(logs: Path) -> None:
    os.symlink(logs.parent / "secret", logs / "pod")
    tailed = Tailed(logs, "*/token.log")
    assert await tailed.read() == []
    assert errors(tailed) == 1


async def test_a_directory_swapped_for_a_link_counts_for_nothing(logs: Path) -> None:
    """The directories are those of the start: what the application puts in their place leads nowhere."""
    tailed = Tailed(logs.parent, "logs/*.log")
    os.rename(logs, logs.parent / "away")
    os.symlink(logs.parent / "secret", logs)
    assert await tailed.read() == []
    assert errors(tailed) == 1


async def test_a_directory_that_comes_as_a_link_counts_for_nothing(logs: Path) -> None:
    tailed = Tailed(logs, "later/*.log")
    os.symlink(logs.parent / "secret", logs / "later")
    assert await tailed.read() == []
    assert errors(tailed) == 1


@pytest.mark.parametrize(
    "place", ["/proc/self/environ", "/proc/self/status", "/etc/passwd", "/proc/self/root/etc/passwd"]
)
async def test_files_of_the_system_are_not_read(logs: Path, place: str) -> None:
    os.symlink(place, logs / "app.log")
    tailed = Tailed(logs)
    assert await tailed.read() == []
    assert errors(tailed) == 1


async def test_an_open_descriptor_of_the_tailer_is_no_way_in(logs: Path) -> None:
    with (logs.parent / "secret" / "token.log").open() as file:
        os.symlink(f"/proc/{os.getpid()}/fd/{file.fileno()}", logs / "app.log")
        tailed = Tailed(logs)
        assert await tailed.read() == []
        assert errors(tailed) == 1


async def test_a_link_that_is_set_right_is_read_after_all(logs: Path) -> None:
    os.symlink(logs.parent / "secret" / "token.log", logs / "app.log")
    tailed = Tailed(logs)
    assert await tailed.read() == []
    (logs / "app.log").unlink()
    tailed.write(text(0, 3))
    assert numbers(await tailed.read()) == [0, 1, 2]


async def test_links_within_the_directories_are_followed(logs: Path) -> None:
    """From one configured tree into another too."""
    (logs / "old").mkdir()
    (logs / "old" / "day1").write_text(text(0, 2))
    os.symlink("old/day1", logs / "app.log")
    (logs.parent / "other").mkdir()
    (logs.parent / "other" / "x.log").write_text(text(2, 4))
    os.symlink("../other/x.log", logs / "b.log")
    tailed = Tailed(logs.parent, "logs/*.log", "other/*.none")
    assert sorted(numbers(await tailed.read())) == [0, 1, 2, 3]
    assert errors(tailed) == 0


async def test_what_the_operator_allows_is_read(logs: Path) -> None:
    """The chain of a node: containers → pods → the runtime's own directory."""
    runtime, pods = logs.parent / "docker", logs.parent / "pods"
    for directory in (runtime, pods):
        directory.mkdir()
    (runtime / "c1-json.log").write_text(text(0, 3))
    os.symlink(runtime / "c1-json.log", pods / "0.log")
    os.symlink(pods / "0.log", logs / "shop.log")
    refusing = Tailed(logs, "*.log", allowed_roots=(str(pods),))
    assert await refusing.read() == []
    tailed = Tailed(logs, "*.log", allowed_roots=(str(runtime),))
    assert numbers(await tailed.read()) == [0, 1, 2]


async def test_the_operators_own_links_in_front_of_the_directory_are_fine(logs: Path) -> None:
    os.symlink(logs, logs.parent / "by-name")
    (logs / "app.log").write_text(text(0, 3))
    tailed = Tailed(logs.parent, "by-name/*.log")
    assert numbers(await tailed.read()) == [0, 1, 2]


async def test_rotation_by_a_moving_link_still_works(logs: Path) -> None:
    tailed = Tailed(logs)
    for number, day in enumerate(("day1", "day2")):
        (logs / day).write_text(text(number, number + 1))
        (logs / "app.log").unlink(missing_ok=True)
        os.symlink(day, logs / "app.log")
        await tailed.read()
    assert numbers(tailed.lines[METER]) == [0, 1]


async def test_a_file_of_the_checkpoint_is_not_followed_out_of_the_directories(logs: Path) -> None:
    """After a restart a link stands where the file was, and another bears its name with a number."""
    tailed = Tailed(logs)
    tailed.write(text(0, 3))
    await tailed.read()
    (logs / "app.log").unlink()
    for name in ("app.log", "app.log.1"):
        os.symlink(logs.parent / "secret" / "token.log", logs / name)
    tailed.restart()
    assert numbers(await tailed.read()) == [0, 1, 2]
    assert errors(tailed) > 0


async def test_a_copy_that_is_a_link_out_is_not_taken_for_the_log(logs: Path) -> None:
    tailed = Tailed(logs)
    tailed.write(text(0, 3))
    await tailed.read()
    (logs.parent / "secret" / "copy").write_text(text(0, 3) + text(7, 9))
    os.symlink(logs.parent / "secret" / "copy", logs / "app.log.1")
    os.truncate(logs / "app.log", 0)
    assert numbers(await tailed.read()) == [0, 1, 2]


async def test_what_was_inside_when_it_was_opened_is_read_to_its_end(logs: Path) -> None:
    tailed = Tailed(logs, rotate_grace_seconds=60.0)
    tailed.write(text(0, 2))
    await tailed.read()
    os.rename(logs / "app.log", logs.parent / "archived")
    with (logs.parent / "archived").open("a") as file:
        file.write(text(2, 4))
    assert numbers(await tailed.read()) == [0, 1, 2, 3]


async def test_a_deleted_file_that_was_inside_is_no_refusal(logs: Path) -> None:
    """The name ` (deleted)` that the kernel shows is no place of its own."""
    (logs / "app.log").write_text(text(0, 2))
    held = os.open(logs / "app.log", os.O_RDONLY)
    (logs / "app.log").unlink()
    try:
        handle, found = await OpenFile.open(f"/proc/self/fd/{held}", Roots([str(logs / "*.log")]))
        assert found.size == len(text(0, 2))
        handle.close()
    finally:
        os.close(held)


async def test_swapping_the_link_at_any_moment_gains_nothing(logs: Path) -> None:
    """What is judged is the opened file, so there is no moment between the look and the opening."""
    (logs / "good").write_text(text(0, 1))
    roots = Roots([str(logs / "*.log")])
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            for target in ("good", "../secret/token.log"):
                os.symlink(target, logs / "new")
                os.replace(logs / "new", logs / "app.log")

    os.symlink("good", logs / "app.log")
    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[object] = set()
    try:
        for _ in range(1500):
            try:
                handle, found = await OpenFile.open(str(logs / "app.log"), roots)
            except OutsideError:
                seen.add("refused")
                continue
            handle.close()
            seen.add(found.start)
    finally:
        done.set()
        thread.join()
    assert seen == {"refused", text(0, 1).encode()}


def made(kind: str, place: Path) -> None:
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "socket":
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(os.path.relpath(place))
        case "directory":
            place.mkdir()
        case "device":
            os.symlink("/dev/zero", place)


@pytest.mark.parametrize("kind", ["pipe", "socket", "directory", "device"])
async def test_only_regular_files_are_read(logs: Path, kind: str) -> None:
    """And nothing waits for a pipe, or wakes a device."""
    place = logs / "app.log"
    made(kind, place)
    tailed = Tailed(logs)
    async with asyncio.timeout(5):
        assert await tailed.read() == []
        with pytest.raises(NotAFileError):
            await OpenFile.open(str(place))
    assert errors(tailed, "not_a_file") >= 1


async def test_a_hundred_thousand_links_do_not_fill_the_log(logs: Path) -> None:
    for number in range(300):
        os.symlink("../secret/token.log", logs / f"{number}.log")
        (logs.parent / "secret" / f"{number}").write_text("x\n")
        os.symlink(f"../secret/{number}", logs / f"x{number}.log")
    tailed = Tailed(logs, "*.log")
    with capture_logs() as said:
        for _ in range(3):
            await tailed.read()
    assert len([it for it in said if it["log_level"] == "error"]) == 101
    assert errors(tailed) == 3 * 301


@pytest.mark.parametrize(
    ("pattern", "path", "place", "may"),
    [
        ("/l/*.log", "/l/a.log", "/l/a.log", True),
        ("/l/*.log", "/l/a.log", "/l/deep/b", True),
        ("/l/*.log", "/l/a.log", "/l2/b", False),
        ("/l/*/x.log", "/l/a/x.log", "/l/b/y", True),
        ("/a.log", "/a.log", "/a.log", True),
        ("/a.log", "/a.log", "/etc/shadow", False),
        ("/*/a.log", "/l/a.log", "/l/a.log", True),
        ("/*/a.log", "/l/a.log", "/etc/shadow", False),
        ("/var/log/containers/*.log", "/var/log/containers/a.log", "/var/log/pods/n_p_u/c/0.log", True),
        ("/var/log/containers/*.log", "/var/log/containers/a.log", "/var/lib/docker/containers/i/i-json.log", True),
        ("/var/log/pods/*/*/*.log", "/var/log/pods/p/c/0.log", "/var/lib/docker/containers/i/i-json.log", True),
        ("/var/log/containers/*.log", "/var/log/containers/a.log", "/var/lib/kubelet/pods/u/token", False),
        ("/var/log/*.log", "/var/log/a.log", "/var/lib/docker/containers/i/i-json.log", False),
    ],
)
def test_where_a_file_may_stand(pattern: str, path: str, place: str, may: bool) -> None:
    """A path without a link is always what was meant; a node's own chain of links is known."""
    roots = Roots([pattern])
    if may:
        roots.check(path, place)
    else:
        with pytest.raises(OutsideError):
            roots.check(path, place)
