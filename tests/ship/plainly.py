"""What shipping must give, said in the plainest way: entry by entry, pair by pair, byte by byte, nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from parsers.base import Call, Stage
from tailer.config import LokiOptions
from tailer.reading.chunk import Chunk, Reading
from tailer.ship.entry import Entry, positioned
from tailer.ship.metadata import Pairs, bounded
from tailer.ship.privacy import Guard, fit, head_of


def entries(  # noqa: PLR0917  # all that an entry depends on
    chunk: Chunk,
    readings: Sequence[Reading],
    times_ns: Sequence[int],
    label: Mapping[str, str],
    options: LokiOptions,
    cost: Callable[[Call], float | None],
    guard: Guard | None = None,
) -> Iterator[Entry]:
    shown = None if guard is None else guard.texts(chunk, readings)
    for reading, time_ns in zip(readings, times_ns, strict=True):
        text = _text(chunk, reading, options.max_line_bytes) if shown is None else next(shown)
        learned = [(name, bounded(value, 1024)) for name, value in _learned(reading, cost) if value]
        always = [
            ("filename", bounded(chunk.path, 1024)),
            *((n, value) for n, value in options.metadata.items() if value),
        ]
        values = [value if guard is None else guard.label(value) for value in reading.labels]
        named = {name: value for name, value in zip(options.labels_from, values, strict=False) if value}
        labels = {name: bounded(value, 2048) for name, value in {**label, **named}.items() if value}
        yield Entry(
            chunk.file,
            reading.start,
            reading.end,
            reading.number,
            tuple(sorted(labels.items())) or (("job", "tokentail"),),
            positioned(time_ns, reading.number),
            text,
            (*always, *(learned if guard is None else guard.facts(learned))),
            reading.midway,
        )


def _text(chunk: Chunk, reading: Reading, limit: int) -> bytes:
    if chunk.oversize:
        return fit(head_of(chunk.data, chunk.end - chunk.start), limit)
    return fit(chunk.text(reading).decode("utf-8", "replace").encode(), limit)


def _learned(reading: Reading, cost: Callable[[Call], float | None]) -> Iterator[tuple[str, str | None]]:
    yield "level", reading.level
    yield "trace_id", reading.trace_id
    call = reading.call
    if call is None:
        return
    usd = cost(call) if reading.stage in (None, Stage.LAST) else None
    yield "provider", call.provider
    yield "model", call.model or call.request_model
    yield "operation", call.operation
    yield "status", call.status if reading.stage is None or call.error_type is not None else None
    yield "error_type", call.error_type
    yield "request_id", call.request_id
    yield "response_id", call.response_id
    yield "input_tokens", None if call.input_tokens is None else str(call.input_tokens)
    yield "output_tokens", None if call.output_tokens is None else str(call.output_tokens)
    yield "cost_usd", None if usd is None else f"{usd:.10f}".rstrip("0").rstrip(".")


def push_request(of: Sequence[Entry]) -> bytes:
    """Loki's `PushRequest`: streams of labels (1) and entries (2); an entry is a time (1), a line (2) and pairs (3)."""
    streams: dict[Pairs, list[bytes]] = {}
    for entry in of:
        seconds, nanos = divmod(entry.timestamp_ns, 10**9)
        time = b"\x08" + _varint(seconds) + b"\x10" + _varint(nanos)
        pairs = [_field(3, _field(1, name.encode()) + _field(2, value.encode())) for name, value in entry.metadata]
        entry_message = _field(1, time) + _field(2, entry.text) + b"".join(pairs)
        streams.setdefault(entry.labels, []).append(_field(2, entry_message))
    return b"".join(
        _field(1, _field(1, selector(labels).encode()) + b"".join(messages)) for labels, messages in streams.items()
    )


def selector(labels: Pairs) -> str:
    return "{" + ", ".join(f'{name}="{"".join(map(_escaped, value))}"' for name, value in labels) + "}"


def _escaped(character: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if character in short:
        return short[character]
    return f"\\u{ord(character):04x}" if character < " " or character in "\x7f\ufffd" else character


def _field(number: int, message: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(message)) + message


def _varint(value: int) -> bytes:
    rest, low = divmod(value, 128)
    return bytes((low | 128,)) + _varint(rest) if rest else bytes((low,))
