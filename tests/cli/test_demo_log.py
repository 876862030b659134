"""The sample log: the same for the same seed, believable, and its totals can be counted from outside."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailer.cli.demo_log import lines
from tailer.cli.demo_writer import Script, write_log
from tests.demo_totals import totals

START = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def sample(calls: int = 400, seed: int = 1) -> list[tuple[float, str]]:
    return list(lines(Random(seed), START, calls=calls))


def records(calls: int = 400, seed: int = 1) -> list[dict[str, Any]]:
    return [json.loads(line) for _, line in sample(calls, seed)]


def when(record: dict[str, Any]) -> datetime:
    if "timestamp" in record:
        return datetime.fromisoformat(record["timestamp"])
    return datetime.fromtimestamp(record["time"] / 1000, UTC)


def test_the_same_seed_gives_the_same_log() -> None:
    """A demo can be told about, and a test can be repeated."""
    assert sample(seed=7) == sample(seed=7)
    assert sample(seed=7) != sample(seed=8)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), calls=st.integers(0, 60))
def test_every_call_that_begins_is_finished(seed: int, calls: int) -> None:
    """So many calls asked for, so many to be counted, whatever the chance."""
    assert totals(line for _, line in sample(calls, seed)).calls == calls


def test_timestamps_follow_the_waits() -> None:
    """A line says when it is written: later lines never have an earlier time than the waits give them."""
    now = START
    for wait_seconds, line in sample():
        assert wait_seconds >= 0
        now += timedelta(seconds=wait_seconds)
        assert abs(when(json.loads(line)) - now) < timedelta(milliseconds=2)


def test_the_log_has_everything_a_demo_should_show() -> None:
    """Models of several kinds, streams with and without usage, cache, reasoning, each error, other lines."""
    counted = totals(line for _, line in sample(1500))
    assert len(counted.input_tokens) >= 7
    assert set(counted.errors) == {400, 429, 500, 504}
    assert min(counted.cached_tokens, counted.reasoning_tokens, counted.without_usage) > 0
    assert counted.other_lines > 500
    assert counted.calls == 1500
    assert any(".openai.azure.com/" in record.get("url", "") for record in records())


def test_traffic_has_bursts_and_quiet_phases() -> None:
    """Between the busiest and the quietest five seconds lies a factor of ten."""
    begun = [when(record) for record in records(1000) if "request" in record]
    buckets = [0] * (int((begun[-1] - START).total_seconds()) // 5 + 1)
    for moment in begun:
        buckets[int((moment - START).total_seconds()) // 5] += 1
    assert max(buckets) >= 10 * (1 + min(buckets[1:-14]))


def test_usage_adds_up() -> None:
    """Parts are never more than the whole they are part of."""
    for record in records(800):
        usage = (record.get("response") or {}).get("usage") or {}
        if "prompt_tokens_details" in usage:
            assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
            assert usage["prompt_tokens_details"]["cached_tokens"] <= usage["prompt_tokens"]
            assert usage["completion_tokens_details"]["reasoning_tokens"] <= usage["completion_tokens"]


def test_a_response_line_comes_after_its_request_line() -> None:
    """They share the request id, and no two calls do."""
    asked: set[str] = set()
    for record in records(600):
        key = record.get("reqId") or (record.get("request_id") if record["logger"] == "stream" else None)
        if key and "request" in record:
            assert key not in asked
            asked.add(key)
        elif key:
            assert key in asked


def test_errors_have_the_limit_they_ran_into() -> None:
    """A 429 has nothing left and says when to come again."""
    refused = [record for record in records(1500) if record.get("status") == 429]
    assert refused
    for record in refused:
        assert record["headers"]["x-ratelimit-remaining-tokens"] == "0"
        assert record["headers"]["retry-after"]


def test_the_writer_rotates_and_loses_nothing(tmp_path: Path) -> None:
    """The files in their order are the log."""
    log = tmp_path / "app.log"
    script = Script(seed=3, speed=0, calls=300, rotate_bytes=100_000, kept_files=50)
    written = asyncio.run(write_log(str(log), script, START))
    files = sorted(tmp_path.glob("app.log.*"), key=lambda path: -int(path.suffix[1:]))
    assert len(files) > 1
    found = [line for path in (*files, log) for line in path.read_text().splitlines()]
    assert found == [line for _, line in lines(Random(3), START, calls=300)]
    assert written == len(found)
    assert all(path.stat().st_size <= 100_000 for path in files)


@pytest.mark.parametrize("flag", ["--help", "--calls"])
def test_the_writer_is_a_program_of_its_own(tmp_path: Path, flag: str) -> None:
    """Compose and Kubernetes examples run it beside the tailer."""
    log = tmp_path / "app.log"
    arguments = [flag] if flag == "--help" else [str(log), flag, "20", "--speed", "0", "--seed", "5"]
    command = [sys.executable, "-m", "tailer.cli.demo_writer", *arguments]
    assert subprocess.run(command, check=True, capture_output=True, timeout=60).stderr == b""
    if flag == "--calls":
        assert totals(log.read_bytes().splitlines()).calls == 20
