"""What goes over the wire is what a scrape shows at that instant, whatever the families and however it is divided."""

from __future__ import annotations

import math
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from prometheus_client.core import Metric
from prometheus_client.samples import Exemplar

from tailer.meter import profile_otel
from tailer.push import export_request, write_request
from tailer.push.export_request import ExportRequests
from tailer.push.otlp_names import naming
from tailer.push.points import Parts, points_of
from tailer.push.write_request import WriteRequests
from tests.fakemetrics_wire import Key, Sampled, Told, exported, metrics, written
from tests.push.made import NOON_MS, counter, families, gauge, histogram, shown

STATIC = {"job": "shop", "instance": "pod-1", "team": ""}
BEGUN_NS = NOON_MS * 1_000_000 - 77
TRACE = "0af7651916cd43dd8448eb211c80319c"


def _without_static(key: Key) -> Key:
    return key[0], tuple(pair for pair in key[1] if pair[0] not in STATIC)


def values(samples: list[Sampled]) -> dict[Key, float]:
    assert len({sample.key for sample in samples}) == len(samples)
    return {sample.key: sample.value for sample in samples}


def otlp(resource: dict[str, str] | None = None) -> ExportRequests:
    return ExportRequests(resource or {"service.name": "shop"}, BEGUN_NS, "none")


@given(families())
def test_a_remote_write_holds_the_samples_of_a_scrape(view: list[Metric]) -> None:
    parts = WriteRequests(STATIC).parts(points_of(view), 0, NOON_MS)
    samples = [sample for part in parts for sample in written(part.body.data)]
    own = {_without_static(key): value for key, value in values(samples).items()}
    assert own == shown(view)
    assert all({("instance", "pod-1"), ("job", "shop")} <= set(sample.key[1]) for sample in samples)
    assert {sample.at_ms for sample in samples} <= {NOON_MS}


@given(families())
def test_an_otlp_export_holds_the_samples_of_a_scrape(view: list[Metric]) -> None:
    """Each counter and histogram since the ledger began, under the name that Prometheus has for it."""
    samples = [sample for part in otlp().parts(points_of(view), 0, NOON_MS) for sample in exported(part.body.data)]
    assert values(samples) == pytest.approx(shown(view), rel=0, abs=0)
    gauges = {family.name for family in view if family.type == "gauge"}
    for sample in samples:
        assert sample.at_ms == NOON_MS
        assert sample.started_ns == (0 if sample.key[0] in gauges else BEGUN_NS)
        assert sample.resource == (("service.name", "shop"),)


@pytest.mark.parametrize("module", [write_request, export_request])
def test_parts_are_the_whole_and_none_ends_within_a_histogram(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    view = [
        counter("a_total", {str(number): number for number in range(20)}),
        *(histogram(f"h{number}_seconds", [number, 1, 2]) for number in range(7)),
        gauge("g", {str(number): number for number in range(20)}),
    ]
    monkeypatch.setattr(module, "PART_SAMPLES", 8)
    points = points_of(view)
    requests: WriteRequests | ExportRequests = WriteRequests({}) if module is write_request else otlp()
    decode = written if module is write_request else exported
    parts = list(requests.parts(points, 0, NOON_MS))
    samples = [decode(part.body.data) for part in parts]
    assert [sum(part.points for part in parts), len(parts) > 5] == [len(points), True]
    assert values([sample for part in samples for sample in part]) == shown(view)
    for names in ({sample.key[0].rpartition("_")[0] for sample in part} for part in samples):
        assert all(name.startswith("h") or name in ("", "a") for name in names)
    of_histogram = [
        {at for at, part in enumerate(samples) for it in part if it.key[0].startswith(f"h{n}_")} for n in range(7)
    ]
    assert all(len(places) == 1 for places in of_histogram)
    for done, rest in ((sum(part.points for part in parts[:at]), samples[at:]) for at in range(len(parts))):
        again = [decode(part.body.data) for part in requests.parts(points, done, NOON_MS + 1)]
        assert [[it._replace(at_ms=NOON_MS) for it in part] for part in again] == rest


def test_a_part_of_long_labels_ends_before_its_bytes_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_request, "PART_BYTES", 10_000)
    points = points_of([counter("a_total", {f"{number:03}" + "x" * 1000: number for number in range(100)})])
    assert [part.points for part in WriteRequests({}).parts(points, 0, NOON_MS)] == [10] * 10


