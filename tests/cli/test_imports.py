"""A command starts with what it needs and no more: each library that is imported is paid for at every start."""

from __future__ import annotations

import subprocess
import sys

import pytest

IMPORTED = """
import gc, sys
from tailer.__main__ import _imported
_imported({command!r})
assert gc.isenabled()
if {command!r} == "run":
    from parsers.registry import load
    load()
print(*sys.modules)
"""
FOR_FEW = {
    "bcrypt",
    "cryptography",
    "genai_prices",
    "google",
    "multiprocessing",
    "sqlite3",
    "tomllib",
    "unittest",
    "xml",
    "yaml",
}
"""Of a configuration file, of passwords, of nobody's."""
FOR_RUN = {"aiohttp", "asyncinotify", "asyncio", "cramjam", "prometheus_client", "ssl", "uvloop"}


def imported(command: str) -> set[str]:
    found = subprocess.run(
        [sys.executable, "-c", IMPORTED.format(command=command)], check=True, capture_output=True, text=True
    )
    return set(found.stdout.split())


def test_a_tailer_is_there_before_what_only_some_configurations_need() -> None:
    modules = imported("run")
    assert not modules & FOR_FEW
    assert {name for name in modules if name.startswith("tailer.cli.")} == {"tailer.cli.options", "tailer.cli.run"}
    assert modules >= {"aiohttp", "prometheus_client"}


@pytest.mark.parametrize("command", ["check", "report", "prices"])
def test_a_command_that_serves_nothing_imports_no_server(command: str) -> None:
    assert not imported(command) & (FOR_RUN | FOR_FEW)
