"""What the shipping tests are made of: a source in memory, a small reader of lines, a configuration."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Any

import msgspec
import orjson

from parsers.base import Call, Stage
from tailer.config import Config, LokiOptions
from tailer.config.schema import Privacy
from tailer.outbound.counted import LOKI
from tailer.outbound.pusher import Clock
from tailer.reading.chunk import Chunk, Reading
from tailer.ship import refusal
from tailer.ship.deadletter import DeadLetters, Why
from tailer.ship.entry import Entry
from tailer.ship.loki import Loki
from tailer.ship.sender import Sender
from tailer.ship.sink import OpenSink
from tailer.ship.sinks import sinks_of
from tailer.ship.splunk import Splunk
from tailer.ship.stamps import SenderState
from tailer.telemetry import Telemetry

NOON_NS = 1_780_000_000_000_000_000
SECOND_NS = 1_000_000_000


def line(number: int, **more: object) -> bytes:
    """A line of an application log that calls a chat model once a millisecond."""
    usage = {"prompt_tokens": 100 + number, "completion_tokens": 7}
    body = {"ts_ns": NOON_NS + number * 1_000_000, "model": "gpt-4o-2024-08-06", "id": f"req_{number}", "usage": usage}
    return orjson.dumps({**body, **more})


def read(chunk: Chunk) -> list[Reading]:
    """What `tailer.reading` does, for the lines of these tests."""
    if chunk.oversize:
        return [Reading(chunk.start, chunk.end, chunk.first_number, "oversize")]
    readings = []
    start = chunk.start
    for number, text in enumerate(chunk.data.split(b"\n")[:-1], chunk.first_number):
        readings.append(_reading(start, start + len(text) + 1, number, text))
        start += len(text) + 1
    return readings


def _reading(start: int, end: int, number: int, text: bytes) -> Reading:
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Reading(start, end, number, "bad_json" if text.strip() else "empty")
    if not isinstance(record, dict):
        return Reading(start, end, number, "not_llm")
    usage = record.get("usage", {})
    call = Call(
        provider="openai",
        operation="chat",
        model=record.get("model"),
        error_type=record.get("error_type"),
        input_tokens=usage.get("prompt_tokens"),
        output_tokens=usage.get("completion_tokens"),
        request_id=record.get("id"),
    )
    stage = Stage(record["stage"]) if "stage" in record else None
    labels = (record.get("team", ""),)
    return Reading(start, end, number, "call", call, stage, timestamp_ns=record.get("ts_ns"), labels=labels)


def cost(call: Call) -> float | None:
    return None if call.input_tokens is None else call.input_tokens * 2.5e-6


def chunk_of(*lines: bytes, start: int = 0, number: int = 0, file: int = 1, path: str = "/var/log/app.log") -> Chunk:
    data = b"".join(text + b"\n" for text in lines)
    return Chunk(file, path, start, start + len(data), number, data)


def entry(number: int, *, text: bytes = b"{}", labels: tuple[tuple[str, str], ...] = (("job", "t"),)) -> Entry:
    return Entry(1, number * 10, number * 10 + 10, number, labels, NOON_NS + number, text, ())


def why(text: str) -> Why:
    """A refusal by Loki in these words."""
    return Why(400, text, refusal.kind(text))


class MemorySource:
    """Files in memory with the marks of one consumer; restarted by making another from `saved`."""

    def __init__(self, lines_per_chunk: int = 10) -> None:
        self.files: dict[int, list[bytes]] = {}
        self.marks: dict[int, tuple[int, int]] = {}
        self.lines_per_chunk = lines_per_chunk
        self.failing_saves = 0
        self.saves = 0
        self.sender: Sender | None = None
        self.saved: tuple[dict[int, tuple[int, int]], bytes] = ({}, b"{}")
        self._cursor: dict[int, int] = {}
        self._closed = False
        self._changed = asyncio.Event()

    def append(self, file: int, lines: Iterable[bytes]) -> None:
        self.files.setdefault(file, []).extend(text + b"\n" for text in lines)
        self._changed.set()

    def close(self) -> None:
        self._closed = True
        self._changed.set()

    def restarted(self, lines_per_chunk: int) -> MemorySource:
        """The same files after a kill: only what was saved is remembered."""
        again = MemorySource(lines_per_chunk)
        again.files = self.files
        again.saved = self.saved
        again.marks = dict(self.saved[0])
        again._cursor = {file: number for file, (_, number) in again.marks.items()}
        return again

    def state(self) -> SenderState:
        return msgspec.json.decode(self.saved[1], type=SenderState)

    async def next(self, consumer: str) -> Chunk | None:
        while True:
            for file, lines in self.files.items():
                at = self._cursor.get(file, 0)
                if at < len(lines):
                    return self._chunk(file, lines, at)
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()

    def _chunk(self, file: int, lines: list[bytes], at: int) -> Chunk:
        taken = lines[at : at + self.lines_per_chunk]
        self._cursor[file] = at + len(taken)
        start = sum(map(len, lines[:at]))
        data = b"".join(taken)
        return Chunk(file, f"/var/log/app-{file}.log", start, start + len(data), at, data)

    def settle(self, consumer: str, file: int, offset: int, number: int) -> None:
        before = self.marks.get(file, (0, 0))
        assert (offset, number) > before, "a mark never goes back"
        assert offset == sum(map(len, self.files[file][:number])), "a mark is the end of a line"
        self.marks[file] = (offset, number)

    async def save(self) -> None:
        await asyncio.sleep(0)
        self.saves += 1
        if self.failing_saves:
            self.failing_saves -= 1
            raise OSError(28, "No space left on device")
        state = msgspec.json.encode(self.sender.dump()) if self.sender is not None else b"{}"
        self.saved = (dict(self.marks), state)


def is_in_order(numbers: Iterable[int], state_dir: str, sink: str = LOKI) -> bool:
    """Whether lines arrived as they were written.

    Not looked at are those that stand among the dead letters: refused for good before a kill they may be taken at the
    replay, behind what was written after them. Numbers are those in the low digits of the times.
    """
    records = map(orjson.loads, DeadLetters(state_dir, 0, sink=sink).lines())
    refused = {number_at(int(record["timestamp_ns"])) for record in records}
    at_once = [number for number in numbers if number not in refused]
    return at_once == sorted(at_once)


def number_at(time_ns: int) -> int:
    """The line that bears this time, where the log is no finer than the millisecond."""
    return time_ns % 1_000_000


class Ticking:
    """A clock that moves only when somebody sleeps on it, and remembers how long they did."""

    def __init__(self) -> None:
        self.now = NOON_NS
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += int(seconds * SECOND_NS)
        await asyncio.sleep(0)

    def clock(self, seed: int = 7) -> Clock:
        return Clock(lambda: self.now, self.sleep, random.Random(seed))


def closed_source(*lines: bytes, lines_per_chunk: int = 10) -> MemorySource:
    source = MemorySource(lines_per_chunk)
    source.append(1, lines)
    source.close()
    return source


def config(url: str, state_dir: str, **options: Any) -> Config:
    encoding = options.pop("encoding", "protobuf")
    options.setdefault("batch_seconds", 0.02)
    return Config(loki_url=url, state_dir=state_dir, loki_encoding=encoding, loki=LokiOptions(**options))


def config_of(sink: str, url: str, state_dir: str, privacy: Privacy | None = None, **options: Any) -> Config:
    """With this sink alone."""
    options.setdefault("batch_seconds", 0.02)
    sections = {f"{sink}_url": url, sink: type(getattr(Config(), sink))(**options)}
    return Config(state_dir=state_dir, privacy=privacy or Privacy(), **sections)


def _sink(setting: Config, clock: Clock) -> OpenSink:
    if setting.loki_url is not None:
        return Loki(setting, clock.now_ns)
    return Splunk(setting, clock) if setting.splunk_url is not None else next(sinks_of(setting))


class Shipping:
    """A sender to the one sink of a configuration, on a source; `telemetry` holds what it counted."""

    def __init__(self, source: MemorySource, setting: Config, ticking: Ticking | None = None) -> None:
        self.source = source
        self.ticking = ticking or Ticking()
        self.telemetry = Telemetry()
        clock = self.ticking.clock()
        self.sink = _sink(setting, clock)
        self.sender = Sender(source, self.sink, setting, self.telemetry, read=read, cost=cost, clock=clock)
        self.sender.load(source.state())
        source.sender = self.sender

    async def run(self) -> None:
        async with self.sink:
            await self.sender.run()

    def entries(self, outcome: str) -> float:
        return self._counted("entries_total", outcome)

    def retries(self, reason: str) -> float:
        return self._counted("retries_total", reason)

    def _counted(self, name: str, label: str) -> float:
        sink = self.sink.name
        if sink == LOKI:
            return self.telemetry.value(f"tokentail_loki_{name}", label)
        return self.telemetry.value(f"tokentail_sink_{name}", sink, label)
