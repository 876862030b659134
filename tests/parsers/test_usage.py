"""Counts: what is believed, what is a fault, and that parts never exceed their whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import openai_family as family
from parsers.usage import EXCLUSIVE, MAX_COUNT, Counts, over
from tests.parsers import bodies


def counted(usage: object, provider: str | None = "openai") -> Counts:
    found = family.counts(usage, family.CHAT, provider)
    assert found is not None
    return found


@pytest.mark.parametrize(("value", "count"), [(0, 0), (1523, 1523), (12.0, 12), (MAX_COUNT, MAX_COUNT), (None, None)])
def test_a_count_is_an_integer_from_zero_on(value: object, count: int | None) -> None:
    counts = Counts({"prompt_tokens": value})
    assert (counts.count("prompt_tokens"), counts.faults) == (count, [])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("many", "'many'"),
        ("1523", "'1523'"),
        (True, "True"),
        (-1, "-1"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (MAX_COUNT + 1, "1000000001"),
        ([1], "a list"),
        ({"n": 1}, "an object"),
    ],
)
def test_what_is_no_count_is_a_fault_with_its_path(value: object, shown: str) -> None:
    counts = Counts({"prompt_tokens": value})
    assert counts.count("prompt_tokens") is None
    assert counts.faults == [f"usage.prompt_tokens: expected a count, got {shown}"]


def test_a_fault_does_not_repeat_a_long_text() -> None:
    counts = Counts({"prompt_tokens": "my secret prompt, word for word, as it was sent"})
    counts.count("prompt_tokens")
    assert counts.faults == ["usage.prompt_tokens: expected a count, got 'my secret prompt, w…"]


@pytest.mark.parametrize(("usage", "shown"), [("none", "'none'"), ([], "a list"), (False, "False"), (0, "0")])
def test_a_usage_block_of_a_wrong_type_is_one_fault(usage: object, shown: str) -> None:
    counts = counted(usage)
    assert (counts.input, counts.output, counts.details) == (None, None, {})
    assert counts.faults == [f"usage: expected an object, got {shown}"]


def test_no_usage_block_is_no_fault() -> None:
    assert family.counts(None, family.CHAT, "openai") is None


def test_null_details_and_null_members_are_unknown_and_no_fault() -> None:
    usage = bodies.chat_usage(prompt_tokens_details=None, completion_tokens_details={"reasoning_tokens": None})
    counts = counted(usage)
    assert (counts.input, counts.output, counts.details, counts.faults) == (1523, 212, {}, [])


def test_a_part_greater_than_its_whole_is_dropped_and_the_whole_kept() -> None:
    counts = counted(bodies.chat_usage(prompt_tokens_details={"cached_tokens": 1524, "audio_tokens": 3}))
    assert (counts.input, counts.details.get("cached_input"), counts.details["audio_input"]) == (1523, None, 3)
    assert counts.faults == [
        "usage.prompt_tokens_details.cached_tokens: 1524 does not fit in 1523 input tokens",
    ]


def test_parts_that_share_no_token_must_fit_together() -> None:
    counts = counted(bodies.chat_usage(prompt_tokens_details={"cached_tokens": 1000, "cache_write_tokens": 600}))
    assert "cached_input" not in counts.details
    assert "cache_write" not in counts.details
    assert counts.faults == [
        "usage.prompt_tokens_details: cached_input 1000 + cache_write 600 do not fit in 1523 tokens"
    ]


def test_parts_that_may_overlap_need_not_fit_together() -> None:
    details = {"cached_tokens": 1500, "audio_tokens": 1400, "text_tokens": 123}
    counts = counted(bodies.chat_usage(prompt_tokens_details=details))
    assert counts.faults == []
    assert counts.details["audio_input"] == 1400


def test_a_part_of_an_unknown_whole_is_a_fault_unless_it_is_zero() -> None:
    counts = counted({"completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 7, "audio_tokens": 0}})
    assert (counts.input, counts.output, counts.details) == (None, 5, {})
    assert counts.faults == [
        "usage.prompt_tokens_details.cached_tokens: 7 does not fit in an unknown number of input tokens"
    ]


def test_a_total_that_is_not_the_sum_is_a_fault_and_drops_nothing() -> None:
    counts = counted(bodies.chat_usage(total_tokens=1000))
    assert (counts.input, counts.output) == (1523, 212)
    assert counts.faults == ["usage.total_tokens: 1000 is not the sum of 1523 and 212"]


REASONED = {"prompt_tokens": 10120, "completion_tokens": 1499, "completion_tokens_details": {"reasoning_tokens": 2809}}


def test_reasoning_beside_the_output_is_added_when_the_total_says_so() -> None:
    counts = counted({**REASONED, "total_tokens": 14428})
    assert (counts.output, counts.details["reasoning"], counts.faults) == (4308, 2809, [])


def test_xai_reasoning_is_added_without_a_total() -> None:
    counts = counted(REASONED, "x_ai")
    assert (counts.output, counts.faults) == (4308, [])


def test_an_xai_total_that_includes_reasoning_already_is_believed() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 30, "total_tokens": 40}
    counts = counted({**usage, "completion_tokens_details": {"reasoning_tokens": 20}}, "x_ai")
    assert (counts.output, counts.details["reasoning"], counts.faults) == (30, 20, [])


@pytest.mark.parametrize("key", ["cached_tokens", "prompt_cache_hit_tokens", "num_cached_tokens"])
def test_a_compatible_vendors_flat_cached_tokens_are_found(key: str) -> None:
    counts = counted({"prompt_tokens": 100, "completion_tokens": 5, key: 64, "prompt_tokens_details": None})
    assert (counts.input, counts.details) == (100, {"cached_input": 64})


numbers = st.one_of(st.integers(-5, 3000), st.floats(), st.booleans(), st.none(), st.text(max_size=5))
blocks = st.one_of(
    numbers,
    st.dictionaries(st.sampled_from([*family.INPUT_PARTS, *family.OUTPUT_PARTS, "other"]), numbers),
)
usages = st.dictionaries(
    st.sampled_from([*family.CHAT, "total_tokens", *family.FLAT_CACHED]), st.one_of(numbers, blocks), max_size=8
)


@given(usages, st.sampled_from(["openai", "x_ai", None]))
def test_details_always_fit_in_what_they_are_parts_of(usage: dict[str, Any], provider: str | None) -> None:
    counts = counted(usage, provider)
    for name, value in counts.details.items():
        whole = counts.input if name in family.INPUT_PARTS.values() else counts.output
        assert whole is not None
        assert 0 <= value <= whole
    for group in EXCLUSIVE:
        whole = counts.input if group[0] in family.INPUT_PARTS.values() else counts.output
        assert not over(counts.details, group, whole or 0)


@given(usages)
def test_a_value_that_is_left_out_is_named_by_a_fault(usage: dict[str, Any]) -> None:
    counts = counted(usage, None)
    for key, got in (("prompt_tokens", counts.input), ("completion_tokens", counts.output)):
        if usage.get(key) is not None and got is None:
            assert any(fault.startswith(f"usage.{key}: ") for fault in counts.faults)
