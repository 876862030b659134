"""The fields to configure for a log of an unknown form, tried out on a sample of it before they are said; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import NamedTuple

from msgspec.structs import replace

from parsers.base import Call
from tailer.cli.candidates import Candidate, candidates
from tailer.cli.explained import explained
from tailer.cli.suggest import ReaderWith
from tailer.config import Fields, Limits
from tailer.meter.joiner import Joiner
from tailer.reading.stream import decoded
from tailer.reading.text import Opened, open_odd

MOST_LINES = 20_000
MOST_TELLING = 400
"""Lines that show a sign of a call; on these every set of fields is tried."""
MOST_BYTES = 32 * 1024 * 1024
MOST_PATHS = 6
"""Of each role, the most frequent."""
LONGEST_SECONDS = 300.0
"""Calls whose middle one takes longer were read in a wrong unit."""
SIGNS = frozenset({"response", "request", "usage"})
UNITS = ("s", "ms", "us", "ns")


class Yield(NamedTuple):
    """What a set of fields gives on the sample; the greater is the better."""

    measured: int = 0
    """Calls with token counts."""
    timed: int = 0
    """With a duration that can be one."""
    dated: int = 0
    """Lines of calls that say when they were written."""
    named: int = 0
    """With the id of the request."""
    asked: int = 0
    """With the model that was asked for."""
    brief: int = 0
    """The fewer fields the better, as a negative number."""


class Suggested(NamedTuple):
    """The fields that give most (none where finding alone does), and what the sample gives before and with them."""

    fields: Mapping[str, str]
    before: Yield
    after: Yield
    lines: int
    seen: tuple[Candidate, ...]


class Sample:
    """Takes lines until there are enough, then says what to configure. Holds at most `MOST_BYTES` of them."""

    def __init__(self, reader_with: ReaderWith, fields: Fields) -> None:
        self._reader_with = reader_with
        self._fields = fields
        self._lines = 0
        self._bytes = 0
        self._telling: list[bytes] = []
        self._paths: dict[str, Counter[str]] = {}

    def add(self, text: bytes) -> bool:
        """Takes a line; False once there are enough."""
        self._lines += 1
        found = _looked(text)
        if any(one.role in SIGNS for one in found):
            self._telling.append(text)
            self._bytes += len(text)
            for one in found:
                self._paths.setdefault(one.role, Counter())[one.path] += 1
        return self._lines < MOST_LINES and len(self._telling) < MOST_TELLING and self._bytes < MOST_BYTES

    def suggested(self) -> Suggested:
        """The best set of fields, found one role after the other."""
        before = self._tried({})
        best, most = self._best({}, before, self._structures())
        best, most = self._best(best, most, self._pairs())
        for role in ("request_id", "timestamp", "duration"):
            best, most = self._best(best, most, self._trials(role))
        seen = tuple(Candidate(role, path) for role in sorted(SIGNS) for path in self._frequent(role))
        return Suggested(best, before, most, self._lines, seen)

    def _best(
        self, fields: Mapping[str, str], most: Yield, trials: Iterable[Mapping[str, str]]
    ) -> tuple[Mapping[str, str], Yield]:
        start = fields
        for trial in trials:
            tried = {**start, **trial}
            given = self._tried(tried)
            if given > most:
                fields, most = tried, given
        return fields, most

    def _structures(self) -> Iterator[dict[str, str]]:
        requests: list[dict[str, str]] = [{}, *({"request": path} for path in self._frequent("request"))]
        responses: list[dict[str, str]] = [{}, *({"response": path} for path in self._frequent("response"))]
        return ({**request, **response} for response in responses for request in requests if request or response)

    def _pairs(self) -> Iterator[dict[str, str]]:
        """A request on a line of its own is worth something only with what joins it to its answer."""
        joining = [{}, *({"request_id": path} for path in self._surrounding("request_id", "id"))]
        return ({"request": path, **join} for path in self._frequent("request") for join in joining)

    def _trials(self, role: str) -> Iterator[dict[str, str]]:
        if role == "request_id":
            yield from ({role: path} for path in self._surrounding("request_id", "id"))
        elif role == "timestamp":
            yield from ({role: path} for path in self._surrounding(role))
        else:
            paths = self._surrounding(role, "span")
            yield from ({role: path, "duration_unit": unit} for path in paths for unit in UNITS)

    def _frequent(self, role: str) -> list[str]:
        paths = self._paths.get(role, Counter[str]())
        # The innermost of equals is the body itself, what is around it may be the application's own.
        return sorted(paths, key=lambda path: (-paths[path], -path.count("."), path))[:MOST_PATHS]

    def _surrounding(self, *roles: str) -> list[str]:
        """The paths of these roles that are not within a body, the outermost first."""
        bodies = tuple(f"{path}." for role in ("request", "response") for path in self._paths.get(role, ()))
        found = []
        for role in roles:
            paths = self._paths.get(role, Counter[str]())
            outside = [path for path in paths if not path.startswith(bodies)]
            found += sorted(outside, key=lambda path: (-paths[path], path.count("."), path))[:MOST_PATHS]
        return found

    def _tried(self, fields: Mapping[str, str]) -> Yield:
        reader = self._reader_with(replace(self._fields, **fields))
        described = [reader.describe(text) for text in self._telling]
        told = explained([(b"", one.reading) for one in described], Joiner(Limits()), lambda _: None, 0)
        # A body may say when it was created; here it matters whether the line says when it was written.
        dated = sum(one.reading.call is not None and "timestamp" in one.fields for one in described)
        return _yield([priced.call for line in told for priced in line.calls], dated, len(fields))


def _yield(calls: list[Call], dated: int, fields: int) -> Yield:
    measured = [call for call in calls if call.input_tokens is not None or call.output_tokens is not None]
    seconds = [call.duration_seconds for call in measured if call.duration_seconds is not None]
    return Yield(
        len(measured),
        len(seconds) if seconds and median(seconds) <= LONGEST_SECONDS else 0,
        dated,
        sum(call.request_id is not None for call in measured),
        sum(call.request_model is not None for call in measured),
        -fields,
    )


def _looked(text: bytes) -> list[Candidate]:
    opened = open_odd(text, [])
    if not isinstance(opened, Opened):
        return []
    line = opened.value
    if type(line) is dict and type(line.get("log")) is str:
        # A container log: configured paths are looked up in the application's own line too.
        line = decoded(line["log"]) or line
    return candidates(line)
