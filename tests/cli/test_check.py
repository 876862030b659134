"""The command `check`: what it prints and how it ends."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tailer.cli import check


def run(*argv: str) -> int:
    parser = argparse.ArgumentParser(prog="tokentail check")
    check.add_arguments(parser)
    return check.run(parser.parse_args(argv))


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own TOKENTAIL_… variables are not part of the test."""
    for name in ("TOKENTAIL_LISTEN", "TOKENTAIL_LABEL", "TOKENTAIL_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_a_valid_configuration_says_what_is_set_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key, value, origin; secrets hidden; exit 0."""
    path = tmp_path / "tail.yaml"
    path.write_text("loki: {url: http://loki:3100, username: u, password: hunter2}\n")
    monkeypatch.setenv("TOKENTAIL_LABEL", "job=a\nteam=b\n")
    assert run("--config", str(path), "--once", "a.log", "b.log") == 0
    rows = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    cells = {cell.strip() for row in rows for cell in row}
    assert {"a.log, b.log", "job=a, team=b", "TOKENTAIL_LABEL", "PATH", "http://loki:3100", "***"} <= cells
    assert f"{path}: loki.url" in cells
    assert "hunter2" not in cells


def test_every_fault_is_listed_at_once_with_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, counted, one on each line; nothing on stdout."""
    assert run("--listen", "9847", "--read-from", "middle", "--label", "x") == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "3 faults in the configuration:"
    assert {line.split(":")[0].strip() for line in lines[1:]} == {"--listen", "--read-from", "--label"}


def test_an_unknown_variable_is_a_fault_of_the_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run only warns; who asks for a check wants to know."""
    monkeypatch.setenv("TOKENTAIL_LISTN", "x")
    assert run() == 2
    assert "did you mean TOKENTAIL_LISTEN?" in capsys.readouterr().err


def test_no_paths_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """A configuration file may leave them to the command line of run."""
    assert run() == 0
    assert "everything is at its default" in capsys.readouterr().out


def test_the_files_that_are_named_are_read_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A price without a model and a parser that is none are faults like any other, in the same list."""
    prices, parser = tmp_path / "prices.yaml", tmp_path / "mine.py"
    prices.write_text("- {input: 1}\n")
    parser.write_text("PARSERS = [3]\n")
    assert run("--prices", str(prices), "--prices", "/missing", "--parsers", str(parser), "--listen", "x") == 2
    told = capsys.readouterr().err
    assert told.startswith("4 faults")
    assert all(words in told for words in (str(prices), str(parser), "/missing", "--listen"))
