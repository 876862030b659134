"""The sample application's log: an endless, seeded sequence of lines with the wait before each; writes nothing."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import orjson

from . import demo_bodies as bodies
from .demo_bodies import AZURE, CHAT, RESPONSES, Json

TENANTS = ("acme", "globex", "initech")
AZURE_URL = "https://shop-ai.openai.azure.com/openai/deployments/support-gpt-4o/chat/completions?api-version=2024-10-21"
TOKENS_PER_MINUTE = 200_000
REQUESTS_PER_MINUTE = 600


class Phase(NamedTuple):
    """A stretch of time with its own traffic."""

    seconds: tuple[float, float]
    calls_per_second: float
    noise_per_second: float
    error_share: float


PHASES = (
    Phase((12.0, 25.0), 2.5, 3.0, 0.03),
    Phase((3.0, 6.0), 14.0, 8.0, 0.15),
    Phase((5.0, 12.0), 0.4, 1.0, 0.02),
)
"""Steady, a burst that meets the rate limit, quiet; then again."""


class Event(NamedTuple):
    """A line to be written `at` seconds after the start; `number` keeps the order of equal times."""

    at: float
    number: int
    record: Json


class Exchange(NamedTuple):
    """What went to a provider and what came back."""

    request: Json
    response: Json
    status: int = 200
    url: str | None = None


class Application:
    """A shop's assistant: three components that log their calls each in its own way, beside everything else it logs.

    Bounded by the calls in flight. Every call that begins is finished within about a minute of log time.
    """

    def __init__(self, rng: Random, start: datetime) -> None:
        self.rng = rng
        self.start = start
        self.pending: list[Event] = []
        self.made = 0

    def call(self, at: float, error_share: float) -> None:
        """One call to a provider: its line or lines are added to what is to be written."""
        if self.rng.random() < error_share:
            self._failed(at)
            return
        kinds = (self._chat, self._pair, self._stream, self._responses, self._embedding, self._azure)
        self.rng.choices(kinds, weights=(34, 18, 12, 14, 14, 8))[0](at)

    def noise(self, at: float) -> None:
        """A line that has nothing to do with a model."""
        rng = self.rng
        access: Json = {
            "method": rng.choice(("GET", "GET", "POST")),
            "path": rng.choice(("/healthz", "/orders/1842", "/api/chat", "/metrics")),
            "status": rng.choice((200, 200, 200, 204, 404)),
            "duration_ms": round(rng.uniform(0.3, 40), 2),
        }
        other: tuple[Json, ...] = (
            {"level": "info", "logger": "http", "event": "request", **access},
            {"level": "info", "logger": "cache", "event": "refreshed", "entries": rng.randint(10, 900)},
            {"level": "warning", "logger": "db", "event": "slow_query", "seconds": round(rng.uniform(1, 3), 3)},
            {"level": "debug", "logger": "queue", "event": "polled", "jobs": rng.randint(0, 4)},
        )
        self._put(at, {"timestamp": self._iso(at), **rng.choices(other, weights=(70, 15, 5, 10))[0]})

    def _chat(self, at: float) -> None:
        model = self.rng.choices(CHAT, weights=(4, 5, 2))[0]
        seconds = self._duration()
        request, response = bodies.chat_request(self.rng, model), bodies.chat_response(self.rng, model, self._unix(at))
        self._one_line(at + seconds, seconds, Exchange(request, response))

    def _azure(self, at: float) -> None:
        seconds = self._duration()
        request = bodies.chat_request(self.rng, AZURE)
        response = bodies.azure_response(self.rng, self._unix(at))
        self._one_line(at + seconds, seconds, Exchange(request, response, url=AZURE_URL))

    def _responses(self, at: float) -> None:
        model = self.rng.choice(RESPONSES)
        seconds = self._duration()
        request = bodies.responses_request(self.rng, model)
        response = bodies.responses_response(self.rng, model, self._unix(at))
        self._one_line(at + seconds, seconds, Exchange(request, response))

    def _embedding(self, at: float) -> None:
        seconds = self.rng.uniform(0.03, 0.3)
        exchange = Exchange(bodies.embedding_request(self.rng), bodies.embedding_response(self.rng))
        self._one_line(at + seconds, seconds, exchange)

    def _failed(self, at: float) -> None:
        status = self.rng.choices((429, 500, 400, 504), weights=(6, 2, 2, 1))[0]
        model = self.rng.choice(CHAT)
        seconds = 60.0 if status == 504 else self.rng.uniform(0.02, 0.9)
        request = bodies.chat_request(self.rng, model)
        self._one_line(at + seconds, seconds, Exchange(request, bodies.failure(status, model), status))

    def _one_line(self, at: float, seconds: float, exchange: Exchange) -> None:
        """Request and response on one line of a structlog kind, as most applications do it."""
        record: Json = {
            "timestamp": self._iso(at),
            "level": "info" if exchange.status < 400 else "error",
            "logger": "assistant",
            "event": "llm_call",
            "request_id": bodies.identifier(self.rng, "req_"),
            "trace_id": self._trace(),
            "tenant": self.rng.choice(TENANTS),
            "duration_ms": round(seconds * 1000, 1),
            "status": exchange.status,
            **({"url": exchange.url} if exchange.url else {}),
            "headers": self._headers(exchange.status),
            "request": exchange.request,
            "response": exchange.response,
        }
        self._put(at, record)

    def _pair(self, at: float) -> None:
        """Request and response each on a line of a pino kind, to be joined by the request id."""
        model = self.rng.choice(CHAT)
        end = at + self._duration()
        common: Json = {"level": 30, "pid": 41, "name": "worker", "reqId": bodies.identifier(self.rng, "job-")}
        request = bodies.chat_request(self.rng, model)
        response = bodies.chat_response(self.rng, model, self._unix(at))
        self._put(at, {**common, "time": self._millis(at), "msg": "llm request", "request": request})
        answer: Json = {"msg": "llm response", "statusCode": 200, "response": response}
        self._put(end, {**common, "time": self._millis(end), **answer})

    def _stream(self, at: float) -> None:
        """A request line, then every chunk on a line. Some callers forget to ask for the usage."""
        model = self.rng.choice(CHAT[:2])
        with_usage = self.rng.random() < 0.85
        options: Json = {"stream": True, **({"stream_options": {"include_usage": True}} if with_usage else {})}
        common: Json = {"level": "debug", "logger": "stream", "request_id": bodies.identifier(self.rng, "req_")}
        common["trace_id"] = self._trace()
        request = bodies.chat_request(self.rng, model) | options
        self._put(at, {"timestamp": self._iso(at), **common, "event": "stream_request", "request": request})
        when = at + self.rng.uniform(0.15, 0.9)
        for chunk in bodies.chat_chunks(self.rng, model, self._unix(at), with_usage=with_usage):
            self._put(when, {"timestamp": self._iso(when), **common, "event": "stream_chunk", "response": chunk})
            when += self.rng.uniform(0.02, 0.25)

    def _headers(self, status: int) -> Json:
        """Of the limits: a burst has used up most of them."""
        tokens = 0 if status == 429 else self.rng.randint(TOKENS_PER_MINUTE // 3, TOKENS_PER_MINUTE - 500)
        requests = self.rng.randint(REQUESTS_PER_MINUTE // 2, REQUESTS_PER_MINUTE - 1)
        wait: Json = {"retry-after": "1"} if status == 429 else {}
        return {
            "x-ratelimit-limit-requests": str(REQUESTS_PER_MINUTE),
            "x-ratelimit-remaining-requests": str(requests),
            "x-ratelimit-reset-requests": f"{(REQUESTS_PER_MINUTE - requests) * 100}ms",
            "x-ratelimit-limit-tokens": str(TOKENS_PER_MINUTE),
            "x-ratelimit-remaining-tokens": str(tokens),
            "x-ratelimit-reset-tokens": f"{(TOKENS_PER_MINUTE - tokens) * 60 / TOKENS_PER_MINUTE:.3f}s",
            **wait,
        }

    def _trace(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def _duration(self) -> float:
        return min(50.0, self.rng.lognormvariate(0.1, 0.7))

    def _put(self, at: float, record: Json) -> None:
        heapq.heappush(self.pending, Event(at, self.made, record))
        self.made += 1

    def _iso(self, at: float) -> str:
        return (self.start + timedelta(seconds=at)).isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _millis(self, at: float) -> int:
        return int((self.start.timestamp() + at) * 1000)

    def _unix(self, at: float) -> int:
        return int(self.start.timestamp() + at)


def lines(rng: Random, start: datetime, *, calls: int | None = None) -> Iterator[tuple[float, str]]:
    """Seconds to wait, then the line to write (without its newline); the same for the same rng and start.

    `start` must have a time zone; the timestamps go on from it by the waits. Endless, or until `calls` calls have been
    made and finished. A response without its request never occurs.
    """
    application = Application(rng, start)
    written_at = 0.0
    for until in _arrivals(application, calls):
        while application.pending and application.pending[0].at <= until:
            event = heapq.heappop(application.pending)
            yield event.at - written_at, orjson.dumps(event.record).decode()
            written_at = event.at


def _arrivals(application: Application, calls: int | None) -> Iterator[float]:
    """Lets calls and noise begin, phase after phase; yields the time up to which no further line can appear."""
    rng = application.rng
    now, made, phase_ends, phase_number = 0.0, 0, 0.0, -1
    while calls is None or made < calls:
        if now >= phase_ends:
            phase_number += 1
            phase_ends = now + rng.uniform(*PHASES[phase_number % len(PHASES)].seconds)
        phase = PHASES[phase_number % len(PHASES)]
        now += rng.expovariate(phase.calls_per_second + phase.noise_per_second)
        yield now
        if rng.random() * (phase.calls_per_second + phase.noise_per_second) < phase.calls_per_second:
            application.call(now, phase.error_share)
            made += 1
        else:
            application.noise(now)
    yield float("inf")
