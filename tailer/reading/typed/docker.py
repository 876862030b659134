"""Lines of Docker's json-file driver: the application's own line is a text in them, read by plans of its own.

Source: https://docs.docker.com/engine/logging/drivers/json-file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from tailer.reading.answer import Object
from tailer.reading.names import ROLES
from tailer.reading.shape import Place
from tailer.reading.times import timestamp_ns
from tailer.reading.typed.seen import Seen, of
from tailer.reading.typed.structs import NotTypicalError
from tailer.reading.unwrapped import Unwrapped
from tailer.reading.wrapper import Unwrapper

HEAD = b'{"log":"{'
SAMPLE: Object = {"log": "", "stream": "stdout", "time": "2026-11-20T17:00:07.123456789Z"}
KEYS = tuple(SAMPLE)
TIME_ALONE = ((ROLES.index("timestamp"), (Place("time"),)),)


class Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What the driver writes."""

    log: str
    stream: str
    time: str


DECODE = msgspec.json.Decoder(Line).decode


class Text(NamedTuple):
    """The application's line, and when it was written."""

    line: bytes
    written: bytes


def text_in(line: bytes) -> Text | None:
    """What the application wrote as JSON, None where the general way may know better."""
    if not line.startswith(HEAD):
        return None
    try:
        found = DECODE(line)
        text = Text(found.log.removesuffix("\n").encode(), found.time.encode())
    except (msgspec.DecodeError, UnicodeError):
        return None
    return None if timestamp_ns(found.time) is None else text


def is_told_apart(unwrapper: Unwrapper, paths: Iterable[tuple[str, ...]]) -> bool:
    """Whether of such a line nothing but its time counts beside the application's own, as the configuration says."""
    shape = unwrapper.shape(SAMPLE)
    others = (*shape.started, *shape.ended, *shape.request, *shape.response, *shape.told)
    is_plain = shape.roles == TIME_ALONE and shape.nests == ("log",) and not others
    return is_plain and all(path[0] not in KEYS for path in paths)


def unwrapped_in(unwrapper: Unwrapper, line: Object) -> Unwrapped:
    """The general way with a line of the application's own in one of Docker's. Raises NotTypicalError for no such."""
    found = unwrapper.unwrap_inside(line, SAMPLE, "log")
    if found is None:
        raise NotTypicalError
    return found


def inner(seen: Seen, unwrapper: Unwrapper) -> Seen | None:
    """What was seen of the application's own line in one of Docker's, None where the call was not found in that."""
    _, *levels = seen.unwrapped.levels
    if not levels or tuple(seen.line) != KEYS:
        return None
    line: Object = levels[0]
    return of(line, replace(seen.unwrapped, levels=tuple(levels)), seen.reading, unwrapper.shape, seen.outer)
