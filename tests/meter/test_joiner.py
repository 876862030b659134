"""Lines become calls: which lines belong together, what their times tell, when a call is given up."""

from __future__ import annotations

import pytest

from parsers.base import Stage
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tests.meter.calls import ASKED, END_MARK, GPT, NOON_NS, SECOND_NS, USED, added, at, part, restarted

REQUEST, PIECE, FINISHED, LAST = Stage.REQUEST, Stage.PIECE, Stage.FINISHED, Stage.LAST


def joiner() -> Joiner:
    return Joiner(Limits())


def test_a_whole_call_passes_as_it_is() -> None:
    [joined] = added(joiner(), part(None, USED, key=None))
    assert joined == (USED, (), None, None)


def test_request_and_response_line_are_one_call_with_the_time_between_them() -> None:
    lines = joiner()
    assert added(lines, part(REQUEST, at(ASKED, 0))) == []
    [joined] = added(lines, part(None, at(USED, 1.843)))
    assert joined.call.duration_seconds == 1.843
    assert joined.call.time_to_first_token_seconds is None
    assert (joined.call.request_model, joined.call.input_tokens, joined.missing) == ("gpt-4o", 1523, None)
    assert len(lines) == 0


def test_what_a_line_says_of_the_duration_wins_over_the_times_of_the_lines() -> None:
    answer = at(USED, 9)._replace(duration_seconds=1.25, time_to_first_token_seconds=0.5)
    [joined] = added(joiner(), part(REQUEST, at(ASKED, 0)), part(None, answer))
    assert (joined.call.duration_seconds, joined.call.time_to_first_token_seconds) == (1.25, 0.5)


def test_an_answer_without_a_time_has_no_duration_rather_than_none_at_all() -> None:
    """The request's own time must not be taken for the answer's: that would be a duration of 0 seconds."""
    [joined] = added(joiner(), part(REQUEST, at(ASKED, 0)), part(None, USED))
    assert joined.call.duration_seconds is None


def test_an_answer_before_its_request_has_no_duration() -> None:
    [joined] = added(joiner(), part(REQUEST, at(ASKED, 5)), part(None, at(USED, 4)))
    assert joined.call.duration_seconds is None


def test_a_stream_is_one_call_timed_by_its_first_and_last_piece() -> None:
    lines = joiner()
    piece = GPT._replace(response_id="chatcmpl-1", stream=True)
    assert added(lines, part(REQUEST, at(ASKED, 0)), part(PIECE, at(piece, 0.4)), part(PIECE, at(piece, 0.9))) == []
    usage = piece._replace(input_tokens=40, output_tokens=9)
    [joined] = added(lines, part(FINISHED, at(piece, 2)), part(LAST, at(usage, 2.1)))
    assert (joined.call.time_to_first_token_seconds, joined.call.duration_seconds) == (0.4, 2.1)
    assert (joined.call.output_tokens, joined.call.stream, joined.missing) == (9, True, None)


def test_a_stream_known_only_by_its_last_piece_has_no_time_to_first_token() -> None:
    last = at(USED, 7)._replace(response_id="chatcmpl-1")
    [joined] = added(joiner(), part(REQUEST, at(ASKED, 0)), part(LAST, last))
    assert (joined.call.time_to_first_token_seconds, joined.call.duration_seconds) == (None, 7)


def test_an_interrupted_stream_has_no_duration() -> None:
    lines = joiner()
    added(lines, part(REQUEST, at(ASKED, 0)), part(PIECE, at(GPT, 1)))
    [joined] = lines.close_all()
    assert (joined.call.time_to_first_token_seconds, joined.call.duration_seconds) == (1, None)


@pytest.mark.parametrize(
    ("stage", "error", "missing"),
    [
        (REQUEST, "unknown", "no_response"),
        (PIECE, None, "stream_interrupted"),
        (FINISHED, None, "stream_without_usage"),
    ],
)
def test_a_call_given_up_says_why_it_has_no_usage(stage: Stage, error: str | None, missing: str) -> None:
    lines = joiner()
    added(lines, part(stage, ASKED))
    [joined] = lines.close_all()
    assert (joined.call.error_type, joined.missing) == (error, missing)


def test_a_whole_body_without_usage_leaves_the_reason_to_the_ledger() -> None:
    [joined] = added(joiner(), part(REQUEST, ASKED), part(None, GPT))
    assert joined.missing is None
    assert joined.call.error_type is None


def test_an_error_needs_no_usage() -> None:
    lines = joiner()
    failed = GPT._replace(error_type="overloaded")
    [by_body] = added(lines, part(REQUEST, ASKED), part(None, failed))
    [by_event] = added(lines, part(PIECE, GPT), part(LAST, failed))
    assert (by_body.missing, by_event.missing) == (None, None)
    assert (by_body.call.error_type, by_event.call.error_type) == ("overloaded", "overloaded")


def test_usage_beyond_belief_at_the_end_of_a_stream_is_not_called_absent() -> None:
    broken = GPT._replace(faults=("usage.prompt_tokens: expected a count, got -1",))
    [joined] = added(joiner(), part(PIECE, GPT), part(LAST, broken))
    assert joined.missing is None


def test_a_repeated_last_piece_is_not_another_call() -> None:
    lines = joiner()
    last = part(LAST, USED._replace(response_id="chatcmpl-1"))
    assert len(added(lines, part(PIECE, GPT._replace(response_id="chatcmpl-1")), last, last, last)) == 1
    assert len(lines) == 0


def test_the_whole_body_logged_after_its_stream_is_not_another_call() -> None:
    lines = joiner()
    stream = USED._replace(response_id="chatcmpl-1")
    assert len(added(lines, part(LAST, stream), part(None, stream))) == 1


