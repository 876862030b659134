"""`explain` on lines that a container runtime has cut: a call appears once, with its last piece."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.offline import CALL, objects, run_explain, write
from tests.reading.lines import text

TIME = "2026-11-20T17:00:09.669794202Z"


def test_pieces_are_parts_and_the_last_one_gives_the_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = text(CALL)
    cut = [f"{TIME} stdout P {line[:90]}", f"{TIME} stderr F oh", f"{TIME} stdout F {line[90:]}", f"{TIME} stdout P {{"]
    path = write(tmp_path / "0.log", cut)
    assert run_explain(path, "--format", "json") == 0
    told = objects(capsys.readouterr().out)
    assert [one["outcome"] for one in told] == ["part", "bad_json", "call", "bad_json"]
    assert [[call["input_tokens"] for call in one["calls"]] for one in told] == [[], [], [1523], []]
    assert [one["wrapper"] for one in told] == ["cri", "cri", "cri+request_response", "cri"]
    assert run_explain(path) == 0
    assert "the end of a line that the container runtime has cut is not there" in capsys.readouterr().out
