"""Decodes a push by Loki's own rules, apart from the code under test; knows no HTTP."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from cramjam import DecompressionError, snappy

from tests.fakereceiver import UndecodableError

Pairs = tuple[tuple[str, str], ...]


class Kept(NamedTuple):
    """One entry as stored: labels sorted by name, text, structured metadata in the order pushed."""

    labels: Pairs
    timestamp_ns: int
    line: str
    metadata: Pairs


def decoded(body: bytes, content_type: str) -> Iterator[Kept]:
    """The entries of a push body, decoded on its own terms; aiohttp has undone gzip where the headers named it."""
    try:
        if content_type.startswith("application/json"):
            yield from _from_json(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        else:
            yield from _from_protobuf(bytes(snappy.decompress_raw(body)))
    except (ValueError, KeyError, IndexError, TypeError, OSError, DecompressionError) as error:
        raise UndecodableError(f"undecodable: {type(error).__name__}") from error


def _from_json(body: bytes) -> Iterator[Kept]:
    for stream in json.loads(body)["streams"]:
        labels = tuple(sorted(stream["stream"].items()))
        for timestamp, line, *metadata in stream["values"]:
            yield Kept(labels, int(timestamp), line, tuple(metadata[0].items()) if metadata else ())


def _from_protobuf(message: bytes) -> Iterator[Kept]:
    for number, stream in _fields(message):
        if number != 1:
            raise ValueError("not a push request")
        fields = list(_fields(_bytes(stream)))
        labels = parsed_labels(next(_bytes(value).decode() for field, value in fields if field == 1))
        for field, entry in fields:
            if field == 2:
                yield _entry(labels, _bytes(entry))


def _entry(labels: Pairs, message: bytes) -> Kept:
    time_ns, line, metadata = 0, "", []
    for number, value in _fields(message):
        if number == 1:
            for part, count in _fields(_bytes(value)):
                time_ns += int(count) * (1_000_000_000 if part == 1 else 1) if isinstance(count, int) else 0
        elif number == 2:
            line = _bytes(value).decode()
        elif number == 3:
            pair = {part: _bytes(text).decode() for part, text in _fields(_bytes(value))}
            metadata.append((pair.get(1, ""), pair.get(2, "")))
    return Kept(labels, time_ns, line, tuple(metadata))


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise TypeError("a number where a message should be")
    return value


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        if key & 7 == 0:
            value, at = _number(message, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = _number(message, at)
            if at + size > len(message):
                raise ValueError("truncated")
            yield key >> 3, message[at : at + size]
            at += size
        else:
            raise ValueError("a wire type that Loki's messages do not use")


def _number(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)="((?:[^"\\\n]|\\.)*)"\s*(,|$)')


def parsed_labels(text: str) -> Pairs:
    """`{a="x", b="y"}` as sorted pairs, with the escapes undone; as strict as Loki about what may stand in it."""
    if not (text.startswith("{") and text.endswith("}")) or "\ufffd" in text:
        raise ValueError("not a label set")
    inside, at, pairs = text[1:-1], 0, []
    while at < len(inside):
        match = _LABEL.match(inside, at)
        if match is None:
            raise ValueError("not a label set")
        pairs.append((match[1], json.loads(f'"{match[2]}"')))
        at = match.end()
    return tuple(sorted(pairs))
