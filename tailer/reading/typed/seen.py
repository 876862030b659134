"""A line that was read in the general way, all that was made of it, and where in it the body is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from tailer.reading.answer import Object
from tailer.reading.chunk import Reading
from tailer.reading.paths import reach
from tailer.reading.settling import value_at
from tailer.reading.shape import Place, Shape
from tailer.reading.typed.plan import NOWHERE, Address, Keys, Where
from tailer.reading.unwrapped import Unwrapped

Path = tuple[str, ...]
MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
TEXT = msgspec.json.Decoder(str)
NO_MEMBERS: Mapping[str, msgspec.Raw] = {}


class Level(NamedTuple):
    """The line, or an object in it that was opened on the way to the body; the keys down to it, and what it has."""

    path: Path
    line: Object
    shape: Shape


class Seen(NamedTuple):
    """A line and all that the general way made of it."""

    levels: Sequence[Level]
    """The line and, of a call, the objects opened in it, outermost first."""
    unwrapped: Unwrapped
    reading: Reading
    where: Where | None
    """Where the body is, None where it is the line itself, or elsewhere."""
    outer: str | None = None
    """What the text around the line's JSON is called."""

    @property
    def line(self) -> Object:
        """The outermost level."""
        return self.levels[0].line

    @property
    def shape(self) -> Shape:
        """What the outermost level has."""
        return self.levels[0].shape

    @property
    def wrappers(self) -> tuple[str | None, str | None]:
        """What surrounds such a line is called, whatever its messages begin with."""
        return self.reading.wrapper, self.reading.wrapper

    @property
    def body_keys(self) -> Keys:
        """Those of a body that is not the line."""
        body = self.unwrapped.body
        return () if body is None or self.where is None else tuple(body)

    @property
    def address(self) -> Address:
        """The URL and the provider that the line names, where it is of a call."""
        around = self.unwrapped.around
        return (around.url, around.provider) if self.reading.call is not None else NOWHERE


def of(
    line: Object,
    unwrapped: Unwrapped,
    reading: Reading,
    shape_of: Callable[[Object], Shape],
    outer: str | None = None,
) -> Seen:
    """What was seen of a line whose levels are the unwrapped ones."""
    path: Path = ()
    levels = [Level(path, line, shape_of(line))]
    if reading.call is None or unwrapped.body is None:
        return Seen(levels, unwrapped, reading, None, outer)
    for around, inside in pairwise(unwrapped.levels):
        key = next((key for key, value in around.items() if value is inside), None)
        if key is None:
            # It was in a text.
            return Seen(levels, unwrapped, reading, None, outer)
        path = (*path, key)
        levels.append(Level(path, inside, shape_of(inside)))
    return Seen(levels, unwrapped, reading, _body_in(levels[-1], unwrapped.body), outer)


def first_place(level: Level, places: Sequence[Place]) -> Where | None:
    """The first of these places in which a level has something."""
    for place in places:
        value = value_at(level.line, place)
        if value is not None:
            return Where((*level.path, place.key, *place.rest), type(value) is str)
    return None


def members_at(members: Mapping[str, msgspec.Raw], where: Where | None) -> Mapping[str, msgspec.Raw]:
    """The members of the object that is there in a line with these members; none where that is no object.

    Raises msgspec.DecodeError, RecursionError.
    """
    if where is None:
        return NO_MEMBERS
    *opened, last = where.path
    try:
        for key in opened:
            members = MEMBERS.decode(members[key])
        held = members[last]
        return MEMBERS.decode(TEXT.decode(held) if where.in_text else held)
    except (KeyError, msgspec.ValidationError):
        return NO_MEMBERS


def _body_in(level: Level, body: Object) -> Where | None:
    where = None if level.line is body else first_place(level, level.shape.response)
    if where is None or where.in_text:
        return where
    return where if reach(level.line, where.path[len(level.path) :]) is body else None
