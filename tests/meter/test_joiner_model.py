"""Whatever the order of the lines and wherever the process restarts: each call comes out once, with all it used."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call, Span, Stage
from tailer.config import Limits
from tailer.meter.joiner import Joined, Joiner
from tailer.reading.chunk import Reading
from tests.meter.calls import ASKED, END_MARK, GPT, NOON_NS, USED, at, part, restarted

REASON = {"whole": None, "stream": None, "finished": "stream_without_usage", "interrupted": "stream_interrupted"}


class Truth(NamedTuple):
    """One call as it happened and the lines that tell of it, in their order."""

    response_id: str | None
    tokens: int | None
    missing: str | None
    lines: list[Reading]


def answer(kind: str, key: str | None, call: Call, pieces: int, repeats: int) -> list[Reading]:
    used = call._replace(input_tokens=1, output_tokens=7)
    if kind == "whole":
        return [part(None, used, key)]
    streamed = [part(Stage.PIECE, call, key)] * pieces
    match kind:
        case "stream":
            # What was already told may be told again: the last piece twice, the whole body after its stream.
            return [*streamed, part(Stage.LAST, used, key), *[part(Stage.LAST, used, key)] * repeats]
        case "finished":
            return [*streamed, part(Stage.FINISHED, call, key)]
    return streamed


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Truth], list[Reading]]:
    """Calls under a few shared keys, and one order in which their lines were written."""
    truths: list[Truth] = []
    for key in ("req_a", "req_b", None):
        # Under a shared key an unanswered request can only be told from an answered one if all are logged.
        asked = key is not None and draw(st.booleans())
        kinds = ["whole", "stream", "finished", "interrupted", *(["unanswered"] if asked else [])]
        for _ in range(draw(st.integers(0, 4))):
            kind, number = draw(st.sampled_from(kinds)), len(truths)
            call = GPT._replace(response_id=f"chatcmpl-{number}")
            lines = [part(Stage.REQUEST, ASKED, key)] if asked else []
            if kind == "unanswered":
                truths.append(Truth(None, None, "no_response", lines))
                continue
            lines += answer(kind, key, call, draw(st.integers(1, 3)), draw(st.integers(0, 2)))
            truths.append(Truth(call.response_id, 8 if REASON[kind] is None else None, REASON[kind], lines))
    order = draw(st.permutations([number for number, truth in enumerate(truths) for _ in truth.lines]))
    waiting = [list(truth.lines) for truth in truths]
    return truths, [waiting[number].pop(0) for number in order]


def facts(joined: Joined) -> tuple[str | None, int | None, str | None]:
    call = joined.call
    tokens = None if call.input_tokens is None else call.input_tokens + (call.output_tokens or 0)
    return call.response_id, tokens, joined.missing


def run(lines: list[Reading], restarts: frozenset[int] = frozenset()) -> list[Joined]:
    joiner, out = Joiner(Limits()), list[Joined]()
    for number, line in enumerate(lines):
        if number in restarts:
            joiner = restarted(joiner)
        out += joiner.add(line, NOON_NS)
    out += joiner.close_all()
    assert len(joiner) == 0
    return out


@given(histories())
def test_every_call_comes_out_exactly_once_with_all_its_tokens(history: tuple[list[Truth], list[Reading]]) -> None:
    truths, lines = history
    assert Counter(map(facts, run(lines))) == Counter((it.response_id, it.tokens, it.missing) for it in truths)


@given(histories(), st.frozensets(st.integers(0, 40)))
def test_a_restart_between_any_two_lines_changes_nothing(
    history: tuple[list[Truth], list[Reading]], restarts: frozenset[int]
) -> None:
    _, lines = history
    assert run(lines, restarts) == run(lines)


ANY_LINE = st.builds(
    part,
    st.sampled_from([None, *Stage]),
    st.sampled_from([ASKED, GPT, END_MARK, GPT._replace(response_id="r1"), GPT._replace(response_id="r2")]),
    st.sampled_from([None, "a", "b", "c"]),
)


@given(st.lists(ANY_LINE, max_size=60), st.integers(1, 4))
def test_no_lines_at_all_make_it_hold_more_than_its_limit(lines: list[Reading], limit: int) -> None:
    joiner = Joiner(Limits(open_calls=limit))
    for line in lines:
        joiner.add(line, NOON_NS)
        assert len(joiner) <= limit
    left = len(joiner)
    assert len(joiner.close_all()) == left
    assert joiner.dump().open == []


@given(st.lists(ANY_LINE, max_size=60), st.integers(0, 60))
def test_no_lines_at_all_are_joined_otherwise_after_a_restart(lines: list[Reading], restart: int) -> None:
    assert run(lines, frozenset([restart])) == run(lines)


AT_ONE_KEY = st.builds(
    lambda line, more: msgspec.structs.replace(line, more=more),
    st.builds(
        part,
        st.sampled_from([None, None, *Stage]),
        st.builds(
            at(USED, 1)._replace,
            request_model=st.sampled_from([None, "gpt-4o"]),
            response_id=st.sampled_from([None, "r1"]),
            span=st.sampled_from([None, None, None, Span(("s1",))]),
        ),
        st.sampled_from([None, "a"]),
    ),
    st.sampled_from([(), (), (), (GPT,)]),
)


@given(st.lists(AT_ONE_KEY, min_size=5, max_size=20))
def test_a_line_that_is_alone_is_given_back_as_it_is_and_leaves_nothing_behind(lines: list[Reading]) -> None:
    """So a meter may count it without asking for it to be joined."""
    joiner = Joiner(Limits())
    for line in lines:
        alone, before = joiner.is_alone(line), msgspec.json.encode(joiner.dump())
        joined = joiner.add(line, NOON_NS)
        if alone:
            assert joined == [(line.call, line.dimensions, None, line.trace_id)]
            assert msgspec.json.encode(joiner.dump()) == before


def test_a_usual_call_is_alone_until_its_key_is_asked_for() -> None:
    joiner, whole = Joiner(Limits()), part(None, at(USED._replace(response_id="r1"), 1), "a")
    assert joiner.is_alone(whole)
    joiner.add(part(Stage.REQUEST, ASKED, "b"), NOON_NS)
    assert joiner.is_alone(whole)
    joiner.add(part(Stage.REQUEST, ASKED, "a"), NOON_NS)
    assert not joiner.is_alone(whole)
