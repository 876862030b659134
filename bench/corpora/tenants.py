"""Short chat pairs of many tenants, so that a dimension makes many series of them; pure."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import orjson

from bench.corpora.exchange import said
from bench.corpora.openai_like import mistral
from bench.corpora.prose import Prose
from bench.corpora.times import FIRST_SECOND


def tenants(rng: Random, count: int) -> Iterator[bytes]:
    """Pairs of one model, of some 1,100 bytes; of every `count` lines each is another tenant's."""
    prose = Prose(rng)
    second = float(FIRST_SECOND)
    order = list(range(count))
    while True:
        rng.shuffle(order)
        for number in order:
            second += rng.expovariate(20)
            call = mistral(said(rng, prose, second), rng)
            head = {"ts": round(second, 3), "tenant": f"tenant-{number:05d}", "duration_ms": rng.randint(180, 9000)}
            yield orjson.dumps(head | {"request": call.asked, "response": call.answered})
