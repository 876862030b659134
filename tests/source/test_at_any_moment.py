"""What happens between two steps of a look or of a read: a checkpoint, a cancellation, another consumer."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from tailer.source import unseen
from tailer.source.discover import beside, has_left, scan
from tailer.source.identity import Found
from tailer.source.journal import SHARED_BYTES
from tailer.source.marks import METER, SavedJournal
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.unseen import Unseen
from tests.source.rotator import rotate
from tests.source.tailed import SHIP, Tailed, copy_and_truncate, numbers, text


async def stepped(looking: asyncio.Task[None]) -> bool:
    """Lets the look take a step; whether it is still at it."""
    await asyncio.sleep(0)
    return not looking.done()


async def test_a_checkpoint_during_a_look_knows_where_each_file_begins(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "*.log", read_from="end")
    for number in range(20):
        tailed.write(text(number, number + 1), f"{number}.log")
    looking = asyncio.create_task(tailed.journal.look())
    while await stepped(looking):
        saved = tailed.journal.dump()
        assert {record.number for record in saved.files} == saved.marks[METER].keys() == saved.marks[SHIP].keys()


async def test_a_checkpoint_during_a_copy_and_truncate_reads_nothing_twice(tailed: Tailed) -> None:
    tailed.write(text(0, 20))
    await tailed.read()
    copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(20, 22))
    looking = asyncio.create_task(tailed.journal.look())
    checkpoints = {msgspec.json.encode(tailed.journal.dump())}
    while await stepped(looking):
        checkpoints.add(msgspec.json.encode(tailed.journal.dump()))
    checkpoints.add(msgspec.json.encode(tailed.journal.dump()))
    assert len(checkpoints) > 1
    for checkpoint in checkpoints:
        tailed.journal.files.close()
        tailed.journal = tailed._open(msgspec.json.decode(checkpoint, type=SavedJournal))
        tailed.lines.clear()
        assert numbers(await tailed.read()) == [20, 21]


@pytest.mark.parametrize("steps", range(0, 60, 3))
async def test_a_look_that_is_cancelled_loses_no_mark(tmp_path: Path, steps: int) -> None:
    tailed = Tailed(tmp_path, "*.log")
    for number in range(6):
        tailed.write(text(number, number + 1), f"{number}.log")
    looking = asyncio.create_task(tailed.journal.look())
    for _ in range(steps):
        await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert sorted(numbers(await tailed.read())) == list(range(6))
    tailed.restart()
    assert sorted(numbers(await tailed.read())) == list(range(6))


async def test_a_file_with_a_line_that_was_once_unfinished_is_let_go_too(tailed: Tailed) -> None:
    tailed.write('{"n":')
    await tailed.read()
    tailed.write("0}\n")
    os.rename(tailed.path(), tailed.path("app.log.1"))
    for _ in range(3):
        await tailed.read()
    assert numbers(tailed.lines[METER]) == [0]
    assert len(tailed.journal.files) == 0


async def test_a_consumer_that_waits_while_another_sees_the_end_of_a_file_gets_nothing_of_it(tailed: Tailed) -> None:
    """Otherwise the same bytes would be both delivered and lost."""
    tailed.write(text(0, 3))
    await tailed.journal.look()
    file = next(iter(tailed.journal.files))
    assert await tailed.journal.next(METER) is not None
    async with file.lock:
        waiting = asyncio.create_task(tailed.journal.next(SHIP))
        await asyncio.sleep(0)
        os.truncate(tailed.path(), 0)
        await tailed.journal.look()
    tailed.write(text(3, 4))
    await tailed.journal.look()
    chunk = await waiting
    assert chunk is not None
    assert numbers(chunk.data.splitlines()) == [3]
    assert tailed.lost() == {"truncated_unsent": len(text(0, 3))}


async def test_a_chunk_is_kept_only_for_those_who_have_not_read_it(tailed: Tailed) -> None:
    tailed.write("")
    await tailed.journal.look()
    for number in range(1500):
        tailed.write(text(number, number + 1))
        await tailed.journal.touch({str(tailed.path())})
        await tailed.journal.next(METER)
    kept = tailed.journal._shared
    assert 500 < len(kept) <= SHARED_BYTES // kept.CHUNK_COST_BYTES, "small ones are bounded as well"
    while tailed.journal._has_unread(next(iter(tailed.journal.files)), SHIP):
        await tailed.journal.next(SHIP)
    assert len(kept) == 0


async def test_a_path_that_cannot_be_looked_at_has_not_been_left(tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    status = (tmp_path / "app.log").stat()
    file_id = (status.st_dev, status.st_ino)
    os.symlink("loop.log", tmp_path / "loop.log")
    assert not has_left(str(tmp_path / "app.log"), file_id)  # type: ignore[arg-type]  # equal to a FileId
    assert not has_left(str(tmp_path / "loop.log"), file_id)  # type: ignore[arg-type]  # as above
    assert has_left(str(tmp_path / "gone.log"), file_id)  # type: ignore[arg-type]  # as above
    assert has_left(str(tmp_path / "app.log" / "below"), file_id)  # type: ignore[arg-type]  # as above


async def test_an_open_that_is_cancelled_leaves_no_descriptor(tailed: Tailed) -> None:
    tailed.write("")
    await asyncio.to_thread(os.getpid)  # The thread that will open the files is there.
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        opening = asyncio.create_task(OpenFile.open(str(tailed.path())))
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    await asyncio.to_thread(os.getpid)
    async with asyncio.timeout(5):
        while len(os.listdir("/proc/self/fd")) != before:
            await asyncio.sleep(0)


async def test_a_file_that_is_rotated_before_it_could_be_opened_is_read_all_the_same(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    seen = scan([str(tailed.path())]).files[str(tailed.path())]
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(3, 5))
    await tailed.journal.files._strangers.meet([seen], set())
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]


async def test_a_list_made_between_two_renames_lacks_a_file_that_is_found_all_the_same(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    rotate(tailed, 2, 4)
    lists = list[list[str]]()

    def with_a_hole(path: str) -> list[str]:
        lists.append([place for place in beside(path) if lists or not place.endswith(".1")])
        return lists[-1]

    monkeypatch.setattr(unseen, "beside", with_a_hole)
    assert numbers(await tailed.read()) == [0, 1, 2, 3]
    assert len(lists) > 1


async def test_a_file_that_is_rotated_on_before_it_is_opened_is_found_where_it_is(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    rotate(tailed, 2, 4)
    opened, real = list[str](), Opener.open

    async def after_another_rotation(self: Opener, path: str) -> tuple[OpenFile, Found] | None:
        opened.append(path)
        if len(opened) <= 3:
            rotate(tailed, 3 + len(opened), 4 + len(opened))
        return await real(self, path)

    monkeypatch.setattr(Opener, "open", after_another_rotation)
    await tailed.read()
    assert sorted(numbers(await tailed.read())) == list(range(7))


async def test_what_came_after_a_file_that_was_met_when_it_had_left_its_path_is_found(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing leaves the path then that was known to stand there."""
    tailed.write(text(0, 2))
    await tailed.read()
    rotate(tailed, 2, 3)
    real, rotated = Unseen.find, list[Unseen]()

    async def after_a_rotation(self: Unseen) -> bool:
        if not rotated:
            rotate(tailed, 3, 4)
        rotated.append(self)
        return await real(self)

    monkeypatch.setattr(Unseen, "find", after_a_rotation)
    await tailed.journal.look()
    rotate(tailed, 4, 6)
    assert sorted(numbers(await tailed.read())) == list(range(6))
