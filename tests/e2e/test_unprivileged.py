"""The real command as a container runs it: a numeric user, no capability, nothing to write but the state."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakeloki import FakeLoki

NOBODY = "65532"
DROP = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--bounding-set=-all", "--no-new-privs"]
READ_ONLY = """
mount --bind "$1" "$1"
cut -d" " -f2 /proc/self/mounts | while read -r place; do
  [ "$place" = "$1" ] || mount -o remount,bind,ro "$place" 2>/dev/null
done
shift
if touch /tokentail-was-here 2>/dev/null; then exit 99; fi
exec "$@"
"""
"""Every mount but the state directory is made read-only, in a name space of its own; 99 says that it did not work."""


def can_drop() -> bool:
    return os.geteuid() == 0 and shutil.which("setpriv") is not None and shutil.which("unshare") is not None


pytestmark = pytest.mark.skipif(not can_drop(), reason="needs root, setpriv and unshare")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A directory that the user may enter, with a state directory that is his and a log that is root's."""
    for directory in (tmp_path, *tmp_path.parents):
        if directory.stat().st_uid == 0 and not directory.stat().st_mode & stat.S_IXOTH:
            directory.chmod(directory.stat().st_mode | stat.S_IXOTH)
    (tmp_path / "state").mkdir(mode=0o700)
    os.chown(tmp_path / "state", int(NOBODY), int(NOBODY))
    (tmp_path / "app.log").write_text('{"time":"2026-11-20T17:00:00Z","n":1}\n{"time":"2026-11-20T17:00:01Z","n":2}\n')
    (tmp_path / "app.log").chmod(0o644)
    return (yield tmp_path)


def command(place: Path, *arguments: str) -> list[str]:
    options = ["--state-dir", str(place / "state"), "--listen", "127.0.0.1:0", "--log-format", "json", *arguments]
    return [sys.executable, "-m", "tailer", "run", *options, str(place / "app.log")]


async def finished(argv: list[str]) -> tuple[int, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("TOKENTAIL_", "HOME"))}
    process = await asyncio.create_subprocess_exec(*argv, stderr=asyncio.subprocess.PIPE, env=environ)
    _, log = await process.communicate()
    return process.returncode or 0, log.decode()


async def test_it_needs_no_name_no_capability_and_no_place_to_write_but_its_state(place: Path) -> None:
    """Lines are read and forwarded, one is refused, and what it leaves behind is its own user's alone."""
    async with FakeLoki([400, 400, 400, 400]) as loki:
        isolated = ["unshare", "--mount", "--propagation", "private", "sh", "-c", READ_ONLY, "sh", str(place / "state")]
        status, log = await finished([*isolated, *DROP, *command(place, "--once", "--loki-url", loki.url)])
    if status == 99 or "unshare" in log:
        pytest.skip("this machine makes nothing read-only")
    assert status == 0, log
    left = {path.name: path.stat() for path in (place / "state").iterdir()}
    assert {"checkpoint", "dead-letters.jsonl"} <= left.keys()
    for name, status_of in left.items():
        assert (name, stat.S_IMODE(status_of.st_mode), status_of.st_uid) == (name, 0o600, int(NOBODY))
    assert "Traceback" not in log


async def test_a_log_it_may_not_read_is_told_and_the_exit_status_says_so(place: Path) -> None:
    (place / "app.log").chmod(0o600)
    status, log = await finished([*DROP, *command(place, "--once")])
    assert status == 1
    events = [json.loads(line) for line in log.splitlines()]
    assert [it["reason"] for it in events if it["event"] == "file_cannot_be_read"] == ["permission_denied"]


async def test_a_state_directory_it_may_not_write_is_an_error_at_the_start(place: Path) -> None:
    os.chown(place / "state", 0, 0)
    (place / "state").chmod(0o755)
    status, log = await finished([*DROP, *command(place, "--once")])
    assert status == 1
    assert "Traceback" not in log


def test_a_state_directory_that_it_makes_is_for_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("{}\n")
    old = os.umask(0)
    try:
        subprocess.run(command(tmp_path, "--once"), check=True, capture_output=True)
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
