"""A batch is full by bytes or entries and due by age, and never lost or reordered."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tailer.ship.batch import Batch, Limits, due, due_in_seconds, full, halves, size_bytes
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tests.ship.making import entry

ROOMY = Limits(10**6, 1000, 0.5)


def filled(batch: Batch, coming: Sequence[Entry], limits: Limits, now: float = 0.0) -> list[int]:
    """The numbers of the entries that had no room."""
    return [left.number for left in batch.fill(Entries.of(coming), limits, now)]


def test_a_batch_takes_entries_up_to_its_number() -> None:
    batch = Batch()
    assert filled(batch, [entry(number) for number in range(2)], Limits(10**6, 3, 0.5)) == []
    assert not full(batch, Limits(10**6, 3, 0.5))
    assert filled(batch, [entry(number) for number in range(2, 5)], Limits(10**6, 3, 0.5)) == [3, 4]
    assert [taken.number for taken in batch.entries] == [0, 1, 2]


def test_a_batch_exceeds_its_bytes_by_less_than_one_entry() -> None:
    batch = Batch()
    assert filled(batch, [entry(number, text=b"x" * 400) for number in range(9)], Limits(1000, 99, 0.5))
    assert batch.bytes == size_bytes(batch.entries)
    assert 1000 <= batch.bytes < 1000 + size_bytes([entry(0, text=b"x" * 400)])


def test_an_empty_batch_is_never_due() -> None:
    assert due_in_seconds(Batch(), ROOMY, 10.0) is None
    assert not due(Batch(), ROOMY, 10.0)


def test_a_batch_is_due_when_its_first_entry_is_old_enough() -> None:
    batch = Batch()
    assert filled(batch, [entry(0)], ROOMY, 10.0) == []
    assert filled(batch, [entry(1)], ROOMY, 10.4) == []
    assert due_in_seconds(batch, ROOMY, 10.25) == 0.25
    assert due(batch, ROOMY, 10.5)


@given(st.lists(st.binary(max_size=50), max_size=30), st.integers(1, 500), st.integers(1, 7))
def test_batches_together_are_the_entries_in_order(texts: list[bytes], limit_bytes: int, limit_entries: int) -> None:
    coming = Entries.of([entry(number, text=text) for number, text in enumerate(texts)])
    numbers: list[int] = []
    while coming:
        batch = Batch()
        coming = batch.fill(coming, limits := Limits(limit_bytes, limit_entries, 0.5), 0.0)
        assert full(batch, limits) or not coming
        assert len(batch.entries) <= limit_entries
        assert batch.bytes - size_bytes(batch.entries[-1:]) < limit_bytes
        numbers += [taken.number for taken in batch.entries]
    assert numbers == list(range(len(texts)))


@given(st.integers(2, 50))
def test_halves_are_both_smaller_and_together_the_whole(count: int) -> None:
    whole = [entry(number) for number in range(count)]
    first, second = halves(whole)
    assert first
    assert second
    assert [*first, *second] == whole
