"""What is learnt of a log takes its share of the time and of the memory, whatever the log is like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from parsers.base import Call, Record
from parsers.remembered import MOST_CHARS, Again, remembering
from tailer.reading.typed.learner import Learner
from tailer.reading.typed.plans import FIRST_PLANS, LINES_A_PLAN, MOST_SEEN
from tailer.reading.typed.shelf import MOST_PLANS
from tests.reading.lines import BODY, chunk
from tests.reading.test_typed import a_reader
from tests.reading.test_typed_hostile import SERVED, same
from tests.reading.typical import AROUND, CALL


def pairs_of_new_kinds(number: int) -> Iterator[bytes]:
    for kind in range(number):
        for body in (BODY, {**BODY, f"key_{kind}": 1}):
            yield from [orjson.dumps({**AROUND, f"kind_{kind}": 1, "response": body})] * 2


def test_learning_takes_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log whose lines are of new kinds all the time: each pair would be worth a plan."""
    tries = 0
    plan = Learner.plan

    def noting(*args: Any) -> Any:
        nonlocal tries
        tries += 1
        return plan(*args)

    monkeypatch.setattr(Learner, "plan", noting)
    lines = list(pairs_of_new_kinds(200))
    same(lines)
    assert FIRST_PLANS <= tries <= FIRST_PLANS + len(lines) // LINES_A_PLAN + 1


def test_what_was_right_often_is_kept_where_there_are_too_many_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailer.reading.typed.plans.LINES_A_PLAN", 0)
    reader, often = a_reader(), orjson.dumps(CALL)
    same([often] * 9, reader)
    for line in pairs_of_new_kinds(MOST_PLANS):
        reader.read(chunk(line + b"\n"))
    shelf = reader._typed._bare._shelf
    assert MOST_PLANS // 2 <= len(shelf.plans) <= MOST_PLANS
    before = reader.typed_lines
    same([often], reader)
    assert reader.typed_lines == before + 1 >= 8


@pytest.mark.parametrize("length", [3, 60_000])
def test_keys_that_are_data_are_not_kept(length: int) -> None:
    """Neither many nor long ones: of the line, of the body, of a failed call's body."""
    reader = a_reader()
    for number in range(40):
        keys = {f"{number}_{one}" + "k" * length: 1 for one in range(1 if length > 100 else 1000)}
        for line in ({**SERVED, **keys}, {**CALL, "response": {**BODY, **keys}}, {**CALL, **keys}):
            same([orjson.dumps(line)] * 2, reader)
        failed = orjson.dumps({**AROUND, "status": 429, "response": {"error": {"message": "x"}, **keys}})
        same([failed] * 2, reader)
    plans = reader._typed._bare
    assert not plans._shelf.plans
    assert len(plans._seen) <= MOST_SEEN
    assert sum(len(key) for keys, body, _ in plans._seen for key in (*keys, *body)) < 20_000
    assert sum(len(str(key)) for shape in reader._asking._candidates for key in shape) < 20_000


def test_long_addresses_are_not_kept_and_many_start_over() -> None:
    reader = a_reader()
    for number in range(100):
        url = f"https://api.openai.com/v1/chat/completions?n={number}"
        same([orjson.dumps({**CALL, "url": url})] * 2, reader)
        same([orjson.dumps({**CALL, "url": url + "x" * 3000})] * 2, reader)
    (plan,) = reader._typed._bare._shelf.plans
    assert max(len(url or "") for url, _ in plan.form.addresses) < 100
    assert 1 <= len(plan.form.addresses) <= 64


@pytest.mark.parametrize("length", [10, MOST_CHARS])
def test_long_texts_are_not_remembered(length: int) -> None:
    """Of bodies that differ only in counts the parser is asked once, but for texts that are nobody's names."""
    asked = 0

    def ask(found: str, record: Record) -> Call:
        nonlocal asked
        asked += 1
        return Call(model=found)

    call = remembering(ask, Again(lambda found: found, lambda made, _: made))
    for _ in range(3):
        assert call("x" * length, Record({})) == Call(model="x" * length)
    assert asked == (1 if length == 10 else 3)
