"""Where lines end, however the bytes are cut into blocks."""

from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.chunk import lines_in
from tailer.source.lines import Long, Scan, Whole, find

CONTENT = st.lists(st.sampled_from([b"", b"a", b"bb\r", b'{"x":1}', b"\0\0", b"\xff" * 7]), max_size=12).map(b"\n".join)


def lines_by_blocks(content: bytes, size: int) -> tuple[list[bytes], bytes]:
    """All whole lines and the unfinished rest, found block by block as the journal does."""
    lines, scan = [], Scan(0, 0)
    while block := content[scan.scanned : scan.scanned + size]:
        match find(scan, block):
            case Scan() as unfinished:
                scan = unfinished
            case Whole(end) | Long(end):
                lines += _split(content[scan.start : end])
                scan = Scan(end, end)
    return lines, content[scan.start :]


def _split(data: bytes) -> list[bytes]:
    assert data.endswith(b"\n")
    return [line + b"\n" for line in data[:-1].split(b"\n")]


@given(CONTENT, st.integers(1, 20))
def test_splitting_is_independent_of_the_blocks(content: bytes, size: int) -> None:
    *whole, rest = content.split(b"\n")
    assert lines_by_blocks(content, size) == ([line + b"\n" for line in whole], rest)


def test_a_block_with_line_ends_gives_all_its_whole_lines() -> None:
    assert find(Scan(100, 100), b"a\nb\nunfin") == Whole(104)


def test_a_line_longer_than_a_block_ends_at_the_first_newline_found() -> None:
    assert find(Scan(100, 100), b"a" * 10) == Scan(100, 110)
    assert find(Scan(100, 110), b"b\nc\n") == Long(112)


@given(CONTENT)
def test_counting_counts_an_unfinished_last_line(content: bytes) -> None:
    *whole, rest = content.split(b"\n")
    assert lines_in(content) == len(whole) + bool(rest)
