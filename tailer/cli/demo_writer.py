"""Writes the sample log as an application would, with rotation at a size; also a program of its own.

`python -m tailer.cli.demo_writer app.log --calls 1000 --speed 0` makes a log at once, without `--calls` it goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime
from logging import makeLogRecord
from logging.handlers import RotatingFileHandler
from random import Random
from typing import NamedTuple

from .demo_log import lines

ROTATE_BYTES = 5_000_000
KEPT_FILES = 3


class Script(NamedTuple):
    """What is written and how fast: `speed` 2 halves every wait, 0 leaves them out."""

    seed: int = 1
    speed: float = 1.0
    calls: int | None = None
    rotate_bytes: int = ROTATE_BYTES
    kept_files: int = KEPT_FILES


async def write_log(path: str, script: Script, start: datetime) -> int:
    """Appends to `path` and moves it to `path.1` when it is full; returns the lines written. Cancel it to stop."""
    # The handler that Python applications rotate with: what the tailer meets here is what it meets there.
    handler = RotatingFileHandler(path, maxBytes=script.rotate_bytes, backupCount=script.kept_files, encoding="utf-8")
    try:
        due = time.monotonic()
        written = 0
        for wait_seconds, line in lines(Random(script.seed), start, calls=script.calls):  # noqa: S311 (a sample, no secret)
            due += wait_seconds / script.speed if script.speed else 0.0
            if (ahead := due - time.monotonic()) > 0 and script.speed:
                await asyncio.sleep(ahead)
            handler.emit(makeLogRecord({"msg": line}))
            written += 1
        return written
    finally:
        handler.close()


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description="Write a sample application log with LLM calls in it.")
    parser.add_argument("path", metavar="FILE")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same calls (default: 1)")
    parser.add_argument("--speed", type=float, default=1.0, help="2 is twice as fast, 0 without any wait (default: 1)")
    parser.add_argument("--calls", type=int, help="end after so many calls (default: never)")
    parser.add_argument("--rotate-bytes", type=int, default=ROTATE_BYTES, help=f"default: {ROTATE_BYTES}")
    parser.add_argument("--kept-files", type=int, default=KEPT_FILES, help=f"default: {KEPT_FILES}")
    args = parser.parse_args()
    script = Script(args.seed, args.speed, args.calls, args.rotate_bytes, args.kept_files)
    with suppress(KeyboardInterrupt):
        asyncio.run(write_log(args.path, script, datetime.now(UTC)))


if __name__ == "__main__":
    main()
