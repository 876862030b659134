"""What the general way looks at in a line that is of no call: lines that are the same there are of no call either."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, ValuesView
from itertools import product

from msgspec.structs import replace

from tailer.reading.answer import Object
from tailer.reading.asking import Asking
from tailer.reading.typed.structs import NotTypicalError
from tailer.reading.unwrapped import Unwrapped

STATUSES = (None, 200, 302)
REQUEST_IDS = (None, "r")
"""Whichever of these surrounds such a line, it must be of no call."""

PLAIN_AND_OPENING = ("x", "d")
Unwrap = Callable[[Object], Unwrapped]
"""The general way with a line, within whatever stands around it."""


class Watched(dict[str, object]):
    """An object that notes which of its values were asked for."""

    def __init__(self, line: Object) -> None:
        super().__init__(line)
        self.looked: set[str] = set()

    def __getitem__(self, key: str) -> object:
        self.looked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: object = None) -> object:
        """As of any dict."""
        self.looked.add(key)
        return super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        # Without a method of its own `{**line}` would take the values past the others.
        return super().__iter__()

    def items(self) -> ItemsView[str, object]:  # type: ignore[override]
        """As of any dict."""
        self.looked.update(self)
        return super().items()

    def values(self) -> ValuesView[object]:  # type: ignore[override]
        """As of any dict."""
        self.looked.update(self)
        return super().values()


def looked_at(line: Object, unwrap: Unwrap, asking: Asking) -> tuple[set[str], set[str]]:
    """Keys whose values were looked at to find a body in a line, and those that the parsers looked at.

    Raises NotTypicalError where another status or another id of the request would make a call of it.
    """
    watched = Watched(line)
    unwrapped = unwrap(watched)
    finding, watched.looked = watched.looked, set()
    for status, request_id in product(STATUSES, REQUEST_IDS):
        around = replace(unwrapped.around, status=status, request_id=request_id)
        warnings: list[str] = []
        said = asking.ask(replace(unwrapped, around=around), warnings)
        if said.outcome != "not_llm" or said.call is not None or warnings:
            raise NotTypicalError
    return finding.intersection(line), watched.looked.intersection(line)


def wrappers_of(line: Object, texts: Iterable[str], unwrap: Unwrap) -> tuple[str | None, str | None]:
    """What surrounds lines like this is called, and what where a text begins as JSON or an event of a stream may."""
    plain, opening = ({**line, **dict.fromkeys(texts, text)} for text in PLAIN_AND_OPENING)
    return unwrap(plain).wrapper, unwrap(opening).wrapper
