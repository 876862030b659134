"""Counts in fields of a line's own whose names only the configuration knows, as a body; looks nowhere else, pure."""

from __future__ import annotations

from tailer.reading.flat import Object, count
from tailer.reading.paths import reach
from tailer.reading.shape import TOLD
from tailer.reading.surroundings import Notes
from tailer.reading.unwrapped import Level, Unwrapped

MODEL, INPUT, OUTPUT, CACHED = TOLD


def told(level: Level, notes: Notes) -> Unwrapped | None:
    """The call that the configured fields tell; None where they hold no counts here and nothing has failed."""
    found = {name: reach(level.line[place.key], place.rest) for name, place in level.shape.told}
    if notes.fields is not None:
        paths = {name: level.at + place.path for name, place in level.shape.told}
        notes.fields.update((name, (paths[name], value)) for name, value in found.items() if value is not None)
    model = found.get(MODEL)
    if found.get(INPUT) is not None or found.get(OUTPUT) is not None:
        body = {MODEL: model, "usage": _usage(found)}
        return Unwrapped(level.around, (level.line,), body, wrapper=level.wrapper)
    if type(model) is str and level.around.has_failed:
        return Unwrapped(level.around, (level.line,), level.line, {MODEL: model}, wrapper=level.wrapper)
    return None


def _usage(found: dict[str, object]) -> Object:
    """In the form whose input includes what came from a cache."""
    usage: Object = {"prompt_tokens": count(found.get(INPUT)), "completion_tokens": count(found.get(OUTPUT))}
    if (cached := found.get(CACHED)) is not None:
        usage["prompt_tokens_details"] = {"cached_tokens": count(cached)}
    return usage
