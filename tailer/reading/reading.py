"""One line's bytes to its reading: decode, unwrap, ask the parsers, finish the call. Never raises, reads no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import orjson
from msgspec.structs import replace

from parsers.base import NOTHING, Parser, Stage
from tailer.config import Fields
from tailer.reading import finish
from tailer.reading.answer import is_event_list
from tailer.reading.asking import Asking
from tailer.reading.chunk import Chunk, Reading
from tailer.reading.doubled import may_be_doubled, without_doubled
from tailer.reading.partial import Sequences, assembled, may_be_cut, piece_alone, sequences
from tailer.reading.paths import path_of, text_at
from tailer.reading.stream import decoded, listed_events
from tailer.reading.surroundings import Notes, Surroundings
from tailer.reading.text import Closed, open_odd
from tailer.reading.typed.kinds import Typed
from tailer.reading.unread import Stumbles
from tailer.reading.unwrapped import Unwrapped, in_words
from tailer.reading.wrapper import Unwrapper

MAX_WARNING_CHARS = 200
ENDLESS = "the end of a line that the container runtime has cut is not there"
NO_FIELDS = Fields()
NO_AROUND = Surroundings()


class Description(NamedTuple):
    """A reading and where its values came from: field → (dotted path, the value there)."""

    reading: Reading
    fields: Mapping[str, tuple[str, object]]


class LineReader:
    """Reads lines with these parsers, the first that matches wins. Keeps nothing of a line, so it can be shared.

    `dimensions` and `labels` are name → dotted path, looked up in the line and then in what was unwrapped from it.
    """

    __slots__ = ("_asking", "_dimensions", "_labels", "_notes", "_nowhere", "_stumbles", "_typed", "_unwrapper")

    def __init__(
        self,
        parsers: Sequence[Parser],
        fields: Fields = NO_FIELDS,
        dimensions: Mapping[str, str] = NOTHING,
        labels: Mapping[str, str] = NOTHING,
    ) -> None:
        self._asking = Asking(parsers)
        self._unwrapper = Unwrapper(fields, self._asking.keys)
        self._dimensions = tuple(path_of(path) for path in dimensions.values())
        self._labels = tuple(path_of(path) for path in labels.values())
        self._notes = Notes()
        self._stumbles = Stumbles()
        self._typed = Typed(parsers, self._unwrapper, self._asking, self._dimensions, self._labels)
        self._nowhere = (("",) * len(self._dimensions), ("",) * len(self._labels))

    @property
    def typed_lines(self) -> int:
        """How many lines were read without being decoded whole."""
        return self._typed.lines

    def read(self, chunk: Chunk) -> list[Reading]:
        """The readings of a chunk's lines: one for each, in order, their spans without gaps."""
        start, number = chunk.start, chunk.first_number
        if chunk.oversize:
            return [self._wordless(start, chunk.end, number, Closed("oversize"))]
        readings = []
        lines = chunk.data.split(b"\n")
        if may_be_cut(chunk.data) and any(cut := sequences(lines)):
            return self._read_cut(chunk, lines, cut)
        rest = lines.pop()
        typical = self._typical(chunk)
        for line in lines:
            end = start + len(line) + 1
            try:
                reading = typical(line, start, end, number) or self._line(line, start, end, number)
            except Exception as error:
                self._stumbles.over(error)
                reading = self._alone(line, start, end, number)
            readings.append(reading)
            start = end
            number += 1
        if rest:
            readings.append(self._alone(rest, start, start + len(rest), number))
        return readings

    def _typical(self, chunk: Chunk) -> Callable[[bytes, int, int, int], Reading | None]:
        # What the typed way skips it checks for everything but this.
        return self._typed.reader(chunk.data) if chunk.is_utf8 else _never

    def _read_cut(self, chunk: Chunk, lines: list[bytes], cut: Sequences) -> list[Reading]:
        """As `read`, where lines of the application are in pieces: the last piece gives what all say together."""
        last = {pieces[-1]: assembled([lines[index] for index in pieces]) for pieces in (*cut.closed, *cut.open)}
        waiting = {index for pieces in (*cut.closed, *cut.open) for index in pieces[:-1]}
        midway = {index for pieces in (*cut.closed, *cut.open) for index in range(pieces[0], pieces[-1])}
        endless = {pieces[-1] for pieces in cut.open}
        readings, start = list[Reading](), chunk.start
        typical = self._typical(chunk)
        for index, line in enumerate(lines):
            end = min(start + len(line) + 1, chunk.end)
            if start == end:
                break
            number = chunk.first_number + index
            if index in waiting:
                reading = self._wordless(start, end, number, piece_alone(line))
            else:
                whole = last.get(index, line)
                try:
                    reading = typical(whole, start, end, number) or self._line(whole, start, end, number)
                except Exception as error:
                    self._stumbles.over(error)
                    reading = self._alone(whole, start, end, number)
            if index in endless:
                reading = replace(reading, warnings=(*reading.warnings, ENDLESS))
            readings.append(replace(reading, midway=True) if index in midway else reading)
            start = end
        return readings

    def describe(self, line: bytes, number: int = 0) -> Description:
        """The same reading of a single line, and the paths its values came from."""
        notes = Notes(traced=True)
        reading = self._alone(line, 0, len(line), number, notes)
        return Description(reading, notes.fields or {})

    def _alone(self, line: bytes, start: int, end: int, number: int, notes: Notes | None = None) -> Reading:
        """The reading of a line in the general way, whatever is in it: one line must not stop all others."""
        try:
            return self._line(line, start, end, number, notes)
        except Exception as error:
            said = self._stumbles.over(error)
            return replace(self._wordless(start, end, number, Closed("bad_json")), warnings=(said,))

    def _line(self, line: bytes, start: int, end: int, number: int, notes: Notes | None = None) -> Reading:
        is_told = notes is not None
        notes = notes or self._emptied_notes()
        around_text: Closed | None = None
        is_cut = False
        try:
            # Nearly every line is plain JSON, so that is tried before anything is looked at.
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            opened = open_odd(line, notes.warnings)
            around_text = Closed("not_llm", opened.wrapper, opened.timestamp_ns)
            if isinstance(opened, Closed):
                return self._wordless(start, end, number, opened, notes)
            value, is_cut = opened.value, opened.cut
        if type(value) is str and value[:1] in ("{", '"'):
            around_text = around_text or Closed("not_llm", "json_string")
            value = decoded(value)
        if type(value) is dict:
            unwrapped = self._unwrapper.unwrap(value, notes)
        elif type(value) is list and is_event_list(value):
            unwrapped = Unwrapped(NO_AROUND, (), None, None, *listed_events(value))
        else:
            return self._wordless(start, end, number, around_text or Closed("not_llm"), notes)
        if around_text is not None:
            unwrapped = in_words(unwrapped, around_text)
        reading = self._reading(start, end, number, unwrapped, notes)
        if is_cut:
            return finish.of_cut_json(reading)
        if reading.call is not None:
            reading = self._undoubled(line, reading, notes)
        if not is_told:
            outer = None if around_text is None else around_text.wrapper
            self._typed.learn(line, value, unwrapped, reading, outer)
        return reading

    def _emptied_notes(self) -> Notes:
        # One for all lines: what was noted is taken, and a line rarely has any.
        if self._notes.warnings:
            self._notes.warnings = []
        return self._notes

    def _undoubled(self, line: bytes, reading: Reading, notes: Notes) -> Reading:
        """The reading without the counts in which the line contradicts itself."""
        if not may_be_doubled(line):
            return reading
        value, doubled = without_doubled(line)
        if type(value) is not dict:
            return reading
        notes.warnings[:] = doubled
        again = self._reading(reading.start, reading.end, reading.number, self._unwrapper.unwrap(value, notes), notes)
        return finish.faulty(again, tuple(doubled)) if doubled and again.call is not None else again

    def _reading(self, start: int, end: int, number: int, unwrapped: Unwrapped, notes: Notes) -> Reading:
        around, levels, body = unwrapped.around, unwrapped.levels, unwrapped.body
        answer = self._asking.ask(unwrapped, notes.warnings)
        if body is not None:
            levels = (*levels, body)
        timestamp = around.timestamp_ns
        if timestamp is None:
            timestamp = finish.created_ns((*levels, unwrapped.events[0].data) if unwrapped.events else levels)
        call, key, more = answer.call, None, answer.more
        if call is not None:
            if call.error_type is not None and answer.stage is not Stage.FAILURE:
                call = finish.with_model_beside(call, levels)
            if more:
                call, *others = finish.finished_all((call, *more), around, answer.headers, timestamp)
                more = tuple(others)
            else:
                call = finish.finished(call, around, answer.headers, timestamp)
            asked = unwrapped.request is not None
            key = finish.join_key(call, answer.stage, around.request_id, around.span_id, around.trace_id, asked=asked)
            notes.warnings.extend(call.faults)
        return Reading(
            start,
            end,
            number,
            answer.outcome,
            call,
            answer.stage,
            key,
            timestamp,
            around.level,
            around.trace_id,
            tuple([text_at(levels, path) for path in self._dimensions]) if self._dimensions else (),
            tuple([text_at(levels, path) for path in self._labels]) if self._labels else (),
            unwrapped.wrapper,
            answer.parser,
            tuple([warning[:MAX_WARNING_CHARS] for warning in notes.warnings]) if notes.warnings else (),
            more,
        )

    def _wordless(self, start: int, end: int, number: int, closed: Closed, notes: Notes | None = None) -> Reading:
        """The reading of a line without an object in it."""
        dimensions, labels = self._nowhere
        return Reading(
            start,
            end,
            number,
            closed.outcome,
            timestamp_ns=closed.timestamp_ns,
            dimensions=dimensions,
            labels=labels,
            wrapper=closed.wrapper,
            warnings=tuple(notes.warnings) if notes else (),
        )


def _never(line: bytes, start: int, end: int, number: int) -> None:
    """No line is typical."""
