"""An outage of Loki while the application writes on: how long and how costly it is to catch up."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.process import BenchError
from bench.running import RunningSink, Tailer, sinking, tailing

OUTAGE_SECONDS = 15.0
BYTES_PER_SECOND = 2_000_000
STEP_SECONDS = 0.05
GONE_SECONDS = 1.0
"""The backlog is gone when it is no more than what is written in so long: as much as waits for a batch at any time."""
LOST_SECONDS = 180.0
LAG = 'tokentail_lag_bytes{consumer="loki"}'


@dataclass(frozen=True, slots=True)
class Outage:
    """`waited_seconds` passed from the sink's return to the first push that it took, `seconds` until all had come.

    `cpu_seconds` is what tokentail spent in the latter, `usual_core_share` what it takes of a core while all is well.
    The writer went on all the time. A scrape every quarter of a second is in both.
    """

    outage_seconds: float
    written_bytes_per_second: float
    backlog_bytes: float
    waited_seconds: float
    seconds: float
    cpu_seconds: float
    usual_core_share: float
    peak_bytes: int


class Writer:
    """Appends lines to a log at a steady rate, from a thread, until it is closed."""

    def __init__(self, log: str, lines: Sequence[bytes], bytes_per_second: float) -> None:
        self._log = log
        self._lines = lines
        self._rate = bytes_per_second
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.written_bytes = 0

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._done.set()
        self._thread.join()

    def _write(self) -> None:
        started, number = time.monotonic(), 0
        with open(self._log, "ab") as file:
            while not self._done.wait(STEP_SECONDS):
                until = self._rate * (time.monotonic() - started)
                while self.written_bytes < until:
                    self.written_bytes += file.write(self._lines[number % len(self._lines)])
                    number += 1
                file.flush()


def measure(lines: Sequence[bytes], scratch: str) -> Outage:
    """Writes at a steady rate, takes the sink away for a while and watches what happens when it is back."""
    with tempfile.TemporaryDirectory(dir=scratch) as directory, sinking() as sink:
        log = os.path.join(directory, "app.log")
        with open(log, "xb"), tailing(directory, [log], ("--loki-url", sink.url)) as tailer:
            writer = Writer(log, lines, BYTES_PER_SECOND)
            writer.start()
            try:
                return _watched(tailer, sink)
            finally:
                writer.close()


def _watched(tailer: Tailer, sink: RunningSink) -> Outage:
    tailer.wait_for("tokentail_read_bytes_total", BYTES_PER_SECOND, LOST_SECONDS)
    usual = _core_share(tailer, OUTAGE_SECONDS / 3)
    sink.become("refuse")
    time.sleep(OUTAGE_SECONDS)
    backlog, taken, spent, began = tailer.value(LAG), sink.taken(), tailer.cpu_ns(), time.monotonic()
    sink.become("take")
    waited = None
    while tailer.value(LAG) > BYTES_PER_SECOND * GONE_SECONDS:
        if waited is None and sink.taken() > taken:
            waited = time.monotonic() - began
        if time.monotonic() - began > LOST_SECONDS:
            raise BenchError(f"after {LOST_SECONDS:.0f} s the backlog was still {tailer.value(LAG):.0f} bytes")
        time.sleep(STEP_SECONDS * 5)
    seconds = time.monotonic() - began
    return Outage(
        OUTAGE_SECONDS,
        BYTES_PER_SECOND,
        backlog,
        seconds if waited is None else waited,
        seconds,
        (tailer.cpu_ns() - spent) / 1e9,
        usual,
        tailer.memory_bytes()[1],
    )


def _core_share(tailer: Tailer, seconds: float) -> float:
    """CPU over time while it is scraped as often as later on."""
    spent, began = tailer.cpu_ns(), time.monotonic()
    while time.monotonic() < began + seconds:
        tailer.value(LAG)
        time.sleep(STEP_SECONDS * 5)
    return (tailer.cpu_ns() - spent) / 1e9 / (time.monotonic() - began)
