"""`tokentail check`: every fault of the configuration at once, or what `run` would do; starts nothing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping

from tailer.config import Config, examine
from tailer.config.faults import HIDDEN, Fault
from tailer.config.sources import Given, is_secret
from tailer.reloading import faults_in_files

from .options import add_config_arguments, config_flags, fault_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `run`, so that a whole command line can be checked."""
    parser.description = "Validate the configuration: flags, TOKENTAIL_… variables and the file given by --config."
    add_config_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 with a summary when all is well; else 2 with every fault on stderr. What only warns `run` is a fault here.

    The price and parser files that are named are read too; a parser file is Python and is run for that.
    """
    found = examine(config_flags(args), os.environ)
    faults: list[Fault | str] = [*found.faults, *found.warnings, *faults_in_files(found.values)]
    if found.config is None or faults:
        print(fault_lines(faults), file=sys.stderr)
        return 2
    print(summary(found.config, found.given))
    return 0


def summary(config: Config, given: Mapping[str, Given]) -> str:
    """Each value that was set, and where; secrets hidden."""
    if not given:
        return "The configuration is valid: everything is at its default."
    rows = [(key, _text(key, config), item.origin) for key, item in sorted(given.items())]
    widths = [min(48, max(len(row[column]) for row in rows)) for column in (0, 1)]
    lines = [f"  {key:<{widths[0]}}  {text:<{widths[1]}}  {origin}" for key, text, origin in rows]
    return "\n".join(["The configuration is valid. Set, and where:", *lines, "Everything else is at its default."])


def _text(key: str, config: Config) -> str:
    value: object = config
    for name in key.split("."):
        value = getattr(value, name)
    if is_secret(key):
        return HIDDEN
    match value:
        case dict():
            return ", ".join(f"{name}={text}" for name, text in value.items())
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return str(value).lower()
    return str(value)
