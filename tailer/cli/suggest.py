"""What could be put in the configuration for a line that gave no call, tried out before it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from tailer.cli.candidates import SIGNS, Candidate, candidates
from tailer.config import Fields
from tailer.reading.chunk import Chunk, Reading
from tailer.reading.reading import LineReader
from tailer.reading.text import Opened, open_odd
from tailer.reading.times import unit_of

MAX_TRIALS = 8
MAX_KNOWN = 1000
"""Forms of lines that are remembered as told."""

ReaderWith = Callable[[Fields], LineReader]


class Suggestion(NamedTuple):
    """What was seen in a line, the fields to configure for it, and what the line then gives (None: nothing yet)."""

    seen: tuple[Candidate, ...]
    fields: Mapping[str, str]
    reading: Reading | None


class Suggester:
    """Suggests once for each form of line."""

    def __init__(self, reader_with: ReaderWith, fields: Fields) -> None:
        self._reader_with = reader_with
        self._fields = fields
        self._known: set[tuple[Candidate, ...]] = set()

    def suggest(self, text: bytes) -> Suggestion | None:
        """What to configure for a line that gave no call; None when it shows no sign of one, or was told before."""
        opened = open_odd(text, [])
        found = candidates(opened.value) if isinstance(opened, Opened) else []
        seen = tuple(one for one in found if one.role in SIGNS)
        if not seen or seen in self._known or len(self._known) >= MAX_KNOWN:
            return None
        self._known.add(seen)
        for trial in self._trials(found):
            reading = self._read(text, trial)
            if reading.call is not None:
                fields = trial | self._lacking(reading, found)
                return Suggestion(seen, fields, self._read(text, fields))
        return Suggestion(seen, {}, None)

    def lacking(self, text: bytes, reading: Reading) -> dict[str, str]:
        """The fields that could tell the time and the duration which a call lacks."""
        opened = open_odd(text, [])
        return self._lacking(reading, candidates(opened.value)) if isinstance(opened, Opened) else {}

    def _trials(self, found: list[Candidate]) -> list[dict[str, str]]:
        requests = [one.path for one in found if one.role == "request"]
        # The innermost is the body itself, what is around it may be the application's own.
        responses = sorted((one.path for one in found if one.role == "response"), key=lambda path: -path.count("."))
        trials = [{"response": path} for path in responses]
        if requests:
            trials = [{"request": requests[0], **trial} for trial in trials] + [{"request": requests[0]}]
        counts = _first(found, "model", "named", "input_tokens", "output_tokens")
        return [*trials[:MAX_TRIALS], *([counts] if counts.keys() >= {"model", "input_tokens"} else [])]

    def _lacking(self, reading: Reading, found: list[Candidate]) -> dict[str, str]:
        call = reading.call
        first = _first(found, "timestamp", "duration", "request_id")
        fields = {}
        if reading.timestamp_ns is None and "timestamp" in first:
            fields["timestamp"] = first["timestamp"]
        if call is not None and call.duration_seconds is None and "duration" in first:
            fields["duration"] = first["duration"]
            unit = unit_of(first["duration"].rpartition(".")[2])[1]
            fields["duration_unit"] = "s" if unit == "auto" else unit
        if call is not None and call.request_id is None and "request_id" in first:
            fields["request_id"] = first["request_id"]
        return fields

    def _read(self, text: bytes, fields: Mapping[str, str]) -> Reading:
        reader = self._reader_with(replace(self._fields, **fields))
        return reader.read(Chunk(0, "", 0, len(text), 0, text))[0]


def _first(found: list[Candidate], *roles: str) -> dict[str, str]:
    """The first path of each of these keys; a model that only its key shows to be one when there is no other."""
    first = {one.role: one.path for one in reversed(found)}
    if "named" in first:
        first.setdefault("model", first["named"])
    return {role: first[role] for role in roles if role in first and role != "named"}
