"""SIGKILL at any moment changes nothing: not a count, not a line."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.exact import check_lines
from tests.e2e.lives import Lives
from tests.e2e.process import pushing_often
from tests.fakeloki import FakeLoki

KILLS = 32


async def test_counters_and_lines_are_exact_through_kills_rotations_and_scrapes(tmp_path: Path) -> None:
    """At least 30 kills over a log that is being written and rotated."""
    async with FakeLoki() as loki:
        lives = Lives(tmp_path, "--loki-url", loki.url, *pushing_often(tmp_path, "loki"))
        for _ in range(KILLS):
            await lives.live()
        print(f"{len(loki.requests)} pushes before the last kill, {loki.duplicates} entries came again")
        await lives.last()
        check_lines(loki, lives.writer)
