"""Points to OTLP: sums and histograms are cumulative since the ledger began; touches no network.

Source: `opentelemetry/proto/metrics/v1/metrics.proto` and the OpenTelemetry specification of the metrics data model.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1 import metrics_pb2 as pb
from prometheus_client.core import Metric
from prometheus_client.samples import Exemplar

from tailer import __version__
from tailer.outbound.post import Body
from tailer.push.otlp_names import Naming, naming
from tailer.push.points import PART_SAMPLES, Part, Point

Key = tuple[str, tuple[tuple[str, str], ...]]
HEADERS: Mapping[str, str] = {"Content-Type": "application/x-protobuf"}
_GZIP_LEVEL = 3
_TRACE_ID = re.compile(r"[0-9a-fA-F]{32}")
_SPAN_ID = re.compile(r"[0-9a-fA-F]{16}")


class ExportRequests:
    """The parts of views. `started_ns` is when all counters stood at zero, 0 when nobody knows."""

    def __init__(self, resource: Mapping[str, str], started_ns: int, compression: Literal["gzip", "none"]) -> None:
        self._resource = _attributes(resource)
        self._started_ns = started_ns
        self._compression = compression
        self._gauges: dict[Key, Point] = {}

    def parts(self, points: Sequence[Point], done: int, at_ms: int) -> Iterator[Part]:
        """As `Parts`; a histogram is one sample to such a receiver, but weighs as many as it has buckets."""
        begun, weight = done, 0
        for number, point in enumerate(points[done:], done + 1):
            weight += len(point.samples)
            if weight >= PART_SAMPLES or number == len(points):
                request = self.request(points[begun:number], at_ms)
                yield Part(self._body(request), number - begun, number - begun)
                begun, weight = number, 0
        yield from self._endings(points, at_ms)

    def _endings(self, points: Sequence[Point], at_ms: int) -> Iterator[Part]:
        """Says of gauges that were there before that they have no value any more; nothing else ever goes away."""
        gauges = {_key(point): point for point in points if point.family.type not in ("counter", "histogram")}
        gone = [point for key, point in self._gauges.items() if key not in gauges]
        if gone:
            yield Part(self._body(self.request(gone, at_ms, has_values=False)), 0, len(gone))
        self._gauges = gauges

    def request(self, points: Sequence[Point], at_ms: int, *, has_values: bool = True) -> ExportMetricsServiceRequest:
        """One message with these points; without values it says of gauges that they have none."""
        request = ExportMetricsServiceRequest()
        of_resource = request.resource_metrics.add()
        of_resource.resource.attributes.extend(self._resource)
        scope = of_resource.scope_metrics.add()
        scope.scope.name, scope.scope.version = "tokentail", __version__
        family: Metric | None = None
        for point in points:
            if point.family is not family:
                family, named, metric = point.family, naming(point.family), scope.metrics.add()
                metric.name, metric.unit, metric.description = named.name, named.unit, family.documentation
            if has_values:
                self._add(point, metric, named, at_ms * 1_000_000)
            else:
                _fill_ending(metric.gauge.data_points.add(), point, named, at_ms * 1_000_000)
        return request

    def _add(self, point: Point, metric: pb.Metric, named: Naming, at_ns: int) -> None:
        match point.family.type:
            case "histogram":
                metric.histogram.aggregation_temporality = pb.AGGREGATION_TEMPORALITY_CUMULATIVE
                _fill_histogram(metric.histogram.data_points.add(), point, named, (min(self._started_ns, at_ns), at_ns))
            case "counter":
                metric.sum.aggregation_temporality = pb.AGGREGATION_TEMPORALITY_CUMULATIVE
                metric.sum.is_monotonic = True
                _fill_number(metric.sum.data_points.add(), point, named, (min(self._started_ns, at_ns), at_ns))
            case _:
                _fill_number(metric.gauge.data_points.add(), point, named, (0, at_ns))

    def _body(self, request: ExportMetricsServiceRequest) -> Body:
        data = request.SerializeToString(deterministic=True)
        if self._compression == "none":
            return Body(data, HEADERS)
        return Body(gzip.compress(data, _GZIP_LEVEL, mtime=0), {**HEADERS, "Content-Encoding": "gzip"})


def _fill_number(into: pb.NumberDataPoint, point: Point, named: Naming, times_ns: tuple[int, int]) -> None:
    (sample,) = point.samples
    into.start_time_unix_nano, into.time_unix_nano = times_ns
    into.attributes.extend(_attributes(sample.labels, named.attributes))
    if isinstance(sample.value, int):
        into.as_int = sample.value
    else:
        into.as_double = sample.value
    if sample.exemplar is not None:
        _fill_exemplar(into.exemplars.add(), sample.exemplar)


def _fill_ending(into: pb.NumberDataPoint, point: Point, named: Naming, at_ns: int) -> None:
    into.time_unix_nano = at_ns
    into.flags = pb.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
    into.attributes.extend(_attributes(point.samples[0].labels, named.attributes))


def _key(point: Point) -> Key:
    return point.family.name, tuple(point.samples[0].labels.items())


def _fill_histogram(into: pb.HistogramDataPoint, point: Point, named: Naming, times_ns: tuple[int, int]) -> None:
    """A scrape's buckets count everything up to their bound; here each counts for itself."""
    into.start_time_unix_nano, into.time_unix_nano = times_ns
    buckets = [sample for sample in point.samples if "le" in sample.labels]
    labels = {name: value for name, value in buckets[0].labels.items() if name != "le"}
    into.attributes.extend(_attributes(labels, named.attributes))
    into.explicit_bounds.extend(float(bucket.labels["le"]) for bucket in buckets[:-1])
    counts = [int(bucket.value) for bucket in buckets]
    into.bucket_counts.extend(after - before for before, after in pairwise((0, *counts)))
    into.count = counts[-1]
    for sample in point.samples:
        if sample.name.endswith("_sum"):
            into.sum = sample.value
    for bucket in buckets:
        if bucket.exemplar is not None:
            _fill_exemplar(into.exemplars.add(), bucket.exemplar)


def _fill_exemplar(into: pb.Exemplar, exemplar: Exemplar) -> None:
    """The ids of a trace and a span have places of their own where they are such; all else are attributes."""
    rest = dict(exemplar.labels)
    if _TRACE_ID.fullmatch(rest.get("trace_id", "")):
        into.trace_id = bytes.fromhex(rest.pop("trace_id"))
    if _SPAN_ID.fullmatch(rest.get("span_id", "")):
        into.span_id = bytes.fromhex(rest.pop("span_id"))
    into.filtered_attributes.extend(_attributes(rest))
    into.as_double = exemplar.value
    if exemplar.timestamp is not None:
        into.time_unix_nano = int(float(exemplar.timestamp) * 1000) * 1_000_000


def _attributes(labels: Mapping[str, str], names: Mapping[str, str] | None = None) -> list[KeyValue]:
    """An empty label is none, as to Prometheus."""
    names = names or {}
    return [
        KeyValue(key=names.get(name, name), value=AnyValue(string_value=value))
        for name, value in labels.items()
        if value
    ]
