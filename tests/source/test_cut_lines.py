"""The tailer keeps the pieces of a cut line together: it waits for the end of one, but never for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailer.source.marks import METER
from tests.source.tailed import SHIP, Tailed


def line(tag: str, size: int = 4, stream: str = "stdout") -> str:
    return f"2026-11-20T17:00:09.669794202Z {stream} {tag} {'x' * size}\n"


async def chunks_of(tailed: Tailed, consumer: str = METER) -> list[list[str]]:
    """The tags of the lines of each chunk there is now; then the tailer stops and starts again."""
    await tailed.journal.look()
    tailed.journal.end(take_tail=False)
    found = []
    while (chunk := await tailed.journal.next(consumer)) is not None:
        tags = [one.split()[2].decode() for one in chunk.data.splitlines()]
        found.append(tags)
        tailed.journal.settle(consumer, chunk.file, chunk.end, chunk.first_number + len(tags))
    tailed.restart()
    return found


async def test_a_cut_line_is_given_when_its_end_is_there(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path)
    tailed.write(line("F") + line("P"))
    assert await chunks_of(tailed) == [["F"]]
    tailed.write(line("F", stream="stderr") + line("P"))
    assert await chunks_of(tailed) == []
    tailed.write(line("F") + line("F"))
    assert await chunks_of(tailed) == [["P", "F", "P", "F", "F"]]
    assert await chunks_of(tailed, SHIP) == [["F", "P", "F", "P", "F", "F"]]
    tailed.journal.files.close()


async def test_a_cut_line_longer_than_a_block_is_one_chunk(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path)
    pieces = line("P", 16_000) * 60 + line("F", 9)
    tailed.write(line("F") + pieces + line("F"))
    assert await chunks_of(tailed) == [["F"], ["P"] * 60 + ["F", "F"]]
    tailed.journal.files.close()


@pytest.mark.parametrize("limit", [1024, 512 * 1024])
async def test_a_cut_line_over_the_limit_is_given_as_it_stands(tmp_path: Path, limit: int) -> None:
    tailed = Tailed(tmp_path, max_line_bytes=limit)
    tailed.write(line("P", 16_000) * 60 + line("F") * 2)
    found = await chunks_of(tailed)
    assert [tag for tags in found for tag in tags] == ["P"] * 60 + ["F"] * 2
    assert len(found) > 1
    tailed.journal.files.close()


async def test_the_end_of_a_rotated_file_is_not_waited_for(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path)
    tailed.write(line("F") * 40 + line("P"))
    assert await chunks_of(tailed) == [["F"] * 40]
    tailed.path().rename(tmp_path / "app.log.1")
    tailed.write(line("F") * 50)
    found = [tags for _ in range(3) for tags in await chunks_of(tailed)]
    assert found == [["P"], ["F"] * 50]
    assert tailed.telemetry.value("tokentail_lost_bytes_total", "unfinished") == 0
    tailed.journal.files.close()


async def test_at_the_end_of_a_batch_an_open_line_is_given_as_it_stands(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path)
    tailed.write(line("F") + line("P") * 2)
    assert await chunks_of(tailed) == [["F"]]
    await tailed.journal.look()
    tailed.journal.end(take_tail=True)
    chunk = await tailed.journal.next(METER)
    assert chunk is not None
    assert chunk.data.decode() == line("P") * 2
    assert await tailed.journal.next(METER) is None
    tailed.journal.files.close()


async def test_an_open_line_stays_for_the_next_start(tmp_path: Path) -> None:
    tailed = Tailed(tmp_path)
    tailed.write(line("F") + line("P"))
    assert await chunks_of(tailed) == [["F"]]
    tailed.write(line("F"))
    assert await chunks_of(tailed) == [["P", "F"]]
    tailed.journal.files.close()
