"""Entries to Loki's protobuf: what comes again is encoded once, what differs in one go; pure.

Source: `pkg/push/push.proto` of Grafana Loki.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial

from tailer.outbound.protobuf import varint
from tailer.ship.entries import Entries
from tailer.ship.metadata import Own, Pairs, Shared, dollars, pairs

# So many blocks of shared metadata are kept: those of the kinds of line that are on their way.
_BLOCKS = 1024
# Longer texts and larger counts are rare: what stands before them is made anew.
_KEPT_LENGTHS = 1 << 14
_KEPT_COUNTS = 1 << 12
# U+FFFD too: Loki's label parser takes it for a decoding fault.
_TO_ESCAPE = re.compile('[\x00-\x1f"\\\\\x7f\ufffd]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def push_request(streams: Mapping[Pairs, Entries]) -> bytes:
    """The message of a push: streams in their order, entries in theirs."""
    out: list[bytes] = []
    for labels, entries in streams.items():
        name = selector(labels).encode()
        head = b"".join((b"\x0a", varint(len(name)), name))
        pieces, size = _pieces(entries)
        out += (b"\x0a", varint(len(head) + size), head)
        out += pieces
    return b"".join(out)


def selector(labels: Pairs) -> str:
    """Labels as Loki's protobuf wants them: `{app="x", job="y"}`."""
    return "{" + ", ".join(f'{name}="{_TO_ESCAPE.sub(_escape, value)}"' for name, value in labels) + "}"


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    return _SHORT_ESCAPES.get(found) or f"\\u{ord(found):04x}"


def _pieces(entries: Entries) -> tuple[list[bytes], int]:
    """The entries of one stream in pieces, and how many bytes these are. Each entry is a field 2, as is its text."""
    texts, shared, starts = entries.texts, entries.shared, _STARTS
    columns = zip(
        _times(entries.times_ns), texts, map(len, texts), map(_block, shared), shared, entries.own, strict=True
    )
    pieces: list[bytes] = []
    written = 0
    for time, text, text_bytes, block, kind, own in columns:
        beside = block if own is None else _beside(block, kind, own)
        before_text = starts[text_bytes]
        size = len(time) + len(before_text) + text_bytes + len(beside)
        start = starts[size]
        written += len(start) + size
        pieces += (start, time, before_text, text, beside)
    return pieces, written


def _times(times_ns: Iterable[int]) -> list[bytes]:
    """Field 1 of entries: the seconds, which neighbours mostly share, and the nanoseconds."""
    found: list[bytes] = []
    second, four_more, five_more = -1, *_in_second(0)
    for time_ns in times_ns:
        seconds, nanos = divmod(time_ns, 1_000_000_000)
        if seconds != second:
            second, four_more, five_more = seconds, *_in_second(seconds)
        low, middle, high = nanos & 127 | 128, nanos >> 7 & 127 | 128, nanos >> 14 & 127 | 128
        if nanos >= 1 << 28:
            found.append(five_more(low, middle, high, nanos >> 21 & 127 | 128, nanos >> 28))
        elif nanos >= 1 << 21:
            found.append(four_more(low, middle, high, nanos >> 21))
        else:
            few = varint(nanos)
            found.append(_until_nanos(seconds, len(few)) + few)
    return found


@lru_cache(maxsize=64)
def _in_second(seconds: int) -> tuple[Callable[..., bytes], Callable[..., bytes]]:
    """Make field 1 for times in this second, from the four or five bytes of the nanoseconds."""
    four, five = _until_nanos(seconds, 4), _until_nanos(seconds, 5)
    return partial(struct.Struct(f"{len(four)}s4B").pack, four), partial(struct.Struct(f"{len(five)}s5B").pack, five)


def _until_nanos(seconds: int, nanos_bytes: int) -> bytes:
    message = b"".join((b"\x08", varint(seconds), b"\x10"))
    return b"".join((b"\x0a", varint(len(message) + nanos_bytes), message))


def _beside(block: bytes, shared: Shared, own: Own) -> bytes:
    """The metadata of a line that says something of its own; `block` is what it shares."""
    request, response = own.request_id or "", own.response_id or ""
    cost = "" if own.cost_usd is None else dollars(own.cost_usd)
    try:
        rest = (
            f"{_REQUEST[len(request)]}{request}{_RESPONSE[len(response)]}{response}"
            f"{_GIVEN[own.input_tokens]}{_MADE[own.output_tokens]}{_COST[len(cost)]}{cost}"
        )
        if own.trace_id is None and rest.isascii():
            return block + rest.encode()
    except IndexError:
        pass
    return b"".join(map(_pair, pairs(shared, own)))


@lru_cache(maxsize=_BLOCKS)
def _block(shared: Shared) -> bytes:
    return b"".join(map(_pair, shared.before + shared.after))


def _pair(pair: tuple[str, str]) -> bytes:
    name, value = pair[0].encode(), pair[1].encode()
    message = b"".join((b"\x0a", varint(len(name)), name, b"\x12", varint(len(value)), value))
    return b"".join((b"\x1a", varint(len(message)), message))


def _before_values(name: str) -> tuple[str, ...]:
    """What stands before a value of this name, by the value's length, as far as each length is one byte."""
    head = f"\n{chr(len(name))}{name}\x12"
    return "", *[f"\x1a{chr(len(head) + 1 + size)}{head}{chr(size)}" for size in range(1, 127 - len(head))]


class _Starts(dict[int, bytes]):
    """The tag of a field 2 and its length, by length."""

    def __missing__(self, length: int) -> bytes:
        start = b"\x12" + varint(length)
        if length < _KEPT_LENGTHS:
            self[length] = start
        return start


class _Counts(dict[int | None, str]):
    """Pairs of a name and a count, by count."""

    def __init__(self, name: str) -> None:
        super().__init__({None: ""})
        self._before = _before_values(name)

    def __missing__(self, count: int) -> str:
        text = str(count)
        pair = self._before[len(text)] + text
        if count < _KEPT_COUNTS:
            self[count] = pair
        return pair


_STARTS = _Starts()
_REQUEST, _RESPONSE, _COST = map(_before_values, ("request_id", "response_id", "cost_usd"))
_GIVEN, _MADE = _Counts("input_tokens"), _Counts("output_tokens")