@pytest.mark.parametrize("with_a_request_open", [False, True])
def test_the_end_mark_of_a_finished_stream_is_no_call(with_a_request_open: bool) -> None:
    """`[DONE]` has no id of its own, and comes after the usage chunk has already completed the call."""
    lines = joiner()
    added(lines, part(LAST, USED._replace(response_id="chatcmpl-1")))
    if with_a_request_open:
        added(lines, part(REQUEST, ASKED))
    assert added(lines, part(LAST, END_MARK)) == []
    assert len(lines) == with_a_request_open


def test_an_end_mark_ends_a_stream_that_is_still_open() -> None:
    lines = joiner()
    [joined] = added(lines, part(PIECE, GPT._replace(response_id="chatcmpl-1")), part(LAST, END_MARK))
    assert (joined.call.model, joined.missing) == (GPT.model, "stream_without_usage")


def test_an_end_mark_alone_is_no_call() -> None:
    lines = joiner()
    assert added(lines, part(LAST, END_MARK), part(LAST, END_MARK, key=None)) == []
    assert len(lines) == 0


def test_pieces_after_the_first_need_not_repeat_the_id() -> None:
    """Anthropic's events carry the message id only at the start."""
    lines = joiner()
    start, delta = GPT._replace(response_id="msg_1", input_tokens=10), GPT._replace(output_tokens=3)
    assert len(added(lines, part(PIECE, start), part(LAST, delta))) == 1
    assert added(lines, part(PIECE, GPT), part(LAST, delta)) == []
    [second] = added(lines, part(PIECE, start._replace(response_id="msg_2")), part(LAST, delta))
    assert (second.call.response_id, second.call.input_tokens, second.call.output_tokens) == ("msg_2", 10, 3)


def test_parallel_calls_under_one_request_id_are_told_apart_by_the_id_of_the_response() -> None:
    lines = joiner()
    first, second = GPT._replace(response_id="chatcmpl-1"), GPT._replace(response_id="chatcmpl-2")
    added(lines, part(REQUEST, ASKED), part(REQUEST, ASKED), part(PIECE, first), part(PIECE, second))
    [one] = added(lines, part(LAST, first._replace(input_tokens=1, output_tokens=10)))
    [two] = added(lines, part(LAST, second._replace(input_tokens=2, output_tokens=20)))
    assert [(it.call.response_id, it.call.output_tokens) for it in (one, two)] == [
        ("chatcmpl-1", 10),
        ("chatcmpl-2", 20),
    ]


def test_an_error_without_an_id_answers_the_request_and_not_the_stream_under_way() -> None:
    lines = joiner()
    stream = GPT._replace(response_id="chatcmpl-1")
    added(lines, part(PIECE, stream), part(REQUEST, ASKED))
    [failed] = added(lines, part(None, GPT._replace(error_type="rate_limit")))
    [streamed] = added(lines, part(LAST, USED._replace(response_id="chatcmpl-1")))
    assert (failed.call.error_type, streamed.call.error_type) == ("rate_limit", None)


def test_retried_requests_are_answered_in_the_order_in_which_they_were_asked() -> None:
    lines = joiner()
    added(lines, part(REQUEST, at(ASKED, 0)), part(REQUEST, at(ASKED, 5)))
    first, second = added(lines, part(None, at(GPT._replace(error_type="overloaded"), 4)), part(None, at(USED, 8)))
    assert (first.call.duration_seconds, second.call.duration_seconds) == (4, 3)


def test_the_longest_untouched_call_makes_room() -> None:
    lines = Joiner(Limits(open_calls=2))
    added(lines, part(PIECE, GPT, "a"), part(REQUEST, ASKED, "b"), part(PIECE, GPT, "a"))
    [dropped] = added(lines, part(REQUEST, ASKED, "a"))
    assert (dropped.missing, len(lines), lines.dropped) == ("no_response", 2, 1)


def test_a_lower_limit_after_a_restart_makes_room_at_once() -> None:
    lines = joiner()
    added(lines, *(part(REQUEST, ASKED, f"req_{number}") for number in range(10)))
    fresh = restarted(lines, limits=Limits(open_calls=3))
    assert len(added(fresh, part(REQUEST, ASKED, "req_new"))) == 8
    assert len(fresh) == 3


def test_a_finished_stream_waits_shorter_for_its_usage_than_an_open_call() -> None:
    lines = Joiner(Limits(open_call_seconds=900, finished_call_seconds=30))
    added(lines, part(FINISHED, GPT, "a"), part(PIECE, GPT, "b"), part(REQUEST, ASKED, "c"))
    assert lines.expire(NOON_NS + 30 * SECOND_NS) == []
    assert [it.missing for it in lines.expire(NOON_NS + 31 * SECOND_NS)] == ["stream_without_usage"]
    assert lines.expire(NOON_NS + 900 * SECOND_NS) == []
    assert [it.missing for it in lines.expire(NOON_NS + 901 * SECOND_NS)] == ["stream_interrupted", "no_response"]
    assert len(lines) == 0


def test_a_piece_renews_the_patience() -> None:
    lines = Joiner(Limits(open_call_seconds=900))
    added(lines, part(PIECE, GPT))
    assert lines.add(part(PIECE, GPT), NOON_NS + 800 * SECOND_NS) == []
    assert lines.expire(NOON_NS + 1600 * SECOND_NS) == []


def test_an_open_call_survives_a_change_of_dimensions() -> None:
    lines = Joiner(Limits(), ("team", "zone"))
    added(lines, part(REQUEST, ASKED, dimensions=("search", "eu")))
    fresh = restarted(lines, ("zone", "user"))
    [joined] = added(fresh, part(None, USED, dimensions=("", "u1")))
    assert joined.dimensions == ("eu", "u1")
