"""Chat pairs as the kubelet keeps a container's output: a time, the stream, F or P, the text; pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from bench.corpora.pairs import chat, pair
from bench.corpora.prose import Prose
from bench.corpora.times import FIRST_SECOND

PIECE_BYTES = 16 * 1024
"""Where containerd cuts a line (`max_container_log_line_size`)."""
LONG_SHARE = 0.02
LONG_BYTES = (18_000, 60_000)


def cri(rng: Random) -> Iterator[bytes]:
    """Chat pairs of 0.35 to 30 KB and, one in fifty, of up to 60 KB; what is over 16 KiB is cut into lines of its own.

    Source: the design proposal kubelet-cri-logging of Kubernetes.
    """
    prose = Prose(rng)
    second = float(FIRST_SECOND)
    for usual in chat(rng):
        second += rng.expovariate(20)
        long = rng.random() < LONG_SHARE
        yield from wrapped(pair(rng, prose, second, rng.randint(*LONG_BYTES)) if long else usual, second, rng)


def wrapped(line: bytes, second: float, rng: Random) -> Iterator[bytes]:
    """The lines that hold one line of a container: all but the last are partial."""
    moment = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    for start in range(0, len(line), PIECE_BYTES):
        piece = line[start : start + PIECE_BYTES]
        tag = b"F" if start + PIECE_BYTES >= len(line) else b"P"
        yield b"%s%03dZ stdout %s %s" % (moment.encode(), rng.randrange(1000), tag, piece)
