"""A count told twice under one name is not counted, the request is, and the reason is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.chunk import Reading
from tailer.reading.doubled import may_be_doubled, without_doubled
from tests.reading import lines

BODY = '{"id":"c1","object":"chat.completion","model":"gpt-4o","choices":[],%s}'
USAGE = '"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}'


def read(inside: str) -> Reading:
    return lines.read('{"level":"info","level":"warn","response":' + BODY % inside + "}")


@pytest.mark.parametrize(
    ("inside", "counts", "named"),
    [
        ('"usage":{"prompt_tokens":5,"prompt_tokens":7,"completion_tokens":2}', (None, 2), "prompt_tokens"),
        ('"usage":{"prompt_tokens":7,"completion_tokens":2,"completion_tokens":200}', (7, None), "completion_tokens"),
        ('"usage":{"prompt_tokens":1,"completion_tokens":1},' + USAGE, (None, None), "usage"),
    ],
)
def test_a_contradiction_is_not_counted_and_named(inside: str, counts: tuple[int | None, ...], named: str) -> None:
    reading = read(inside)
    assert reading.outcome == "bad_usage"
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens, reading.call.model) == (*counts, "gpt-4o")
    assert reading.call.faults == (f"{named}: told more than once, and not the same",)


@pytest.mark.parametrize("inside", [USAGE, f"{USAGE},{USAGE}", f'"usage":null,{USAGE}', f'{USAGE},"usage":null'])
def test_what_agrees_or_says_nothing_is_no_contradiction(inside: str) -> None:
    reading = read(inside)
    assert (reading.outcome, reading.warnings) == ("call", ())
    assert reading.call is not None
    assert (reading.call.input_tokens, reading.call.output_tokens) == (7, 2)


VALUES = st.recursive(
    st.integers() | st.text(max_size=5) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["usage", "prompt_tokens", "input_tokens", "a"]), inner, max_size=4)
    ),
)


@given(VALUES)
def test_what_tells_everything_once_stays_as_it_is(value: object) -> None:
    line = json.dumps(value).encode()
    assert without_doubled(line) == (value, [])


def test_prices_of_one_look_are_paid_by_few_lines() -> None:
    """Only those with a second block, or a count twice after the last one."""
    assert not may_be_doubled(('{"request":{"prompt_tokens":1},"response":' + BODY % USAGE + "}").encode())
    assert not may_be_doubled(json.dumps({"body": BODY % USAGE, "raw": BODY % USAGE}).encode())
