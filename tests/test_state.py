"""The state directory: what is written comes back, damage costs one checkpoint, nobody else may use it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from tailer.statedir import CURRENT, DAMAGED, MAGIC, PREVIOUS, Snapshot, StateDirectory, StateError, _digest
from tests.checkpoints import full, opened, small, write

FIRST, SECOND = small(1), small(2)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[StateDirectory]:
    with opened(tmp_path / "state") as found:
        yield found


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def place(directory: StateDirectory, name: str) -> Path:
    return Path(directory.path, name)


def test_a_snapshot_comes_back_equal_in_every_part(directory: StateDirectory) -> None:
    write(directory, full())
    snapshot, at = directory.load()
    assert snapshot == full()
    assert msgspec.json.encode(snapshot) == msgspec.json.encode(full())
    assert at == place(directory, CURRENT).stat().st_mtime


def test_without_a_checkpoint_everything_starts_at_nothing(directory: StateDirectory) -> None:
    assert directory.load() == (Snapshot(), 0.0)


def test_the_checkpoint_before_is_kept(directory: StateDirectory) -> None:
    for number in (1, 2, 3):
        write(directory, small(number))
    assert directory.load()[0] == small(3)
    place(directory, CURRENT).unlink()
    assert directory.load()[0] == small(2)


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """File names and label values of an application are in it."""
    with umask(0), opened(tmp_path / "deep" / "state") as directory:
        write(directory, FIRST)
        write(directory, SECOND)
        modes = {name: stat.S_IMODE(place(directory, name).stat().st_mode) for name in (CURRENT, PREVIOUS, ".")}
    assert modes == {CURRENT: 0o600, PREVIOUS: 0o600, ".": 0o700}


def damaged(content: bytes) -> Iterator[bytes]:
    """Every single byte changed in two ways, every shorter length, and what a lost write leaves."""
    for index, byte in enumerate(content):
        for other in (byte ^ 1, byte ^ 0xFF):
            yield content[:index] + bytes([other]) + content[index + 1 :]
    yield from (content[:length] for length in range(len(content)))
    yield from (b"\0" * len(content), b"\n", b" \n{}", content + b"\n", content * 2, MAGIC, MAGIC + b" 1 \n{}")


def test_damage_anywhere_in_the_newest_leads_to_the_one_before(directory: StateDirectory) -> None:
    write(directory, FIRST)
    write(directory, SECOND)
    content = place(directory, CURRENT).read_bytes()
    for number, odd in enumerate(damaged(content)):
        place(directory, CURRENT).write_bytes(odd)
        assert directory.load()[0] == FIRST, (number, odd)
        assert place(directory, DAMAGED).read_bytes() == odd, "kept for whoever wants to know what happened"
        assert not place(directory, CURRENT).exists()


def test_after_damage_writing_goes_on_and_the_good_one_stays_the_one_before(directory: StateDirectory) -> None:
    write(directory, FIRST)
    write(directory, SECOND)
    place(directory, CURRENT).write_bytes(b"")
    directory.load()
    write(directory, small(3))
    assert directory.load()[0] == small(3)
    place(directory, CURRENT).write_bytes(b"")
    assert directory.load()[0] == FIRST


def test_with_both_damaged_everything_starts_at_nothing_and_is_said(
    directory: StateDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    write(directory, FIRST)
    write(directory, SECOND)
    for name in (CURRENT, PREVIOUS):
        place(directory, name).write_bytes(b"\0" * 100)
    assert directory.load() == (Snapshot(), 0.0)
    assert capsys.readouterr().out.count("checkpoint_damaged") == 2


def test_a_checkpoint_that_is_no_file_leads_to_the_one_before(directory: StateDirectory) -> None:
    write(directory, FIRST)
    write(directory, SECOND)
    place(directory, CURRENT).unlink()
    place(directory, CURRENT).mkdir()
    assert directory.load()[0] == FIRST


@pytest.mark.parametrize("name", [CURRENT, PREVIOUS])
def test_another_version_is_refused_and_left_as_it_is(directory: StateDirectory, name: str) -> None:
    body = b'{"marks":"of the future"}'
    content = b"%s 2 %s\n%s" % (MAGIC, _digest(2, body), body)
    place(directory, name).write_bytes(content)
    with pytest.raises(StateError, match=r"is of version 2, this tokentail knows 1: run the one that wrote it"):
        directory.load()
    assert place(directory, name).read_bytes() == content


def test_a_whole_checkpoint_of_another_build_is_refused(directory: StateDirectory) -> None:
    body = b'{"journal":{"next_number":"seven"}}'
    place(directory, CURRENT).write_bytes(b"%s 1 %s\n%s" % (MAGIC, _digest(1, body), body))
    with pytest.raises(StateError, match=r"Expected `int`, got `str`.*another build"):
        directory.load()


def test_a_second_use_of_a_directory_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with opened(tmp_path):
        with pytest.raises(StateError, match=r"another tokentail uses it; give each process a --state-dir of its own"):
            StateDirectory(str(tmp_path))
        with pytest.raises(StateError):
            StateDirectory(str(tmp_path))
    with opened(tmp_path) as directory:
        write(directory, FIRST)


HOLDER = """
import sys, time
from tailer.statedir import StateDirectory
directory = StateDirectory(sys.argv[1])
print("locked", flush=True)
time.sleep(60)
"""


def test_another_process_keeps_the_lock_until_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == b"locked\n"
            with pytest.raises(StateError, match="another tokentail uses it"):
                StateDirectory(str(tmp_path))
        finally:
            holder.send_signal(signal.SIGKILL)
    with opened(tmp_path):
        pass


def test_a_directory_that_cannot_be_is_an_error_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, reason in ((tmp_path / "file", "File exists"), (tmp_path / "file" / "state", "Not a directory")):
        with pytest.raises(StateError, match=f"state directory {path}: {reason}"), closing(StateDirectory(str(path))):
            pass
