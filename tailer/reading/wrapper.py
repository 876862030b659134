"""Undo what surrounds a body. Only known places are looked at: `usage` in a prompt or a tool's input is never found."""

from __future__ import annotations

import re

from msgspec.structs import replace

from tailer.config import Fields
from tailer.reading.access import address
from tailer.reading.answer import (
    NO_ANSWER,
    Answer,
    Object,
    answer_in,
    asked_in,
    is_body,
    is_question,
    of_session,
)
from tailer.reading.flat import usage_body
from tailer.reading.formats import FILE_OF_A_SHIPPER
from tailer.reading.names import HINTS
from tailer.reading.settling import answered, unanswered, value_at, with_http
from tailer.reading.shape import Shape, Shapes
from tailer.reading.stream import decoded
from tailer.reading.surroundings import Notes, find_surroundings
from tailer.reading.told import told
from tailer.reading.unwrapped import Level, Unwrapped, in_text, joined, logger_name

MAX_DEPTH = 4
"""Levels of wrappers: a logger in a container log in an event is three."""
ENVELOPES = frozenset({"log", "log_processed"})
"""Where a container runtime or a shipper puts the application's own line, whatever that says."""
OPENINGS = frozenset({"{", '"', "[", "d", "e", *"0123456789"})
"""How a text begins that may be JSON, or server-sent events (`data:`, `event:`), or a line of the kubelet's."""
CRI_TEXT = re.compile(r"\d[^ ]{9,39} std(?:out|err) F(?::[^ ]*)? ")
SPOKEN = frozenset({"message", "msg"})
EVENT_LISTS = frozenset({"body", "payload"})


