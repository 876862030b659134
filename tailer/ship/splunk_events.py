"""Entries to events of Splunk's HTTP Event Collector; pure, so a replay of a line is the same event to the byte.

Source: "Format events for HTTP Event Collector" in Splunk's documentation of getting data in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from zlib import crc32

import msgspec
import orjson

from tailer.config.labels import LEARNED
from tailer.ship.entries import Entries
from tailer.ship.entry import Entry
from tailer.ship.metadata import Own, Pairs, Shared, dollars, told

ID = "tokentail_id"
"""The field that is the same in every copy of a line's event, and different for two equal lines."""
EventOf = Callable[[bytes], bytes]
"""The text of an entry to the JSON that is kept as the event."""

_PATH = "filename"
_is_json = msgspec.json.Decoder(msgspec.Raw).decode


class Origin(msgspec.Struct, frozen=True):
    """What Splunk is told of where events come from; `source` None: the path of each file."""

    host: str
    sourcetype: str
    source: str | None = None
    index: str | None = None


class _Kind(NamedTuple):
    """What all entries with the same labels and shared metadata have in common, as JSON."""

    origin: bytes
    before: bytes
    after: bytes
    path_crc: int


def encode(entries: Sequence[Entry], origin: Origin, event_of: EventOf) -> bytes:
    """The events in the order of the entries, one below the other."""
    columns, kinds, events = Entries.of(entries), dict[tuple[int, int], _Kind](), list[bytes]()
    for time_ns, place, labels, text, shared, own in zip(
        columns.times_ns, columns.places, columns.labels, columns.texts, columns.shared, columns.own, strict=True
    ):
        key = (id(labels), id(shared))
        kind = kinds.get(key) or kinds.setdefault(key, _kind(labels, shared, origin))
        seconds, nanos = divmod(time_ns, 1_000_000_000)
        events.append(
            b'{"time":%d.%09d,%s"event":%s,"fields":{%s%s"tokentail_id":"%019d-%012x-%08x"}}'
            % (
                seconds,
                nanos,
                kind.origin,
                event_of(text),
                kind.before,
                kind.after if own is None else _own(own, kind.after),
                # Sorts as the lines of a file do: the time has the digits of the position.
                time_ns,
                place.start,
                crc32(text, kind.path_crc),
            )
        )
    return b"\n".join(events)


def line_event(text: bytes) -> bytes:
    """A line as it was written where it is a JSON object, else as a text.

    The collector takes no blank event and no push that has one, so a line of white space is told by its length.
    """
    if is_object(text):
        return text
    words = text.decode("utf-8", "replace")
    return orjson.dumps(words if words.strip() else {"tokentail_blank": len(text)})


def is_object(text: bytes) -> bool:
    """Whether a text is one JSON object, by a decoder that goes through all of it and keeps nothing."""
    if text.lstrip()[:1] != b"{":
        return False
    try:
        _is_json(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _kind(labels: Pairs, shared: Shared, origin: Origin) -> _Kind:
    path = next((value for name, value in shared.before if name == _PATH), None)
    source = path if origin.source is None else origin.source
    named = ("host", origin.host), ("source", source), ("sourcetype", origin.sourcetype), ("index", origin.index)
    taken = LEARNED | {ID} | {name for name, _ in shared.before}
    said = {name: value for name, value in labels if name not in taken}
    # Where it is the source of the event it need not be a field as well.
    said.update((name, value) for name, value in shared.before if name != _PATH or value != source)
    return _Kind(
        _members([(name, value) for name, value in named if value]),
        _members(said.items()),
        _members(shared.after),
        crc32((path or "").encode("utf-8", "replace")),
    )


def _own(own: Own, after: bytes) -> bytes:
    """What only this line says, around what others of its kind say too."""
    ids = told((("request_id", own.request_id), ("response_id", own.response_id)))
    return b"".join(
        (
            _members(told((("trace_id", own.trace_id),))) if own.trace_id else b"",
            after,
            _members(ids) if ids else b"",
            b"" if own.input_tokens is None else b'"input_tokens":"%d",' % own.input_tokens,
            b"" if own.output_tokens is None else b'"output_tokens":"%d",' % own.output_tokens,
            b"" if own.cost_usd is None else b'"cost_usd":"%s",' % dollars(own.cost_usd).encode(),
        )
    )


def _members(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The inside of a JSON object with a comma after each member; what cannot be encoded becomes a question mark."""
    members = {name: value if value.isascii() else value.encode("utf-8", "replace").decode() for name, value in pairs}
    return orjson.dumps(members)[1:-1] + b"," if members else b""
