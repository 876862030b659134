"""What a plan is composed to, for a human to read."""

from __future__ import annotations

import orjson

from tests.reading.lines import chunk
from tests.reading.test_typed import a_reader
from tests.reading.typical import CALL

SERVED = b'{"time":"2026-11-20T17:00:07Z","level":"info","msg":"served","status":200,"duration_ms":7}\n'
SOURCE = """\
def read(line, start, end, number, written=None):
    found = decode(line)
    value = found.time
    timestamp = to_timestamp(value, 'auto')
    if timestamp is None and value is not None:
        return None
    value = found.duration_ms
"""


def test_a_plan_is_source_that_can_be_read() -> None:
    """`pytest -s` shows it whole."""
    reader = a_reader()
    reader.read(chunk(SERVED * 2))
    (plan,) = reader._typed._bare._shelf.plans
    print(plan.source)
    assert plan.source.startswith(SOURCE)


def test_what_is_the_same_for_all_lines_is_not_in_the_source() -> None:
    reader = a_reader()
    reader.read(chunk(orjson.dumps(CALL) + b"\n" + orjson.dumps(CALL) + b"\n"))
    (plan,) = reader._typed._bare._shelf.plans
    print(plan.source)
    assert "headers" not in plan.source
    assert "status" not in plan.source
    assert "request_id or join_key" in plan.source
