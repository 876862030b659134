"""Whatever a line holds, no parser raises, and what it gives is sound: properties over bodies near the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import registry
from parsers.base import OPERATIONS, PROVIDERS, Call, Part, Record, Several
from parsers.contract import _Checks
from tests.parsers.examples import BY_PARSER

PARSERS = registry.load()
CHECKS = [_Checks(parser, PROVIDERS, OPERATIONS) for parser in PARSERS]
RECORDS = [record for examples in BY_PARSER.values() for record, _ in examples]
WITH_BODY = [record for record in RECORDS if record.body]
EXAMPLES = settings().max_examples
"""A hundred; `make soak` tries twenty times as many of each."""

Place = tuple[str | int, ...]


def places(value: object, path: Place = ()) -> Iterator[tuple[Place, object]]:
    """Every place of a decoded value and what stands there, itself first."""
    yield path, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places(member, (*path, key))


def changed(value: Any, path: Place, into: object) -> Any:
    """A copy with something else at a place; what is None is left out."""
    if not path:
        return into
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    member = changed(value[path[0]], path[1:], into)
    if member is None and len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = member
    return copy


ALL = [found for record in RECORDS for part in (record.body, record.request) for found in places(part)]
KEYS = sorted({part for path, _ in ALL for part in path if isinstance(part, str)})
WORDS = sorted({value for _, value in ALL if isinstance(value, str) and len(value) <= 40})
OBJECTS = [value for _, value in ALL if isinstance(value, (dict, list)) and value]
URLS = sorted({record.url for record in RECORDS if record.url})
HEADERS = sorted({name for record in RECORDS for name in record.headers} | {"retry-after", "x-ratelimit-reset-tokens"})

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(WORDS))
NUMBERS = (-1, 0, 7, 10**9, 10**10, 2**63, 10**30, 0.5, 1e308, float("nan"), float("-inf"), "1523", "", True)
nasty = st.one_of(scalars, st.sampled_from(NUMBERS), st.sampled_from(OBJECTS))


def members(inner: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.sampled_from(KEYS), inner, max_size=8)


values = st.recursive(
    scalars | st.sampled_from(OBJECTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), members(inner)),
    max_leaves=12,
)
surroundings: dict[str, st.SearchStrategy[Any]] = {
    "status": st.one_of(st.none(), st.integers(0, 700)),
    "headers": st.dictionaries(st.sampled_from(HEADERS), st.text() | st.sampled_from(["12ms", "6m0s", "-1", "0"])),
    "url": st.one_of(st.none(), st.text(), st.sampled_from(URLS)),
    "event": st.sampled_from([None, "error", "ping", "message_start", "message_delta"]),
    "provider": st.sampled_from([None, "", "Azure", "groq", "someone", *PROVIDERS]),
    "timestamp_ns": st.one_of(st.none(), st.integers(0, 2**63)),
}
made_up = st.builds(
    Record,
    body=st.one_of(st.none(), members(values)),
    request=st.one_of(st.none(), members(values)),
    **surroundings,
)


@st.composite
def spoilt(draw: st.DrawFn) -> Record:
    """A real record with one to four of its values replaced, left out or swapped for another API's."""
    record = draw(st.sampled_from(WITH_BODY))
    body: Any = record.body
    for _ in range(draw(st.integers(1, 4))):
        found = [path for path, _ in places(body) if path]
        if found:
            body = changed(body, draw(st.sampled_from(found)), draw(nasty))
    if draw(st.booleans()):
        body = {**body, draw(st.sampled_from(KEYS)): draw(nasty)}
    record = record._replace(body=body)
    name = draw(st.sampled_from([None, None, *surroundings]))
    return record if name is None else record._replace(**{name: draw(surroundings[name])})


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(made_up)
def test_no_record_breaks_a_parser_or_gives_an_unsound_call(record: Record) -> None:
    for check in CHECKS:
        check.bears("a made-up record", record)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(spoilt())
def test_no_spoilt_body_breaks_a_parser_or_gives_an_unsound_call(record: Record) -> None:
    for check in CHECKS:
        check.bears("a spoilt record", record)


@settings(max_examples=EXAMPLES * 3 // 2, deadline=None)
@given(st.sampled_from(WITH_BODY), st.sampled_from(WITH_BODY))
def test_two_bodies_glued_into_one_break_no_parser(one: Record, other: Record) -> None:
    for body in ({**(one.body or {}), **(other.body or {})}, {**(other.body or {}), **(one.body or {})}):
        for check in CHECKS:
            check.bears("two bodies in one", one._replace(body=body))


CLOSED = frozenset({"openai_images", "token_counting"})
"""Parsers of bodies that are known only by having no other members: many things have `data`, or `input_tokens`."""
OPEN = [
    record
    for record in WITH_BODY
    if next((parser.name for parser in PARSERS if parser.matches(record)), None) not in CLOSED
]


@settings(max_examples=EXAMPLES * 3 // 2, deadline=None)
@given(st.sampled_from(OPEN), st.dictionaries(st.text(min_size=1, max_size=12), nasty, min_size=1, max_size=3))
def test_members_that_nobody_knows_change_nothing_of_any_api(record: Record, strange: dict[str, object]) -> None:
    added = {f"x_{key}": value for key, value in strange.items()}
    odd = record._replace(body={**added, **(record.body or {}), **{f"z{key}": value for key, value in added.items()}})
    parser = next(parser for parser in PARSERS if parser.matches(record))
    assert next(parser for parser in PARSERS if parser.matches(odd)) is parser
    assert parser.parse(odd) == parser.parse(record)


@given(
    st.sampled_from([record for record in WITH_BODY if record.body and "object" in record.body]),
    st.dictionaries(st.sampled_from(["sequence_number", "code", "param", "message", "stream", "prompt"]), values),
)
def test_members_of_its_family_in_a_real_body_never_lose_the_call(record: Record, strange: dict[str, object]) -> None:
    body = record.body or {}
    odd = record._replace(body={**body, **{key: value for key, value in strange.items() if key not in body}})
    parser = next(parser for parser in PARSERS if parser.matches(odd))
    assert tokens(parser.parse(odd)) == tokens(parser.parse(record))


def tokens(found: Call | Part | Several | None) -> list[tuple[int | None, int | None]]:
    if found is None:
        return []
    calls = found.calls if isinstance(found, Several) else [found.call if isinstance(found, Part) else found]
    return [(call.input_tokens, call.output_tokens) for call in calls]
