"""The fields to configure for a log of an unknown form, tried out on a sample of it before they are said; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from statistics import median
from typing import NamedTuple

from msgspec.structs import replace

from parsers.base import Call
from tailer.cli.candidates import SIGNS, Candidate, candidates
from tailer.cli.explained import Explained, explained
from tailer.cli.suggest import ReaderWith
from tailer.config import Fields, Limits
from tailer.meter.joiner import Joiner
from tailer.reading.reading import Description
from tailer.reading.stream import decoded
from tailer.reading.text import Opened, open_odd
from tailer.reading.times import UNIT_SUFFIXES

MOST_LINES = 20_000
MOST_TELLING = 400
"""Lines that show a sign of a call; on these every set of fields is tried."""
MOST_BYTES = 32 * 1024 * 1024
MOST_PATHS = 6
"""Of each role, the most frequent."""
LONGEST_SECONDS = 300.0
"""Calls whose middle one takes longer were read in a wrong unit."""
WRITTEN_PER_SECOND = (1.0, 3000.0)
"""Output tokens a second that the middle one of a log's calls can believably have: tells 250 ms from 250 s."""
LEAST_WRITTEN = 5
"""Calls with fewer output tokens say nothing about speed."""
MOST_COUNTS = 3
"""Paths of each kind of count and of the model that are tried together."""
FAILED = frozenset({"model", "status"})
"""Of a call without counts."""
UNITS: tuple[dict[str, str], ...] = ({}, *({"duration_unit": unit} for unit in ("s", "ms", "us", "ns")))
"""The unit that name or text tell comes first; where they tell none that is the second."""


class Yield(NamedTuple):
    """What a set of fields gives on the sample; the greater is the better."""

    measured: int = 0
    """Calls with token counts."""
    whole: int = 0
    """With those of both sides."""
    modelled: int = 0
    """With a model."""
    timed: int = 0
    """With a duration that can be one."""
    dated: int = 0
    """Lines of calls that say when they were written."""
    stated: int = 0
    """Lines of calls with an HTTP status."""
    named: int = 0
    """With the id of the request."""
    asked: int = 0
    """With the model that was asked for."""
    cached: int = 0
    """With tokens from a cache."""
    brief: int = 0
    """The fewer fields the better, as a negative number."""


class Suggested(NamedTuple):
    """The fields that give most (none where finding alone does), and what the sample gives before and with them."""

    fields: Mapping[str, str]
    before: Yield
    after: Yield
    lines: int
    seen: tuple[Candidate, ...]
    example: Call | None
    """The last call with tokens that they give."""


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
        roles = {one.role for one in found}
        if not SIGNS.isdisjoint(roles) or roles >= FAILED:
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
        best, most = self._best(best, most, self._counts())
        for role in ("cached_input_tokens", "status", "request_id", "timestamp", "duration"):
            best, most = self._best(best, most, self._trials(role))
        seen = tuple(Candidate(role, path) for role in sorted(SIGNS) for path in self._frequent(role))
        measured = _measured([call for line in self._told(best)[1] for call, _, _ in line.calls])
        return Suggested(best, before, most, self._lines, seen, measured[-1] if measured else None)

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

    def _counts(self) -> Iterator[dict[str, str]]:
        """Counts and a model in fields of the application's own, where no provider's body is."""
        sides = ("input_tokens", "output_tokens")
        paths = [[{role: path} for path in self._surrounding(role)[:MOST_COUNTS]] or [{}] for role in sides]
        models = [{"model": path} for path in self._surrounding("model", "named")[:MOST_COUNTS]] or [{}]
        return ({**model, **taken, **given} for model, taken, given in product(models, *paths) if taken or given)

    def _trials(self, role: str) -> Iterator[dict[str, str]]:
        if role == "request_id":
            yield from ({role: path} for path in self._surrounding("request_id", "id"))
        elif role in ("timestamp", "status", "cached_input_tokens"):
            yield from ({role: path} for path in self._surrounding(role))
        else:
            paths = self._surrounding(role, "span")
            yield from ({role: path, **unit} for path in paths for unit in _units(path))

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
        described, told = self._told(fields)
        # A body may say when it was created; here it matters whether the line says when it was written.
        dated, stated = (
            sum(one.reading.call is not None and role in one.fields for one in described)
            for role in ("timestamp", "status")
        )
        calls = [priced.call for line in told for priced in line.calls]
        if "model" in fields:
            # Counts on lines of other kinds, which name no model, are of no call.
            calls = [call for call in calls if call.model is not None or call.request_model is not None]
        return _yield(calls, dated, stated, len(fields))

    def _told(self, fields: Mapping[str, str]) -> tuple[list[Description], Iterator[Explained]]:
        reader = self._reader_with(replace(self._fields, **fields))
        described = [reader.describe(text) for text in self._telling]
        return described, explained([(b"", one.reading) for one in described], Joiner(Limits()), lambda _: None, 0)


def _units(path: str) -> tuple[dict[str, str], ...]:
    """The units to try for a duration: where its whole name is one (`ms`), which no path says by itself, only that."""
    unit = UNIT_SUFFIXES.get(path.rpartition(".")[2].lower())
    return UNITS if unit is None else ({"duration_unit": unit},)


def _yield(calls: list[Call], dated: int, stated: int, fields: int) -> Yield:
    measured = _measured(calls)
    return Yield(
        len(measured),
        sum(call.input_tokens is not None and call.output_tokens is not None for call in measured),
        sum(call.model is not None or call.request_model is not None for call in measured),
        _timed(measured),
        dated,
        stated,
        sum(call.request_id is not None for call in measured),
        sum(call.request_model is not None for call in measured),
        sum("cached_input" in call.details for call in measured),
        -fields,
    )


def _measured(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.input_tokens is not None or call.output_tokens is not None]


def _timed(calls: list[Call]) -> int:
    """How many of these say how long they took; none where that cannot be, as in a wrong unit."""
    timed = [(call.duration_seconds, call.output_tokens or 0) for call in calls if call.duration_seconds is not None]
    if not timed or median(seconds for seconds, _ in timed) > LONGEST_SECONDS:
        return 0
    speeds = [written / seconds for seconds, written in timed if written >= LEAST_WRITTEN and seconds > 0]
    slowest, fastest = WRITTEN_PER_SECOND
    return len(timed) if not speeds or slowest <= median(speeds) <= fastest else 0


def _looked(text: bytes) -> list[Candidate]:
    opened = open_odd(text, [])
    if not isinstance(opened, Opened):
        return []
    line = opened.value
    if type(line) is dict and type(line.get("log")) is str:
        # A container log: configured paths are looked up in the application's own line too.
        line = decoded(line["log"]) or line
    return candidates(line)
