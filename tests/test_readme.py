"""What the README shows works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tailer.__main__ import COMMANDS
from tailer.cli.options import OPTIONS
from tailer.config import examine
from tailer.meter.profiles import LLM_COUNTERS, LLM_HISTOGRAMS
from tailer.telemetry import COUNTERS, HISTOGRAMS

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_parser_passes_the_contract() -> None:
    """The class, and the lines that check it."""
    code = "\n".join(blocks("python"))
    assert "check_parser(" in code
    exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("text", [text for text in blocks("yaml") if not text.startswith("-")])
def test_the_example_configurations_are_valid(tmp_path: Path, text: str) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    path = tmp_path / "tokentail.yaml"
    path.write_text(text.replace("/etc/tokentail/token", str(token)))
    assert examine({"config": str(path)}, {}).faults == ()


def test_every_command_flag_and_metric_is_described() -> None:
    for command in COMMANDS:
        assert f"tokentail {command}" in README, command
    for option in OPTIONS:
        assert f"--{option.key.replace('_', '-')}" in README, option.key
    for name in (*COUNTERS, *HISTOGRAMS, *(row[0] for row in LLM_COUNTERS), *(row[0] for row in LLM_HISTOGRAMS)):
        assert name in README, name


def test_every_place_it_names_exists() -> None:
    root = Path(__file__).parent.parent
    for place in re.findall(r"`((?:tailer|tests|parsers|bench)(?:/[\w*./]+)?)`", README):
        assert list(root.glob(place)), place