def test_a_series_that_is_no_more_is_ended_once() -> None:
    """A rate limit whose reset has passed: without the marker Prometheus would show it five minutes longer."""
    requests = WriteRequests({"job": "shop"})
    view = [
        [gauge("left", {"requests": 9.0, "tokens": 5.0})],
        [gauge("left", {"tokens": 4.0})],
        [gauge("left", {"tokens": 3.0})],
    ]
    first, second, third = (
        [written(part.body.data) for part in requests.parts(points_of(it), 0, NOON_MS)] for it in view
    )
    assert [len(part) for part in first] == [2]
    (alive,), (ended,) = second
    assert alive.value == 4.0
    assert ended.key == ("left", (("job", "shop"), ("limit", "requests")))
    assert struct.pack(">d", ended.value).hex() == "7ff0000000000002"
    assert math.isnan(ended.value)
    assert [len(part) for part in third] == [1]


@pytest.mark.parametrize("requests", [WriteRequests({}), otlp()], ids=lambda it: type(it).__name__)
def test_a_gauge_is_ended_again_while_its_ending_is_not_taken(requests: Parts) -> None:
    """In OTLP it is a point that says that there is no value; a counter stays as long as the ledger."""
    decode = written if isinstance(requests, WriteRequests) else exported
    counts = counter("a_total", {"m": 1})
    list(requests.parts(points_of([counts, gauge("left", {"a": 1.0, "b": 2.0})]), 0, NOON_MS))
    view = points_of([counts, gauge("left", {"b": 2.0})])
    for _ in range(2):
        part = next(requests.parts(view, len(view), NOON_MS))
        (ended,) = decode(part.body.data)
        assert (ended.key, ended.at_ms) == (("left", (("limit", "a"),)), NOON_MS)
        assert math.isnan(ended.value)
    assert len(list(requests.parts(view, len(view), NOON_MS))) == 1
    assert list(requests.parts(view, len(view), NOON_MS)) == []


def test_labels_of_a_series_go_before_those_of_all() -> None:
    (part,) = WriteRequests({"job": "shop", "model": "none"}).parts(
        points_of([counter("a_total", {"m": 1, "": 2})]), 0, 1
    )
    assert {sample.key[1] for sample in written(part.body.data)} == {
        (("job", "shop"), ("model", "m")),
        (("job", "shop"), ("model", "none")),
    }


def test_exemplars_go_with_their_samples() -> None:
    """The id of a trace has a place of its own in OTLP; what has no time of its own is no exemplar to remote write."""
    view = [histogram("h_seconds", [1, 0], Exemplar({"trace_id": TRACE, "user": "u"}, 0.25, 1_780_000_000.5))]
    (part,) = WriteRequests({}).parts(points_of(view), 0, NOON_MS)
    assert [sample.exemplars for sample in written(part.body.data) if sample.exemplars] == [
        (Told((("trace_id", TRACE), ("user", "u")), 0.25, 1_780_000_000_500),)
    ]
    (part,) = otlp().parts(points_of(view), 0, NOON_MS)
    assert [sample.exemplars for sample in exported(part.body.data) if sample.exemplars] == [
        (Told((("trace_id", TRACE), ("attribute user", "u")), 0.25, 1_780_000_000_500),)
    ]
    view = [histogram("h_seconds", [1, 0], Exemplar({"trace_id": "no such id"}, 0.25))]
    (part,) = WriteRequests({}).parts(points_of(view), 0, NOON_MS)
    assert not any(sample.exemplars for sample in written(part.body.data))
    (part,) = otlp().parts(points_of(view), 0, NOON_MS)
    assert [sample.exemplars for sample in exported(part.body.data) if sample.exemplars] == [
        (Told((("attribute trace_id", "no such id"),), 0.25, 0),)
    ]


