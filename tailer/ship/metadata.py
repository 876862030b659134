"""What stands beside a line: pairs that many lines share, kept as one object, and what only this line says; pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

Pairs = tuple[tuple[str, str], ...]

VALUE_BYTES = 1024
"""A dozen values of this size stay far below Loki's 64 KiB for all metadata of an entry."""
# Tags and lengths of a pair on the wire.
_PAIR_BYTES = 6


class Shared:
    """The pairs that many lines have. Lines of one kind have the same object, so what is made of it can be kept."""

    __slots__ = ("after", "before", "size_bytes")

    def __init__(self, before: Pairs, after: Pairs = ()) -> None:
        self.before = before
        self.after = after
        self.size_bytes = sum(len(name) + len(value) + _PAIR_BYTES for name, value in before + after)


class Own(msgspec.Struct, frozen=True, gc=False):
    """What differs from line to line. The trace stands between the two parts of what is shared, the rest at the end."""

    trace_id: str | None = None
    request_id: str | None = None
    response_id: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


def pairs(shared: Shared, own: Own | None) -> Pairs:
    """All pairs of a line, in their order."""
    if own is None:
        return shared.before + shared.after
    last = (
        ("request_id", own.request_id),
        ("response_id", own.response_id),
        ("input_tokens", None if own.input_tokens is None else str(own.input_tokens)),
        ("output_tokens", None if own.output_tokens is None else str(own.output_tokens)),
        ("cost_usd", None if own.cost_usd is None else dollars(own.cost_usd)),
    )
    return shared.before + told((("trace_id", own.trace_id),)) + shared.after + told(last)


def told(values: Iterable[tuple[str, str | None]]) -> Pairs:
    """The values that there are, each of a size that Loki takes."""
    return tuple([(name, bounded(value, VALUE_BYTES)) for name, value in values if value])


def dollars(usd: float) -> str:
    """Without an exponent, to 1e-10."""
    return f"{usd:.10f}".rstrip("0").rstrip(".")


def bounded(value: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut between characters; what cannot be encoded becomes a question mark."""
    if len(value) <= limit and value.isascii():
        return value
    return value.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
