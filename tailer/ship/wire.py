"""Entries to the body of a push: Loki's protobuf with snappy, or its JSON with gzip; touches no network.

Source: `pkg/push/push.proto` and the HTTP API reference of Grafana Loki.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import orjson
from cramjam import snappy

from tailer.ship.entry import Entry, Pairs

Encoding = Literal["protobuf", "json"]
PROTOBUF_HEADERS: Mapping[str, str] = {"Content-Type": "application/x-protobuf"}
JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

_GZIP_LEVEL = 3
_ONE_BYTE = tuple(bytes((value,)) for value in range(128))
# Values that come again line after line; caching the others would only push these out.
_RECURRING = frozenset({"filename", "level", "provider", "model", "operation", "status", "error_type"})
# U+FFFD too: Loki's label parser takes it for a decoding fault.
_TO_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ufffd]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Body(NamedTuple):
    """What is posted, with the headers that say how it is encoded."""

    data: bytes
    headers: Mapping[str, str]


def encode(entries: Sequence[Entry], encoding: Encoding) -> Body:
    """One push of these entries, grouped by stream, in their order within a stream."""
    streams = grouped(entries)
    if encoding == "json":
        return Body(gzip.compress(_json(streams), _GZIP_LEVEL, mtime=0), JSON_HEADERS)
    return Body(bytes(snappy.compress_raw(_protobuf(streams))), PROTOBUF_HEADERS)


def grouped(entries: Iterable[Entry]) -> dict[Pairs, list[Entry]]:
    """Entries by their stream's labels, streams and entries in the order in which they came."""
    streams: dict[Pairs, list[Entry]] = {}
    last: Pairs | None = None
    members: list[Entry] = []
    for entry in entries:
        # Hashing labels for each entry would cost more than this look at the same object.
        if entry.labels is not last:
            last = entry.labels
            members = streams.setdefault(last, [])
        members.append(entry)
    return streams


def selector(labels: Pairs) -> str:
    """Labels as Loki's protobuf wants them: `{app="x", job="y"}`."""
    return "{" + ", ".join(f'{name}="{_TO_ESCAPE.sub(_escape, value)}"' for name, value in labels) + "}"


def varint(value: int) -> bytes:
    """A non-negative number in protobuf's variable length."""
    if value < 128:
        return _ONE_BYTE[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    return _SHORT_ESCAPES.get(found) or f"\\u{ord(found):04x}"


def _json(streams: Mapping[Pairs, list[Entry]]) -> bytes:
    body = [
        {
            "stream": dict(labels),
            "values": [(str(entry.timestamp_ns), entry.text.decode(), dict(entry.metadata)) for entry in entries],
        }
        for labels, entries in streams.items()
    ]
    return orjson.dumps({"streams": body})


def _protobuf(streams: Mapping[Pairs, list[Entry]]) -> bytes:
    out: list[bytes] = []
    for labels, entries in streams.items():
        name = selector(labels).encode()
        stream = [b"\x0a", varint(len(name)), name]
        for entry in entries:
            message = _entry(entry)
            stream += (b"\x12", varint(len(message)), message)
        out += (b"\x0a", varint(sum(map(len, stream))), *stream)
    return b"".join(out)


def _entry(entry: Entry) -> bytes:
    seconds, nanos = divmod(entry.timestamp_ns, 1_000_000_000)
    time = b"".join((b"\x08", varint(seconds), b"\x10", varint(nanos)))
    pairs = [_recurring_pair(pair) if pair[0] in _RECURRING else _pair(pair) for pair in entry.metadata]
    text = entry.text
    return b"".join((b"\x0a", _ONE_BYTE[len(time)], time, b"\x12", varint(len(text)), text, *pairs))


def _pair(pair: tuple[str, str]) -> bytes:
    name, value = pair
    if len(name) + len(value) < 124 and value.isascii() and name.isascii():
        # Nearly every pair: each length is one byte, so one formatting does it.
        return f"\x1a{chr(len(name) + len(value) + 4)}\n{chr(len(name))}{name}\x12{chr(len(value))}{value}".encode()
    first, second = name.encode(), value.encode()
    message = b"".join((b"\x0a", varint(len(first)), first, b"\x12", varint(len(second)), second))
    return b"".join((b"\x1a", varint(len(message)), message))


_recurring_pair = lru_cache(maxsize=4096)(_pair)
