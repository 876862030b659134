"""Lines to what Loki gets of them: pure, so a replay of a line is the same entry to the byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from parsers.base import Call, Stage
from tailer.config import SinkOptions
from tailer.reading.chunk import Chunk, Reading
from tailer.ship.entries import Entries
from tailer.ship.entry import positioned
from tailer.ship.metadata import VALUE_BYTES, Own, Pairs, Shared, bounded, pairs, told
from tailer.ship.privacy import Guard, fit, head_of

Cost = Callable[[Call], float | None]
Kind = tuple[str | bool | None, ...]
"""Path and level; of a call also provider, model, operation, error type and whether it is whole."""

LABEL_VALUE_BYTES = 2048
"""Loki's default `max_label_value_length`."""
REMEMBERED_KINDS = 1024
"""Models and levels come from the log and can be hostile: all is forgotten when it is more than this."""
REMEMBERED_CHARS = 256
"""What lines with longer words share is made anew for each."""


class Maker:
    """Makes entries: the static labels, those named here that a line gives, what the options say of metadata and size,
    and what `cost` says of a call in USD. With a `guard` only what that lets out of a line is in them.
    """

    def __init__(
        self,
        label: Mapping[str, str],
        labels_from: Iterable[str],
        options: SinkOptions,
        cost: Cost,
        guard: Guard | None = None,
    ) -> None:
        self._static = {name: bounded(value, LABEL_VALUE_BYTES) for name, value in label.items() if value}
        self._names = tuple(labels_from)
        self._metadata = tuple((name, value) for name, value in options.metadata.items() if value)
        self._max_line_bytes = options.max_line_bytes
        self._cost = cost
        self._guard = guard
        self._last: tuple[tuple[str, ...], Pairs] = ((), self._stream(()))
        self._kinds: dict[Kind, Shared] = {}

    def entries(self, chunk: Chunk, readings: Sequence[Reading], times_ns: Sequence[int]) -> Entries:
        """An entry for each reading, at about its time of `times_ns`."""
        shared, own = self._beside(chunk.path, readings)
        if self._guard is None:
            texts = self._texts(chunk, readings)
        else:
            texts = list(self._guard.texts(chunk, readings))
            shared, own = self._guarded(self._guard, shared, own)
        return Entries(
            [chunk.file] * len(readings),
            list(readings),
            [self._labels(reading.labels) for reading in readings] if self._names else [self._last[1]] * len(readings),
            [positioned(time_ns, reading.number) for time_ns, reading in zip(times_ns, readings, strict=True)],
            texts,
            shared,
            own,
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

    def _texts(self, chunk: Chunk, readings: Sequence[Reading]) -> list[bytes]:
        data, at, limit = chunk.data, chunk.start, self._max_line_bytes
        if chunk.oversize:
            return [fit(head_of(data, chunk.end - at), limit)]
        if b"\r" in data or not data.endswith(b"\n"):
            texts = [chunk.text(reading) for reading in readings]
        else:
            texts = [data[reading.start - at : reading.end - at - 1] for reading in readings]
        if not chunk.is_utf8:
            texts = [text.decode("utf-8", "replace").encode() for text in texts]
        return texts if max(map(len, texts), default=0) <= limit else [fit(text, limit) for text in texts]

    def _beside(self, path: str, readings: Sequence[Reading]) -> tuple[list[Shared], list[Own | None]]:
        """The metadata of each line."""
        kinds = self._kinds
        shared, own = list[Shared](), list[Own | None]()
        for reading in readings:
            call = reading.call
            if call is None:
                kind: Kind = (path, reading.level)
                own.append(Own(reading.trace_id) if reading.trace_id else None)
            else:
                whole, model = reading.stage is None, call.model or call.request_model
                kind = (path, reading.level, call.provider, model, call.operation, call.error_type, whole)
                # Only the line that completes a call carries its cost: the sum over lines is then the bill.
                usd = self._cost(call) if whole or reading.stage is Stage.LAST else None
                ids = reading.trace_id, call.request_id, call.response_id
                own.append(Own(*ids, call.input_tokens, call.output_tokens, usd))
            shared.append(kinds.get(kind) or self._remembered(kind, path, reading))
        return shared, own

    def _guarded(
        self, guard: Guard, shared: Sequence[Shared], own: Sequence[Own | None]
    ) -> tuple[list[Shared], list[Own | None]]:
        """The same with what `guard` lets out of what was learned from the lines."""
        always = 1 + len(self._metadata)
        every = [pairs(kind, said) for kind, said in zip(shared, own, strict=True)]
        return [Shared((*it[:always], *guard.facts(it[always:]))) for it in every], [None] * len(every)

    def _remembered(self, kind: Kind, path: str, reading: Reading) -> Shared:
        shared = self._shared(path, reading)
        if sum(len(word) for word in kind[1:] if isinstance(word, str)) <= REMEMBERED_CHARS:
            if len(self._kinds) >= REMEMBERED_KINDS:
                self._kinds.clear()
            self._kinds[kind] = shared
        return shared

    def _shared(self, path: str, reading: Reading) -> Shared:
        always = (("filename", bounded(path, VALUE_BYTES)), *self._metadata)
        before, call = always + told((("level", reading.level),)), reading.call
        if call is None:
            return Shared(before)
        after = (
            ("provider", call.provider),
            ("model", call.model or call.request_model),
            ("operation", call.operation),
            # A part that has not failed has not succeeded yet either.
            ("status", call.status if reading.stage is None or call.error_type is not None else None),
            ("error_type", call.error_type),
        )
        return Shared(before, told(after))
