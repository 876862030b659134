"""Exemplars: from a bucket or a cost to the call behind it, and nothing else changes by them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.core import Metric
from prometheus_client.samples import Exemplar, Sample, Timestamp

from parsers.base import Call, Stage
from tailer.config import Config, Limits
from tailer.config.schema import Privacy
from tailer.meter.exemplars import HELD_BYTES
from tailer.meter.facts import FINE_BOUNDS, OTHER
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import Ledger
from tailer.meter.meter import Meter, Moment
from tailer.meter.profiles import PROFILES, needs_of
from tailer.reading.chunk import Chunk, Reading
from tailer.ship.privacy_key import naming_of
from tailer.tally import Mark
from tailer.telemetry import Telemetry
from tests.meter.calls import ASKED, NOON_NS, SECOND_NS, USED, added, at, part, restarted
from tests.meter.exposed import OPENMETRICS, parsed, promtool, text

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PRICE = 4_647_500_000
TIMED = USED._replace(duration_seconds=1.843, request_id="req_1")


def traced(call: Call, trace_id: str | None = None, stage: Stage | None = None, key: str | None = None) -> Reading:
    read = part(stage, call, key)
    return Reading(0, 100, 0, read.outcome, call, stage, key, call.timestamp_ns, trace_id=trace_id)


class Metered:
    """A meter of every profile and what it adds to, with exemplars or without."""

    def __init__(self, *, exemplars: bool = True, limits: Limits | None = None, config: Config | None = None) -> None:
        limits = limits or Limits()
        naming = naming_of(config or Config()) if exemplars else None
        self.ledger = Ledger(limits, (), needs_of(PROFILES), naming)
        self._meter = Meter(self.ledger, Joiner(limits), lambda _: (PRICE, "estimated"), Telemetry())

    def consume(self, *readings: Reading, count: int = 100, now_ns: int = NOON_NS) -> None:
        self._meter.consume(Chunk(1, "app.log", 0, count, 0, b""), list(readings), Moment(now_ns, now_ns))

    def families(self, name: str, now_ns: int = NOON_NS) -> Iterator[Metric]:
        return PROFILES[name].families(self.ledger, now_ns, {})

    def samples(self, name: str) -> Iterator[Sample]:
        """Of a scrape in OpenMetrics, as its own parser reads it."""
        for family in parsed(text(self.families(name), OPENMETRICS)):
            yield from family.samples

    def exemplars(self, name: str, metric: str, **labels: str) -> dict[str, Exemplar]:
        """By the bucket, "" for a counter."""
        return {
            sample.labels.get("le", ""): sample.exemplar
            for sample in self.samples(name)
            if sample.exemplar and sample.name == metric and labels.items() <= sample.labels.items()
        }

    def marks(self, family: str, now_ns: int = NOON_NS) -> list[Mark]:
        return [mark for marks in self.ledger.exemplars(family, now_ns).values() for mark in marks.values()]

    def look(self) -> None:
        """As a scrape does, whatever becomes of it."""
        for name in PROFILES:
            for _ in self.families(name):
                pass

    def ids(self) -> set[tuple[str, str]]:
        """All that a scrape shows."""
        return {
            pair for name in PROFILES for it in self.samples(name) if it.exemplar for pair in it.exemplar.labels.items()
        }


def test_a_bucket_and_a_cost_name_the_trace_of_the_call() -> None:
    metered = Metered()
    metered.consume(traced(at(TIMED, -5), TRACE))
    shown = metered.exemplars("llm", "llm_request_duration_seconds_bucket")
    at_5 = Timestamp((NOON_NS - 5 * SECOND_NS) / 1e9, 0)
    assert shown == {"2.56": Exemplar({"trace_id": TRACE}, 1.843, at_5)}
    cost = metered.exemplars("llm", "llm_cost_usd_total", source="estimated")
    assert cost == {"": Exemplar({"trace_id": TRACE}, 0.0046475, at_5)}


@pytest.mark.parametrize(
    ("name", "metric", "bucket", "value"),
    [
        ("scanium", "openai_request_duration_seconds_bucket", "2.56", 1.843),
        ("prom_client", "openai_api_request_duration_ms_bucket", "2500.0", 1843.0),
        ("otel", "gen_ai_client_operation_duration_seconds_bucket", "2.56", 1.843),
    ],
)
def test_the_other_profiles_durations_have_the_same(name: str, metric: str, bucket: str, value: float) -> None:
    """In the unit of their own."""
    metered = Metered()
    metered.consume(traced(TIMED, TRACE))
    assert metered.exemplars(name, metric) == {bucket: Exemplar({"trace_id": TRACE}, value)}


@pytest.mark.parametrize(
    ("trace_id", "request_id", "shown"),
    [
        (None, "req_1", {("request_id", "req_1")}),
        ("", "req_1", {("request_id", "req_1")}),
        ("0" * 32, "req_1", {("request_id", "req_1")}),
        ("00000000-0000-0000-0000-000000000000", "req_1", {("request_id", "req_1")}),
        ("t" * 120, "req_1", {("trace_id", "t" * 120)}),
        ("t" * 121, "req_1", {("request_id", "req_1")}),
        (None, "é" * 118, {("request_id", "é" * 118)}),
        (None, "r" * 119, set()),
        ("t" * 121, "r" * 119, set()),
        ("two\nlines", None, set()),
        ("half \ud83d", None, set()),
        ('quo"te', None, set()),
        ("back\\slash", None, set()),
        ("Root=1-67-a;{Parent}=5,6", None, {("trace_id", "Root=1-67-a;{Parent}=5,6")}),
        (None, None, set()),
    ],
)
def test_an_id_is_shown_whole_or_not_at_all(
    trace_id: str | None, request_id: str | None, shown: set[tuple[str, str]]
) -> None:
    """OpenMetrics allows 128 characters for the label's name and its value."""
    metered = Metered()
    metered.consume(traced(TIMED._replace(request_id=request_id), trace_id))
    assert metered.ids() == shown


