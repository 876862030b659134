"""Whose turn it is among the files that have something to read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tailer.source.turns import Turns


def a_file(number: int, family: str) -> Any:
    return SimpleNamespace(number=number, family=family)


def taken(turns: Turns, times: int, unread: set[int], tried: set[int]) -> list[int]:
    files = [turns.take(lambda file: file.number in unread, tried) for _ in range(times)]
    return [file.number for file in files if file is not None]


def test_different_logs_have_their_turns_and_of_each_the_oldest_file_comes_first() -> None:
    turns = Turns()
    for number, family in ((3, "a"), (1, "a"), (2, "b"), (4, "c")):
        turns.offer(a_file(number, family))
    assert taken(turns, 6, {1, 2, 3, 4}, set()) == [1, 2, 4, 1, 2, 4]
    assert taken(turns, 2, {2, 3, 4}, set()) == [3, 2]


def test_a_log_that_always_has_more_keeps_no_other_waiting() -> None:
    turns = Turns()
    turns.offer(a_file(1, "busy"))
    assert taken(turns, 2, {1}, set()) == [1, 1]
    turns.offer(a_file(2, "quiet"))
    turns.offer(a_file(1, "busy"))
    assert 2 in taken(turns, 2, {1, 2}, set())


def test_what_was_tried_is_passed_over_and_stays() -> None:
    turns = Turns()
    for number, family in ((1, "a"), (2, "a"), (3, "b")):
        turns.offer(a_file(number, family))
    assert taken(turns, 3, {1, 2, 3}, {1, 3}) == [2, 2, 2]
    assert taken(turns, 1, {1, 2, 3}, {1, 2, 3}) == []
    assert sorted(taken(turns, 2, {1, 2, 3}, set())) == [1, 3]


def test_what_has_nothing_to_read_is_not_asked_again_before_it_is_offered() -> None:
    turns = Turns()
    turns.offer(a_file(1, "a"))
    assert taken(turns, 1, set(), set()) == []
    assert not turns
    assert taken(turns, 1, {1}, set()) == []
    turns.offer(a_file(1, "a"))
    assert taken(turns, 1, {1}, set()) == [1]


def test_what_is_forgotten_has_no_turn() -> None:
    turns = Turns()
    turns.offer(a_file(1, "a"))
    turns.forget(1)
    turns.forget(2)
    assert not turns
    assert taken(turns, 1, {1}, set()) == []
