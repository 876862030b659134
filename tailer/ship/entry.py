"""A line to what Loki gets of it: pure, so a replay of the line is the same entry to the byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from parsers.base import Call, Stage
from tailer.config import LokiOptions
from tailer.reading.chunk import Chunk, Reading
from tailer.ship.privacy import Guard, fit, head_of

Pairs = tuple[tuple[str, str], ...]
Cost = Callable[[Call], float | None]

LABEL_VALUE_BYTES = 2048
"""Loki's default `max_label_value_length`."""
METADATA_VALUE_BYTES = 1024
"""A dozen values of this size stay far below Loki's 64 KiB for all metadata of an entry."""

_MILLISECOND = 1_000_000
# Loki keeps nanoseconds in 64 signed bits; a time outside is nonsense on the line and counts as none.
_LATEST_NS = 2**63 - 2 * _MILLISECOND


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line for Loki and where it came from.

    `start` and `end` are offsets in `file`, `number` is the line's, from 0. `text` is valid UTF-8, `labels` are sorted.
    """

    file: int
    start: int
    end: int
    number: int
    labels: Pairs
    timestamp_ns: int
    text: bytes
    metadata: Pairs
    midway: bool = False
    """No mark may end here: the next line can only be read together with this one."""


def own_time_ns(reading: Reading) -> int | None:
    """The time the line itself names, None when it names none or one that Loki cannot hold."""
    time_ns = reading.timestamp_ns
    if time_ns is None and reading.call is not None:
        time_ns = reading.call.timestamp_ns
    return time_ns if time_ns is not None and 0 < time_ns < _LATEST_NS else None


def positioned(time_ns: int, number: int) -> int:
    """The time with the line's number in its low digits, so that two equal lines stay two entries.

    Below the millisecond where the log is no finer than that, else below the microsecond.
    """
    if time_ns % _MILLISECOND == 0:
        return time_ns + number % _MILLISECOND
    return time_ns - time_ns % 1000 + number % 1000


def bounded(value: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut between characters; what cannot be encoded becomes a question mark."""
    if len(value) <= limit and value.isascii():
        return value
    return value.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


class Maker:
    """Makes entries: the static labels, what the options say of labels, metadata and size, and what `cost` says of a
    call in USD. With a `guard` only what that lets out of a line is in them.
    """

    def __init__(self, label: Mapping[str, str], options: LokiOptions, cost: Cost, guard: Guard | None = None) -> None:
        self._static = {name: bounded(value, LABEL_VALUE_BYTES) for name, value in label.items() if value}
        self._names = tuple(options.labels_from)
        self._metadata = tuple((name, value) for name, value in options.metadata.items() if value)
        self._max_line_bytes = options.max_line_bytes
        self._cost = cost
        self._guard = guard
        self._last: tuple[tuple[str, ...], Pairs] = ((), self._stream(()))

    def entries(self, chunk: Chunk, readings: Sequence[Reading], given: Callable[[int], int]) -> Iterator[Entry]:
        """An entry for each reading, made only when asked for; `given(start)` is the time of a line that names none."""
        always = (("filename", bounded(chunk.path, METADATA_VALUE_BYTES)), *self._metadata)
        guard = self._guard
        texts = None if guard is None else guard.texts(chunk, readings)
        for reading in readings:
            time_ns = own_time_ns(reading)
            yield Entry(
                chunk.file,
                reading.start,
                reading.end,
                reading.number,
                self._labels(reading.labels),
                positioned(given(reading.start) if time_ns is None else time_ns, reading.number),
                self._text(chunk, reading) if texts is None else next(texts),
                (*always, *(self._learned(reading) if guard is None else guard.facts(self._learned(reading)))),
                reading.midway,
            )

    def _labels(self, values: tuple[str, ...]) -> Pairs:
        # Neighbours nearly always share their stream; the same object also makes grouping cheap.
        if values != self._last[0]:
            self._last = (values, self._stream(values))
        return self._last[1]

    def _stream(self, values: tuple[str, ...]) -> Pairs:
        if self._guard is not None:
            values = tuple(map(self._guard.label, values))
        labels = dict(self._static)
        labels.update(
            (name, bounded(value, LABEL_VALUE_BYTES)) for name, value in zip(self._names, values, strict=False) if value
        )
        # Loki takes no stream without a label.
        return tuple(sorted(labels.items())) or (("job", "tokentail"),)

    def _text(self, chunk: Chunk, reading: Reading) -> bytes:
        if chunk.oversize:
            return fit(head_of(chunk.data, chunk.end - chunk.start), self._max_line_bytes)
        line = chunk.text(reading)
        if not line.isascii():
            line = line.decode("utf-8", "replace").encode()
        return line if len(line) <= self._max_line_bytes else fit(line, self._max_line_bytes)

    def _learned(self, reading: Reading) -> list[tuple[str, str]]:
        told: list[tuple[str, str | None]] = [("level", reading.level), ("trace_id", reading.trace_id)]
        call = reading.call
        if call is not None:
            # Only the line that completes a call carries its cost: the sum over lines is then the bill.
            whole = reading.stage is None
            usd = self._cost(call) if whole or reading.stage is Stage.LAST else None
            told += _described(call, whole=whole)
            told.append(("cost_usd", None if usd is None else _plain(usd)))
        return [(name, bounded(value, METADATA_VALUE_BYTES)) for name, value in told if value]


def _described(call: Call, *, whole: bool) -> tuple[tuple[str, str | None], ...]:
    return (
        ("provider", call.provider),
        ("model", call.model or call.request_model),
        ("operation", call.operation),
        # A part that has not failed has not succeeded yet either.
        ("status", call.status if whole or call.error_type is not None else None),
        ("error_type", call.error_type),
        ("request_id", call.request_id),
        ("response_id", call.response_id),
        ("input_tokens", None if call.input_tokens is None else str(call.input_tokens)),
        ("output_tokens", None if call.output_tokens is None else str(call.output_tokens)),
    )


def _plain(usd: float) -> str:
    """Dollars without an exponent, to 1e-10."""
    text = f"{usd:.10f}".rstrip("0").rstrip(".")
    return text or "0"
