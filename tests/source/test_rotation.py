"""What happens to a file, and that every complete line is read once all the same."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tailer.source.reader import OpenFile
from tests.source.tailed import SHIP, Tailed, copy_and_truncate, numbers, text


async def test_renamed_and_created_anew(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()
    tailed.write(text(3, 5))
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(5, 7))
    assert numbers(await tailed.read()) == list(range(7))
    assert tailed.lines[SHIP] == tailed.lines["meter"]
    assert tailed.lost() == {}


async def test_the_writer_keeps_the_old_inode_and_still_appends(tailed: Tailed) -> None:
    with tailed.path().open("ab", buffering=0) as writer:
        writer.write(text(0, 2).encode())
        await tailed.read()
        os.rename(tailed.path(), tailed.path("app.log.1"))
        tailed.write(text(10, 12))
        await tailed.read()
        writer.write(text(2, 4).encode())
        await tailed.read()
    assert sorted(numbers(tailed.lines["meter"])) == [0, 1, 2, 3, 10, 11]


async def test_deleted_and_recreated(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    tailed.write(text(2, 3))
    os.unlink(tailed.path())
    tailed.write(text(3, 5))
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]


async def test_a_finished_file_is_let_go_once_it_has_been_quiet(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    os.unlink(tailed.path())
    for _ in range(3):
        await tailed.read()
    assert len(tailed.journal.files) == 0
    assert tailed.journal.dump().files == []
    assert tailed.lost() == {}


async def test_a_rotated_file_is_not_let_go_before_every_consumer_has_read_it(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read("meter")
    os.unlink(tailed.path())
    for _ in range(3):
        await tailed.read("meter")
    assert len(tailed.journal.files) == 1
    assert numbers(await tailed.read(SHIP)) == [0, 1]


async def test_copied_and_truncated_when_all_was_read(tailed: Tailed) -> None:
    tailed.write(text(0, 20))
    await tailed.read()
    copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(20, 22))
    assert numbers(await tailed.read()) == list(range(22))
    assert tailed.lost() == {}


async def test_copied_and_truncated_in_between_is_read_on_in_the_copy(tailed: Tailed) -> None:
    tailed.write(text(0, 20))
    await tailed.read()
    tailed.write(text(20, 30))
    copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(30, 32))
    assert sorted(numbers(await tailed.read())) == list(range(32))
    assert tailed.lost() == {}


@pytest.mark.parametrize("look_at_the_copy_first", [False, True])
async def test_a_glob_that_finds_the_copy_does_not_read_it_twice(tmp_path: Path, look_at_the_copy_first: bool) -> None:
    tailed = Tailed(tmp_path, "app.log*")
    tailed.write(text(0, 20))
    await tailed.read()
    tailed.write(text(20, 25))
    tailed.path("app.log.1").write_bytes(tailed.path().read_bytes())
    if look_at_the_copy_first:
        await tailed.read()
    tailed.write(text(25, 27))
    tailed.path("app.log.1").write_bytes(tailed.path().read_bytes())
    os.truncate(tailed.path(), 0)
    tailed.write(text(30, 32))
    await tailed.read()
    tailed.restart()
    assert sorted(numbers(await tailed.read())) == [*range(27), 30, 31]


async def test_truncated_without_a_copy_measures_what_was_lost(tailed: Tailed) -> None:
    tailed.write(text(0, 4))
    await tailed.read()
    size = tailed.path().stat().st_size
    tailed.write(text(4, 5))
    await tailed.journal.look()
    grown = tailed.path().stat().st_size
    os.truncate(tailed.path(), 0)
    tailed.write(text(5, 6))
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 5]
    assert tailed.lost() == {"truncated": grown - size, "truncated_unsent": grown - size}


async def test_truncated_and_grown_beyond_its_old_size_is_seen_by_its_start(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    os.truncate(tailed.path(), 0)
    tailed.write(text(100, 110))
    assert numbers(await tailed.read()) == [0, 1, *range(100, 110)]


async def test_a_symbolic_link_that_moves(tailed: Tailed) -> None:
    tailed.write(text(0, 2), "day1")
    os.symlink(tailed.path("day1"), tailed.path())
    await tailed.read()
    tailed.write(text(2, 3), "day1")
    tailed.write(text(3, 5), "day2")
    os.unlink(tailed.path())
    os.symlink(tailed.path("day2"), tailed.path())
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]


async def test_one_file_under_two_names_is_read_once(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "*.log")
    tailed.write(text(0, 2))
    os.symlink(tailed.path(), tailed.path("current.log"))
    os.link(tailed.path(), tailed.path("hard.log"))
    assert numbers(await tailed.read()) == [0, 1]


async def test_a_glob_goes_on_with_the_rotated_file_under_its_new_name(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "app.log*")
    tailed.write(text(0, 3))
    await tailed.read()
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(3, 5))
    await tailed.read()
    tailed.restart()
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]


async def test_a_compressed_copy_beside_the_live_file_is_not_read(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "app.log*")
    tailed.write(text(0, 2))
    tailed.path("app.log.2.gz").write_bytes(gzip.compress(text(0, 2).encode()))
    assert numbers(await tailed.read()) == [0, 1]


async def test_rotated_while_down(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()
    tailed.write(text(3, 5))
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(5, 7))
    tailed.restart()
    assert numbers(await tailed.read()) == list(range(7)), "old lines come before new ones"
    assert tailed.lost() == {}


async def test_copied_and_truncated_while_down(tailed: Tailed) -> None:
    tailed.write(text(0, 20))
    await tailed.read()
    tailed.write(text(20, 25))
    copy_and_truncate(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(25, 27))
    tailed.restart()
    assert sorted(numbers(await tailed.read())) == list(range(27))


async def test_deleted_while_down_measures_what_was_known_to_be_there(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read("meter")
    size = tailed.path().stat().st_size
    tailed.restart()
    os.unlink(tailed.path())
    tailed.write(text(3, 4), "spare")  # so that the inode is not used again
    await tailed.read()
    assert tailed.lost() == {"deleted_unsent": size}


async def test_a_restart_goes_on_where_it_was(tailed: Tailed) -> None:
    tailed.write(text(0, 5))
    await tailed.read()
    for first in range(5, 11, 2):
        tailed.restart()
        tailed.write(text(first, first + 2))
        await tailed.read()
    assert numbers(tailed.lines["meter"]) == list(range(11))
    assert numbers(tailed.lines[SHIP]) == list(range(11))


async def test_a_look_that_took_long_is_no_truncation(tailed: Tailed) -> None:
    """Two readers: the one that read first reports last, when the other has already seen the file grow."""
    tailed.write(text(0, 2))
    await tailed.read()
    file = next(iter(tailed.journal.files))
    tailed.write(text(2, 3))
    seen = file.record.seen()
    found = (await file.handle.read(0, 0)).found
    tailed.write(text(3, 5))
    await tailed.journal.look()
    await tailed.journal.files.compare(file, seen, found)
    assert [file.number for file in tailed.journal.files] == [1]
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]


async def test_rotated_files_met_at_once_are_read_from_the_oldest_on(tmp_path: Path) -> None:
    """A request at the end of the older file must be read before its answer in the newer one."""
    tailed = Tailed(tmp_path, "app.log*")
    for age, (name, first) in enumerate([("app.log", 6000), ("app.log.1", 3000), ("app.log.2", 0)]):
        tailed.write(text(first, first + 3000), name)
        os.utime(tailed.path(name), (1_700_000_000 - age, 1_700_000_000 - age))
    assert numbers(await tailed.read()) == list(range(9000))


async def test_different_logs_are_read_in_turn(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "*.log")
    tailed.write(text(0, 10_000), "a.log")
    tailed.write(text(10_000, 20_000), "b.log")
    read = numbers(await tailed.read())
    assert sorted(read) == list(range(20_000))
    assert min(read.index(9_999), read.index(19_999)) > max(read.index(0), read.index(10_000))


async def test_an_unfinished_line_in_the_old_file_does_not_hold_up_the_new_one(tailed: Tailed) -> None:
    tailed.write(text(0, 1) + "unfinished")
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(1, 2))
    glob = Tailed(tailed.directory, "app.log*")
    await glob.journal.look()
    chunks = [await glob.journal.next("meter") for _ in range(2)]
    assert numbers([line for chunk in chunks if chunk for line in chunk.data.splitlines()]) == [0, 1]


async def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "*.log")
    name = os.fsdecode(b"app-\xff.log")
    tailed.write(text(0, 2), name)
    await tailed.read()
    tailed.restart()
    tailed.write(text(2, 3), name)
    assert numbers(await tailed.read()) == [0, 1, 2]
    assert tailed.journal.dump().files[0].path.endswith("app-\\xff.log")


async def test_truncated_and_written_again_to_the_same_size_at_the_same_time(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    await tailed.read()
    then_ns = tailed.path().stat().st_mtime_ns
    os.truncate(tailed.path(), 0)
    tailed.write(text(2, 4))
    # Many file systems' clocks stand still for some milliseconds, some for two seconds.
    os.utime(tailed.path(), ns=(then_ns, then_ns))
    assert numbers(await tailed.read()) == list(range(4))


async def test_a_descriptor_gone_stale_is_opened_again_and_read_on(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    (file,) = tailed.journal.files
    stale = file.handle
    # What a restarted NFS server does to it: every use fails from now on.
    file.handle = OpenFile(os.open("/", os.O_PATH))
    stale.close()
    tailed.write(text(2, 4))
    for _ in range(3):
        await tailed.read()
    assert numbers(tailed.lines["meter"]) == list(range(4))
    assert tailed.lost() == {}
