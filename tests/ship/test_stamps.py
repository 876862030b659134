"""Lines without a time get one that survives a restart."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.chunk import Chunk
from tailer.ship.entry import own_time_ns
from tailer.ship.stamps import BACKLOG_BYTES, SenderState, Stamps
from tests.ship.making import NOON_NS, SECOND_NS, chunk_of, line, read

TRACE = b"Traceback (most recent call last):"


def assign(stamps: Stamps, chunk: Chunk, now_ns: int = NOON_NS) -> bool:
    readings = read(chunk)
    times_ns, fresh = stamps.assign(chunk, readings, now_ns)
    assert times_ns == [own_time_ns(reading) or stamps.find(chunk.file, reading.start) for reading in readings]
    return fresh


def test_a_line_without_a_time_has_that_of_the_line_before() -> None:
    stamps = Stamps()
    chunk = chunk_of(line(1), TRACE, line(5), TRACE)
    assert assign(stamps, chunk, NOON_NS + 900 * SECOND_NS)
    _, first, _, second = read(chunk)
    assert stamps.find(1, first.start) == NOON_NS + 1_000_000
    assert stamps.find(1, second.start) == NOON_NS + 5_000_000


def test_a_line_at_the_head_has_the_time_of_the_first_that_names_one() -> None:
    stamps = Stamps()
    assign(stamps, chunk_of(TRACE, line(5)))
    assert stamps.find(1, 0) == NOON_NS + 5_000_000


def test_a_fresh_line_alone_has_now_to_the_millisecond() -> None:
    stamps = Stamps()
    assign(stamps, chunk_of(line(1)))
    later = chunk_of(TRACE, start=1000, number=1)
    assign(stamps, later, NOON_NS + 60 * SECOND_NS + 123_456)
    assert stamps.find(1, 1000) == NOON_NS + 60 * SECOND_NS


def test_in_a_backlog_a_line_stays_among_its_neighbours() -> None:
    """At now among lines of last week, it would make Loki refuse all that follows."""
    stamps = Stamps()
    assign(stamps, chunk_of(line(1)))
    oversize = Chunk(1, "a.log", 1000, 1000 + 20_000_000, 1, b"x" * 1024, oversize=True)
    assign(stamps, oversize, NOON_NS + 7 * 86400 * SECOND_NS)
    large = chunk_of(b"x" * BACKLOG_BYTES, start=20_001_000, number=2)
    assign(stamps, large, NOON_NS + 7 * 86400 * SECOND_NS)
    assert stamps.find(1, 1000) == stamps.find(1, 20_001_000) == NOON_NS + 1_000_000


def test_lines_that_all_name_a_time_need_nothing_saved() -> None:
    stamps = Stamps()
    assert not assign(stamps, chunk_of(line(1), line(2)))
    assert stamps.dump() == SenderState()


def test_a_replay_finds_the_same_times_and_needs_nothing_new() -> None:
    stamps = Stamps()
    chunk = chunk_of(TRACE, TRACE, TRACE)
    assign(stamps, chunk)
    again = Stamps()
    again.load(msgspec.json.decode(msgspec.json.encode(stamps.dump()), type=SenderState))
    replayed = chunk_of(TRACE, TRACE, start=len(TRACE) + 1, number=1)
    assert not assign(again, replayed, NOON_NS + SECOND_NS)
    assert again.find(1, replayed.start) == NOON_NS


def test_a_replay_in_a_larger_chunk_keeps_old_times_and_adds_new_ones() -> None:
    stamps = Stamps()
    assign(stamps, chunk_of(TRACE))
    assert assign(stamps, chunk_of(TRACE, TRACE), NOON_NS + SECOND_NS)
    assert stamps.find(1, 0) == NOON_NS
    assert stamps.find(1, len(TRACE) + 1) == NOON_NS + SECOND_NS


def test_what_is_settled_is_dropped() -> None:
    stamps = Stamps()
    assign(stamps, chunk_of(TRACE, TRACE))
    stamps.settle(1, len(TRACE) + 1)
    assert stamps.find(1, len(TRACE) + 1) == NOON_NS
    stamps.settle(1, 2 * len(TRACE) + 2)
    assert stamps.dump() == SenderState()


def test_a_forgotten_file_leaves_nothing() -> None:
    stamps = Stamps()
    assign(stamps, chunk_of(TRACE))
    stamps.forget(1)
    assert stamps.dump() == SenderState()
    assert stamps.find(1, 0) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=40), st.data())
def test_a_time_once_given_never_changes(lines: list[tuple[bool, int]], data: st.DataObject) -> None:
    """However the lines are cut into chunks, before and after a restart from any settled prefix."""
    texts = [line(number) if timed else TRACE for timed, number in lines]
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts) + 1)]

    def feed(stamps: Stamps, first: int) -> dict[int, int | None]:
        at = first
        while at < len(texts):
            end = data.draw(st.integers(at + 1, len(texts)))
            now_ns = NOON_NS + data.draw(st.integers(0, 10**6)) * 1_000_000
            assign(stamps, chunk_of(*texts[at:end], start=starts[at], number=at), now_ns)
            at = end
        return {start: stamps.find(1, start) for number, start in enumerate(starts[:-1]) if not lines[number][0]}

    stamps = Stamps()
    given_times = feed(stamps, 0)
    mark = data.draw(st.integers(0, len(texts)))
    stamps.settle(1, starts[mark])
    again = Stamps()
    again.load(stamps.dump())
    replayed = feed(again, mark)
    unsettled = [start for start in given_times if start >= starts[mark]]
    assert [replayed[start] for start in unsettled] == [given_times[start] for start in unsettled]
