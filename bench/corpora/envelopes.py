"""How loggers, runtimes and gateways write a call down; the shapes are those of `tests/reading/wrappers.py`."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import orjson

from bench.corpora.exchange import Exchange, Json
from bench.corpora.times import iso


class Written(NamedTuple):
    """A call and what is logged beside it."""

    call: Exchange
    second: float
    name: str
    duration_ms: int

    @property
    def both(self) -> Json:
        """Request and response under the names that most applications use."""
        return {"request_id": self.name, "request": self.call.asked, "response": self.call.answered}


def written(call: Exchange, second: float, rng: Random) -> Written:
    """A call at that time, of a name and a duration by chance."""
    return Written(call, second, f"req_{rng.getrandbits(64):016x}", rng.randint(180, 9000))


def plain(it: Written) -> list[Json]:
    return [{"timestamp": iso(it.second), "level": "info", "msg": "llm call", **it.both, "duration_ms": it.duration_ms}]


def texts(it: Written) -> list[Json]:
    """Both bodies as texts of JSON."""
    both: Json = {"request_id": it.name, "request": _text(it.call.asked), "response": _text(it.call.answered)}
    return [{"ts": iso(it.second), **both, "duration_ms": it.duration_ms, "status": it.call.status}]


def pino(it: Written) -> list[Json]:
    head: Json = {"level": 30, "time": int(it.second * 1000), "pid": 17, "hostname": "web-1", "msg": "llm"}
    return [head | it.both | {"duration_ms": it.duration_ms}]


def pino_http(it: Written) -> list[Json]:
    """A served request with what was asked upstream."""
    req = {"id": it.name, "method": "POST", "url": it.call.path, "body": it.call.asked}
    res = {"statusCode": it.call.status, "headers": {}, "body": it.call.answered}
    head: Json = {"level": 30, "time": int(it.second * 1000), "msg": "request completed"}
    return [head | {"req": req, "res": res, "responseTime": it.duration_ms}]


def structlog(it: Written) -> list[Json]:
    tail: Json = {"duration": it.duration_ms / 1000, "level": "info", "logger": "app.llm", "timestamp": iso(it.second)}
    return [{"event": "llm_call", **it.both, **tail}]


def winston(it: Written) -> list[Json]:
    fields = it.both | {"durationMs": it.duration_ms}
    return [{"level": "info", "message": "llm call", "metadata": fields, "timestamp": iso(it.second)}]


def docker(it: Written) -> list[Json]:
    """Docker's json-file around the plain form."""
    return [{"log": _text(line) + "\n", "stream": "stdout", "time": iso(it.second)} for line in plain(it)]


def bare(it: Written) -> list[Json]:
    """The answer's body alone."""
    return [it.call.answered]


def apart(it: Written) -> list[Json]:
    """Request and response on lines of their own, joined by their name."""
    head: Json = {"request_id": it.name, "url": it.call.path}
    asked: Json = {"ts": iso(it.second - it.duration_ms / 1000), **head, "request": it.call.asked}
    return [asked, {"ts": iso(it.second), **head, "response": it.call.answered, "status": it.call.status}]


def events(it: Written) -> list[Json]:
    """A stream: its request, then each event on a line of its own."""
    head: Json = {"ts": iso(it.second), "request_id": it.name}
    return [head | {"request": it.call.asked}, *(head | {"chunk": event} for event in it.call.stream)]


ENVELOPES: dict[Callable[[Written], list[Json]], int] = {
    plain: 30, texts: 8, pino: 14, pino_http: 8, structlog: 14, winston: 8, docker: 6, bare: 6, apart: 6
}  # fmt: skip
"""Each with its share of a hundred calls that are no streams."""


def _text(value: Json) -> str:
    return orjson.dumps(value).decode()
