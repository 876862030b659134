"""Other programs, configured for the same work or the part of it that they can do, measured when they are on PATH."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time

from bench.process import TIMEOUT_SECONDS, BenchError, Spent, clean_environ, reap, tail
from bench.process import spend as spend_to_the_end
from bench.rivals import alloy, fluent_bit, mtail, promtail, rsyslog, syslog_ng, vector
from bench.rivals.rival import Place, Rival
from bench.running import RunningSink

QUIET_SECONDS, STALLED_SECONDS = 1.0, 20.0
"""Most of them tail for ever. With the file's bytes at the sink a run is over when no more came for so long (what is
put around a line counts as well); with fewer it has failed when none came for so long."""
PAUSE_SECONDS = 0.1
RIVALS = (
    *promtail.RIVALS, *alloy.RIVALS, *vector.RIVALS, *fluent_bit.RIVALS, *mtail.RIVALS, *syslog_ng.RIVALS,
    *rsyslog.RIVALS,
)  # fmt: skip
CORPORA = ("chat", "embeddings", "images", "plain")
"""Those that their configurations understand."""


def present() -> list[Rival]:
    """Those whose program is on PATH."""
    return [rival for rival in RIVALS if shutil.which(rival.program)]


def spend(rival: Rival, sink: RunningSink, log: str) -> Spent:
    """Runs it over the file until it ends or the sink has all of it; BenchError when less came through."""
    with tempfile.TemporaryDirectory() as directory:
        command = rival.configure(Place(directory, log, sink.port, sink.tcp_port))
        if rival.ships == "nothing":
            return spend_to_the_end(command)
        return _shipped(rival.name, command, sink, os.path.getsize(log))


def _shipped(name: str, command: list[str], sink: RunningSink, size: int) -> Spent:
    with tempfile.TemporaryFile() as errors:
        before = sink.plain_bytes()
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=clean_environ()
        )
        try:
            came = _wait_for(sink, before, size)
        finally:
            # Not Popen's own: it would reap one that has ended already, and with it what it has spent.
            os.kill(process.pid, signal.SIGTERM)
            spent = reap(process, started)
        if came < size:
            errors.seek(0)
            raise BenchError(f"{name}: {came} of {size} bytes came through\n{tail(errors.read())}")
    return spent


def _wait_for(sink: RunningSink, before: int, size: int) -> int:
    """How many bytes have come when no more do."""
    came, since, deadline = 0, time.monotonic(), time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < min(deadline, since + (QUIET_SECONDS if came >= size else STALLED_SECONDS)):
        time.sleep(PAUSE_SECONDS)
        now = sink.plain_bytes() - before
        if now > came:
            came, since = now, time.monotonic()
    return came
