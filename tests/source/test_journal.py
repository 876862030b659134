"""Chunks: whole lines, shared between consumers, however long a line is and whenever a file comes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tailer.config import Config
from tailer.reading.chunk import Chunk
from tailer.source.chunks import CHUNK_BYTES
from tailer.source.journal import SHARED_BYTES, TURNS, Journal
from tailer.source.marks import METER, SavedJournal
from tailer.source.reader import OpenFile
from tailer.source.tracked import Mark, TrackedFile
from tailer.telemetry import Telemetry
from tests.source.tailed import SHIP, Tailed, numbers, text


async def test_an_unfinished_line_waits_for_its_end(tailed: Tailed) -> None:
    tailed.write('{"n":0}\n{"n":')
    assert await tailed.read(METER) == [b'{"n":0}\n']
    tailed.write("1}\n")
    assert numbers(await tailed.read(METER)) == [0, 1]


async def test_level_consumers_get_the_same_chunk(tailed: Tailed) -> None:
    tailed.write(text(0, 50))
    await tailed.journal.look()
    assert await tailed.journal.next(METER) is await tailed.journal.next(SHIP)


async def test_a_consumer_that_needs_some_turns_for_each_chunk_is_not_left_behind(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would soon have to read and decode for itself what is no longer kept for it."""
    count, line = 3 * SHARED_BYTES // CHUNK_BYTES, "x" * (CHUNK_BYTES - 1) + "\n"
    tailed.write(count * line)
    await tailed.journal.look()
    tailed.journal.end(take_tail=False)

    async def at_once(file: TrackedFile, cursor: Mark, *, take_tail: bool) -> Chunk:
        """A disk that takes no time, so that only what the journal leaves to others counts."""
        return Chunk(file.number, "app.log", cursor.offset, cursor.offset + CHUNK_BYTES, cursor.number, line.encode())

    async def chunks(consumer: str, turns: int) -> list[Chunk]:
        found = list[Chunk]()
        while (chunk := await tailed.journal.next(consumer)) is not None:
            found.append(chunk)
            for _ in range(turns):
                await asyncio.sleep(0)
        return found

    monkeypatch.setattr(tailed.journal._chunks, "next", at_once)
    first, second = await asyncio.gather(chunks(METER, 0), chunks(SHIP, TURNS - 1))
    assert len(first) == count
    assert all(one is other for one, other in zip(first, second, strict=True))


async def test_a_consumer_that_stands_still_does_not_hold_up_another(tailed: Tailed) -> None:
    for first in range(0, 20000, 5000):
        tailed.write(text(first, first + 5000))
        await tailed.read(METER)
    assert numbers(tailed.lines[METER]) == list(range(20000))
    assert tailed.journal.lag_bytes(SHIP) == tailed.path().stat().st_size
    assert numbers(await tailed.read(SHIP)) == list(range(20000))
    assert tailed.journal.lag_bytes(SHIP) == 0


async def test_chunks_have_whole_lines_and_running_numbers(tailed: Tailed) -> None:
    tailed.write(text(0, 9000))
    await tailed.journal.look()
    end = number = 0
    while end < tailed.path().stat().st_size:
        chunk = await tailed.journal.next(METER)
        assert chunk is not None
        assert (chunk.start, chunk.first_number) == (end, number)
        assert len(chunk.data) <= CHUNK_BYTES
        assert numbers(chunk.data.splitlines()) == list(range(number, number + chunk.data.count(b"\n")))
        end, number = chunk.end, number + chunk.data.count(b"\n")
    assert number == 9000


