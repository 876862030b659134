"""What becomes of a line when a parser is asked: also one that fails, or gives what it should not."""

from __future__ import annotations

import pytest

from parsers.base import Call, Parser, Part, Record, Stage, UsageError
from tailer.reading.chunk import Reading
from tailer.reading.reading import LineReader
from tests.reading.lines import REQUEST, TIME, chunk, text


class Own:
    """An API of one's own: `{"acme": {"in": 3, "out": 5}}`."""

    name = "acme"
    keys = frozenset({"acme"})

    def matches(self, record: Record) -> bool:
        return record.body is not None and "acme" in record.body

    def parse(self, record: Record) -> Call | Part | None:
        usage = record.body["acme"] if record.body else None
        if not isinstance(usage, dict):
            raise UsageError(f"acme: expected counts, got {usage!r}")
        faults = () if isinstance(usage.get("out"), int) else ("acme.out: expected a count",)
        call = Call(
            provider="acme", input_tokens=usage["in"], output_tokens=3, cost_usd=usage.get("usd"), faults=faults
        )
        return Part(Stage.PIECE, call._replace(response_id="a1")) if usage.get("more") else call


class Careless:
    """A third party's parser that fails where it is told to."""

    name = "careless"

    def __init__(self, where: str) -> None:
        self.where = where

    def matches(self, record: Record) -> bool:
        if self.where == "matches":
            raise RuntimeError("no")
        return True

    def parse(self, record: Record) -> Call | Part | None:
        if self.where == "parse":
            raise KeyError("usage")
        return "a call, honestly"  # type: ignore[return-value]  # what the contract forbids is the point


def read(line: object, *parsers: Parser) -> Reading:
    """The reading of one line by these parsers."""
    return LineReader(parsers or (Own(),)).read(chunk(text(line).encode() + b"\n"))[0]


def test_the_first_parser_that_matches_says_what_a_line_is() -> None:
    reading = read({"ts": TIME, "acme": {"in": 3, "out": 5}})
    assert (reading.outcome, reading.parser) == ("call", "acme")
    assert reading.call is not None
    assert (reading.call.provider, reading.call.input_tokens, reading.call.timestamp_ns) == (
        "acme",
        3,
        1_795_194_007_123_000_000,
    )


def test_a_call_with_a_fault_is_counted_and_the_fault_named() -> None:
    reading = read({"acme": {"in": 3, "out": "many"}})
    assert (reading.outcome, reading.warnings) == ("bad_usage", ("acme.out: expected a count",))
    assert reading.call is not None
    assert reading.call.input_tokens == 3


def test_a_part_with_a_fault_stays_a_part() -> None:
    reading = read({"acme": {"in": 3, "more": True}})
    assert (reading.outcome, reading.stage, reading.join_key) == ("part", Stage.PIECE, "a1")
    assert reading.warnings == ("acme.out: expected a count",)


def test_usage_beyond_belief_leaves_a_call_without_usage() -> None:
    response = {"model": "m-1", "acme": "none"}
    reading = read({"ts": TIME, "provider": "groq", "request": REQUEST, "response": response, "took_ms": 7})
    call = reading.call
    assert reading.outcome == "bad_usage"
    assert call is not None
    assert (call.provider, call.model, call.request_model, call.input_tokens) == ("groq", "m-1", "gpt-4o", None)
    assert (call.duration_seconds, call.faults) == (0.007, ("acme: expected counts, got 'none'",))


@pytest.mark.parametrize(
    ("where", "warning"),
    [
        ("parse", "careless: KeyError: 'usage'"),
        ("answer", "careless: expected a Call, a Part, Several or None, got str"),
    ],
)
def test_a_parser_that_fails_costs_its_line_the_usage_and_no_more(where: str, warning: str) -> None:
    reading = read({"model": "m-1", "acme": {"in": 1}}, Careless(where), Own())
    assert (reading.outcome, reading.parser) == ("bad_usage", "careless")
    assert reading.warnings == (warning,)
    assert reading.call is not None
    assert (reading.call.model, reading.call.faults) == ("m-1", (warning,))


def test_a_parser_that_cannot_even_match_is_passed_over() -> None:
    reading = read({"acme": {"in": 1, "out": 2}}, Careless("matches"), Own())
    assert (reading.outcome, reading.parser, reading.warnings) == ("call", "acme", ("careless: RuntimeError: no",))


def test_the_parser_s_own_cost_beats_the_line_s() -> None:
    reading = read({"cost_usd": 9.0, "acme": {"in": 1, "out": 2, "usd": 0.25}})
    assert reading.call is not None
    assert reading.call.cost_usd == 0.25


def test_what_was_odd_about_one_line_is_not_said_of_the_next() -> None:
    lines = b"\x00" + text({"acme": "none"}).encode() + b"\n" + text({"acme": {"in": 1, "out": 2}}).encode() + b"\n"
    odd, plain = LineReader([Own()]).read(chunk(lines))
    assert len(odd.warnings) == 2
    assert plain.warnings == ()


def test_a_warning_is_short_whatever_the_line_holds() -> None:
    reading = read({"acme": "x" * 10_000})
    assert all(len(warning) <= 200 for warning in reading.warnings)


def test_without_parsers_nothing_is_a_call_and_times_are_still_read() -> None:
    (reading,) = LineReader([]).read(chunk(text({"ts": TIME, "usage": {}}).encode()))
    assert (reading.outcome, reading.timestamp_ns) == ("not_llm", 1_795_194_007_123_000_000)
