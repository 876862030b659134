"""Two parts of one call say together what each knows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call
from tailer.reading.overlay import overlay

TOKENS = st.none() | st.integers(0, 10**6)
NAMES = st.none() | st.sampled_from(["openai", "azure.ai.openai", "groq"])
DETAILS = st.dictionaries(st.sampled_from(["cached_input", "reasoning"]), st.integers(0, 100))
CALLS = st.builds(
    Call,
    provider=NAMES,
    operation=st.none() | st.sampled_from(["chat", "embeddings"]),
    model=NAMES,
    input_tokens=TOKENS,
    output_tokens=TOKENS,
    details=DETAILS,
    stream=st.none() | st.booleans(),
    faults=st.lists(st.sampled_from(["a: x", "b: y"]), unique=True).map(tuple),
)


def test_a_later_known_value_replaces_an_earlier_one_and_unknown_does_not() -> None:
    started = Call(input_tokens=472, output_tokens=1, details={"cached_input": 100}, request_id="r1")
    ended = Call(output_tokens=89, details={"reasoning": 40}, finish_reason="stop")
    both = overlay(started, ended)
    assert (both.input_tokens, both.output_tokens, both.request_id) == (472, 89, "r1")
    assert both.details == {"cached_input": 100, "reasoning": 40}
    assert both.finish_reason == "stop"


def test_cumulative_counts_are_not_added() -> None:
    pieces = [Call(output_tokens=count) for count in (5, 17, 42)]
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = overlay(whole, piece)
    assert whole.output_tokens == 42


def test_what_the_request_line_knows_is_not_lost_to_what_a_body_is_taken_for() -> None:
    asked = Call(provider="azure.ai.openai", operation="embeddings", stream=True)
    answered = Call(provider="openai", operation="chat", stream=False)
    both = overlay(asked, answered)
    assert (both.provider, both.operation, both.stream) == ("azure.ai.openai", "embeddings", True)
    assert overlay(answered, asked).provider == "azure.ai.openai"


@given(CALLS)
def test_nothing_added_changes_nothing(call: Call) -> None:
    assert overlay(call, Call()) == call
    assert overlay(Call(), call) == call
    assert overlay(call, call) == call


@given(CALLS, CALLS, CALLS)
def test_parts_may_be_put_together_in_any_grouping(one: Call, two: Call, three: Call) -> None:
    assert overlay(overlay(one, two), three) == overlay(one, overlay(two, three))
