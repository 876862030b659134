"""Whether a parser turns a body down by its keys alone, whatever their values and whatever surrounds it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from parsers.base import Parser


class LookedError(Exception):
    """Somebody wanted to know more than the keys."""


class Keys(dict[str, object]):
    """An object whose keys may be looked at, and no value."""

    def __getitem__(self, key: str) -> NoReturn:
        raise LookedError

    def get(self, key: str, default: Any = None) -> Any:
        """What is not there may be asked for."""
        if key in self:
            raise LookedError
        return default

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

    def __init__(self, keys: Iterable[str] | None) -> None:
        self.body = None if keys is None else Keys.fromkeys(keys)

    def __getattr__(self, name: str) -> NoReturn:
        raise LookedError


def declines(parser: Parser, keys: Iterable[str] | None) -> bool:
    """Whether a parser of ours, which has no state, matches no record whose body has these keys, or that has none."""
    record: Any = OnlyBody(keys)
    try:
        return not parser.matches(record)
    except LookedError:
        return False
