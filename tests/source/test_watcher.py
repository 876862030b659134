"""The kernel's word: what was written is told of by its path, everything else as a change of structure."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tailer.source.watcher import Changed, Watcher

LONG_SECONDS = 60.0


@pytest.fixture
async def watcher(tmp_path: Path) -> AsyncIterator[Watcher]:
    (tmp_path / "app.log").touch()
    with Watcher() as watcher:
        watcher.watch({str(tmp_path)})
        yield watcher


def write(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"line\n")


async def test_nothing_happens_until_time_has_run_out(watcher: Watcher) -> None:
    assert not await watcher.wait(0.001)
    assert watcher.changed() == Changed(set(), False)


async def test_what_was_written_before_anybody_waited_wakes_whoever_comes(watcher: Watcher, tmp_path: Path) -> None:
    write(tmp_path / "app.log")
    assert await watcher.wait(LONG_SECONDS)
    assert watcher.changed() == Changed({str(tmp_path / "app.log")}, False)
    assert not await watcher.wait(0.001)


async def test_a_thousand_lines_that_nobody_asked_about_are_one_event(watcher: Watcher, tmp_path: Path) -> None:
    for _ in range(1000):
        write(tmp_path / "app.log")
    assert await watcher.wait(LONG_SECONDS)
    assert watcher._inotify is not None
    assert len(os.read(watcher._inotify.fd, 65536)) < 100


async def test_what_comes_goes_or_moves_changes_the_structure(watcher: Watcher, tmp_path: Path) -> None:
    os.rename(tmp_path / "app.log", tmp_path / "app.log.1")
    assert await watcher.wait(LONG_SECONDS)
    assert watcher.changed() == Changed(set(), True)


async def test_a_directory_is_watched_again_once_it_has_come_back(watcher: Watcher, tmp_path: Path) -> None:
    place = tmp_path / "pod"
    for _ in range(2):
        place.mkdir()
        watcher.changed()
        watcher.watch({str(place)})
        write(place / "app.log")
        assert str(place / "app.log") in watcher.changed().paths
        os.unlink(place / "app.log")
        place.rmdir()
        assert watcher.changed().structure
