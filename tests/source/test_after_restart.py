"""What a restart finds of the files it knew: nothing is read twice, nothing is passed over."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tailer.source.discover import Sighting
from tailer.source.identity import FileId
from tailer.source.journal import Journal
from tailer.source.marks import METER, SavedJournal
from tailer.source.opening import Opener
from tailer.source.remembered import AWAY_SECONDS, Again, find_again
from tailer.source.tracked import Mark
from tailer.telemetry import Telemetry
from tests.source.tailed import SHIP, Tailed, numbers, text


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Nothing more can be opened, as on a busy node."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_file_that_cannot_be_opened_at_the_start_goes_on_from_its_mark_later(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()
    tailed.restart()
    with no_descriptor_left():
        await tailed.read()
        assert len(tailed.journal.files) == 0
        assert [record.number for record in tailed.journal.dump().files] == [1]
    tailed.write(text(3, 4))
    assert numbers(await tailed.read()) == [0, 1, 2, 3]
    assert tailed.lost() == {}
    assert tailed.telemetry.value("tokentail_file_errors_total", "too_many_open_files") > 0


async def test_a_consumer_that_is_new_reads_what_the_others_have_read_and_marks_it(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()
    saved = tailed.journal.dump()
    del saved.marks[SHIP]
    tailed.journal.files.close()
    tailed.journal = tailed._open(saved)
    tailed.lines.clear()
    assert numbers(await tailed.read(SHIP)) == [0, 1, 2]
    tailed.restart()
    assert numbers(await tailed.read(SHIP)) == [0, 1, 2]
    assert tailed.journal.lag_bytes(SHIP) == 0


async def test_a_consumer_that_is_new_begins_at_the_end_where_reading_does(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, read_from="end")
    tailed.write(text(0, 3))
    await tailed.read()
    saved = tailed.journal.dump()
    del saved.marks[SHIP]
    tailed.journal.files.close()
    tailed.journal = tailed._open(saved)
    tailed.write(text(3, 4))
    assert numbers(await tailed.read(SHIP)) == [3]


async def test_a_log_read_from_the_end_and_rotated_while_down_is_read_whole(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "*.log", read_from="end")
    tailed.write(text(0, 3))
    await tailed.read()
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(3, 5))
    tailed.write(text(10, 12), "unknown.log")
    tailed.restart()
    assert numbers(await tailed.read()) == [3, 4]


async def test_an_absent_consumer_finds_the_start_of_files_met_without_it(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, read_from="end")

    async def save() -> None:
        pass

    empty = SavedJournal(marks={METER: {}, SHIP: {}})
    alone = Journal(tailed.config, Telemetry(), [METER], empty, save)
    tailed.write(text(0, 3))
    await alone.look()
    assert alone.dump().marks[SHIP] == {1: Mark(len(text(0, 3)), 0)}
    alone.files.close()


async def test_files_of_two_devices_with_the_same_inode_number_are_told_apart(tailed: Tailed) -> None:
    """Fresh volumes give out the same low numbers."""
    tailed.write(text(0, 3))
    tailed.write(text(10, 13), "other.log")
    await tailed.read()
    record = tailed.journal.dump().files[0]
    other = FileId(record.device + 1, record.inode)
    here = Sighting(str(tailed.path()), record.id(), record.size, 0)
    there = Sighting(str(tailed.path("other.log")), other, record.size, 0)
    for by_id in ({other: there, record.id(): here}, {record.id(): here, other: there}):
        again = await find_again(record, by_id, Opener(Telemetry()))
        assert isinstance(again, Again)
        assert again.place == here[0]
        again.handle.close()


async def test_a_checkpoint_of_before_copies_were_marked_can_be_read(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()
    body = msgspec.to_builtins(tailed.journal.dump(), str_keys=True)
    for record in body["files"]:
        del record["copy_of"]
    tailed.journal.files.close()
    tailed.journal = tailed._open(msgspec.json.decode(msgspec.json.encode(body), type=SavedJournal))
    assert numbers(await tailed.read()) == [0, 1, 2]


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_came_and_was_rotated_away_between_two_looks_is_read(tailed: Tailed, restarted: bool) -> None:
    """Only the path itself is configured; the files between are known by their names and times."""
    tailed.write(text(0, 2))
    await tailed.read()
    if restarted:
        tailed.restart()
    for first in (2, 4, 6):
        for number in (3, 2, 1):
            if tailed.path(f"app.log.{number}").exists():
                os.rename(tailed.path(f"app.log.{number}"), tailed.path(f"app.log.{number + 1}"))
        os.rename(tailed.path(), tailed.path("app.log.1"))
        tailed.write(text(first, first + 2))
    assert numbers(await tailed.read()) == list(range(8)), "from the oldest on"
    tailed.restart()
    assert numbers(await tailed.read()) == list(range(8))


async def test_what_lay_beside_it_before_is_not_read(tailed: Tailed) -> None:
    """Older rotations, other logs whose names begin alike, compressed ones."""
    tailed.write(text(90, 92), "app.log.2")
    os.utime(tailed.path("app.log.2"), (1_000_000_000, 1_000_000_000))
    tailed.write(text(0, 2))
    await tailed.read()
    tailed.write(text(80, 82), "app.log.audit")
    tailed.path("app.log.3.gz").write_bytes(b"\x1f\x8b\x08 no log")
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(2, 4))
    assert numbers(await tailed.read()) == [0, 1, 2, 3]


async def test_a_finished_file_that_is_written_to_again_is_not_read_twice(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(2, 4))
    tailed.config = msgspec.structs.replace(tailed.config, rotate_grace_seconds=0.0)
    for _ in range(3):
        await tailed.read()
    os.rename(tailed.path("app.log.1"), tailed.path("app.log.2"))
    os.rename(tailed.path(), tailed.path("app.log.1"))
    os.utime(tailed.path("app.log.2"))
    tailed.write(text(4, 6))
    await tailed.read()
    assert sorted(numbers(tailed.lines[METER])) == list(range(6))


async def test_what_was_read_to_its_end_is_not_read_again_when_the_next_is_rotated_while_down(tailed: Tailed) -> None:
    with tailed.path().open("ab", buffering=0) as late:
        late.write(text(0, 2).encode())
        await tailed.read()
        os.rename(tailed.path(), tailed.path("app.log.1"))
        tailed.path().touch()
        await tailed.read()
        late.write(text(2, 4).encode())
    for _ in range(3):
        await tailed.read()
    assert len(tailed.journal.files) == 1
    # The first was written to after the second was, as if it had come after it.
    os.rename(tailed.path("app.log.1"), tailed.path("app.log.2"))
    os.rename(tailed.path(), tailed.path("app.log.1"))
    tailed.write(text(4, 6))
    tailed.restart()
    assert numbers(await tailed.read()) == list(range(6))


async def test_what_was_added_to_a_file_long_let_go_is_read_on_when_the_log_is_rotated_again(tailed: Tailed) -> None:
    with tailed.path().open("ab", buffering=0) as late:
        late.write(text(0, 2).encode())
        await tailed.read()
        os.rename(tailed.path(), tailed.path("app.log.1"))
        tailed.path().touch()
        for _ in range(3):
            await tailed.read()
        assert len(tailed.journal.files) == 1
        late.write(text(2, 4).encode())
    os.rename(tailed.path(), tailed.path("app.log.2"))
    tailed.path().touch()
    assert numbers(await tailed.read()) == list(range(4))


async def test_a_volume_that_is_mounted_late_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "logs/app.log")
    tailed.path("logs").mkdir()
    tailed.write(text(0, 3), "logs/app.log")
    await tailed.read()
    os.rename(tailed.path("logs"), tailed.path("elsewhere"))
    tailed.restart()
    await tailed.read()
    assert tailed.lost() == {}
    tailed.restart()
    os.rename(tailed.path("elsewhere"), tailed.path("logs"))
    tailed.write(text(3, 4), "logs/app.log")
    assert numbers(await tailed.read()) == [0, 1, 2, 3]
    assert tailed.lost() == {}


async def test_a_volume_that_never_comes_back_is_given_up_after_an_hour(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "logs/app.log")
    tailed.path("logs").mkdir()
    tailed.write(text(0, 3), "logs/app.log")
    await tailed.journal.look()
    size = tailed.path("logs/app.log").stat().st_size
    shutil.rmtree(tailed.path("logs"))
    tailed.restart()
    files = tailed.journal.files
    await files.look(0.0, lambda _: True)
    await files.look(AWAY_SECONDS - 1, lambda _: True)
    assert tailed.lost() == {}
    await files.look(AWAY_SECONDS, lambda _: True)
    assert tailed.lost() == {"deleted": size, "deleted_unsent": size}
    assert tailed.journal.dump().files == []


async def test_a_hole_before_the_next_line_is_passed_over_however_large_it_is(tmp_path: Path) -> None:
    """What a truncation leaves to a writer that does not append but goes on where it was."""
    tailed = Tailed(tmp_path, max_line_bytes=1024 * 1024)
    with tailed.path().open("wb", buffering=0) as writer:
        writer.write(text(0, 3).encode())
        await tailed.read()
        os.truncate(tailed.path(), 0)
        await tailed.read()
        writer.seek(64 * 1024 * 1024 + 77)
        writer.write(text(3, 5).encode())
    lines = await tailed.read()
    assert numbers([line.lstrip(b"\0") for line in lines]) == list(range(5))
    assert max(map(len, lines)) < 512 * 1024
    assert tailed.lost() == {}
