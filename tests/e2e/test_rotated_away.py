"""The log is rotated, compressed, truncated or deleted under a real tailer: read on where it can be, else measured."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.e2e.process import Samples, running, total
from tests.e2e.writer import Writer
from tests.fakeloki import FakeLoki
from tests.faults.trial import READ, trial

LOST = "tokentail_lost_bytes_total"


def pack(path: Path) -> None:
    subprocess.run(["gzip", str(path)], check=True)


@pytest.mark.parametrize("packed", [0, 1])
async def test_rotated_several_times_while_down_with_the_oldest_compressed(tmp_path: Path, packed: int) -> None:
    """The compressed one was being read when the tailer was killed; of the others it has never heard."""
    async with trial(tmp_path) as it:
        await it.start()
        await it.counted()
        await it.tailer.kill()
        for _ in range(3):
            it.writer.write(30)
            it.writer.rotate()
        for number in range(packed):
            pack(tmp_path / f"app.log.{number + 1}")
        it.writer.write(30)
        await it.start()
        await it.counted()


@pytest.mark.parametrize("by", ["rename", "copy"])
async def test_a_file_that_was_rotated_after_a_kill_is_the_same_file_to_loki(tmp_path: Path, by: str) -> None:
    """No checkpoint would have been due between its first line and the kill."""
    log, rotated = tmp_path / "app.log", tmp_path / "app.log.1"
    log.touch()
    writer = Writer(tmp_path, Random(3))
    async with FakeLoki() as loki:
        arguments = [str(tmp_path / "app.log*"), "--loki-url", loki.url]
        seldom = {"TOKENTAIL_CHECKPOINT_SECONDS": "3600"}
        async with running(tmp_path, *arguments, environ=seldom) as tailer:
            writer.write(10)
            await loki.holds(10)
            await tailer.kill()
        if by == "rename":
            os.rename(log, rotated)
        else:
            shutil.copyfile(log, rotated)
            os.truncate(log, 0)
        writer.write(5)
        writer.answer_all()
        async with running(tmp_path, *arguments) as tailer:
            await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            assert await tailer.stop() == 0
        assert sorted(loki.lines()) == sorted(writer.lines)


def accounted(size: int, samples: Samples) -> bool:
    return total(samples, READ) + total(samples, LOST) == size


@pytest.mark.destroys("a log that was not read to its end is deleted, or truncated")
@pytest.mark.parametrize("cause", ["deleted", "truncated"])
async def test_what_was_known_and_not_read_when_it_was_destroyed_is_measured(tmp_path: Path, cause: str) -> None:
    log = tmp_path / "app.log"
    line = json.dumps({"n": 1, "text": "x" * 4_000}) + "\n"
    log.write_text(line * 20_000)
    size = log.stat().st_size
    async with running(tmp_path, str(log)) as tailer:
        read = total(await tailer.scrape(), READ)
        await tailer.kill()
    assert read < size, "killed in the midst"
    if cause == "deleted":
        log.unlink()
    else:
        os.truncate(log, 0)
    async with running(tmp_path, str(log)) as tailer:
        samples = await tailer.scraped(partial(accounted, size))
        assert read <= total(samples, READ) < size
        assert total(samples, LOST, cause=cause) == total(samples, LOST) == size - total(samples, READ)
        assert await tailer.stop() == 0


@pytest.mark.destroys("a log that has not been sent is truncated")
async def test_what_was_metered_and_not_yet_sent_when_it_was_truncated_is_measured(tmp_path: Path) -> None:
    """What the sender has in its hands is still delivered; all else is counted to the byte."""
    writer = Writer(tmp_path, Random(31), prompt_chars=12_000)
    writer.write(5_000)
    writer.answer_all()
    size = writer.path.stat().st_size
    async with FakeLoki([503] * 1_000) as loki, running(tmp_path, str(writer.path), "--loki-url", loki.url) as tailer:
        await tailer.scraped(lambda it: total(it, READ) == size)
        os.truncate(writer.path, 0)
        samples = await tailer.scraped(lambda it: total(it, LOST) > 0)
        loki.script.clear()
        lost = total(samples, LOST, cause="truncated_unsent")
        assert await tailer.stop() == 0
        assert total(samples, LOST) == lost
        assert total(samples, READ) == size
        assert sum(len(line.encode()) + 1 for line in loki.lines()) == size - lost
        assert loki.lines() == writer.lines[: len(loki.lines())]


ROTATING = """
import logging, logging.handlers, sys
handler = logging.handlers.RotatingFileHandler(sys.argv[1], maxBytes=600, backupCount=5)
for number in range(1, 3001):
    handler.emit(logging.makeLogRecord({"msg": '{"n":%06d,"text":"%s"}' % (number, "x" * 80)}))
"""


def lines_of_all(directory: Path) -> set[str]:
    """What is left of the log and its rotations."""
    return {line for path in directory.glob("app.log*") for line in path.read_text().splitlines()}


@pytest.mark.destroys("the handler deletes the oldest of its files")
async def test_an_application_that_does_nothing_but_rotate_loses_no_line_that_is_left(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text('{"n":0}\n')
    async with FakeLoki() as loki, running(tmp_path, str(log), "--loki-url", loki.url) as tailer:
        await tailer.scraped(lambda it: total(it, READ) == log.stat().st_size)
        application = await asyncio.create_subprocess_exec(sys.executable, "-c", ROTATING, str(log))
        assert await application.wait() == 0
        left = lines_of_all(tmp_path)
        samples = await tailer.scraped(lambda it: left <= set(loki.lines()) and total(it, "tokentail_lag_bytes") == 0)
        lines = loki.lines()
        assert len(lines) == len(set(lines))
        assert total(samples, READ) == sum(len(line) + 1 for line in lines)
        assert await tailer.stop() == 0
