"""Which lines have an object that is opened where this one has it, and types so exact that they tell lines apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tailer.reading.answer import Object, is_body
from tailer.reading.formats import ZEROLOG, Format, format_of
from tailer.reading.typed.seen import MEMBERS, Level
from tailer.reading.typed.structs import NotTypicalError
from tailer.reading.typed.wanted import Wanted
from tailer.reading.wrapper import ENVELOPES

LONGEST_PINNED = 64
"""Of a text that tells what a line is; what is longer is hardly ever there again."""
LIKE_ZEROLOG = frozenset({"level", "time", "message"})
"""Keys of lines that are zerolog's only where they stand in its order."""
LEVEL = b"level"
Path = tuple[str, ...]


def before(level: Level, inner: Level, wanted: Wanted) -> Sequence[Path]:
    """The texts of a level in which the general way finds a body, if one is there, before it opens the inner one.

    Raises NotTypicalError where it may find one elsewhere first, or may not open the inner level.
    """
    shape, key = level.shape, inner.path[-1]
    own = shape.usage or shape.counts or (shape.typed and is_body(level.line))
    if own or shape.request or shape.response:
        raise NotTypicalError
    if key not in shape.nests or key in ENVELOPES or "role" in inner.line:
        raise NotTypicalError
    if inner.shape.form is not None or inner.line.keys() >= LIKE_ZEROLOG:
        raise NotTypicalError
    texts = []
    for nest in shape.nests[: shape.nests.index(key)]:
        path = (*level.path, nest)
        kind = exact_type(level.line[nest])
        wanted.put(path, kind)
        if kind is str:
            texts.append(path)
    return texts


def is_ordered(line: bytes, is_zerolog: bool) -> bool:
    """Whether a line with zerolog's keys has them in its order, or has not, as `is_zerolog` says.

    Raises msgspec.DecodeError, RecursionError.
    """
    if not is_zerolog and line[1:2] == b'"':
        first = line[2 : line.find(b'"', 2)]
        if first != LEVEL and b"\\" not in first:
            return True
    return (format_of(tuple(MEMBERS.decode(line))) is ZEROLOG) is is_zerolog


def has_places(form: Format | None, line: Object) -> bool:
    """Whether a format has more in places of its own than `Shape` says."""
    return form is not None and bool(
        form.paths or form.level or not line.keys().isdisjoint((*form.contexts, *form.nests))
    )


def exact_type(value: object) -> object:
    """The type of a value that takes no other: a number with a fraction would take whole ones."""
    if value is None or type(value) is str or type(value) is int:
        return type(value)
    raise NotTypicalError


def exactly(value: object) -> object:
    """The type of just this short text, or of null; raises NotTypicalError for anything else."""
    if value is None:
        return None
    if type(value) is not str or len(value) > LONGEST_PINNED:
        raise NotTypicalError
    return Literal[value]
