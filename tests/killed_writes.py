"""A program: kills a write of the checkpoint before each of its calls into C, and tells what is left each time."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tailer.statedir import CURRENT, StateDirectory
from tests.checkpoints import opened, small, write


def killed_before(call_number: int, writing: Callable[[], None]) -> bool:
    """Runs `writing` in a process that is killed before its n-th call; whether it came so far."""
    child = os.fork()
    if child == 0:
        calls = 0

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            if event == "c_call":
                calls += 1
                if calls == call_number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        writing()
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def left(directory: StateDirectory) -> int | None:
    return directory.load()[0].journal.next_number


def attempt(root: Path, call_number: int) -> dict[str, object]:
    """Checkpoints 1 and 2 are written, the writing of 3 is killed, 4 is written."""
    with opened(root) as directory:
        write(directory, small(1))
        write(directory, small(2))
        killed = killed_before(call_number, lambda: write(directory, small(3)))
        has_current = Path(root, CURRENT).exists()
        found = left(directory)
        write(directory, small(4))
        newest = left(directory)
        Path(root, CURRENT).write_bytes(b"damage")
        return {
            "killed": killed,
            "current": has_current,
            "found": found,
            "newest": newest,
            "before": left(directory),
        }


def main() -> None:
    root = Path(sys.argv[1])
    call_number = 0
    outcome: dict[str, object] = {"killed": True}
    while outcome["killed"]:
        call_number += 1
        outcome = attempt(root / str(call_number), call_number)
        sys.stderr.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main()
