"""The data that all rooms share: a chunk of whole lines, and what each of its lines says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from parsers.base import Call, Stage

Outcome = Literal["call", "part", "not_llm", "bad_json", "bad_usage", "oversize", "empty"]
OUTCOMES: tuple[Outcome, ...] = ("call", "part", "not_llm", "bad_json", "bad_usage", "oversize", "empty")


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What one line says, computed once for all consumers.

    `start` and `end` are offsets in the file (`end` is after the newline), `number` counts the file's lines from 0.
    With `stage` None the `call` is whole; else it is a part to be joined by `join_key`. `dimensions` and `labels` hold
    the configured paths' values in the configured order ("" where the line has none). A `part` without a `call` is a
    piece of a line that a container runtime has cut: its last piece says what they say together.
    """

    start: int
    end: int
    number: int
    outcome: Outcome
    call: Call | None = None
    stage: Stage | None = None
    join_key: str | None = None
    timestamp_ns: int | None = None
    level: str | None = None
    trace_id: str | None = None
    dimensions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    wrapper: str | None = None
    parser: str | None = None
    warnings: tuple[str, ...] = ()
    more: tuple[Call, ...] = ()
    """Further whole calls of the same line."""
    midway: bool = False
    """A cut line is open after this one: whoever began reading here would not see how it begins."""


class Chunk:
    """Whole lines of one file, read once; whoever asks first for the readings decodes them for all.

    `data` holds the bytes from `start` to `end`, every line with its newline (the last may lack it at the end of an
    input). An oversize line is a chunk of its own, with only its head in `data`.
    """

    __slots__ = ("_is_utf8", "_lines", "_readings", "data", "end", "file", "first_number", "oversize", "path", "start")

    def __init__(  # noqa: PLR0913, PLR0917 - a chunk has no fewer facts, and is made in three places
        self, file: int, path: str, start: int, end: int, first_number: int, data: bytes, *, oversize: bool = False
    ) -> None:
        self.file = file
        self.path = path
        self.start = start
        self.end = end
        self.first_number = first_number
        self.data = data
        self.oversize = oversize
        self._readings: list[Reading] | None = None
        self._is_utf8: bool | None = None
        self._lines: int | None = None

    @property
    def lines(self) -> int:
        """How many lines it holds, counted once for all consumers; an unfinished last one counts."""
        if self._lines is None:
            self._lines = 1 if self.oversize else lines_in(self.data)
        return self._lines

    @property
    def is_utf8(self) -> bool:
        """Whether all of the data is valid UTF-8, looked at once for all consumers."""
        if self._is_utf8 is None:
            self._is_utf8 = self.data.isascii() or _decodes(self.data)
        return self._is_utf8

    def readings(self, read: Callable[[Chunk], list[Reading]]) -> list[Reading]:
        """The readings of all lines in order, computed by `read` at the first call."""
        if self._readings is None:
            self._readings = read(self)
        return self._readings

    def text(self, reading: Reading) -> bytes:
        """The bytes of a line without its line ending."""
        line = self.data[reading.start - self.start : reading.end - self.start]
        return line.removesuffix(b"\n").removesuffix(b"\r")


def lines_in(data: bytes) -> int:
    """How many lines the bytes hold; an unfinished last one counts."""
    return data.count(b"\n") + (0 if data.endswith(b"\n") or not data else 1)


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
