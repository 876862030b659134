"""Every parser passes the suite that third parties run, and the suite fails for parsers that deserve it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parsers import registry
from parsers.base import Call, Parser, Part, Record, UsageError
from parsers.contract import check_parser
from parsers.contract_cases import FOREIGN, NOT_LLM
from tests.parsers.examples import BY_PARSER

PARSERS = registry.load()


def first_match(record: Record) -> str | None:
    return next((parser.name for parser in PARSERS if parser.matches(record)), None)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_every_parser_keeps_the_contract(parser: Parser) -> None:
    check_parser(parser, BY_PARSER[parser.name])


@pytest.mark.parametrize("name", BY_PARSER)
def test_each_example_reaches_its_own_parser_first(name: str) -> None:
    assert [first_match(record) for record, _ in BY_PARSER[name]] == [name] * len(BY_PARSER[name])


@pytest.mark.parametrize("record", NOT_LLM)
def test_no_parser_takes_a_line_that_is_no_call(record: Record) -> None:
    assert first_match(record) is None


def test_bodies_of_other_providers_are_left_to_their_own_parsers() -> None:
    others = [record for record in FOREIGN if record.body is not None and "object" not in record.body]
    assert len(others) > 5
    found = {first_match(record) for record in others}
    assert not {name for name in found if name and name.startswith(("openai", "any_"))}


class Good:
    """A third party's parser: one shape, flat counts."""

    name = "acme"

    def matches(self, record: Record) -> bool:
        return record.body is not None and "acme_tokens" in record.body

    def parse(self, record: Record) -> Call | Part | None:
        tokens = (record.body or {})["acme_tokens"]
        if type(tokens) is not int or not 0 <= tokens < 10**6:
            raise UsageError("acme_tokens: expected a count")
        error = "unknown" if record.status is not None and record.status >= 400 else None
        return Call(provider="acme", operation="chat", input_tokens=tokens, error_type=error)


EXAMPLE = (Record({"acme_tokens": 5}), Call(provider="acme", operation="chat", input_tokens=5))


def test_a_third_partys_parser_with_its_own_provider_passes() -> None:
    check_parser(Good(), [EXAMPLE], providers=("acme",))


def altered(
    parse: Callable[[Record], object] | None = None,
    matches: Callable[[Record], object] | None = None,
    name: str = "acme",
) -> Parser:
    class Altered(Good):
        def matches(self, record: Record) -> bool:
            return matches(record) if matches else super().matches(record)  # type: ignore[return-value]  # on purpose

        def parse(self, record: Record) -> Call | Part | None:
            return parse(record) if parse else super().parse(record)  # type: ignore[return-value]  # on purpose

    made = Altered()
    made.name = name
    return made


def unchecked(record: Record) -> Call:
    return Call(provider="acme", operation="chat", input_tokens=(record.body or {})["acme_tokens"])  # type: ignore[arg-type]  # the fault


def changing(record: Record) -> Call | Part | None:
    call = Good().parse(record)
    record.body["seen"] = True  # type: ignore[index]  # the fault
    return call


def optimistic(record: Record) -> Call | Part | None:
    call = Good().parse(record)
    assert isinstance(call, Call)
    return call._replace(error_type=None)


def overfull(record: Record) -> Call | Part | None:
    call = Good().parse(record)
    assert isinstance(call, Call)
    return call._replace(details={"cached_input": 999_999_999})


COUNTER = iter(range(10**6))

BAD = {
    "no plain name": altered(name="Acme Parser!"),
    "is no count": altered(unchecked),
    "raised KeyError": altered(matches=lambda _: True),
    "not a bool": altered(matches=lambda record: record.body and record.body.get("acme_tokens")),
    "matches\\(\\) is not True": altered(matches=lambda _: False),
    "the record was changed": altered(changing),
    "two runs differ": altered(lambda _: Call(provider="acme", response_id=str(next(COUNTER)))),
    "a success with status": altered(optimistic),
    "details.cached_input": altered(overfull),
    "is not known": altered(lambda _: Call(provider="other")),
    "error_type: 'bad'": altered(lambda _: Call(error_type="bad")),
    "gave dict": altered(lambda _: {}),
    "expected\n": altered(lambda _: Call(input_tokens=6)),
}


@pytest.mark.parametrize("message", BAD)
def test_the_suite_names_the_parser_and_what_is_wrong(message: str) -> None:
    with pytest.raises(AssertionError, match=message) as caught:
        check_parser(BAD[message], [EXAMPLE], providers=("acme",))
    assert str(caught.value).startswith(BAD[message].name)


def test_a_parser_without_examples_is_not_checked() -> None:
    with pytest.raises(AssertionError, match="acme: examples: none given"):
        check_parser(Good(), [], providers=("acme",))


def test_a_parser_that_counts_an_applications_own_error_is_caught() -> None:
    greedy = altered(lambda _: Call(error_type="unknown"), lambda record: bool(record.body and "error" in record.body))
    with pytest.raises(AssertionError, match="it is counted as a call"):
        check_parser(greedy, [(Record({"error": 1}), Call(error_type="unknown"))])
