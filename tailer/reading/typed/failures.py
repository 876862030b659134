"""Failed calls: the body and the request are small and anybody's, so both are decoded whole and the parsers asked."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from parsers.base import Call, Record
from parsers.typical import Typical
from tailer.reading.answer import Object
from tailer.reading.asking import Asking
from tailer.reading.typed.structs import attribute_of

MOST_KEYS = 8
"""Of an error's body; a larger one is something else as well."""


def failing(asking: Asking, parser: str | None, body: Object) -> Typical | None:
    """How to read bodies with the keys of this one, in which the parser of this name found a failed call."""
    if "error" not in body or len(body) > MOST_KEYS:
        return None
    wanted: dict[str, object] = dict.fromkeys(body, object)
    keys = tuple(body)
    getters = [attrgetter(attribute_of(body, wanted, key)) for key in keys]

    def call(found: Any, record: Record) -> Call | None:
        warnings: list[str] = []
        held = {key: get(found) for key, get in zip(keys, getters, strict=True)}
        name, told = asking.first(record._replace(body=held), warnings)
        if name != parser or not isinstance(told, Call) or warnings:
            return None
        # One that names no model gets the line's.
        return None if told.model is None and told.request_model is None else told

    return Typical(wanted, call)
