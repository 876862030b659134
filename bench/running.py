"""Processes that run beside the bench: a tokentail to look at from outside, and the sink it ships to."""

from __future__ import annotations

import collections
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from bench.mood import Mood
from bench.process import BenchError, clean_environ, cpu_ns, memory_bytes

START_SECONDS = 60.0
TOKENTAIL = (sys.executable, "-m", "tailer")


class Scraper:
    """One kept connection to an HTTP port, as a scraper has it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> bytes:
        """The body of an answer; BenchError when none comes."""
        try:
            self._connection.request("GET", path)
            return self._connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"{path} was not answered: {error!r}") from error

    def close(self) -> None:
        self._connection.close()


class Tailer:
    """A running tokentail. The end of its own log is kept for the case that it fails."""

    def __init__(self, state_dir: str, paths: Sequence[str], flags: Sequence[str] = ()) -> None:
        self.started = time.perf_counter()
        fixed = ("--state-dir", state_dir, "--listen", "127.0.0.1:0", "--log-format", "json")
        self._process = subprocess.Popen(
            [*TOKENTAIL, "run", *fixed, *flags, *paths],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=clean_environ(),
        )
        if self._process.stderr is None:
            raise BenchError("tokentail was started without a pipe for its log")
        self._errors = self._process.stderr
        self._log: collections.deque[bytes] = collections.deque(maxlen=20)
        self.scraper = Scraper(self._port())
        # Somebody has to read on: a full pipe would make it wait.
        self._follower = threading.Thread(target=self._log.extend, args=(self._errors,))
        self._follower.start()

    def cpu_ns(self) -> int:
        return cpu_ns(self._process.pid)

    def memory_bytes(self) -> tuple[int, int]:
        """Now, and at its peak."""
        return memory_bytes(self._process.pid)

    def value(self, name: str) -> float:
        """The sum over all samples whose name, with its labels if given, starts so."""
        pattern = rb"^%s[^\n]* (\S+)$" % re.escape(name.encode())
        return sum(float(found) for found in re.findall(pattern, self.scraper.get("/metrics"), re.MULTILINE))

    def wait_for(self, name: str, value: float, seconds: float) -> None:
        """Waits until a sum has come that far; BenchError when it does not in time."""
        until = time.monotonic() + seconds
        while (seen := self.value(name)) < value:
            if time.monotonic() > until:
                raise BenchError(f"{name} stayed at {seen:.0f} instead of {value:.0f}\n{self._said()}")
            time.sleep(0.1)

    def kill(self) -> None:
        self.scraper.close()
        self._process.kill()
        self._process.wait()
        self._follower.join()
        self._errors.close()

    def _port(self) -> int:
        watchdog = threading.Timer(START_SECONDS, self._process.kill)
        watchdog.start()
        try:
            for line in self._errors:
                self._log.append(line)
                if line.startswith(b"{") and (event := json.loads(line))["event"] == "listening":
                    return int(event["port"])
        finally:
            watchdog.cancel()
        self._process.wait()
        self._errors.close()
        raise BenchError(f"tokentail ended before it listened\n{self._said()}")

    def _said(self) -> str:
        return b"".join(self._log).decode("utf-8", "replace")


@contextmanager
def tailing(directory: str, paths: Sequence[str], flags: Sequence[str] = ()) -> Iterator[Tailer]:
    """A tokentail that listens, with its state in this directory; killed at the end."""
    tailer = Tailer(os.path.join(directory, "state"), paths, flags)
    try:
        yield tailer
    finally:
        tailer.kill()


class RunningSink:
    """A sink as a process of its own, so that its CPU is not counted for anybody."""

    def __init__(self, port: int, tcp_port: int, told: IO[bytes]) -> None:
        self.port = port
        self.tcp_port = tcp_port
        self.url = f"http://127.0.0.1:{port}"
        self._told = told
        self._scraper = Scraper(port)

    def plain_bytes(self) -> int:
        """How many bytes came, before compression, since it started."""
        return self._count("plain_bytes")

    def taken(self) -> int:
        """How many pushes were answered as Loki answers when all is well."""
        return self._count("taken")

    def become(self, mood: Mood) -> None:
        """Changes how the coming pushes are answered; soon, not at once."""
        self._told.write(f"{mood}\n".encode())
        self._told.flush()

    def close(self) -> None:
        self._scraper.close()

    def _count(self, name: str) -> int:
        return int(json.loads(self._scraper.get("/counts"))[name])


@contextmanager
def sinking(mood: Mood = "take") -> Iterator[RunningSink]:
    """A sink that listens; it ends with its standard input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", mood], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        if process.stdout is None or process.stdin is None:
            raise BenchError("the sink was started without pipes for its ports and its moods")
        port, tcp_port = map(int, process.stdout.readline().split())
        sink = RunningSink(port, tcp_port, process.stdin)
        try:
            yield sink
        finally:
            sink.close()
    finally:
        process.communicate(b"", timeout=30)
