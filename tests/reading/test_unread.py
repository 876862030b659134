"""A line that is too much for the code that reads it stops nothing: it is counted, told by its place in the code, and
nothing of it is said.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from parsers import registry
from tailer.reading.reading import LineReader
from tests.reading.lines import chunk

LINES = [b'{"msg":"before"}', b'{"msg":"secret","poison":1}', b'{"msg":"after"}']
pytestmark = pytest.mark.stumbles


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> LineReader:
    """One that stumbles over what has `poison` in it."""
    reader = LineReader(registry.load())
    unwrap = reader._unwrapper.unwrap

    def stumbling(line: dict[str, object], notes: object) -> object:
        return int("secret") if "poison" in line else unwrap(line, notes)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(type(reader._unwrapper), "unwrap", lambda _, line, notes: stumbling(line, notes))
    return reader


@pytest.mark.parametrize("end", [b"\n", b""])
def test_it_is_bad_json_and_all_others_are_read(reader: LineReader, end: bytes) -> None:
    with capture_logs() as events:
        readings = [one for _ in range(3) for one in reader.read(chunk(b"\n".join([*LINES, LINES[1]]) + end))]
    assert [one.outcome for one in readings] == ["not_llm", "bad_json", "not_llm", "bad_json"] * 3
    assert all(after.start == before.end for before, after in pairwise(readings[:4]))
    (told,) = events
    assert (told["event"], told["error"]) == ("line_not_read", "ValueError")
    assert told["at"].startswith("test_unread.py:")
    assert "secret" not in repr(events) + repr(readings[1].warnings)


def test_explain_says_where(reader: LineReader) -> None:
    (warning,) = reader.describe(LINES[1]).reading.warnings
    assert "ValueError at test_unread.py:" in warning


def test_a_plan_that_stumbles_leaves_the_line_to_the_general_way(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = LineReader(registry.load())
    right = [one.outcome for one in reader.read(chunk(b"\n".join(LINES) + b"\n"))]

    def stumbling(*_: object) -> NoReturn:
        raise KeyError("secret")

    monkeypatch.setattr(LineReader, "_typical", lambda *_: stumbling)
    with capture_logs() as events:
        assert [one.outcome for one in reader.read(chunk(b"\n".join(LINES) + b"\n"))] == right
    assert [event["event"] for event in events] == ["line_not_read"]


def test_a_lack_of_memory_is_no_line_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(LineReader, "_line", lacking)
    with pytest.raises(MemoryError):
        LineReader(registry.load()).read(chunk(LINES[0] + b"\n"))
