"""The last calls: so many, cut to size, and nothing of what was said."""

from __future__ import annotations

from parsers.base import Stage
from tailer.meter.recent import CHARS, HELD_BYTES, KEPT, RecentCall, RecentCalls
from tests.meter.calls import ASKED, GPT, NOON_NS, USED, at, part
from tests.meter.test_meter import Metered


def test_the_newest_are_kept_in_their_order() -> None:
    recent = RecentCalls()
    for number in range(3 * KEPT):
        recent.note((USED._replace(request_id=f"r{number}"), (number, "estimated"), None, NOON_NS + number))
        if number % 7 == 0:
            recent.settle()
    found = recent.all()
    serials = [call.serial for call in found]
    assert serials == list(range(serials[0], serials[0] + KEPT))
    assert (found[-1].request_id, found[-1].pico_usd, found[-1].counted_ns) == (f"r{149}", 149, NOON_NS + 149)


def test_what_is_not_known_stays_unknown() -> None:
    recent = RecentCalls()
    recent.note((GPT, None, None, NOON_NS))
    recent.note((GPT._replace(model=None, error_type="timeout"), None, None, NOON_NS + 1))
    plain, failed = recent.all()
    assert (plain.pico_usd, plain.input_tokens, plain.missing, plain.error_type) == (None, None, "no_usage", None)
    assert (failed.model, failed.missing, failed.error_type) == ("gpt-4o", None, "timeout")


def test_names_as_long_as_a_line_are_not_kept() -> None:
    """What is held of lines not cut yet is less than so much log."""
    recent = RecentCalls()
    recent.note((USED._replace(model="m" * 10**6, request_id="r" * 10**6), None, None, NOON_NS))
    recent.read(HELD_BYTES)
    assert recent._fresh
    recent.read(1)
    assert not recent._fresh
    (call,) = recent.all()
    assert (call.model, call.request_id) == ("m" * CHARS, "r" * CHARS)


def test_every_counted_call_is_noted_once_with_its_price() -> None:
    metered = Metered()
    metered.consume(*[part(None, USED._replace(request_id=f"r{number}"), f"r{number}") for number in range(KEPT + 5)])
    found = metered.meter.recent.all()
    assert metered.calls() == len(metered.priced) == KEPT + 5
    assert [call.request_id for call in found] == [f"r{number}" for number in range(5, KEPT + 5)]
    assert {call.pico_usd for call in found} == {1523}


def test_calls_of_several_lines_stand_among_the_others_by_their_time() -> None:
    """The newest of both kinds, however they are counted."""
    metered = Metered()
    asked = part(Stage.REQUEST, at(ASKED, 1), "a")
    alone = [part(None, at(USED._replace(request_id=f"r{second}"), second), None) for second in (2, 4)]
    answer = part(Stage.LAST, at(USED._replace(request_id="joined"), 3), "a")
    metered.consume(asked, alone[0], alone[1], answer)
    assert [call.request_id for call in metered.meter.recent.all()] == ["r2", "joined", "r4"]


def test_it_holds_no_field_for_content() -> None:
    """Whoever adds one must think of what a line can hold."""
    assert set(RecentCall._fields) == {
        "serial", "counted_ns", "timestamp_ns", "provider", "model", "operation", "error_type", "missing",
        "input_tokens", "output_tokens", "pico_usd", "duration_seconds", "request_id",
    }  # fmt: skip
