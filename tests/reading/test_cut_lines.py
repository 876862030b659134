"""Lines that a container runtime has cut are read as the application wrote them, with a reading for each piece."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.chunk import Reading
from tailer.source.lines import settled
from tests.reading.lines import BODY, TIME, TIME_NS, chunk, reader, text

LINE = text({"ts": TIME, "response": BODY, "duration_ms": 1843})
LONG = text({"ts": TIME, "response": BODY, "duration_ms": 1843, "note": "ü" * 30_000})
SECOND = "2026-11-20T17:00:09.{:09d}Z"


def cri(text: str, pieces: int, stream: str = "stdout", tags: str = "") -> list[bytes]:
    """A line as the kubelet's runtime writes it, in so many pieces."""
    size = -(-len(text) // pieces)
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    marks = ["P"] * (len(parts) - 1) + ["F"]
    return [
        f"{SECOND.format(at)} {stream} {mark}{tags} {part}\n".encode()
        for at, (mark, part) in enumerate(zip(marks, parts, strict=True))
    ]


def docker(text: str, stream: str = "stdout") -> list[bytes]:
    """A line as Docker's json-file driver writes it: cut at 16 KiB, also within a character."""
    data = text.encode()
    parts = [data[at : at + 16384].decode("utf-8", "replace") for at in range(0, len(data), 16384)]
    parts[-1] += "\n"
    return [
        orjson.dumps({"log": part, "stream": stream, "time": SECOND.format(at)}) + b"\n"
        for at, part in enumerate(parts)
    ]


def readings_of(lines: list[bytes]) -> list[Reading]:
    readings = reader().read(chunk(b"".join(lines), start=70, first_number=7))
    assert [reading.end - reading.start for reading in readings] == [len(line) for line in lines]
    assert [reading.number for reading in readings] == list(range(7, 7 + len(lines)))
    assert readings[0].start == 70
    return readings


@pytest.mark.parametrize("tags", ["", ":stream-7"])
@pytest.mark.parametrize("pieces", [2, 5])
def test_the_last_piece_of_a_cri_line_gives_its_call(pieces: int, tags: str) -> None:
    *before, last = readings_of(cri(LINE, pieces, tags=tags))
    assert [(one.outcome, one.call, one.stage, one.wrapper) for one in before] == [("part", None, None, "cri")] * len(
        before
    )
    assert [one.timestamp_ns for one in before] == [1_795_194_009_000_000_000 + at for at in range(len(before))]
    assert (last.outcome, last.wrapper, last.warnings, last.timestamp_ns) == ("call", "cri+logger", (), TIME_NS)
    assert last.call is not None
    assert (last.call.input_tokens, last.call.duration_seconds) == (1523, 1.843)


def test_the_last_piece_of_a_docker_line_gives_its_call() -> None:
    *before, last = readings_of(docker(LONG))
    assert [(one.outcome, one.call, one.wrapper) for one in before] == [("part", None, "docker")] * 3
    assert before[1].timestamp_ns == 1_795_194_009_000_000_001
    assert (last.outcome, last.wrapper, last.warnings, last.timestamp_ns) == ("call", "docker+logger", (), TIME_NS)


def test_an_empty_last_piece_ends_a_line() -> None:
    *lines, _ = cri(LINE + "x", len(LINE) + 1)
    last = readings_of([*lines, f"{SECOND.format(9)} stdout F ".encode() + b"\n"])[-1]
    assert last.outcome == "call"


def test_pieces_of_the_two_streams_are_kept_apart() -> None:
    for cut in (cri(LINE, 2), docker(LONG)[:1] + docker(LONG)[1:]):
        other = [line.replace(b"stdout", b"stderr", 1) if b" stdout" in line[:60] else _to_stderr(line) for line in cut]
        mixed = [line for pair in zip(cut, other, strict=True) for line in pair]
        outcomes = [one.outcome for one in readings_of(mixed)]
        assert outcomes == ["part"] * (len(mixed) - 2) + ["call", "call"]


def _to_stderr(line: bytes) -> bytes:
    return orjson.dumps({**orjson.loads(line), "stream": "stderr"}) + b"\n"


def test_whole_lines_of_the_other_stream_are_read_in_between() -> None:
    first, second = cri(LINE, 2)
    (whole,) = cri(LINE, 1, "stderr")
    assert [one.outcome for one in readings_of([first, whole, second])] == ["part", "call", "call"]
    assert [one.midway for one in readings_of([whole, first, whole, second, whole])] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_cut_line_without_an_end_is_read_as_it_stands_and_says_so() -> None:
    for lines in (cri(LINE, 3)[:-1], docker(LONG)[:-1]):
        *before, last = readings_of(lines)
        assert {one.outcome for one in before} == {"part"}
        assert last.outcome in ("bad_json", "bad_usage")
        assert last.warnings[-1] == "the end of a line that the container runtime has cut is not there"


def test_a_shipper_that_takes_the_newlines_away_does_not_glue_lines_together() -> None:
    lines = [orjson.dumps({"log": LINE, "stream": "stdout", "time": TIME}) + b"\n"] * 2
    filled = LINE[:-1] + ',"pad":"' + "x" * (16384 - len(LINE) - 9) + '"}'
    assert len(filled) == 16384
    exact = [orjson.dumps({"log": filled, "stream": "stdout", "time": TIME}) + b"\n"] * 2
    assert [one.outcome for one in readings_of(lines + exact)] == ["call"] * 4


def test_lines_that_are_whole_cost_no_second_look_and_stay_as_they_were() -> None:
    (whole,) = cri(LINE, 1)
    assert [one.midway for one in readings_of([whole, whole])] == [False, False]
    assert settled(whole * 2) == 2 * len(whole)


CUTS = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.integers(1, 4)), min_size=1, max_size=6)


@st.composite
def interleaved(draw: st.DrawFn) -> list[bytes]:
    """Cut lines of two streams, each stream in its order."""
    streams: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
    for stream, pieces in draw(CUTS):
        streams[stream] += cri(LINE, pieces, stream)
    order = draw(st.permutations([stream for stream, lines in streams.items() for _ in lines]))
    return [streams[stream].pop(0) for stream in order]


@given(interleaved(), st.integers(0, 40))
def test_what_is_settled_is_read_the_same_whatever_comes_after(lines: list[bytes], seen: int) -> None:
    data = b"".join(lines)
    size = settled(b"".join(lines[:seen]))
    first = reader().read(chunk(data[:size]))
    second = reader().read(chunk(data[size:], size, len(first)))
    assert first + second == reader().read(chunk(data))


@given(interleaved())
def test_reading_may_begin_anew_after_any_line_that_is_not_midway(lines: list[bytes]) -> None:
    data = b"".join(lines)
    together = reader().read(chunk(data))
    for reading in together:
        if not reading.midway:
            again = reader().read(chunk(data[reading.end :], reading.end, reading.number + 1))
            assert again == together[reading.number + 1 :]
