"""What was rotated and compressed while down is read on where it was left, in the archive."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tailer.source.chunks import CHUNK_BYTES
from tailer.source.marks import METER
from tests.source.tailed import SHIP, Tailed, numbers, text

PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def pack(tailed: Tailed, name: str, ending: str = "gz", change: Callable[[bytes], bytes] = bytes) -> None:
    """What `gzip` does: another file with the same time, and the first one gone."""
    path = tailed.path(name)
    packed = tailed.path(f"{name}.{ending}")
    packed.write_bytes(change(PACKERS[ending](path.read_bytes())))
    status = path.stat()
    os.utime(packed, ns=(status.st_atime_ns, status.st_mtime_ns))
    path.unlink()


def rotate(tailed: Tailed, count: int) -> None:
    """app.log.1.gz becomes app.log.2.gz, and so on up to `count`; app.log becomes app.log.1."""
    for number in range(count, 0, -1):
        for ending in ("", ".gz"):
            if tailed.path(f"app.log.{number}{ending}").exists():
                os.rename(tailed.path(f"app.log.{number}{ending}"), tailed.path(f"app.log.{number + 1}{ending}"))
    os.rename(tailed.path(), tailed.path("app.log.1"))


@pytest.fixture(params=["app.log", "app.log*"])
def tailed(request: pytest.FixtureRequest, tmp_path: Path) -> Tailed:
    return Tailed(tmp_path, request.param)


@pytest.mark.parametrize("ending", PACKERS)
async def test_compressed_while_down_it_is_read_from_its_mark_and_before_what_came_after(
    tailed: Tailed, ending: str
) -> None:
    tailed.write(text(0, 3))
    await tailed.read(SHIP)
    tailed.write(text(3, 6))
    await tailed.journal.look()
    rotate(tailed, 1)
    pack(tailed, "app.log.1", ending)
    tailed.write(text(6, 8))
    tailed.restart()
    assert numbers(await tailed.read(METER)) == list(range(8))
    assert numbers(await tailed.read(SHIP)) == list(range(8))
    assert tailed.lost() == {}


async def test_rotated_three_times_while_down_with_the_older_ones_compressed(tailed: Tailed) -> None:
    tailed.write(text(0, 4))
    await tailed.read(METER)
    for first in (4, 6, 8):
        rotate(tailed, 5)
        if tailed.path("app.log.2").exists():
            pack(tailed, "app.log.2")
        tailed.write(text(first, first + 2))
    tailed.restart()
    assert numbers(await tailed.read(METER))[:4] == [0, 1, 2, 3]
    assert numbers(await tailed.read(SHIP))[:4] == [0, 1, 2, 3]
    # Of a generation that came and was compressed unseen nobody can tell whose it is; the others are all there.
    assert numbers(tailed.lines[SHIP]) == [0, 1, 2, 3, 6, 7, 8, 9]
    assert tailed.lost() == {}


async def test_a_kill_while_the_archive_is_read_changes_nothing_even_when_it_is_renamed(tailed: Tailed) -> None:
    many = 6 * CHUNK_BYTES // len(text(0, 1))
    tailed.write(text(0, many))
    await tailed.journal.look()
    rotate(tailed, 1)
    pack(tailed, "app.log.1")
    tailed.path().touch()
    for _ in range(3):
        tailed.restart()
        await tailed.journal.look()
        chunk = await tailed.journal.next(METER)
        assert chunk is not None
        lines = chunk.data.splitlines(keepends=True)
        tailed.lines[METER] += lines
        tailed.journal.settle(METER, chunk.file, chunk.end, chunk.first_number + len(lines))
        rotate(tailed, 5)
        tailed.path().touch()
    tailed.restart()
    assert numbers(await tailed.read(METER)) == list(range(many))
    assert numbers(await tailed.read(SHIP)) == list(range(many))


async def test_once_read_an_archive_is_let_go_and_not_read_again(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.journal.look()
    rotate(tailed, 1)
    pack(tailed, "app.log.1")
    tailed.path().touch()
    tailed.restart()
    for _ in range(4):
        await tailed.read()
    assert len(tailed.journal.files) == 1
    tailed.restart()
    assert numbers(await tailed.read()) == [0, 1, 2]
    assert tailed.lost() == {}


@pytest.mark.parametrize("change", [lambda data: data[:-12], lambda data: data[:60] + b"\0" * (len(data) - 60)])
async def test_a_damaged_archive_is_measured_as_lost(tailed: Tailed, change: Callable[[bytes], bytes]) -> None:
    tailed.write(text(0, 300))
    await tailed.journal.look()
    size = tailed.path().stat().st_size
    rotate(tailed, 1)
    pack(tailed, "app.log.1", change=change)
    tailed.restart()
    await tailed.read()
    assert tailed.lines[METER] == []
    assert tailed.lost() == {"deleted": size, "deleted_unsent": size}


async def test_an_archive_of_something_else_is_left_alone(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()
    tailed.write(text(50, 60), "app.log.7")
    pack(tailed, "app.log.7")
    os.unlink(tailed.path())
    tailed.write(text(3, 4))
    tailed.restart()
    assert numbers(await tailed.read()) == [0, 1, 2, 3]


async def test_a_log_that_is_given_the_inode_of_a_compressed_file_is_read(tmp_path: Path) -> None:
    """A rotation deletes the oldest archive, and the file system gives its inode to the new log."""
    tailed = Tailed(tmp_path, "app.log*")
    tailed.path("app.log.9.gz").write_bytes(gzip.compress(b"long ago"))
    os.utime(tailed.path("app.log.9.gz"), (1_700_000_000, 1_700_000_000))
    for _ in range(2):
        assert await tailed.read() == []
    os.rename(tailed.path("app.log.9.gz"), tailed.path())
    tailed.path().write_text(text(0, 3))
    assert numbers(await tailed.read()) == [0, 1, 2]