@pytest.mark.parametrize("length", [CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
async def test_a_long_line_is_read_whole(tailed: Tailed, length: int) -> None:
    line = "x" * (length - 1) + "\n"
    tailed.write("a\n" + line + "b\n")
    assert await tailed.read() == [b"a\n", line.encode(), b"b\n"]


async def test_a_line_over_the_limit_is_measured_and_passed_over(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, max_line_bytes=1_000_000)
    tailed.write("a\n" + "x" * 1_000_000 + "\nb\n" + "y" * 999_999 + "\n")
    lines = await tailed.read()
    assert lines[:3] == [b"a\n", b"<oversize>", b"b\n"]
    assert len(lines[3]) == 1_000_000


async def test_a_long_line_that_grows_is_not_read_from_its_start_at_each_look(tailed: Tailed) -> None:
    tailed.write("x" * (CHUNK_BYTES * 2))
    assert await tailed.read(METER) == []
    file = next(iter(tailed.journal.files))
    assert file.scan is not None
    assert file.scan.scanned == CHUNK_BYTES * 2
    tailed.write("x\nb\n")
    lines = await tailed.read()
    assert [len(line) for line in lines] == [CHUNK_BYTES * 2 + 2, 2]


async def test_a_file_and_a_directory_that_appear_later(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "new/*/app.log", "single.log")
    await tailed.journal.look()
    (tmp_path / "new" / "pod").mkdir(parents=True)
    tailed.write(text(0, 2), "new/pod/app.log")
    tailed.write(text(2, 4), "single.log")
    assert sorted(numbers(await tailed.read())) == [0, 1, 2, 3]


async def test_reading_from_the_end_skips_what_was_there_at_the_first_start(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path, "*.log", read_from="end")
    tailed.write(text(0, 3))
    await tailed.read()
    tailed.write(text(3, 4))
    tailed.write(text(4, 6), "later.log")
    assert sorted(numbers(await tailed.read())) == [3, 4, 5]
    tailed.restart()
    tailed.write(text(6, 7))
    assert sorted(numbers(await tailed.read())) == [3, 4, 5, 6]


async def test_a_path_that_is_no_file_is_counted_and_tried_again(tailed: Tailed) -> None:
    os.mkfifo(tailed.path())
    await tailed.read()
    await tailed.read()
    assert tailed.telemetry.value("tokentail_file_errors_total", "not_a_file") == 2
    os.unlink(tailed.path())
    tailed.write(text(0, 1))
    assert numbers(await tailed.read()) == [0]


async def test_the_end_takes_a_last_line_without_newline_only_if_it_is_whole(tailed: Tailed) -> None:
    tailed.write('{"n":0}\n{"n":1}')
    tailed.write('{"n":', "other.log")
    both = Tailed(tailed.directory, "*.log")
    await both.journal.look()
    both.journal.end(take_tail=True)
    data = []
    while (chunk := await both.journal.next(METER)) is not None:
        data.append(chunk.data)
    assert data == [b'{"n":0}\n', b'{"n":1}']


async def test_waiting_for_a_chunk_may_be_given_up_without_losing_one(tailed: Tailed) -> None:
    tailed.write("")
    await tailed.journal.look()
    waiting = asyncio.create_task(tailed.journal.next(METER))
    await asyncio.wait({waiting}, timeout=0.01)
    waiting.cancel()
    tailed.write(text(0, 1))
    assert numbers(await tailed.read(METER)) == [0]


async def test_a_waiting_consumer_wakes_when_a_file_grows(tailed: Tailed) -> None:
    tailed.write("")
    await tailed.journal.look()
    waiting = asyncio.create_task(tailed.journal.next(METER))
    await asyncio.wait({waiting}, timeout=0.01)
    tailed.write(text(0, 1))
    await tailed.journal.touch({str(tailed.path())})
    chunk = await asyncio.wait_for(waiting, 5)
    assert chunk is not None
    assert numbers(chunk.data.splitlines()) == [0]


async def test_a_consumer_that_is_absent_for_a_run_goes_on_from_its_mark(tailed: Tailed) -> None:
    tailed.write(text(0, 3))
    await tailed.read()

    async def save() -> None:
        pass

    alone = Journal(tailed.config, Telemetry(), [METER], tailed.journal.dump(), save)
    await alone.look()
    saved: SavedJournal = alone.dump()
    alone.files.close()
    assert saved.marks[SHIP] == tailed.journal.dump().marks[SHIP]


async def test_a_thousand_idle_files_are_followed(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.log").write_text(text(number, number + 1))
    tailed = Tailed(tmp_path, "*.log")
    assert sorted(numbers(await tailed.read())) == list(range(1000))
    assert Config().max_line_bytes == 16 * 1024 * 1024


@pytest.mark.parametrize("pattern", ["./app.log", "link.log", "sub/../app.log"])
async def test_a_change_is_told_under_another_name_than_the_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    """inotify names the file in its own directory; the configuration may be relative or a link."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "app.log").touch()
    os.symlink(tmp_path / "app.log", tmp_path / "link.log")
    tailed = Tailed(tmp_path)
    tailed.config = Config(paths=(pattern,))
    tailed.journal = tailed._open(SavedJournal())
    await tailed.journal.look()
    tailed.write(text(0, 1))
    await tailed.journal.touch({str(tmp_path / "app.log")})
    assert tailed.journal.lag_bytes(METER) == len(text(0, 1))


async def test_what_would_not_be_read_at_the_end_is_named(tailed: Tailed) -> None:
    tailed.write(text(0, 2) + '{"n":')
    tailed.write(text(0, 2), "other.log")
    await tailed.journal.look()
    (file,) = tailed.journal.files
    readable, file.handle = file.handle, OpenFile(os.open("/", os.O_PATH))
    tailed.journal.end(take_tail=True)
    assert await tailed.journal.next(METER) is None
    assert tailed.journal.unread() == [str(tailed.path())]
    file.handle.close()
    file.handle = readable
    for consumer in (METER, SHIP):
        while await tailed.journal.next(consumer) is not None:
            pass
    assert tailed.journal.unread() == []


async def test_what_was_read_of_a_destroyed_file_and_not_delivered_before_a_kill_is_measured(tailed: Tailed) -> None:
    tailed.write(text(0, 4))
    await tailed.read(METER)
    size = tailed.path().stat().st_size
    in_flight = await tailed.journal.next(SHIP)
    assert in_flight is not None
    os.truncate(tailed.path(), 0)
    await tailed.journal.look()
    assert tailed.lost() == {}, "it is still on its way"
    half = len(text(0, 2))
    tailed.journal.settle(SHIP, in_flight.file, half, 2)
    tailed.restart()
    assert tailed.lost() == {"truncated_unsent": size - half}
    tailed.restart()
    assert tailed.lost() == {"truncated_unsent": size - half}, "once"


async def test_what_was_read_of_a_destroyed_file_and_is_delivered_is_not_lost(tailed: Tailed) -> None:
    tailed.write(text(0, 4))
    await tailed.read(METER)
    in_flight = await tailed.journal.next(SHIP)
    assert in_flight is not None
    os.truncate(tailed.path(), 0)
    await tailed.journal.look()
    tailed.journal.settle(SHIP, in_flight.file, in_flight.end, 4)
    tailed.restart()
    assert tailed.lost() == {}
