"""Clocks that jump, forward and back, while it runs and while it does not: no count and no line depends on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.process import total
from tests.faults.trial import trial

DAY = 86_400


@pytest.mark.parametrize("which", ["wall", "steady"])
async def test_a_clock_that_jumps_while_it_runs_changes_no_count(tmp_path: Path, which: str) -> None:
    """The steady one only forward, as after a sleep of the machine; the other both ways."""
    async with trial(tmp_path) as it:
        await it.start()
        for days in (1, -1) if which == "wall" else (1,):
            await it.counted()
            with it.faults.clock(which, days * DAY):
                it.writer.write(30)
                it.writer.answer_all()
                await it.counted()
                it.writer.rotate()
                it.writer.write(30)
                it.writer.answer_all()
                await it.counted()
                assert (await it.tailer.get("/readyz"))[0] == 200
                if which == "steady":
                    await it.tailer.kill()
        if which == "steady":
            await it.start()


@pytest.mark.parametrize("which", ["wall", "steady"])
async def test_a_clock_that_has_jumped_over_a_restart_changes_no_count(tmp_path: Path, which: str) -> None:
    """A reboot begins the steady clock anew; the wall clock is set before time is known."""
    async with trial(tmp_path) as it:
        for days in (2, 3, 1):
            with it.faults.clock(which, days * DAY):
                await it.start()
                it.writer.write(60)
                await it.counted()
                await it.tailer.kill()
        await it.start()


async def test_a_request_stays_open_whatever_the_wall_clock_says(tmp_path: Path) -> None:
    """It is given up by the time that has passed, not by the date."""
    async with trial(tmp_path) as it:
        await it.start()
        while not it.writer.lines[-1].count("req-"):
            it.writer.write(1)
        await it.counted()
        waiting = total(await it.scrape(), "tokentail_open_calls")
        assert waiting > 0
        with it.faults.clock("wall", DAY):
            it.writer.rotate()
            it.writer.lines.append('{"n":1}')
            it.writer.outcomes["not_llm"] += 1
            it.writer.path.write_text('{"n":1}\n')
            assert total(await it.counted(), "tokentail_open_calls") == waiting


async def test_lines_without_a_time_arrive_once_when_the_clock_is_set_back(tmp_path: Path) -> None:
    """They bear the time of the clock: in order for as long as it runs on, and never one twice."""
    async with trial(tmp_path) as it:
        it.paths.append(str(tmp_path / "plain.log"))
        await it.start()
        parts = [[f'{{"n":{number}}}' for number in range(first, first + 10)] for first in (0, 10)]
        for part, days in zip(parts, (0, -1), strict=True):
            with it.faults.clock("wall", days * DAY), (tmp_path / "plain.log").open("a") as file:
                file.write("".join(f"{line}\n" for line in part))
                file.flush()
                it.writer.lines += part
                it.writer.outcomes["not_llm"] += len(part)
                await it.loki.holds(len(it.writer.lines))
        by_time = [kept.line for kept in sorted(it.loki.entries(), key=lambda kept: kept.timestamp_ns)]
        assert [[line for line in by_time if line in part] for part in parts] == parts
