"""What is to be decoded of lines like a sample, where some of their objects are opened: the keys of these are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Raw

from tailer.reading.answer import Object
from tailer.reading.shape import Place
from tailer.reading.typed.plan import Exchange, Pins
from tailer.reading.typed.structs import NotTypicalError, attribute_of, struct_of

Path = tuple[str, ...]


class Spot(NamedTuple):
    """Where a value is: the keys down to what is decoded, the path below that, and the unit."""

    path: Path
    rest: Path
    unit: str


def pins_of(types: Mapping[str, object]) -> Pins:
    """What is the same wherever members are of these types, short texts or null."""
    texts = ((key, get_args(kind)[0]) for key, kind in types.items() if get_origin(kind) is Literal)
    nulls = ((key, None) for key, kind in types.items() if kind in (None, NoneType))
    return {key: Raw(msgspec.json.encode(value)) for key, value in (*texts, *nulls)}


class Wanted:
    """A type for each value that counts; those of an opened object stand in an object of their own.

    Every path must lead to something in the sample: all raise NotTypicalError where it does not.
    """

    def __init__(self, sample: Object, leading: Iterable[Path] = ()) -> None:
        """Opened is what is on the way down these paths."""
        self._sample = sample
        self._types: dict[str, object] = {}
        self._opened = {path[:size] for path in leading for size in range(1, len(path))}

    def __contains__(self, path: Path) -> bool:
        return path[-1] in self._holder(path)

    def put(self, path: Path, kind: object) -> None:
        """The value there is of this type."""
        self._holder(path)[path[-1]] = kind

    def want(self, path: Path, kind: object) -> object:
        """The value there is of this type unless another was put; the type that it is of now."""
        return {} if path in self._opened else self._holder(path).setdefault(path[-1], kind)

    def value(self, path: Path) -> object:
        """The value in the sample."""
        value: object = self._sample
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise NotTypicalError
            value = value[key]
        return value

    def spot(self, level: Path, place: Place) -> Spot | None:
        """Where a place of the level at this path is; None where no line has anything there."""
        path, rest = (*level, place.key), place.rest
        while rest and path in self._opened:
            if rest[0] not in self._object(path):
                if len(rest) > 1:
                    # A key may itself have dots.
                    raise NotTypicalError
                return None
            path, rest = (*path, rest[0]), rest[1:]
        return Spot(path, rest, place.unit)

    def attribute(self, path: Path) -> str:
        """The attributes of the decoded line that lead there, joined by dots."""
        names = []
        for size, key in enumerate(path):
            names.append(attribute_of(self._object(path[:size]), self._holder(path[: size + 1]), key))
        return ".".join(names)

    def pins(self) -> Pins:
        """The members of the line that have the same value on every line."""
        return pins_of(self._types)

    def struct(self) -> type[Any]:
        """What to decode the line into."""
        return struct_of(self._sample, self._types)

    def _object(self, path: Path) -> Object:
        value = self.value(path)
        if not isinstance(value, dict):
            raise NotTypicalError
        return value

    def _holder(self, path: Path) -> dict[str, object]:
        """The types of the values beside the one there."""
        types = self._types
        for key in path[:-1]:
            inner = types.setdefault(key, {})
            if not isinstance(inner, dict):
                raise NotTypicalError
            types = inner
        return types


class Told(NamedTuple):
    """What a line tells lines like it by."""

    wanted: Wanted
    wrappers: tuple[str | None, str | None]
    """What surrounds such a line is called, and what where one of its messages begins as JSON or an event may."""
    exchange: Exchange | None = None
    messages: Sequence[Path] = ()
    """Where other lines may have a body, in which case these are others."""
    absent: Sequence[Place] = ()
    """Where other lines have a body, and these have nothing."""
