"""The progress bar: on a terminal only, and gone before anything else is printed."""

from __future__ import annotations

import io

import pytest

from tailer.cli import progress
from tailer.cli.progress import CLEAR, Progress, bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call may draw."""
    monkeypatch.setattr(progress, "AFTER_SECONDS", 0.0)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)


def test_a_terminal_sees_how_far_it_is_and_then_nothing_of_it() -> None:
    terminal = Terminal()
    drawn = Progress(terminal, 1000)
    drawn.show(250, "app.log")
    assert " 25%  250 B of 1.0 kB  app.log" in terminal.getvalue()
    drawn.clear()
    assert terminal.getvalue().endswith(CLEAR)
    length = len(terminal.getvalue())
    drawn.clear()
    assert len(terminal.getvalue()) == length


def test_nothing_is_drawn_elsewhere() -> None:
    """A log of a cron job is not to be full of bars."""
    stream = io.StringIO()
    drawn = Progress(stream, 1000)
    drawn.show(250, "app.log")
    drawn.clear()
    assert stream.getvalue() == ""


def test_without_a_known_size_it_says_what_is_done() -> None:
    assert bar(2_500_000, None, "-") == "2.5 MB read  -"


def test_a_file_that_grew_meanwhile_is_not_more_than_whole() -> None:
    assert "100%" in bar(1500, 1000, "app.log")
    assert len(bar(1500, 1000, "x" * 500)) < 110
