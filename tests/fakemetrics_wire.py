"""Decodes pushes of metrics apart from the code under test: they hold samples as a scrape does; knows no HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import nan
from typing import Any, NamedTuple

from cramjam import snappy
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    DataPointFlags,
    Exemplar,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

Pairs = tuple[tuple[str, str], ...]
Key = tuple[str, Pairs]
"""A name and sorted labels; a bound is told as a number, since 1 and 1.0 are one."""

_FIELD = descriptor_pb2.FieldDescriptorProto
_MESSAGES: Mapping[str, tuple[tuple[str, int, int, str], ...]] = {
    "Label": (("name", 1, _FIELD.TYPE_STRING, ""), ("value", 2, _FIELD.TYPE_STRING, "")),
    "Sample": (("value", 1, _FIELD.TYPE_DOUBLE, ""), ("timestamp", 2, _FIELD.TYPE_INT64, "")),
    "Exemplar": (
        ("labels", 1, _FIELD.TYPE_MESSAGE, "Label"),
        ("value", 2, _FIELD.TYPE_DOUBLE, ""),
        ("timestamp", 3, _FIELD.TYPE_INT64, ""),
    ),
    "TimeSeries": (
        ("labels", 1, _FIELD.TYPE_MESSAGE, "Label"),
        ("samples", 2, _FIELD.TYPE_MESSAGE, "Sample"),
        ("exemplars", 3, _FIELD.TYPE_MESSAGE, "Exemplar"),
    ),
    "WriteRequest": (("timeseries", 1, _FIELD.TYPE_MESSAGE, "TimeSeries"),),
}
"""By the Remote-Write specification: message → name, number, type and message of its fields."""


class Told(NamedTuple):
    """One exemplar."""

    labels: Pairs
    value: float
    at_ms: int


class Sampled(NamedTuple):
    """One sample of a push. `started_ns` and `resource` are told by OTLP alone."""

    key: Key
    value: float
    at_ms: int
    exemplars: tuple[Told, ...] = ()
    started_ns: int = 0
    resource: Pairs = ()


def written(body: bytes) -> list[Sampled]:
    """The samples of a remote write. ValueError where the specification of labels is broken."""
    request = _write_request().FromString(bytes(snappy.decompress_raw(body)))
    found = []
    for series in request.timeseries:
        pairs = [(it.name, it.value) for it in series.labels]
        if pairs != sorted(pairs) or len(dict(pairs)) < len(pairs) or not all(map(all, pairs)):
            raise ValueError(f"labels out of order, twice or empty: {pairs}")
        (sample,) = series.samples
        told = tuple(
            Told(tuple((it.name, it.value) for it in one.labels), one.value, one.timestamp) for one in series.exemplars
        )
        found.append(Sampled(_key(dict(pairs)), sample.value, sample.timestamp, told))
    return found


def exported(body: bytes) -> list[Sampled]:
    """The points of an OTLP export, histograms taken apart as a scrape shows them."""
    message = ExportMetricsServiceRequest.FromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    found: list[Sampled] = []
    for of_resource in message.resource_metrics:
        resource = _pairs(of_resource.resource.attributes)
        for of_scope in of_resource.scope_metrics:
            for metric in of_scope.metrics:
                found += (sample._replace(resource=resource) for sample in _of_metric(metric))
    return found


def metrics(body: bytes) -> list[Metric]:
    """The messages of an OTLP export that is not compressed."""
    (of_resource,) = ExportMetricsServiceRequest.FromString(body).resource_metrics
    return list(of_resource.scope_metrics[0].metrics)


@cache
def _write_request() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="tests/write.proto", package="tests", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            repeated = kind == _FIELD.TYPE_MESSAGE
            label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            message.field.add(
                name=field, number=number, type=kind, label=label, type_name=f".tests.{of}" if repeated else None
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tests.WriteRequest"))


def _of_metric(metric: Metric) -> Iterator[Sampled]:
    for point in (*metric.sum.data_points, *metric.gauge.data_points):
        yield _number(metric.name, point)
    for histogram in metric.histogram.data_points:
        yield from _histogram(metric.name, histogram)


def _number(name: str, point: NumberDataPoint) -> Sampled:
    value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    if point.flags == DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK:
        value = nan
    key = _key({"__name__": name, **dict(_pairs(point.attributes))})
    told = tuple(map(_told, point.exemplars))
    return Sampled(key, value, point.time_unix_nano // 1_000_000, told, point.start_time_unix_nano)


def _histogram(name: str, point: HistogramDataPoint) -> Iterator[Sampled]:
    labels = dict(_pairs(point.attributes))

    def sampled(ending: str, value: float, told: tuple[Told, ...] = (), **bound: str) -> Sampled:
        key = _key({"__name__": f"{name}_{ending}", **labels, **bound})
        return Sampled(key, value, point.time_unix_nano // 1_000_000, told, point.start_time_unix_nano)

    seen = 0
    for bound, count in zip([*point.explicit_bounds, float("inf")], point.bucket_counts, strict=True):
        seen += count
        yield sampled("bucket", seen, le=str(bound))
    yield sampled("count", point.count, tuple(map(_told, point.exemplars)))
    yield sampled("sum", point.sum)


def _told(one: Exemplar) -> Told:
    ids = (("span_id", one.span_id.hex()), ("trace_id", one.trace_id.hex()))
    rest = tuple((f"attribute {name}", value) for name, value in _pairs(one.filtered_attributes))
    return Told((*(pair for pair in ids if pair[1]), *rest), one.as_double, one.time_unix_nano // 1_000_000)


def _pairs(attributes: Iterable[KeyValue]) -> Pairs:
    pairs = [(it.key, it.value.string_value) for it in attributes]
    if len(dict(pairs)) < len(pairs) or not all(map(all, pairs)):
        raise ValueError(f"attributes twice or empty: {pairs}")
    return tuple(sorted(pairs))


def _key(labels: Mapping[str, str]) -> Key:
    return key_of(labels["__name__"], {name: value for name, value in labels.items() if name != "__name__"})


def key_of(name: str, labels: Mapping[str, str]) -> Key:
    """What a series is called by here: without labels that are empty, which are none."""
    pairs = {label: str(float(value)) if label == "le" else value for label, value in labels.items() if value}
    return name, tuple(sorted(pairs.items()))
