"""Prompts of a megabyte with pictures in them as base64; pure, all chance from the given rng."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from random import Random

import orjson

from bench.corpora.pairs import record
from bench.corpora.prose import Prose
from bench.corpora.times import FIRST_SECOND

POOL_BYTES = 6 * 1024 * 1024
PICTURE_BYTES = (50_000, 1_500_000)
"""Of one picture in base64; a prompt has one to three."""


def images(rng: Random) -> Iterator[bytes]:
    """Chat pairs of a question about one to three pictures, 50 KB to 4.5 MB, 1 MB on average."""
    prose = Prose(rng)
    # A picture is compressed already: nothing in it comes again.
    pool = base64.b64encode(rng.randbytes(POOL_BYTES // 4 * 3)).decode()
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(1)
        parts: list[object] = [{"type": "text", "text": prose.passage(rng, rng.randint(40, 400))}]
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            size = int(PICTURE_BYTES[0] + (PICTURE_BYTES[1] - PICTURE_BYTES[0]) * rng.random() ** 1.4)
            start = rng.randrange(POOL_BYTES - size)
            url = f"data:image/jpeg;base64,{pool[start : start + size]}"
            parts.append({"type": "image_url", "image_url": {"url": url, "detail": "auto"}})
        answered = prose.passage(rng, rng.randint(100, 2000))
        yield orjson.dumps(record(rng, second, brief=False, asked=parts, answered=answered))
