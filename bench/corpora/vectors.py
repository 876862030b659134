"""Embeddings requests with their responses, all numbers and little else; pure, all chance from the given rng."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import orjson

from bench.corpora.pairs import envelope
from bench.corpora.prose import Prose
from bench.corpora.times import FIRST_SECOND

FLOATS = 1536


def embeddings(rng: Random) -> Iterator[bytes]:
    """An embeddings request with its response of 1,536 floats on each line, about 20 KB."""
    prose = Prose(rng)
    floats = [b"%.9f" % rng.gauss(0, 0.025) for _ in range(64 * 1024)]
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(20)
        start = rng.randrange(len(floats) - FLOATS)
        tokens = rng.randint(20, 500)
        model = "text-embedding-3-small"
        line = envelope(rng, second) | {
            "request": {"model": model, "input": prose.passage(rng, tokens * 4)},
            "response": {
                "object": "list",
                "data": [{"object": "embedding", "index": 0, "embedding": "@"}],
                "model": model,
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            },
        }
        vector = b"[" + b",".join(floats[start : start + FLOATS]) + b"]"
        yield orjson.dumps(line).replace(b'"embedding":"@"', b'"embedding":' + vector)
