"""Whether a parser turns a body down by its keys, whatever most of their values and whatever surrounds it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from parsers.base import NOTHING, Parser


class LookedError(Exception):
    """Somebody wanted to know more than the keys."""


class Keys(dict[str, object]):
    """An object whose keys may be looked at, and of its values those that are known."""

    def __init__(self, keys: Iterable[str], known: Mapping[str, object]) -> None:
        super().__init__(dict.fromkeys(keys))
        self._known = known

    def __getitem__(self, key: str) -> object:
        if key not in self._known:
            raise LookedError
        return self._known[key]

    def get(self, key: str, default: Any = None) -> Any:
        """What is not there may be asked for."""
        if key not in self:
            return default
        return self[key]

    def __iter__(self) -> Iterator[str]:
        # Without a method of its own `{**body}` would take the values past the others.
        return super().__iter__()

    def items(self) -> NoReturn:
        """Not for these eyes."""
        raise LookedError

    def values(self) -> NoReturn:
        """Not for these eyes."""
        raise LookedError


class OnlyBody:
    """A record of which only the body may be looked at."""

    def __init__(self, keys: Iterable[str] | None, known: Mapping[str, object]) -> None:
        self.body = None if keys is None else Keys(keys, known)

    def __getattr__(self, name: str) -> NoReturn:
        raise LookedError


def declines(parser: Parser, keys: Iterable[str] | None, known: Mapping[str, object] = NOTHING) -> bool:
    """Whether a parser of ours, which has no state, matches no record whose body has these keys, or that has none.

    `known` are values that all such bodies have.
    """
    record: Any = OnlyBody(keys, known)
    try:
        return not parser.matches(record)
    except LookedError:
        return False