def test_the_newest_call_of_each_bucket_is_shown_and_of_those_without_an_id_none() -> None:
    metered = Metered()
    metered.consume(traced(at(TIMED, -9), "slow"), *[traced(at(TIMED, -8 + n), f"fast{n}") for n in range(3)])
    metered.consume(traced(at(TIMED._replace(duration_seconds=30.0), -4), "slower"))
    metered.consume(traced(at(TIMED._replace(request_id=None), -3)))
    shown = metered.exemplars("llm", "llm_request_duration_seconds_bucket")
    assert {bucket: it.labels["trace_id"] for bucket, it in shown.items()} == {"2.56": "fast2", "40.96": "slower"}


def test_what_was_shown_is_not_replaced_by_an_older_call() -> None:
    """As from another file, read later."""
    metered = Metered()
    metered.consume(traced(at(TIMED, -5), "newer"))
    assert metered.ids() == {("trace_id", "newer")}
    metered.consume(traced(at(TIMED, -500), "older"))
    assert metered.ids() == {("trace_id", "newer")}


def test_a_clock_that_is_ahead_keeps_nothing_out() -> None:
    """Nor does Prometheus, to which the exemplar has no time then."""
    metered = Metered()
    metered.consume(traced(at(TIMED, 3600), "ahead"))
    (mark,) = metered.marks("cost")
    assert (mark.id, mark.timestamp_ns) == ("ahead", None)
    metered.consume(traced(at(TIMED, 1), "right"))
    (mark,) = metered.marks("cost", NOON_NS + SECOND_NS)
    assert (mark.id, mark.timestamp_ns) == ("right", NOON_NS + SECOND_NS)


