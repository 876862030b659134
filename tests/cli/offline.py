"""Running `explain` and `report` in tests, and logs for them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import orjson

from tailer.cli import demo_log, explain, report
from tests.reading.lines import BODY, ERROR, REQUEST, STREAM, TIME

NO_RESPONSE = {"ts": TIME, "request_id": "lost", "request": REQUEST}
CALL = {"ts": TIME, "duration_ms": 1843, "request_id": "req_1", "request": REQUEST, "response": BODY}
FAILURE = {"ts": TIME, "status": 429, "request": REQUEST, "response": ERROR}
UNPRICED = {"ts": TIME, "provider": "vllm", "response": {**BODY, "id": "chatcmpl-9", "model": "house-llm-7b"}}
NOISE = {"ts": TIME, "level": "info", "msg": "listening", "port": 8080}
ASKED = {"ts": "2026-11-20T17:00:05.123Z", "request_id": "req_2", "request": REQUEST | {"stream": True}}
ANSWERED = [{"ts": TIME, "request_id": "req_2", "response": event} for event in STREAM]


def write(path: Path, lines: Iterable[object]) -> str:
    """A log of these lines, objects or texts; its path."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts))
    return str(path)


def demo_lines(calls: int, seed: int = 5) -> list[str]:
    """The sample application's log."""
    return [line for _, line in demo_log.lines(Random(seed), datetime(2026, 11, 20, 17, tzinfo=UTC), calls=calls)]


def run_report(*argv: str) -> int:
    return run_command(report, argv)


def run_explain(*argv: str) -> int:
    return run_command(explain, argv)


def objects(text: str) -> list[dict[str, Any]]:
    """One object for each line of output."""
    return [orjson.loads(line) for line in text.splitlines()]


def run_command(command: ModuleType, argv: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(prog="tokentail")
    command.add_arguments(parser)
    status: int = command.run(parser.parse_args(list(argv)))
    return status
