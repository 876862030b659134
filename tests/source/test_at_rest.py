"""What a look costs while nothing is written: counted, not timed."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailer.source import discover
from tailer.source.changes import Changes
from tailer.source.discover import TIMESTAMP_NS
from tailer.source.followed import Followed
from tests.source.tailed import Tailed, numbers, text

FILES = 50


def counting(done: Counter[str], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        done[name] += 1
        return call(*arguments, **named)

    return counted


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    done: Counter[str] = Counter()
    for owner, name in (
        (os, "stat"),
        (os, "lstat"),
        (os, "open"),
        (os, "pread"),
        (os, "scandir"),
        (asyncio, "to_thread"),
        (Changes, "check"),
        (discover, "Sighting"),
    ):
        monkeypatch.setattr(owner, name, counting(done, name, getattr(owner, name)))
    return done


def settle(path: Path) -> None:
    """As if it had been written long ago."""
    past_ns = path.stat().st_mtime_ns - 2 * TIMESTAMP_NS
    os.utime(path, ns=(past_ns, past_ns))


@pytest.fixture
async def tailed(tmp_path: Path) -> Tailed:
    tailed = Tailed(tmp_path, "*.log")
    for number in range(FILES):
        tailed.write(text(number, number + 1), f"app-{number}.log")
        settle(tailed.path(f"app-{number}.log"))
    assert sorted(numbers(await tailed.read())) == list(range(FILES))
    return tailed


async def test_a_settled_file_costs_one_stat_and_all_together_one_look_at_their_directory(
    tailed: Tailed, done: Counter[str]
) -> None:
    await tailed.journal.look()
    assert done == {"stat": FILES, "lstat": 1, "scandir": 1, "to_thread": 1}


async def test_a_file_that_is_written_costs_nothing_for_the_others(tailed: Tailed, done: Counter[str]) -> None:
    tailed.write(text(100, 101), "app-7.log")
    await tailed.journal.look()
    assert done["check"] == done["Sighting"] == done["pread"] == 1
    assert done["stat"] == FILES


async def test_what_the_kernel_tells_of_is_looked_up_and_not_searched_for(
    tailed: Tailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched(_: object) -> None:
        raise AssertionError("every file was looked at")

    tailed.write(text(100, 101), "app-7.log")
    monkeypatch.setattr(Followed, "__iter__", searched)
    await tailed.journal.touch({str(tailed.path("app-7.log")), str(tailed.path("nobody.log"))})
    file = tailed.journal.files._followed.called({"app-7.log"})[0]
    assert file.record.size == tailed.path("app-7.log").stat().st_size
