"""Chunks to numbers: each line by its outcome, each call by its price, and what had no room."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from parsers.base import Call, Stage
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import Cost, Ledger
from tailer.meter.meter import LATELY_BYTES, Meter, Moment
from tailer.reading.chunk import Chunk, Outcome, Reading
from tailer.telemetry import Telemetry
from tests.meter.calls import ASKED, NOON_NS, SECOND_NS, USED, part


def at(steady_ns: int, wall_ns: int = NOON_NS) -> Moment:
    return Moment(wall_ns, steady_ns)


class Metered:
    """A meter with what it adds to, at one pico-dollar a token."""

    def __init__(self, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.ledger, self.telemetry, self.joiner = Ledger(limits, naming=str), Telemetry(), Joiner(limits)
        self.meter = Meter(self.ledger, self.joiner, self.price_of, self.telemetry)
        self.priced: list[Call] = []

    def price_of(self, call: Call) -> Cost | None:
        self.priced.append(call)
        return None if call.input_tokens is None else Cost(call.input_tokens, "estimated")

    def consume(self, *readings: Reading) -> None:
        chunk = Chunk(1, "app.log", 1000, 1000 + 100 * len(readings), 0, b"")
        self.meter.consume(chunk, list(readings), at(NOON_NS))

    def calls(self) -> float:
        return sum(self.ledger.counters["requests"].values.values())


def test_every_line_is_counted_by_its_outcome() -> None:
    metered = Metered()
    for lines, outcome in enumerate(get_args(Outcome), 1):
        metered.consume(*[Reading(0, 1, 0, outcome)] * lines)
    counted = {outcome: metered.telemetry.value("tokentail_lines_total", outcome) for outcome in get_args(Outcome)}
    assert counted == {outcome: lines for lines, outcome in enumerate(get_args(Outcome), 1)}
    assert metered.telemetry.value("tokentail_read_bytes_total") == 100 * sum(counted.values())
    assert metered.calls() == 0


def test_a_joined_call_is_priced_and_counted_once_when_it_is_complete() -> None:
    metered = Metered()
    metered.consume(part(Stage.REQUEST, ASKED))
    assert metered.priced == []
    metered.consume(part(None, USED))
    assert len(metered.priced) == metered.calls() == 1
    assert metered.priced[0].request_model == "gpt-4o"
    assert sum(metered.ledger.counters["cost"].values.values()) == 1523


def test_a_wall_clock_set_forward_ends_no_patience() -> None:
    metered = Metered(Limits(open_call_seconds=900))
    metered.consume(part(Stage.REQUEST, ASKED))
    assert not metered.meter.give_up_stale(at(NOON_NS + SECOND_NS, wall_ns=NOON_NS + 86_400 * SECOND_NS))


def test_a_call_without_an_answer_is_counted_when_patience_ends() -> None:
    metered = Metered(Limits(open_call_seconds=900))
    metered.consume(part(Stage.REQUEST, ASKED))
    assert not metered.meter.give_up_stale(at(NOON_NS + 900 * SECOND_NS))
    assert metered.meter.give_up_stale(at(NOON_NS + 901 * SECOND_NS))
    assert not metered.meter.give_up_stale(at(NOON_NS + 902 * SECOND_NS))
    assert metered.calls() == 1


def test_the_end_of_the_input_counts_what_is_open() -> None:
    metered = Metered()
    metered.consume(part(Stage.REQUEST, ASKED, "a"), part(Stage.PIECE, USED, "b"))
    metered.meter.finish(at(NOON_NS))
    metered.meter.finish(at(NOON_NS))
    assert metered.calls() == 2


def test_what_found_no_room_is_told_once() -> None:
    metered = Metered(Limits(open_calls=1, counter_label_sets=20))
    metered.consume(part(Stage.REQUEST, ASKED, "a"), part(Stage.REQUEST, ASKED, "b"))
    assert metered.telemetry.value("tokentail_open_calls_dropped_total") == 1
    metered.consume(*[part(None, USED._replace(model=f"model-{number}"), None) for number in range(30)])
    overflow = metered.telemetry.value("tokentail_series_overflow_total")
    assert overflow > 0
    metered.consume()
    assert metered.telemetry.value("tokentail_series_overflow_total") == overflow
    assert metered.telemetry.value("tokentail_open_calls_dropped_total") == 1


ANSWERS = [USED, ASKED, USED._replace(response_id="r1"), USED._replace(error_type="timeout")]
ANSWERS += [USED._replace(request_id=f"req_{number}", duration_seconds=0.1 * number) for number in range(4)]
LINES = st.builds(part, st.sampled_from([None, None, *Stage]), st.sampled_from(ANSWERS), st.sampled_from([None, "a"]))


@given(st.lists(st.lists(LINES, max_size=8), max_size=6))
def test_calls_that_are_alone_are_counted_as_if_they_had_been_joined(chunks: list[list[Reading]]) -> None:
    usual, plain = Metered(), Metered()
    for lines in chunks:
        usual.consume(*lines)
        for call, dimensions, missing, trace_id in [one for line in lines for one in plain.joiner.add(line, NOON_NS)]:
            cost = plain.price_of(call)
            plain.ledger.add(call, dimensions, cost, missing, NOON_NS, (call, cost, trace_id))
        for family in ("cost", "duration"):
            assert usual.ledger.exemplars(family, NOON_NS) == plain.ledger.exemplars(family, NOON_NS)
        assert usual.ledger.dump() == plain.ledger.dump()
        assert usual.joiner.dump() == plain.joiner.dump()


def test_a_call_costs_what_was_counted_however_often_it_is_asked() -> None:
    """Another call is priced anew, however equal it is."""
    metered, counted = Metered(), USED._replace()
    metered.consume(part(None, counted))
    assert metered.meter.cost_of(counted) == (1523, "estimated")
    assert len(metered.priced) == 1
    assert metered.meter.cost_of(USED._replace()) == (1523, "estimated")
    assert len(metered.priced) == 2


def test_what_calls_cost_is_kept_for_a_bounded_length_of_log() -> None:
    metered, counted = Metered(), USED._replace()
    metered.consume(part(None, counted))
    metered.meter.consume(Chunk(1, "app.log", 0, LATELY_BYTES, 0, b""), [], at(NOON_NS))
    assert metered.meter.cost_of(counted) == (1523, "estimated")
    assert len(metered.priced) == 2
