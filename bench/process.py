"""One command run to its end, and what it cost. Imports little: a child's peak memory starts with its parent's."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

TIMEOUT_SECONDS = 900.0


class BenchError(Exception):
    """A measurement that means nothing; the message says what went wrong."""


@dataclass(frozen=True, slots=True)
class Spent:
    """User and system time of all threads, the peak of the resident memory, and how long it took."""

    cpu_seconds: float
    peak_bytes: int
    wall_seconds: float


def spend(command: Sequence[str], *, timeout_seconds: float = TIMEOUT_SECONDS) -> Spent:
    """Runs the command and waits for it. BenchError, with the end of its stderr, when it fails or takes too long."""
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=clean_environ()
        )
        watchdog = threading.Timer(timeout_seconds, process.kill)
        watchdog.start()
        try:
            spent = reap(process, started)
        finally:
            watchdog.cancel()
        if process.returncode != 0:
            errors.seek(0)
            raise BenchError(f"{' '.join(command)}: status {process.returncode}\n{tail(errors.read())}")
    return spent


def reap(process: subprocess.Popen[bytes], started: float) -> Spent:
    """Waits for a process and tells what it spent since `started` (of `time.perf_counter`)."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, time.perf_counter() - started)


def clean_environ() -> dict[str, str]:
    """The environment without settings of tokentail's own, and with bytecode, which whatever is installed has."""
    left_out = ("TOKENTAIL_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def tail(log: bytes) -> str:
    """The last lines of a log."""
    return b"\n".join(log.splitlines()[-12:]).decode("utf-8", "replace")


def cpu_ns(pid: int) -> int:
    """CPU time of a running process, all threads, in nanoseconds: /proc/PID/stat counts only in hundredths of a second.

    Linux numbers the CPU clock of any process after its pid (what clock_getcpuclockid(3) gives).
    """
    return time.clock_gettime_ns((~pid << 3) | 2)


def memory_bytes(pid: int) -> tuple[int, int]:
    """Resident memory of a running process: now, and at its peak."""
    values = {}
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                values[name] = int(value.split()[0]) * 1024
    return values["VmRSS"], values["VmHWM"]