class Unwrapper:
    """Finds the body of a line, by the configured paths or by the common names.

    `parser_keys` are the keys of which a body must have at least one to be any parser's, None when that is not known.
    """

    __slots__ = ("_given", "_shapes")

    def __init__(self, fields: Fields, parser_keys: frozenset[str] | None = None) -> None:
        self._shapes = Shapes(fields, parser_keys)
        self._given = fields.response is not None

    def shape(self, line: Object) -> Shape:
        """Where a line with these keys has what."""
        return self._shapes.of(line)

    def unwrap(self, line: Object, notes: Notes) -> Unwrapped:
        """The line freed of its wrappers; its body is the line itself where nothing surrounds it."""
        shape = self._shapes.of(line)
        around = find_surroundings(line, shape, notes)
        if shape.form is not None and shape.form.paths and around.url is None:
            around = replace(around, url=address(line, shape.form))
        if around.level is None and shape.form is not None and shape.form.level is not None:
            around = replace(around, level=shape.form.level)
        if not shape.signs and not (shape.nests and _may_open(line, shape.nests)):
            if self._given or (shape.inert and not around.has_failed):
                return Unwrapped(around, (line,), wrapper=logger_name(line, shape))
            return Unwrapped(around, (line,), line, wrapper=logger_name(line, shape))
        level = Level(line, shape, around, "", 0)
        found = self._open(level, notes) or self._itself(level)
        return found if shape.form is None or not shape.form.contexts else self._in_context(found, level, notes)

    def unwrap_inside(self, line: Object, outer: Object, key: str) -> Unwrapped | None:
        """As `unwrap` of an outer line that has this line under a key; None where it is not looked for there."""
        notes, shape = Notes(), self._shapes.of(outer)
        return self._inside(Level(outer, shape, find_surroundings(outer, shape, notes), "", 0), key, line, notes)

    def _in_context(self, found: Unwrapped, level: Level, notes: Notes) -> Unwrapped:
        """With what the format's objects for the application's own fields say beside the body."""
        for key in level.shape.form.contexts if level.shape.form is not None else ():
            value = level.line.get(key)
            if type(value) is dict:
                beside = find_surroundings(value, self._shapes.of(value), notes, f"{key}.")
                found = replace(found, around=found.around.over(beside))
        return found

    def _open(self, level: Level, notes: Notes) -> Unwrapped | None:
        """What is on this level or below it; None when nothing here is surely of a call."""
        found = told(level, notes) if level.shape.told else None
        return found or self._found(level, notes)

    def _found(self, level: Level, notes: Notes) -> Unwrapped | None:
        line, shape, around = level.line, level.shape, level.around
        if shape.whole and not self._given:
            return Unwrapped(around, (line,), line, wrapper=level.wrapper)
        request: Object | None = None
        if shape.request:
            request, level = self._with_request(level, notes)
            around = level.around
        if self._given:
            own = False
        elif shape.typed and is_body(line):
            return Unwrapped(around, (line,), line, request, wrapper=level.wrapper)
        else:
            own = shape.usage or shape.counts
        if shape.response:
            answer = self._answer(level, notes)
            if answer.settles:
                return answered(level, request, answer, own)
            if answer is not NO_ANSWER:
                level = replace(level, around=with_http(around, answer))
        if own:
            body = line if shape.usage else usage_body(line)
            return Unwrapped(level.around, (line,), body, request, wrapper=level.wrapper)
        found = self._nested(level, notes) if shape.nests else None
        if found is None:
            return unanswered(level, request)
        return found if request is None or found.request is not None else replace(found, request=request)

    def _itself(self, level: Level) -> Unwrapped:
        """The line as its own body, unless no parser can want it or the body may come from elsewhere only."""
        line, shape, around = level.line, level.shape, level.around
        request, url = asked_in(value_at(line, shape.request[0])) if shape.request else (None, None)
        if self._given or (shape.inert and not around.has_failed and not is_question(request)):
            return Unwrapped(around, (line,))
        if url is not None and around.url is None:
            around = replace(around, url=url)
        return Unwrapped(around, (line,), line, request, wrapper=level.wrapper)

    def _with_request(self, level: Level, notes: Notes) -> tuple[Object | None, Level]:
        """What was asked on this level, and the level with the address of it."""
        request, url = self._asked(level, notes)
        if url is not None and level.around.url is None:
            level = replace(level, around=replace(level.around, url=url))
        return request, level

    def _asked(self, level: Level, notes: Notes) -> tuple[Object | None, str | None]:
        for place in level.shape.request:
            request, url = asked_in(value_at(level.line, place))
            if request is not None or url is not None:
                if notes.fields is not None and request is not None:
                    notes.fields["request"] = (level.at + place.path, request)
                return request, url
        return None, None

    def _answer(self, level: Level, notes: Notes) -> Answer:
        bodiless = NO_ANSWER
        for place in level.shape.response:
            value = value_at(level.line, place)
            if value is None:
                continue
            answer = answer_in(value)
            if answer.settles:
                if notes.fields is not None:
                    notes.fields["response"] = (level.at + place.path, value)
                return answer
            if answer is not NO_ANSWER:
                bodiless = answer
            elif type(value) is str and value[:1] == "{":
                notes.warnings.append(f"{level.at}{place.path}: begins like JSON but is not")
        return bodiless

    def _nested(self, level: Level, notes: Notes) -> Unwrapped | None:
        for key in level.shape.nests:
            value = level.line[key]
            if type(value) is dict:
                found = self._inside(level, key, value, notes)
            elif type(value) is str:
                found = self._inside_text(level, key, value, notes)
            elif type(value) is list and key in EVENT_LISTS and (answer := answer_in(value)).settles:
                found = answered(level, None, answer, own=False)
            else:
                found = None
            if found is not None:
                return found
        return None

    def _inside(self, level: Level, key: str, value: Object, notes: Notes) -> Unwrapped | None:
        envelope = key in ENVELOPES and not FILE_OF_A_SHIPPER.issuperset(value)
        is_own = envelope or (level.shape.form is not None and key in level.shape.form.nests)
        # A chat message is content, whatever it holds.
        if level.depth >= MAX_DEPTH or (not is_own and (_is_said(key, value) or HINTS.isdisjoint(value))):
            return None
        shape = self._shapes.of(value)
        at = f"{level.at}{key}."
        inner = Level(value, shape, find_surroundings(value, shape, notes, at, level.line), at, level.depth + 1)
        found = self._open(inner, notes)
        if found is None and envelope:
            found = self._itself(inner)
        if found is None:
            return None
        outer = "splunk" if key == "event" else level.wrapper
        return replace(
            found,
            around=found.around.over(level.around),
            levels=(level.line, *found.levels),
            body=None if found.body is None else of_session(found.body, level.line),
            wrapper=joined(outer, found.wrapper),
        )

    def _inside_text(self, level: Level, key: str, text: str, notes: Notes) -> Unwrapped | None:
        start = text[:1]
        if start in ("{", '"'):
            value = decoded(text)
            if type(value) is dict:
                found = self._inside(level, key, value, notes)
                in_container = found is None or key in ENVELOPES
                return found if found is None or in_container else in_text(found)
            if key in ENVELOPES and start == "{":
                notes.warnings.append(f"{level.at}{key}: begins like JSON but is not")
                return Unwrapped(level.around, (level.line,), broken=True, wrapper=level.wrapper)
        elif start in ("d", "e", "["):
            answer = answer_in(text)
            if answer.settles:
                return answered(level, None, answer, own=False)
        elif start.isdigit() and key in ENVELOPES and (head := CRI_TEXT.match(text)) is not None:
            # A shipper that does not parse the kubelet's format.
            return self._inside_text(level, key, text[head.end() :], notes)
        return None


def _is_said(key: str, value: Object) -> bool:
    """Whether an object is one message of a chat. Claude's whole answers have a role too, but elsewhere than there."""
    return "role" in value and (key in SPOKEN or not is_body(value))


def _may_open(line: Object, nests: tuple[str, ...]) -> bool:
    """Whether any of these is more than the text of a message: most lines of a log end here."""
    for key in nests:
        value = line[key]
        if type(value) is str:
            if value[:1] in OPENINGS:
                return True
        elif value is not None and type(value) is not int:
            return True
    return False
