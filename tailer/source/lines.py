"""Bytes to lines: never blocks, never touches a file, never holds a line."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Scan(NamedTuple):
    """How far the end of the line that starts at `start` has been looked for."""

    start: int
    scanned: int


class Whole(NamedTuple):
    """Everything before `end` is whole lines."""

    end: int


class Long(NamedTuple):
    """One line that ends at `end` and did not fit in a block."""

    end: int


def find(scan: Scan, block: bytes) -> Whole | Long | Scan:
    """What the bytes at `scan.scanned` tell: whole lines, the end of a long one, or how far the search has come."""
    if scan.scanned == scan.start:
        last = block.rfind(b"\n")
        if last >= 0:
            return Whole(scan.start + last + 1)
    else:
        first = block.find(b"\n")
        if first >= 0:
            return Long(scan.scanned + first + 1)
    return Scan(scan.start, scan.scanned + len(block))


def count(data: bytes) -> int:
    """How many lines the bytes hold; an unfinished last one counts."""
    return data.count(b"\n") + (0 if data.endswith(b"\n") or not data else 1)


def is_whole_value(data: bytes) -> bool:
    """Whether a last line without its newline is a whole JSON value, not one still being written."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
