"""Whole files to chunks: the tailer's lines however the bytes come, compressed or not, and never all at once."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.chunk import Chunk
from tailer.source import whole
from tailer.source.whole import BLOCK_BYTES, UnreadableError, WholeFile, chunks, is_unfinished

MAX_LINE_BYTES = 1024 * 1024


def in_pieces(data: bytes, sizes: list[int]) -> Callable[[int], bytes]:
    """A reader that gives the bytes in pieces of these sizes, over and over."""
    stream, turn = io.BytesIO(data), iter(range(10**9))

    def read(size: int) -> bytes:
        return stream.read(min(size, sizes[next(turn) % len(sizes)]))

    return read


def lines_of(found: list[Chunk]) -> list[bytes]:
    return [line for chunk in found for line in chunk.data.splitlines(keepends=True)]


@given(
    st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b""))),
    st.lists(st.integers(1, 30), min_size=1, max_size=5),
    st.booleans(),
)
def test_the_lines_do_not_depend_on_how_the_bytes_come(lines: list[bytes], sizes: list[int], ended: bool) -> None:
    """Spans without gaps, numbers in order, every byte kept; the last line needs no newline."""
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    found = list(chunks(in_pieces(data, sizes), "a.log", MAX_LINE_BYTES))
    assert b"".join(chunk.data for chunk in found) == data
    at, number = 0, 0
    for chunk in found:
        assert (chunk.start, chunk.first_number, chunk.end) == (at, number, at + len(chunk.data))
        at, number = chunk.end, number + len(chunk.data.splitlines())
        assert chunk.data.endswith(b"\n") or chunk is found[-1]


def test_a_line_beyond_the_limit_is_measured_and_only_its_head_is_kept() -> None:
    """The lines around it are whole."""
    data = b"before\n" + b"x" * (2 * MAX_LINE_BYTES) + b"\nafter\n"
    found = list(chunks(io.BytesIO(data).read, "a.log", MAX_LINE_BYTES))
    oversize = [chunk for chunk in found if chunk.oversize]
    assert [(chunk.start, chunk.end, chunk.first_number) for chunk in oversize] == [(7, 8 + 2 * MAX_LINE_BYTES, 1)]
    assert len(oversize[0].data) <= BLOCK_BYTES
    assert (lines_of(found)[0], lines_of(found)[-1], found[-1].first_number) == (b"before\n", b"after\n", 2)


def test_a_line_of_the_limit_is_whole() -> None:
    data = b"x" * (MAX_LINE_BYTES - 1) + b"\n"
    (chunk,) = chunks(io.BytesIO(data).read, "a.log", MAX_LINE_BYTES)
    assert (chunk.data, chunk.oversize) == (data, False)


def test_an_unfinished_last_line_is_told_from_a_whole_value() -> None:
    """As the tailer does at the end of its input."""
    tails = [b'{"a":1}\n', b'{"a":1}', b'{"a":', b"12 13", b"x\n"]
    told = [is_unfinished(next(chunks(io.BytesIO(tail).read, "a.log", MAX_LINE_BYTES))) for tail in tails]
    assert told == [False, False, True, True, False]


def test_gzip_is_told_by_its_bytes_and_may_have_several_members(tmp_path: Path) -> None:
    """logrotate's and concatenated ones; the name says nothing."""
    path = tmp_path / "app.log.1"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\nthree"))
    with WholeFile.open(str(path)) as file:
        assert lines_of(list(file.chunks(MAX_LINE_BYTES))) == [b"one\n", b"two\n", b"three"]
        assert file.done_bytes() == file.size_bytes == path.stat().st_size


def test_a_damaged_archive_gives_its_lines_up_to_the_damage(tmp_path: Path) -> None:
    """Then it says so: cut off, a wrong checksum, rubbish after the end."""
    sound = gzip.compress(b"".join(b"%d\n" % number for number in range(100_000)))
    endings = {"cut off": sound[:-20], "damaged: CRC": sound[:-8] + bytes(8), "damaged: Not a gz": sound + b"rubbish!"}
    for message, data in endings.items():
        path = tmp_path / "app.log.gz"
        path.write_bytes(data)
        found: list[Chunk] = []
        with WholeFile.open(str(path)) as file, pytest.raises(UnreadableError, match=message):
            found.extend(file.chunks(MAX_LINE_BYTES))
        assert lines_of(found)[:2] == [b"0\n", b"1\n"]


def test_another_compression_is_named_and_not_read_as_a_log(tmp_path: Path) -> None:
    path = tmp_path / "app.log.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(UnreadableError, match="not with gzip"):
        WholeFile.open(str(path))


def bomb(path: Path, size: int) -> None:
    """A gzip file of one line of zeros, written without ever holding it."""
    packer = zlib.compressobj(9, wbits=31)
    with path.open("wb") as file:
        for _ in range(size // BLOCK_BYTES):
            file.write(packer.compress(bytes(BLOCK_BYTES)))
        file.write(packer.flush())


def test_a_decompression_bomb_stays_in_bounded_memory(tmp_path: Path) -> None:
    """A small file that unpacks to 64 MiB without a newline is one oversize line."""
    path = tmp_path / "bomb.gz"
    bomb(path, 64 * 1024 * 1024)
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        with WholeFile.open(str(path)) as file:
            (chunk,) = file.chunks(MAX_LINE_BYTES)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (chunk.oversize, chunk.end) == (True, 64 * 1024 * 1024)
    assert peak < 4 * (MAX_LINE_BYTES + whole.BLOCK_BYTES)
