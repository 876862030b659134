"""How much memory it takes at worst: Loki away while a log is written, lines of many mebibytes."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass

from bench.mood import Mood
from bench.process import spend
from bench.running import TOKENTAIL, sinking, tailing

HOLD_SECONDS = 5.0
"""A little longer with everything read and nothing delivered, in case memory grows while somebody waits."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest resident memory seen in one situation."""

    situation: str
    written_bytes: int
    peak_bytes: int


def loki_away(mood: Mood, corpus: str, scratch: str) -> Peak:
    """A log is written as fast as the disk takes it while the sink hangs or refuses; the meter must get through."""
    with tempfile.TemporaryDirectory(dir=scratch) as directory, sinking(mood) as sink:
        log = os.path.join(directory, "app.log")
        with open(log, "xb"), tailing(directory, [log], ("--loki-url", sink.url)) as tailer:
            tailer.wait_for("tokentail_files", 1, 10)
            with open(corpus, "rb") as source, open(log, "ab") as target:
                shutil.copyfileobj(source, target)
            size = os.path.getsize(log)
            tailer.wait_for("tokentail_read_bytes_total", size, 600)
            time.sleep(HOLD_SECONDS)
            return Peak(f"loki away ({mood})", size, tailer.memory_bytes()[1])


def long_line(path: str, scratch: str) -> Peak:
    """`run --once` over a file of one very long line, metered and shipped."""
    with tempfile.TemporaryDirectory(dir=scratch) as state, sinking() as sink:
        flags = ("--state-dir", state, "--listen", "127.0.0.1:0", "--loki-url", sink.url)
        spent = spend([*TOKENTAIL, "run", "--once", *flags, path])
    size = os.path.getsize(path)
    return Peak(f"a line of {size / 1024**2:.1f} MiB", size, spent.peak_bytes)