@pytest.mark.parametrize(
    ("request_trace", "answer_trace", "shown"),
    [
        ("asked", "answered", "answered"),
        ("asked", None, "asked"),
        (None, "answered", "answered"),
        (None, None, "req_1"),
    ],
)
def test_the_trace_of_a_call_is_that_of_any_of_its_lines(
    request_trace: str | None, answer_trace: str | None, shown: str
) -> None:
    """The completing one first."""
    metered = Metered()
    metered.consume(traced(at(ASKED, -9), request_trace, Stage.REQUEST, "key"))
    metered.consume(traced(at(TIMED, -5), answer_trace, None, "key"))
    assert {value for _, value in metered.ids()} == {shown}


def test_an_open_call_keeps_its_trace_over_a_restart() -> None:
    joiner = Joiner(Limits())
    added(joiner, traced(ASKED, TRACE, Stage.REQUEST, "key"))
    (joined,) = added(restarted(joiner), traced(TIMED, None, None, "key"))
    assert joined.trace_id == TRACE


def test_every_call_of_a_line_with_several_has_its_trace() -> None:
    joined = added(Joiner(Limits()), Reading(0, 1, 0, "call", USED, trace_id=TRACE, more=(TIMED, USED)))
    assert [one.trace_id for one in joined] == [TRACE] * 3


def test_the_others_series_have_exemplars_of_their_own() -> None:
    metered = Metered(limits=Limits(counter_label_sets=20, histogram_label_sets=30))
    metered.consume(*[traced(at(TIMED._replace(model=f"model-{n}"), n - 60), f"trace-{n}") for n in range(50)])
    for metric in ("llm_cost_usd_total", "llm_request_duration_seconds_bucket"):
        assert {it.labels["trace_id"] for it in metered.exemplars("llm", metric, model=OTHER).values()} == {"trace-49"}


def test_a_sum_over_labels_shows_the_newest_of_what_it_sums() -> None:
    metered = Metered()
    metered.consume(*[traced(at(TIMED._replace(request_model=f"asked-{n}"), -n), f"trace-{n}") for n in (3, 1, 2)])
    for metric in ("llm_cost_usd_total", "llm_request_duration_seconds_bucket"):
        assert [it.labels["trace_id"] for it in metered.exemplars("llm", metric).values()] == ["trace-1"]


@pytest.mark.parametrize(
    ("privacy", "shown"),
    [
        (Privacy(mask_patterns={"customer": "c-[0-9]+"}), {("request_id", "req_1")}),
        (Privacy(content="drop"), {("trace_id", "of-c-17")}),
        (Privacy(), {("trace_id", "of-c-17")}),
    ],
)
def test_an_id_that_privacy_masks_is_not_shown(privacy: Privacy, shown: set[tuple[str, str]]) -> None:
    metered = Metered(config=Config(privacy=privacy))
    metered.consume(traced(TIMED, "of-c-17"))
    assert metered.ids() == shown


def test_no_sentence_comes_out_where_content_may_not() -> None:
    metered = Metered(config=Config(privacy=Privacy(content="drop")))
    metered.consume(traced(TIMED._replace(request_id="what he said"), "please keep this"))
    assert metered.ids() == set()


def test_lines_are_held_for_a_bounded_length_of_log() -> None:
    """A model's name can be as long as a line."""
    metered = Metered()
    metered.consume(traced(TIMED._replace(model="m" * 1_000_000), TRACE), count=HELD_BYTES + 1)
    held = metered.ledger._exemplars
    assert held is not None
    assert not any(fresh for of_series in held._fresh.values() for fresh in of_series.values())
    assert metered.ids() == {("trace_id", TRACE)}


IDS = st.none() | st.sampled_from(["a", "b", "c", TRACE, "x" * 130, "no\x00word"])
CALLS = st.builds(
    TIMED._replace,
    model=st.sampled_from(["gpt-4o", "o3", "m" * 200]),
    request_model=st.sampled_from(["gpt-4o", "o3"]),
    request_id=IDS,
    error_type=st.none() | st.just("timeout"),
    duration_seconds=st.none() | st.sampled_from([0.0, 0.01, 0.05, 163.84, 200.0, inf, -1.0]) | st.floats(0, 30),
    timestamp_ns=st.none() | st.integers(NOON_NS - 10 * SECOND_NS, NOON_NS + 10 * SECOND_NS),
)
LINES = st.builds(traced, CALLS, IDS, st.none() | st.sampled_from([*Stage]), st.none() | st.sampled_from("kl"))
EXEMPLAR = re.compile(r" # \{.*")
SMALL = Limits(counter_label_sets=20, histogram_label_sets=45)


