"""Asks the parsers: the first that matches says what a record is; one that fails costs its own line its usage only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from parsers.base import NOTHING, Call, Parser, Part, Record, Several, Stage, UsageError
from tailer.reading.believed import objection
from tailer.reading.chunk import Outcome
from tailer.reading.finish import broken_call
from tailer.reading.overlay import overlay
from tailer.reading.stream import Event
from tailer.reading.surroundings import header_map
from tailer.reading.unwrapped import Unwrapped


class Said(Struct, frozen=True, gc=False):
    """What a line is by the parsers, and the headers they saw."""

    outcome: Outcome
    call: Call | None = None
    stage: Stage | None = None
    parser: str | None = None
    headers: Mapping[str, str] = NOTHING
    more: tuple[Call, ...] = ()


MAKE = tuple.__new__
"""Makes a NamedTuple of all its values in a third of the time of calling it; this is once per line."""
NOT_LLM = Said("not_llm")


class Asking:
    """The parsers in their order. `keys` are those of which a body must have one, None when a parser does not tell."""

    __slots__ = ("_candidates", "_parsers", "keys")

    MOST_SHAPES = 512
    """Sets of keys for which the candidates are kept; a log whose keys are data starts over instead of growing."""

    def __init__(self, parsers: Sequence[Parser]) -> None:
        # Ours pass the contract's suite in CI; what a third party's returns is looked at each time.
        self._parsers = tuple((parser, type(parser).__module__.startswith("parsers.")) for parser in parsers)
        self._candidates: dict[tuple[str, ...], tuple[tuple[Parser, bool], ...]] = {}
        told = [getattr(parser, "keys", None) for parser in parsers]
        sets = [keys for keys in told if isinstance(keys, frozenset)]
        self.keys: frozenset[str] | None = frozenset[str]().union(*sets) if len(sets) == len(told) else None

    def ask(self, line: Unwrapped, warnings: list[str]) -> Said:
        """What the line is. `warnings` takes what was odd about the parsers."""
        around = line.around
        if line.body is None and line.request is None and line.events is None:
            if line.broken:
                return Said("bad_json")
            ended = line.done and around.request_id is not None
            return Said("part", Call(), Stage.LAST) if ended else NOT_LLM
        headers = header_map(around.headers) if around.headers is not None else NOTHING
        record: Record = MAKE(
            Record,
            (line.body, line.request, around.status, headers, around.url, None, around.provider, around.timestamp_ns),
        )
        if line.events is not None:
            return self._fold(record, line.events, warnings)
        parser, found = self._first(record, warnings)
        if found is None:
            return NOT_LLM if parser is None else Said("not_llm", parser=parser)
        if isinstance(found, Several):
            return _several(found, parser, headers)
        if not isinstance(found, Part):
            return Said("bad_usage" if found.faults else "call", found, None, parser, headers)
        return Said("part", found.call, found.stage, parser, headers)

    def _first(self, record: Record, warnings: list[str]) -> tuple[str | None, Call | Part | Several | None]:
        for parser, trusted in self._candidates_for(record):
            matched = False
            try:
                if not parser.matches(record):
                    continue
                matched = True
                found = parser.parse(record)
                if trusted or (wrong := objection(found)) is None:
                    return parser.name, found
                return parser.name, broken_call(parser.name, record, f"{parser.name}: {wrong}")
            except UsageError as fault:
                return parser.name, broken_call(parser.name, record, str(fault))
            except Exception as fault:
                # A third party's parser may fail in any way: that must not stop the file, nor hide that a call was made
                said = f"{parser.name}: {type(fault).__name__}: {fault}"
                if matched:
                    return parser.name, broken_call(parser.name, record, said)
                warnings.append(said)
        return None, None

    def _candidates_for(self, record: Record) -> tuple[tuple[Parser, bool], ...]:
        """The parsers that may want a body with these keys, in their order."""
        if record.body is None:
            return self._parsers
        shape = tuple(record.body)
        found = self._candidates.get(shape)
        if found is None:
            keys = frozenset(shape)
            told = ((getattr(parser, "keys", None), parser, trusted) for parser, trusted in self._parsers)
            found = tuple((parser, trusted) for wanted, parser, trusted in told if not wanted or wanted & keys)
            if len(shape) <= 64:
                if len(self._candidates) >= self.MOST_SHAPES:
                    self._candidates.clear()
                self._candidates[shape] = found
        return found

    def _fold(self, record: Record, events: list[Event], warnings: list[str]) -> Said:
        """A whole stream on one line is one call, whether or not its last event came."""
        whole: Call | None = None
        name: str | None = None
        for event in events:
            parser, found = self._first(record._replace(body=event.data, event=event.name), warnings)
            call = found.call if type(found) is Part else found
            if type(call) is not Call:
                continue
            if whole is not None and type(found) is Call and _differ(whole, call):
                warnings.append(f"another call on the same line is not counted: {call.response_id}")
                continue
            whole, name = (call, parser) if whole is None else (overlay(whole, call), name)
        if whole is None:
            return NOT_LLM
        return Said("bad_usage" if whole.faults else "call", whole, None, name, record.headers)


def _several(found: Several, parser: str | None, headers: Mapping[str, str]) -> Said:
    """The first call stands for the line, the others go with it."""
    if not found.calls:
        return Said("not_llm", parser=parser)
    first, *more = found.calls
    faulty = any(call.faults for call in found.calls)
    return Said("bad_usage" if faulty else "call", first, None, parser, headers, tuple(more))


def _differ(one: Call, other: Call) -> bool:
    return one.response_id is not None and other.response_id is not None and one.response_id != other.response_id
