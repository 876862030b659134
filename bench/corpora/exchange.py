"""What was asked of a model's API and what it answered: the data that providers give and envelopes hold."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from bench.corpora.prose import Prose

Json = dict[str, object]


class Exchange(NamedTuple):
    """One call. `stream` has its events instead when the answer came in pieces, and `answered` is empty."""

    asked: Json
    answered: Json
    path: str = "/v1/chat/completions"
    status: int = 200
    stream: tuple[Json, ...] = ()


class Said(NamedTuple):
    """What is asked and answered whatever the provider, how many tokens that is, and how many of them were cached."""

    prompt: str
    reply: str
    read: int
    written: int
    cached: int
    second: int
    name: str
    """Unlike any other, in hexadecimal digits."""


MEDIAN_CHARS, SIGMA, MOST_CHARS = 420, 1.0, 20_000


def said(rng: Random, prose: Prose, second: float) -> Said:
    """A prompt and a reply of 500 characters on average, together at most 20,000."""
    chars = min(int(rng.lognormvariate(0, SIGMA) * MEDIAN_CHARS) + 20, MOST_CHARS)
    prompt = prose.passage(rng, chars * rng.randint(40, 80) // 100 + 8)
    reply = prose.passage(rng, max(8, chars - len(prompt)))
    read = len(prompt) // 4 + 12
    cached = read // 2 if rng.random() < 0.3 else 0
    return Said(prompt, reply, read, len(reply) // 4 + 3, cached, int(second), f"{rng.getrandbits(96):024x}")


def pieces(reply: str, count: int) -> list[str]:
    """A reply as a stream gives it, in at most so many pieces."""
    size = -(-len(reply) // count)
    return [reply[start : start + size] for start in range(0, len(reply), size)]
