"""What else an application logs, no calls of any model; pure, all chance from the given rng."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import orjson

from bench.corpora.times import FIRST_SECOND, iso

Json = dict[str, object]


def plain(rng: Random) -> Iterator[bytes]:
    """What else an application logs, 70 to 190 bytes: requests served, queries, jobs, here and there a line of text."""
    second = float(FIRST_SECOND)
    while True:
        second += rng.expovariate(200)
        kind = rng.random()
        if kind < 0.04:
            told = f"connection {rng.randrange(64)} was idle for {rng.randrange(600)}s"
            yield f"{iso(second)} WARN  pool  {told}".encode()
        else:
            yield orjson.dumps(_plain_record(rng, second, kind))


def _plain_record(rng: Random, second: float, kind: float) -> Json:
    head: Json = {"time": iso(second), "level": rng.choice(("info", "info", "info", "debug", "warning"))}
    number = rng.randrange(1_000_000)
    if kind < 0.6:
        served: Json = {"path": f"/api/orders/{number}", "method": rng.choice(("GET", "POST")), "status": 200}
        return head | {"logger": "http", "msg": "served", **served, "duration_ms": round(rng.uniform(1, 90), 2)}
    if kind < 0.85:
        return head | {"logger": "db", "msg": "query", "statement": "select * from orders where id = $1", "rows": 1}
    return head | {"logger": "jobs", "msg": "job finished", "job": f"mail-{number}", "tries": 1, "queue": "default"}