@given(st.lists(st.lists(LINES, max_size=8), max_size=6), st.sampled_from([SMALL, Limits()]), st.booleans())
def test_no_number_changes_by_exemplars_and_each_is_a_call_of_its_bucket(
    chunks: list[list[Reading]], limits: Limits, looked_at: bool
) -> None:
    """What the checkpoint holds and what both texts show are the same to the byte."""
    shown, plain = Metered(limits=limits), Metered(exemplars=False, limits=limits)
    for lines in chunks:
        shown.consume(*lines, count=HELD_BYTES // 3)
        plain.consume(*lines)
        if looked_at:
            shown.look()
    assert shown.ledger.dump() == plain.ledger.dump()
    lines = [line for chunk in chunks for line in chunk]
    for name in PROFILES:
        assert text(shown.families(name)) == text(plain.families(name))
        exposed = text(shown.families(name), OPENMETRICS)
        assert EXEMPLAR.sub("", exposed) == text(plain.families(name), OPENMETRICS)
        check_buckets((sample for family in parsed(exposed) for sample in family.samples), lines)


def check_buckets(samples: Iterable[Sample], lines: list[Reading]) -> None:
    """Each exemplar's value lies in its own bucket, which counts it, and its id is of a line that there was."""
    told = {("trace_id", line.trace_id) for line in lines}
    told |= {("request_id", line.call.request_id) for line in lines if line.call is not None}
    below, count = -inf, 0.0
    for sample in samples:
        bound = float(sample.labels["le"]) if sample.name.endswith("_bucket") else None
        if bound is not None and bound == min(bound, below):
            below, count = -inf, 0.0
        if sample.exemplar:
            assert {*sample.exemplar.labels.items()} <= told
            assert sum(len(name) + len(value) for name, value in sample.exemplar.labels.items()) <= 128
            if bound is not None:
                assert below < sample.exemplar.value <= bound
                assert sample.value > count
        if bound is not None:
            below, count = bound, sample.value


SHORT = st.sampled_from(["a", "b", "c"])
ALONE = st.builds(TIMED._replace, model=st.sampled_from(["gpt-4o", "o3"]), duration_seconds=st.floats(0, 200))


@given(st.lists(st.tuples(ALONE, st.none() | SHORT), max_size=30), st.integers(1, 8))
def test_of_calls_in_order_the_last_of_each_bucket_is_shown(calls: list[tuple[Call, str | None]], at_once: int) -> None:
    """However they come in chunks, and however often somebody looks."""
    metered, newest = Metered(), dict[tuple[str | None, int], str]()
    lines = []
    for number, (call, trace_id) in enumerate(calls):
        lines.append(traced(at(call._replace(request_id=None), number), trace_id))
        if trace_id is not None and call.duration_seconds is not None:
            newest[call.model, bisect_left(FINE_BOUNDS, call.duration_seconds)] = trace_id
    later_ns = NOON_NS + len(lines) * SECOND_NS
    for first in range(0, len(lines), at_once):
        metered.consume(*lines[first : first + at_once], count=HELD_BYTES // 2, now_ns=later_ns)
    found: Mapping[tuple[str, int], str] = {
        (labels[1], place): mark.id
        for labels, marks in metered.ledger.exemplars("duration", later_ns).items()
        for place, mark in marks.items()
    }
    assert found == newest


def test_promtool_finds_no_fault_in_the_plain_text() -> None:
    metered = Metered()
    metered.consume(traced(TIMED, TRACE))
    assert promtool(text(metered.families("llm"))) == ""
