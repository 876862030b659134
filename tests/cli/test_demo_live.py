"""The demo with the real tailer: what it says at the end is what the log adds up to."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tailer.cli import demo
from tailer.cli.demo_writer import Script
from tailer.config import Config
from tests.demo_totals import totals


def test_the_last_line_is_exact_over_rotations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens and errors to the last one; a stream that never told its usage may still be waited for."""
    log = tmp_path / "app.log"
    config = Config(paths=(str(log),), state_dir=str(tmp_path / "state"), listen="127.0.0.1:0", log_level="warning")
    script = Script(seed=2, speed=40.0, rotate_bytes=50_000, kept_files=99)
    assert asyncio.run(demo.demo(demo.Plan(config, script, 2.5))) == 0
    rotated = sorted(tmp_path.glob("app.log.*"), key=lambda path: -int(path.suffix[1:]))
    counted = totals(line for path in (*rotated, log) for line in path.read_bytes().splitlines())
    assert len(rotated) > 1
    last = capsys.readouterr().out.splitlines()[-1]
    found = re.fullmatch(r"Stopped\. Counted: ([\d,]+) calls \(([\d,]+) errors\), ([\d,]+) tokens, \$(.*)\.", last)
    assert found is not None
    calls, errors, tokens = (int(number.replace(",", "")) for number in found.groups()[:3])
    assert (errors, tokens) == (counted.errors.total(), counted.tokens)
    assert counted.calls - counted.without_usage <= calls <= counted.calls
    assert float(found[4]) > 0


@pytest.mark.parametrize("ended_by", ["DEMO_SECONDS", "Ctrl-C"])
def test_the_command_ends_with_status_0(ended_by: str) -> None:
    """In its own process, as somebody types it; nothing on stderr, nothing left behind."""
    environ = os.environ | ({"DEMO_SECONDS": "1"} if ended_by == "DEMO_SECONDS" else {})
    command = [sys.executable, "-m", "tailer", "demo", "--listen", "127.0.0.1:0", "--speed", "20"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(3)]
        if ended_by == "Ctrl-C":
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err == ""
    assert printed[0].startswith("page     http://127.0.0.1:")
    assert printed[1].startswith("metrics  http://127.0.0.1:")
    assert out.splitlines()[-1].startswith("Stopped. Counted: ")
    assert not Path(printed[2].split()[1]).parent.exists()
