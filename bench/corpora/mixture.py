"""The log of an application that asks many providers and writes it down in many ways; pure."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import orjson

from bench.corpora.envelopes import ENVELOPES, bare, events, plain, written
from bench.corpora.exchange import said
from bench.corpora.openai_like import OPENAI_LIKE
from bench.corpora.other_apis import OTHER_APIS
from bench.corpora.prose import Prose
from bench.corpora.times import FIRST_SECOND

PROVIDERS = OPENAI_LIKE | OTHER_APIS


def mix(rng: Random) -> Iterator[bytes]:
    """Calls of fifteen kinds in nine envelopes, and streams in lines of their own: 0.3 to 25 KB, 1 KB on average."""
    prose = Prose(rng)
    kinds, shares = list(PROVIDERS), list(PROVIDERS.values())
    envelopes, weights = list(ENVELOPES), list(ENVELOPES.values())
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(20)
        call = rng.choices(kinds, shares)[0](said(rng, prose, second), rng)
        envelope = events if call.stream else rng.choices(envelopes, weights)[0]
        if envelope is bare and "model" not in call.answered and "modelVersion" not in call.answered:
            # Without its request nobody could say whose answer it is.
            envelope = plain
        for record in envelope(written(call, second, rng)):
            yield orjson.dumps(record)
