"""Chunks never end within a line that a container runtime has cut, however the file is cut into blocks."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from tailer.reading.chunk import Chunk
from tailer.source.lines import settled
from tailer.source.whole import BLOCK_BYTES, chunks


def line(stream: str, tag: str, size: int = 4) -> bytes:
    return f"2026-11-20T17:00:09.669794202Z {stream} {tag} {'x' * size}\n".encode()


P, F = line("stdout", "P"), line("stdout", "F")
OTHER_P, OTHER_F = line("stderr", "P"), line("stderr", "F")


def lines_settled(*lines: bytes) -> int:
    data = b"".join(lines)
    size = settled(data)
    assert data[:size].endswith(b"\n") or size == 0
    return data[:size].count(b"\n")


def test_whole_lines_are_settled() -> None:
    assert lines_settled(F, F) == 2
    assert lines_settled(P, P, F) == 3
    assert lines_settled(b'{"a":1}\n', b"text\n") == 2


def test_an_open_line_is_not_settled_nor_what_it_began_within() -> None:
    assert lines_settled(P) == 0
    assert lines_settled(F, P, P) == 1
    assert lines_settled(F, P, OTHER_F, OTHER_F) == 1
    assert lines_settled(F, OTHER_P, P, OTHER_F, F, P) == 5
    assert lines_settled(F, OTHER_P, P, OTHER_F) == 1
    assert lines_settled(F, P, F, OTHER_P, P, OTHER_F, P) == 3


STREAMS = st.sampled_from([P, F, OTHER_P, OTHER_F])


@given(st.lists(STREAMS, max_size=30))
def test_what_is_settled_leaves_no_stream_open(lines: list[bytes]) -> None:
    kept = lines[: lines_settled(*lines)] if lines else []
    for before, after in ((P, F), (OTHER_P, OTHER_F)):
        said = [one for one in kept if one in (before, after)]
        assert not said or said[-1] == after


def found(data: bytes, block: int, limit: int = BLOCK_BYTES) -> list[Chunk]:
    stream = io.BytesIO(data)
    return list(chunks(lambda size: stream.read(min(size, block)), "a.log", limit))


@settings(max_examples=50)
@given(st.lists(STREAMS, max_size=20), st.integers(1, 200))
def test_chunks_of_a_whole_file_keep_cut_lines_together(lines: list[bytes], block: int) -> None:
    data = b"".join(lines)
    given_chunks = found(data, block)
    assert b"".join(chunk.data for chunk in given_chunks) == data
    at = number = 0
    for chunk in given_chunks:
        assert (chunk.start, chunk.end, chunk.first_number) == (at, at + len(chunk.data), number)
        at, number = chunk.end, number + chunk.data.count(b"\n")
        assert chunk is given_chunks[-1] or settled(chunk.data) == len(chunk.data)


def test_a_cut_line_over_the_limit_is_given_up_as_it_stands() -> None:
    piece = line("stdout", "P", 16_384)
    data = F + piece * 64 + F + F
    given_chunks = found(data, BLOCK_BYTES)
    assert b"".join(chunk.data for chunk in given_chunks) == data
    assert max(len(chunk.data) for chunk in given_chunks) <= 2 * BLOCK_BYTES + len(piece)
    assert not any(chunk.oversize for chunk in given_chunks)
