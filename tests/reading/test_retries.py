"""A retry that the log shows as a separate attempt is a request of its own; a number of retries is not."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.base import Call
from tailer.config import Limits
from tailer.meter.joiner import Joiner
from tests.parsers import bodies
from tests.reading.lines import read

Json = dict[str, Any]
REQUEST = bodies.chat_request()
LIMITED = "Error code: 429 - {'error': {'message': 'Slow down', 'type': 'requests', 'code': 'rate_limit_exceeded'}}"
TIMED_OUT = "Traceback (most recent call last):\n  in ask\nopenai.APITimeoutError: Request timed out."


def at(second: int, **fields: object) -> Json:
    return {"ts": f"2026-11-20T17:00:{second:02}Z", "level": "info", "request_id": "r1", **fields}


ANSWER = bodies.chat()
HISTORIES: dict[str, tuple[list[Json], list[str | None]]] = {
    "each attempt on a line of its own": (
        [
            at(1, attempt=1, request=REQUEST, error=LIMITED),
            at(2, attempt=2, request=REQUEST, exc_info=TIMED_OUT),
            at(3, attempt=3, request=REQUEST, status=200, response=ANSWER),
        ],
        ["rate_limit", "timeout", None],
    ),
    "one request line, then what became of it": (
        [
            at(1, request=REQUEST),
            at(2, status=429, error=LIMITED, msg="retrying"),
            at(3, status=200, response=ANSWER),
        ],
        ["rate_limit", None],
    ),
    "a request line for each attempt": (
        [
            at(1, request=REQUEST),
            at(2, error=LIMITED),
            at(3, request=REQUEST),
            at(4, response=ANSWER),
        ],
        ["rate_limit", None],
    ),
    "a number of retries beside the answer": (
        [at(1, retry_count=3, retries=3, attempts=4, request=REQUEST, status=200, response=ANSWER)],
        [None],
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_what_the_log_shows_is_what_is_counted(name: str) -> None:
    lines, expected = HISTORIES[name]
    joiner = Joiner(Limits())
    calls: list[Call] = []
    for now, line in enumerate(lines):
        calls += [joined.call for joined in joiner.add(read(line), now)]
    calls += [joined.call for joined in joiner.close_all()]
    assert [call.error_type for call in calls] == expected
    assert sum(call.input_tokens or 0 for call in calls) == 1523
