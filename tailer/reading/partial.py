"""Lines that a container runtime has cut in pieces: which belong together. Pure, and blind to what was not given.

CRI marks a piece `P` and the end of its line `F` (https://github.com/kubernetes/design-proposals-archive, CRI logging);
Docker's json-file driver cuts at 16 KiB and ends `log` with a newline only where the application's line ends.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from tailer.reading.text import Closed
from tailer.reading.times import timestamp_ns

DOCKER_PIECE_BYTES = 16 * 1024
DOCKER_SLACK_BYTES = 18
"""A character that is cut in two becomes up to three of three bytes each, at either end of a piece."""
DOCKER_HEAD = b'{"log":"'
CRI_HEAD = re.compile(rb"\d[^ ]{9,39} (stdout|stderr) ([PF])(?::[^ ]*)?(?: |$)")
CRI_TAG = slice(12, 52)
"""Where in a line the tag `P` of a piece can stand, with the space before it."""


class Piece(NamedTuple):
    """One physical line's share of an application's line."""

    stream: bytes
    is_open: bool
    """More of the application's line follows on a later physical line of the stream."""
    text: bytes


class Sequences(NamedTuple):
    """The lines, by their index, that belong together: each list is one line of the application, in pieces."""

    closed: list[list[int]]
    open: list[list[int]]
    """Those whose last piece is not there."""


def may_be_cut(data: bytes) -> bool:
    """Whether these whole lines are of a container runtime, going by the first and the last; asked of every chunk."""
    last = data.rfind(b"\n", 0, -1) + 1
    return (
        data[:1].isdigit()
        or data[last : last + 1].isdigit()
        or data.startswith(DOCKER_HEAD)
        or data.startswith(DOCKER_HEAD, last)
    )


def sequences(lines: list[bytes]) -> Sequences:
    """Which of these lines are pieces of the application's lines; a line that is whole is in none."""
    closed: list[list[int]] = []
    if not any(len(line) > DOCKER_PIECE_BYTES or b" P" in line[CRI_TAG] for line in lines):
        return Sequences(closed, [])
    running: dict[bytes, list[int]] = {}
    for index, line in enumerate(lines):
        piece = piece_of(line, is_awaited=bool(running))
        if piece is None:
            continue
        if piece.is_open:
            running.setdefault(piece.stream, []).append(index)
        elif (begun := running.pop(piece.stream, None)) is not None:
            closed.append([*begun, index])
    return Sequences(closed, list(running.values()))


def piece_of(line: bytes, *, is_awaited: bool) -> Piece | None:
    """What a line is to a sequence, None if it is no container's. Docker's short lines count only if one is awaited."""
    if line.startswith(DOCKER_HEAD):
        return _docker_piece(line) if is_awaited or len(line) > DOCKER_PIECE_BYTES else None
    head = CRI_HEAD.match(line)
    return Piece(head[1], head[2] == b"P", line[head.end() :]) if head is not None else None


def assembled(pieces: list[bytes]) -> bytes:
    """The last of these physical lines as if it held the text of all: its time and stream, the application's line."""
    last = pieces[-1]
    text = b"".join([piece.text for line in pieces if (piece := piece_of(line, is_awaited=True)) is not None])
    head = CRI_HEAD.match(last)
    if head is not None:
        return last[: head.end()] + text
    return orjson.dumps({**orjson.loads(last), "log": text.decode()})


def piece_alone(line: bytes) -> Closed:
    """What a piece says by itself: when it was written, and by which runtime."""
    if CRI_HEAD.match(line) is not None:
        return Closed("part", "cri", timestamp_ns(line.split(b" ", 1)[0].decode("ascii", "replace")))
    return Closed("part", "docker", timestamp_ns(orjson.loads(line).get("time")))


def _docker_piece(line: bytes) -> Piece | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    text, stream = value["log"], value.get("stream")
    if type(text) is not str or type(stream) is not str:
        return None
    encoded = text.encode()
    return Piece(stream.encode(), _is_docker_cut(encoded), encoded)


def _is_docker_cut(text: bytes) -> bool:
    """Whether Docker has cut here. A shipper may take all newlines away, so only the size at which it cuts will do."""
    if text.endswith(b"\n") or not DOCKER_PIECE_BYTES <= len(text) <= DOCKER_PIECE_BYTES + DOCKER_SLACK_BYTES:
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return True
    return False
