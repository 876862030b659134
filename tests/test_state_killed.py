"""A kill at any moment of a write leaves a checkpoint that can be loaded: the new one or the one before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tailer.statedir import CURRENT, PREVIOUS
from tests.checkpoints import opened, small, write


def test_a_kill_before_any_call_of_a_write_leaves_the_old_or_the_new_checkpoint(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.killed_writes", str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, check=True)
    outcomes = [json.loads(line) for line in done.stderr.splitlines()]
    *killed, whole = outcomes
    assert len(killed) >= 8, "a write takes an open, a write, two fsyncs, a link and three renames at the least"
    assert whole == {"killed": False, "current": True, "found": 3, "newest": 4, "before": 3}
    for outcome in killed:
        assert outcome["current"], "there is never a moment without a current checkpoint"
        assert outcome["found"] in (2, 3)
        assert outcome["newest"] == 4
        assert outcome["before"] == outcome["found"]
    assert [it["found"] for it in killed] == sorted(it["found"] for it in killed)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"checkpoint.new": b"half a chec", CURRENT: 2, PREVIOUS: 1}, 2),
        ({"checkpoint.new": 3, CURRENT: 2, PREVIOUS: 2}, 2),
        ({"checkpoint.new": 3, PREVIOUS: 2}, 2),
        ({"checkpoint.previous.new": 2, CURRENT: 2, PREVIOUS: 1}, 2),
        ({"checkpoint.new": b"", CURRENT: 1}, 1),
        ({"checkpoint.new": 1}, 0),
    ],
    ids=["half written", "one and the same", "no hard links", "spare link", "second ever", "first ever"],
)
def test_what_a_write_leaves_behind_is_neither_used_nor_in_the_way(
    tmp_path: Path, files: dict[str, int | bytes], expected: int
) -> None:
    """The states between the steps, those of a file system without hard links among them."""
    with opened(tmp_path) as directory:
        for name, content in files.items():
            kept = Path(tmp_path, f"kept-{name}")
            if isinstance(content, int):
                write(directory, small(content))
                Path(tmp_path, CURRENT).rename(kept)
            else:
                kept.write_bytes(content)
        Path(tmp_path, PREVIOUS).unlink(missing_ok=True)
        for name in files:
            Path(tmp_path, f"kept-{name}").rename(Path(tmp_path, name))
        assert directory.load()[0] == small(expected)
        for number in (7, 8):
            write(directory, small(number))
            assert directory.load()[0] == small(number)
    names = {path.name for path in tmp_path.iterdir()}
    assert names <= {CURRENT, PREVIOUS, "checkpoint.previous.new"}
