"""Bytes to lines: never blocks, never touches a file, never holds a line."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from tailer.reading import partial


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


def is_hole(block: bytes) -> bool:
    """Whether nothing was ever written there: what a truncation leaves to a writer that goes on where it was."""
    return block.startswith(b"\0") and not block.strip(b"\0")


def is_whole_value(data: bytes) -> bool:
    """Whether a last line without its newline is a whole JSON value, not one still being written."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def settled(data: bytes) -> int:
    """How many bytes of these whole lines end where no line of the application is left in pieces; 0 when none do."""
    if not partial.may_be_cut(data):
        return len(data)
    physical = data.split(b"\n")
    found = partial.sequences(physical)
    if not found.open:
        return len(data)
    cut = min(pieces[0] for pieces in found.open)
    for pieces in reversed(found.closed):
        # Of interleaved streams the other one may have begun before and ended after.
        if pieces[0] < cut <= pieces[-1]:
            cut = pieces[0]
    return sum(len(line) + 1 for line in physical[:cut])
