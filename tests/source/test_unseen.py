"""What came on a log's path and left it between two looks: kept in mind until it is read, or known to be lost."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from tailer.source import unseen
from tailer.source.discover import MOST_LISTS, beside
from tailer.source.identity import Found
from tailer.source.marks import METER, SavedJournal
from tailer.source.opening import Opener
from tailer.source.reader import OpenFile
from tailer.source.unseen import Unseen
from tests.source.rotator import Rotator, rotate
from tests.source.tailed import SHIP, Tailed, numbers, text


def deleted_before_it_is_opened(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    real = Opener.open

    async def after_it(self: Opener, path: str) -> tuple[OpenFile, Found] | None:
        if path == str(place):
            with suppress(FileNotFoundError):
                os.unlink(place)
        return await real(self, path)

    monkeypatch.setattr(Opener, "open", after_it)


async def test_a_log_that_is_rotated_at_every_list_is_looked_for_again_at_the_next_look(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the next look is after a kill."""
    tailed.write(text(0, 1))
    await tailed.read()
    rotate(tailed, 1, 3)
    real, hidden = Unseen.find, 0

    async def lacks_the_older(self: Unseen) -> bool:
        nonlocal hidden
        hidden = tailed.path("app.log.1").stat().st_ino
        os.rename(tailed.path("app.log.1"), tailed.path("elsewhere"))
        await real(self)
        os.rename(tailed.path("elsewhere"), tailed.path("app.log.1"))
        return False

    monkeypatch.setattr(Unseen, "find", lacks_the_older)
    assert numbers(await tailed.read()) == [0, 2]
    monkeypatch.undo()
    assert list(tailed.journal.dump().gaps) == [str(tailed.path())]
    tailed.restart()
    assert sorted(numbers(await tailed.read())) == [0, 1, 2]
    assert tailed.journal.dump().gaps == {}


async def test_a_look_comes_to_an_end_however_long_a_log_is_rotated(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Rotator(tailed.directory, 3)
    steps = writer.rotations(10 * MOST_LISTS)
    next(steps)
    await tailed.read()

    def rotating(path: str) -> list[str]:
        for _ in range(12):
            next(steps)
        return beside(path)

    rotating(str(tailed.path()))
    monkeypatch.setattr(unseen, "beside", rotating)
    await tailed.journal.look()
    assert next(steps, "at its end") is None
    assert tailed.journal.dump().gaps.keys() == {str(tailed.path())}


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("place", ["app.log", "app.log.1"])
async def test_what_was_seen_and_deleted_before_it_could_be_opened_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, place: str
) -> None:
    tailed = Tailed(tmp_path, pattern)
    tailed.write(text(0, 2))
    await tailed.read()
    rotate(tailed, 2, 4)
    size = tailed.path(place).stat().st_size
    deleted_before_it_is_opened(monkeypatch, tailed.path(place))
    for _ in range(3):
        await tailed.read()
    assert numbers(tailed.lines[METER]) == [0, 1, 3 if place == "app.log.1" else 2]
    assert tailed.lost() == {"deleted": size, "deleted_unsent": size}


async def test_what_was_seen_and_is_given_another_name_before_it_is_opened_is_read(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    rotate(tailed, 2, 3)
    real = Opener.open

    async def after_it(self: Opener, path: str) -> tuple[OpenFile, Found] | None:
        if path == str(tailed.path()):
            with suppress(FileNotFoundError):
                os.rename(path, tailed.path("kept"))
        return await real(self, path)

    monkeypatch.setattr(Opener, "open", after_it)
    assert numbers(await tailed.read()) == [0, 1, 2]
    assert {file.record.path for file in tailed.journal.files} == {str(tailed.path())}
    assert tailed.lost() == {}


async def test_the_first_log_that_is_seen_and_deleted_before_it_could_be_opened_is_measured(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailed.write(text(0, 2))
    size = tailed.path().stat().st_size
    deleted_before_it_is_opened(monkeypatch, tailed.path())
    assert await tailed.read() == []
    assert tailed.lost() == {"deleted": size, "deleted_unsent": size}


async def test_what_is_not_to_be_read_is_not_lost_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tailed = Tailed(tmp_path, read_from="end")
    tailed.write(text(0, 2))
    deleted_before_it_is_opened(monkeypatch, tailed.path())
    await tailed.read()
    assert tailed.lost() == {}


async def test_a_rotated_file_that_does_not_let_itself_be_opened_is_tried_again(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    rotate(tailed, 2, 4)
    real, inode = os.open, tailed.path("app.log.1").stat().st_ino

    def without_descriptors(path: str, *arguments: int) -> int:
        if path == str(tailed.path("app.log.1")):
            raise OSError(errno.EMFILE, "too many open files")
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", without_descriptors)
    for _ in range(2):
        assert numbers(await tailed.read()) == [0, 1, 3]
        assert tailed.journal.files._opener.is_refused(str(tailed.path("app.log.1"))), "not said at every look"
    monkeypatch.undo()
    assert sorted(numbers(await tailed.read())) == [0, 1, 2, 3]
    assert tailed.path("app.log.1").stat().st_ino == inode
    assert tailed.journal.dump().gaps == {}
    assert tailed.lost() == {}


async def test_a_late_line_in_the_file_before_hides_none_that_came_after_it(tailed: Tailed) -> None:
    """Its writer still held it: it bears a later time than the next file, that was rotated by then."""
    tailed.write(text(0, 2))
    await tailed.read()
    with tailed.path().open("ab", buffering=0) as held:
        rotate(tailed, 2, 3)
        now_ns = tailed.path().stat().st_mtime_ns
        rotate(tailed, 3, 4)
        held.write(text(4, 5).encode())
        os.utime(held.fileno(), ns=(now_ns + 10**9, now_ns + 10**9))
        assert sorted(numbers(await tailed.read())) == [0, 1, 2, 3, 4]


async def test_what_came_after_a_file_that_was_read_to_its_end_long_ago_is_found(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    os.rename(tailed.path(), tailed.path("app.log.1"))
    for _ in range(3):
        await tailed.read()
    assert len(tailed.journal.files) == 0
    tailed.restart()
    tailed.write(text(2, 3))
    rotate(tailed, 3, 5)
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]


async def test_what_came_after_a_file_that_was_deleted_while_down_is_found(tailed: Tailed) -> None:
    tailed.write(text(0, 2))
    await tailed.read()
    tailed.restart()
    rotate(tailed, 2, 5)
    tailed.path("app.log.3").unlink()
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]
    assert tailed.lines[SHIP] == tailed.lines[METER]


async def test_the_checkpoint_of_an_older_version_tells_enough(tailed: Tailed) -> None:
    tailed.write(text(100, 101), "app.log.1")
    os.utime(tailed.path("app.log.1"), (1_700_000_000, 1_700_000_000))
    tailed.write(text(0, 2))
    await tailed.read()
    saved = msgspec.json.decode(msgspec.json.encode(tailed.journal.dump()))
    del saved["gaps"]
    for record in saved["files"]:
        del record["since_ns"]
    tailed.journal.files.close()
    tailed.journal = tailed._open(msgspec.convert(saved, SavedJournal, strict=False))
    rotate(tailed, 2, 5)
    assert numbers(await tailed.read()) == [0, 1, 2, 3, 4]
