"""The typed way with parsers that are not ours: with a form of their own, without one, or with one that fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from parsers.base import Call, Part, Record
from parsers.openai_chat import OpenAIChat
from parsers.typical import TEXT, Typical, by_parse
from tailer.reading.reading import LineReader
from tests.reading.lines import BODY, TIME
from tests.reading.test_typed import PARSERS
from tests.reading.test_typed_hostile import SERVED, same
from tests.reading.typical import AROUND, CALL, MESSAGE, Json

MINE: Json = {"kind": "mine", "id": "m-1", "model": "mine-1", "tokens": 7, "text": "Hi"}


class Ours(OpenAIChat):
    """As ours, but for one customer's models."""

    def parse(self, record: Record) -> Call | Part | None:
        """As ours does."""
        found = super().parse(record)
        is_theirs = isinstance(found, Call) and record.body is not None and record.body.get("user") == "them"
        return found._replace(provider="theirs") if is_theirs and isinstance(found, Call) else found


class ByText:
    """Goes by whatever stands anywhere in a line."""

    name = "by_text"

    def matches(self, record: Record) -> bool:
        """By its text."""
        return record.body is not None and "mine" in str(record.body)

    def parse(self, record: Record) -> Call:
        """Every one is a call."""
        return Call(provider="mine")


class WithForm:
    """Has a form, which gives what `told` says."""

    name = "with_form"
    keys = frozenset({"kind"})

    def __init__(self, told: Any = None) -> None:
        self.told = told

    def matches(self, record: Record) -> bool:
        """By its kind."""
        return record.body is not None and record.body.get("kind") == "mine"

    def parse(self, record: Record) -> Call:
        """A call of so many tokens."""
        body: Mapping[str, Any] = record.body or {}
        return Call(provider="mine", model=body["model"], input_tokens=body["tokens"], output_tokens=0)

    def typical(self, body: Mapping[str, object]) -> Any:
        """The form."""
        return self.told if self.told is not None else by_parse(self, body, {"kind": str, "model": TEXT, "tokens": int})


class Failing(WithForm):
    """Fails to say what its bodies are like."""

    def typical(self, body: Mapping[str, object]) -> Any:
        """Not to be told."""
        raise KeyError(next(iter(body)))


def nothing(*_: object) -> None:
    """Of no call."""


def no_call(*_: object) -> Any:
    """What is no call at all."""
    return "a call"


def no_count(found: Any, _: Record) -> Call:
    """A call whose count is a text."""
    return Call(input_tokens=found.tokens * "x")


def test_a_form_does_not_speak_for_what_a_class_of_somebody_elses_parses() -> None:
    lines = [{**CALL, "response": {**BODY, "user": user}} for user in ("us", "us", "us", "them", "them")]
    same([orjson.dumps(line) for line in lines], LineReader([Ours(), *PARSERS]))


def test_a_parser_that_tells_no_keys_is_asked_for_every_line() -> None:
    lines = [{**SERVED, "path": path} for path in ("/a", "/b", "/c", "/mine", "/d", "/mine")]
    lines += [{**AROUND, "response": {**MESSAGE, "content": text}} for text in ("a", "b", "c", "mine")]
    same([orjson.dumps(line) for line in lines], LineReader([ByText(), *PARSERS]))


def test_a_form_of_somebody_elses_is_read_by() -> None:
    lines = [
        orjson.dumps({"ts": TIME, "response": {**MINE, "tokens": tokens}}) for tokens in (7, 8, 9, 10, -1, None, "x")
    ]
    reader = same(lines, LineReader([WithForm(), *PARSERS]))
    assert reader.typed_lines == 2


@pytest.mark.parametrize(
    "parser",
    [
        WithForm(7),
        WithForm(Typical({"kind": 7}, nothing)),
        WithForm(Typical({"kind": str | bytes | list[int] | dict[str, int] | Call}, nothing)),
        WithForm(Typical({"a-b": str, "kind": str}, nothing)),
        WithForm(Typical({"kind": str}, no_call)),
        WithForm(Typical({"tokens": int}, no_count)),
        WithForm(Typical({"tokens": int}, lambda: None, takes_supplied=True)),
        Failing(),
    ],
    ids=range(8),
)
def test_a_form_that_fails_costs_nothing_but_time(parser: WithForm) -> None:
    line = orjson.dumps({"ts": TIME, "response": MINE})
    same([line] * 4, LineReader([parser, *PARSERS]))
    same([line, orjson.dumps(CALL)] * 4, LineReader([*PARSERS, parser]))


def test_what_a_form_gives_is_looked_at_as_what_is_parsed() -> None:
    """A count that is none must not reach the ledger, though the line that was learnt had a good one."""
    line = orjson.dumps({"ts": TIME, "response": MINE})
    reader = same([line] * 3, LineReader([WithForm(), *PARSERS]))
    assert reader.typed_lines == 1
    (found,) = {same([line.replace(b":7,", b":-7,")], reader).typed_lines}
    assert found == 1