def test_sums_and_histograms_are_cumulative_and_only_what_counts_is_monotonic() -> None:
    (part,) = otlp().parts(
        points_of([counter("a_total", {"m": 1}), gauge("g", {"x": 1}), histogram("h", [1, 2])]), 0, 1
    )
    sum_, gauge_, histogram_ = metrics(part.body.data)
    assert (sum_.sum.aggregation_temporality, sum_.sum.is_monotonic) == (2, True)
    assert gauge_.WhichOneof("data") == "gauge"
    assert histogram_.histogram.aggregation_temporality == 2
    assert list(histogram_.histogram.data_points[0].bucket_counts) == [1, 2]
    assert (sum_.description, sum_.unit) == ("What is counted.", "")


def test_a_ledger_that_began_in_the_future_begins_now() -> None:
    """The clock has stepped back since: no point may end before it begins."""
    (part,) = otlp().parts(points_of([counter("a_total", {"m": 1})]), 0, 5)
    assert [(sample.started_ns, sample.at_ms) for sample in exported(part.body.data)] == [(5_000_000, 5)]


def prometheus_name(name: str, unit: str, *, is_counter: bool) -> str:
    """As Prometheus' and the collector's translation builds it, with endings for unit and type."""
    words = [word for word in name.replace(".", "_").split("_") if word]
    unit = {"s": "seconds", "By": "bytes", "1": "ratio"}.get(unit, "")
    words += [unit] if unit and unit not in words else []
    return "_".join([word for word in words if word != "total"] + ["total"] if is_counter else words)


CONVENTIONS = {
    "gen_ai_client_operation_duration_seconds": ("gen_ai.client.operation.duration", "s"),
    "gen_ai_client_token_usage": ("gen_ai.client.token.usage", "{token}"),
    "gen_ai_client_inference_usage_input_tokens": ("gen_ai.client.inference.usage.input_tokens", "{token}"),
    "gen_ai_client_inference_usage_cache_read_input_tokens": (
        "gen_ai.client.inference.usage.cache_read.input_tokens",
        "{token}",
    ),
    "llm_tokens": ("llm_tokens_total", ""),
    "tokentail_read_bytes": ("tokentail_read_bytes_total", "By"),
}


@pytest.mark.parametrize("name", CONVENTIONS)
def test_names_and_units_are_as_documented(name: str) -> None:
    family = Metric(name, "", "counter" if "tokens" in name or "bytes" in name else "histogram")
    assert naming(family)[:2] == CONVENTIONS[name]


def test_every_metric_of_the_conventions_goes_out_by_their_names() -> None:
    """And its attributes; a translation to Prometheus gives the profile's own names again."""
    histograms = [(row[0], "histogram") for row in profile_otel.HISTOGRAMS]
    counters = [(f"gen_ai_client_inference_usage_{row[0]}", "counter") for row in profile_otel.COUNTERS]
    for name, kind in (*histograms, *counters):
        named = naming(Metric(name, "", kind))
        assert named.name.startswith("gen_ai.client."), name
        again = prometheus_name(named.name, named.unit, is_counter=kind == "counter")
        assert again == (f"{name}_total" if kind == "counter" else name)
        labels = {*profile_otel.BASE, *(label for row in profile_otel.HISTOGRAMS for label in row[2])}
        assert {of.replace(".", "_") for of in named.attributes.values()} == labels == named.attributes.keys()


def test_times_within_a_view_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_request, "PART_SAMPLES", 2)
    parts = WriteRequests({}).parts(points_of([counter("a_total", {"a": 1, "b": 2, "c": 3})]), 0, NOON_MS)
    times = [sample.at_ms for part in parts for sample in written(part.body.data)]
    assert all(before == after for before, after in pairwise(times))
