"""What the general way looks at in a line that is of no call: lines that are the same there are of no call either."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Sequence, ValuesView
from itertools import product

from msgspec.structs import replace

from parsers.base import Parser
from tailer.reading.answer import Object
from tailer.reading.asking import Asking
from tailer.reading.names import ROLES
from tailer.reading.settling import value_at
from tailer.reading.shape import Shape
from tailer.reading.typed.forms import is_for_others
from tailer.reading.typed.opened import exact_type, exactly
from tailer.reading.typed.plan import BODILY
from tailer.reading.typed.seen import Seen
from tailer.reading.typed.structs import NotTypicalError
from tailer.reading.typed.wanted import Told, Wanted
from tailer.reading.unwrapped import Unwrapped, joined
from tailer.reading.wrapper import ENVELOPES

STATUSES = (None, 200, 302)
REQUEST_IDS = (None, "r")
"""Whichever of these surrounds such a line, it must be of no call."""

OF_CALLS = frozenset({"headers", "url", "provider"})
"""Roles that matter to calls alone."""
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


def of_nothing(seen: Seen, parsers: Sequence[Parser], asking: Asking, unwrap: Unwrap) -> Told | None:
    """What is to be decoded of a line that is of no call like this one; None where that cannot be told.

    `unwrap` is the general way with such lines. Raises NotTypicalError as `calls.of_call` does.
    """
    line, shape = seen.line, seen.shape
    if seen.reading.outcome != "not_llm" or seen.unwrapped.request is not None or is_for_others(parsers, line):
        return None
    if (shape.asks or shape.announces) and any(ROLES[index] == "request_id" for index, _ in shape.roles):
        return None
    absent = [place for place in (*shape.request, *shape.response) if place.rest]
    if any(value_at(line, place) is not None for place in absent):
        return None
    wanted = Wanted(line)
    for key in shape.nests:
        wanted.put((key,), _message(key, line[key]))
    for place in absent:
        wanted.want((place.key,), object)
    finding, asked = _looked_at(line, unwrap, asking)
    if any((key,) in wanted for key in asked):
        return None
    for key in asked | finding - _around(shape) - {"event"}:
        if key in asked or (key,) not in wanted:
            wanted.put((key,), exactly(line[key]))
    if asking.keys is None or not asking.keys.isdisjoint(line):
        _pin_addresses(shape, line, wanted)
    texts = [key for key in shape.nests if wanted.want((key,), object) is not Object]
    plain, opening = ({**line, **dict.fromkeys(texts, text)} for text in PLAIN_AND_OPENING)
    wrappers = joined(seen.outer, unwrap(plain).wrapper), joined(seen.outer, unwrap(opening).wrapper)
    return Told(wanted, wrappers, None, [(key,) for key in shape.nests], absent)


def _around(shape: Shape) -> set[str]:
    """The keys of what surrounds a body, and of nothing that may hold one."""
    around = {place.key for _, places in shape.roles for place in places}
    return around.difference(place.key for place in (*shape.request, *shape.response) if not place.rest)


def _looked_at(line: Object, unwrap: Unwrap, asking: Asking) -> tuple[set[str], set[str]]:
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


def _message(key: str, value: object) -> object:
    """The type of what may hold a body on other lines, where on this one it holds none."""
    if type(value) is not dict:
        # Loggers are told apart by the type of this one.
        return str | int | None if key != "event" else exact_type(value)
    if key in ENVELOPES or not BODILY.isdisjoint(value):
        raise NotTypicalError
    return Object


def _pin_addresses(shape: Shape, line: Object, wanted: Wanted) -> None:
    """Parsers may go by these too."""
    for index, places in shape.roles:
        for place in places:
            if ROLES[index] in OF_CALLS:
                if line[place.key] is not None:
                    raise NotTypicalError
                wanted.put((place.key,), None)
