"""A copy is read in its original, and takes over from it when that is truncated: at whatever moment it is seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tailer.source.marks import METER
from tests.source.tailed import SHIP, Tailed, copy_and_truncate, numbers, text


@pytest.fixture
def tailed(tmp_path: Path) -> Tailed:
    return Tailed(tmp_path, "app.log*")


@pytest.mark.parametrize("first_bytes", [0, 1, 100, 1024, 1500])
async def test_a_copy_that_is_still_being_made_is_not_read(tailed: Tailed, first_bytes: int) -> None:
    """`cp` makes its file empty, which wakes the tailer, and may take seconds to fill it."""
    tailed.write(text(0, 40))
    await tailed.read()
    content = tailed.path().read_bytes()
    with tailed.path("app.log.1").open("wb", buffering=0) as copy:
        for end in (first_bytes, 2000, 2500, len(content)):
            copy.write(content[copy.tell() : end])
            await tailed.read()
    os.truncate(tailed.path(), 0)
    tailed.write(text(40, 42))
    assert numbers(await tailed.read()) == list(range(42))
    assert numbers(tailed.lines[SHIP]) == list(range(42))
    assert tailed.lost() == {}


async def test_a_copy_that_grew_while_nobody_looked_is_not_read(tailed: Tailed) -> None:
    tailed.write(text(0, 40))
    await tailed.read()
    content = tailed.path().read_bytes()
    tailed.path("app.log.1").write_bytes(content[:2000])
    await tailed.read()
    tailed.path("app.log.1").write_bytes(content)
    tailed.restart()
    assert numbers(await tailed.read()) == list(range(40))


async def test_a_copy_made_while_nobody_looked_is_not_read(tailed: Tailed) -> None:
    tailed.write(text(0, 40))
    await tailed.read()
    tailed.path("app.log.1").write_bytes(tailed.path().read_bytes())
    tailed.restart()
    await tailed.read()
    os.truncate(tailed.path(), 0)
    assert numbers(await tailed.read()) == list(range(40))


async def test_a_copy_overwritten_while_nobody_looked_is_read_once(tailed: Tailed) -> None:
    tailed.write(text(0, 40))
    tailed.path("app.log.1").touch()
    await tailed.read()
    tailed.path("app.log.1").write_bytes(tailed.path().read_bytes())
    await tailed.read()
    tailed.write(text(40, 45))
    tailed.path("app.log.1").write_bytes(tailed.path().read_bytes())
    os.truncate(tailed.path(), 0)
    tailed.write(text(45, 47))
    tailed.restart()
    assert sorted(numbers(await tailed.read())) == list(range(47))


async def test_the_place_of_the_last_copy_is_used_for_the_next(tailed: Tailed) -> None:
    for first in (0, 40, 80):
        tailed.write(text(first, first + 40))
        await tailed.read()
        copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    assert numbers(await tailed.read()) == list(range(120))
    assert tailed.lost() == {}


async def test_another_log_that_begins_alike_is_read(tailed: Tailed) -> None:
    banner = '{"service":"gateway","version":"1.2.3","host":"node-17","started":"2026-11-20T17:00:00Z"}\n'
    tailed.write(banner + text(0, 3))
    await tailed.read()
    tailed.write(banner + text(10, 20), "app.log-worker")
    await tailed.read()
    tailed.write(text(20, 22), "app.log-worker")
    numbered = [line for line in await tailed.read() if line != banner.encode()]
    assert numbers(numbered) == [0, 1, 2, *range(10, 22)]


async def test_what_is_on_its_way_when_its_file_is_truncated_is_delivered_once(tailed: Tailed) -> None:
    """Loki has been sent lines of the original and answers when they are those of the copy."""
    tailed.write(text(0, 40))
    await tailed.journal.look()
    chunk = await tailed.journal.next(SHIP)
    assert chunk is not None
    tailed.write(text(40, 50))
    copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    await tailed.journal.look()
    tailed.journal.settle(SHIP, chunk.file, chunk.end, 40)
    assert tailed.journal.lag_bytes(SHIP) == len(text(40, 50))
    assert numbers(await tailed.read(SHIP)) == list(range(40, 50))
    assert numbers(await tailed.read(METER)) == list(range(50))


async def test_what_came_after_the_copy_and_was_cut_is_measured(tailed: Tailed) -> None:
    tailed.write(text(0, 40))
    tailed.path("app.log.1").write_bytes(tailed.path().read_bytes())
    tailed.write(text(40, 43))
    await tailed.journal.look()
    os.truncate(tailed.path(), 0)
    assert numbers(await tailed.read()) == list(range(40))
    assert tailed.lost() == {"truncated": len(text(40, 43)), "truncated_unsent": len(text(40, 43))}


async def test_a_compressed_file_that_was_met_empty_is_not_read(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    tailed.write("", "app.log.1.gz")
    await tailed.read()
    tailed.path("app.log.1.gz").write_bytes(b"\x1f\x8b\x08\x00 and then\n binary\n")
    assert numbers(await tailed.read()) == [0, 1]
    assert len(tailed.journal.files) == 1
    assert tailed.lost() == {}


async def test_copied_truncated_and_renamed_while_down_is_read_on_in_the_copy(tmp_path: Path) -> None:
    """As it was before the stop there is nothing left at any path but the copy."""
    tailed = Tailed(tmp_path, "app.log*")
    tailed.write(text(0, 4))
    await tailed.read(SHIP)
    copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(4, 5))
    os.rename(tailed.path(), tailed.path("app.log.2"))
    tailed.write(text(5, 7))
    tailed.restart()
    assert numbers(await tailed.read(METER)) == list(range(7))
    assert numbers(await tailed.read(SHIP)) == list(range(7))
    assert tailed.lost() == {}
