"""Asks the parsers: the first that matches says what a record is; one that fails costs its own line its usage only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from parsers.address import place
from parsers.base import NOTHING, Call, Parser, Part, Record, Several, Stage, UsageError
from parsers.errors import failure
from tailer.reading.believed import objection
from tailer.reading.chunk import Outcome
from tailer.reading.declined import declines
from tailer.reading.finish import broken_call
from tailer.reading.overlay import overlay
from tailer.reading.stream import Event
from tailer.reading.surroundings import header_map
from tailer.reading.thrown import exception_of
from tailer.reading.unwrapped import Unwrapped


class Said(Struct, frozen=True, gc=False):
    """What a line is by the parsers, and the headers they saw."""

    outcome: Outcome
    call: Call | None = None
    stage: Stage | None = None
    parser: str | None = None
    headers: Mapping[str, str] = NOTHING
    more: tuple[Call, ...] = ()


MOST_SHAPES = 512
"""Sets of keys for which the candidates are kept; a log whose keys are data starts over instead of growing."""
MOST_KEYS, MOST_KEY_CHARS = 64, 2048
"""Of such a set: a larger one is hardly ever there again."""
MAKE = tuple.__new__
"""Makes a NamedTuple of all its values in a third of the time of calling it; this is once per line."""
NOT_LLM = Said("not_llm")

Candidates = tuple[tuple[Parser, bool], ...]
"""Parsers in their order, and whether what each gives may be believed unseen."""


class Asking:
    """The parsers in their order. `keys` are those of which a body must have one, None when a parser does not tell."""

    __slots__ = ("_bodiless", "_candidates", "_parsers", "keys")

    def __init__(self, parsers: Sequence[Parser]) -> None:
        # Ours pass the contract's suite in CI; what a third party's returns is looked at each time.
        self._parsers = tuple((parser, is_ours(parser)) for parser in parsers)
        self._bodiless = self._of_any(None)
        self._candidates: dict[tuple[bool | str, ...], tuple[Candidates, Candidates]] = {}
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
            return Said("part", Call(), Stage.LAST) if ended else (_failed_half(line) or NOT_LLM)
        headers = header_map(around.headers) if around.headers is not None else NOTHING
        record: Record = MAKE(
            Record,
            (line.body, line.request, around.status, headers, around.url, None, around.provider, around.timestamp_ns),
        )
        if line.events is not None:
            return self._fold(record, line.events, warnings)
        parser, found = self.first(record, warnings)
        if found is None:
            return _failed_half(line) or (NOT_LLM if parser is None else Said("not_llm", parser=parser))
        if isinstance(found, Several):
            return _several(found, parser, headers)
        if isinstance(found, Call):
            return Said("bad_usage" if found.faults else "call", found, None, parser, headers)
        # The last part gives the call, as a whole answer does.
        outcome: Outcome = "part" if found.stage is not Stage.LAST else "bad_usage" if found.call.faults else "call"
        return Said(outcome, found.call, found.stage, parser, headers)

    def first(self, record: Record, warnings: list[str]) -> tuple[str | None, Call | Part | Several | None]:
        """The first parser that matches a record, and what it makes of it. `warnings` as of `ask`."""
        likely, others = self._candidates_for(record)
        answer = self._in_turn(likely, record, warnings)
        if answer is None and others and record.request is not None:
            # Whoever takes a call by its request does so whatever the answer's keys are.
            answer = self._in_turn(others, record, warnings)
        return answer or (None, None)

    @staticmethod
    def _in_turn(
        parsers: Candidates, record: Record, warnings: list[str]
    ) -> tuple[str, Call | Part | Several | None] | None:
        for parser, trusted in parsers:
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
        return None

    def _candidates_for(self, record: Record) -> tuple[Candidates, Candidates]:
        """The parsers that may want a body with these keys, in their order, and those that do not."""
        if record.body is None:
            return self._bodiless, ()
        failed = record.status is not None and record.status >= 400
        shape: tuple[bool | str, ...] = (failed, *record.body)
        found = self._candidates.get(shape)
        if found is None:
            keys = frozenset(record.body)
            likely = self._of_any(keys) if failed else self._by_keys(keys)
            found = likely, () if failed else tuple(one for one in self._parsers if one not in likely)
            if len(shape) <= MOST_KEYS and sum(map(len, record.body)) <= MOST_KEY_CHARS:
                if len(self._candidates) >= MOST_SHAPES:
                    self._candidates.clear()
                self._candidates[shape] = found
        return found

    def _by_keys(self, keys: frozenset[str]) -> Candidates:
        told = ((getattr(parser, "keys", None), parser, trusted) for parser, trusted in self._parsers)
        return tuple((parser, trusted) for wanted, parser, trusted in told if not wanted or wanted & keys)

    def _of_any(self, keys: frozenset[str] | None) -> Candidates:
        """Whoever may want a body with these keys that failed, or none: what surrounds it may tell what that is."""
        return tuple((parser, trusted) for parser, trusted in self._parsers if not (trusted and declines(parser, keys)))

    def _fold(self, record: Record, events: list[Event], warnings: list[str]) -> Said:
        """A whole stream on one line is one call, whether or not its last event came; a whole session is several."""
        whole: Call | None = None
        is_settled = False
        earlier: list[Call] = []
        name: str | None = None
        more: tuple[Call, ...] = ()
        for event in events:
            parser, found = self.first(record._replace(body=event.data, event=event.name), warnings)
            if type(found) is Several and found.calls:
                # Cumulative like the rest: what the last such event says replaces what an earlier one did.
                more = found.calls[1:]
                found = Part(Stage.PIECE, found.calls[0])
            call = found.call if type(found) is Part else found
            if type(call) is not Call:
                continue
            is_whole = type(found) is Call
            if whole is not None and (is_settled or is_whole) and _differ(whole, call):
                earlier.append(whole)
                whole, is_settled = None, False
            whole, name = (call, name or parser) if whole is None else (overlay(whole, call), name)
            is_settled = is_settled or (is_whole and call.response_id is not None)
        return NOT_LLM if whole is None else _several(Several((*earlier, whole, *more)), name, record.headers)


def is_ours(parser: Parser) -> bool:
    """Whether a parser is one of those that come with the program."""
    return type(parser).__module__.startswith("parsers.")


def _failed_half(line: Unwrapped) -> Said | None:
    """A failure that no parser knows, under an id: of a call, if one was asked for on another line."""
    around = line.around
    if around.request_id is None or not line.levels or (around.url is not None and not place(around.url).is_api):
        return None
    outer = line.levels[0]
    error = outer.get("error") or outer.get("err") or (line.body.get("error") if line.body is not None else None)
    kind = failure(around.status, error)
    if kind is None:
        # Any exception may be logged under the id of a request: only one that tells what it is can be the call's.
        kind = failure(None, exception_of(outer))
        kind = None if kind == "unknown" else kind
    return None if kind is None else Said("part", Call(error_type=kind), Stage.FAILURE)


def _several(found: Several, parser: str | None, headers: Mapping[str, str]) -> Said:
    """The first call stands for the line, the others go with it."""
    if not found.calls:
        return Said("not_llm", parser=parser)
    first, *more = found.calls
    faulty = any(call.faults for call in found.calls)
    return Said("bad_usage" if faulty else "call", first, None, parser, headers, tuple(more))


def _differ(one: Call, other: Call) -> bool:
    return one.response_id is not None and other.response_id is not None and one.response_id != other.response_id
