"""What `explain` and `report` share: their flags, and the reader, joiner and prices of `run`; no state, no clock."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import NamedTuple

from parsers import registry
from parsers.base import Call, Parser
from parsers.registry import RegistryError
from tailer.cli.options import FURTHER, OPTIONS, add_option, config_flags, fault_lines
from tailer.config import Config, Fields, examine
from tailer.meter.joiner import Joiner
from tailer.meter.ledger import Cost
from tailer.meter.prices import PriceError, Prices
from tailer.reading.reading import LineReader

KEYS = frozenset({"config", "dimension", "prices", "model_alias", "parsers", "max_line_bytes"})
"""The flags that decide what a line says and what it costs."""
NOW_NS = 0
"""The joiner's clock stands still: within one input no call is given up for its age, as in a `run --once`."""


class Offline(NamedTuple):
    """The parts that turn lines into priced calls."""

    config: Config
    parsers: tuple[Parser, ...]
    reader: LineReader
    joiner: Joiner
    prices: Prices

    def reader_with(self, fields: Fields) -> LineReader:
        """A reader that looks elsewhere, to try what could be configured."""
        return LineReader(self.parsers, fields, self.config.dimension)

    def price_of(self, call: Call) -> Cost | None:
        """What a call cost, None when nobody knows."""
        cost = self.prices.cost(call)
        return None if cost is None else Cost(*cost)


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `run` that matter to what is read."""
    for option in (*OPTIONS, *FURTHER):
        if option.key in KEYS:
            add_option(parser, option)


def prepare(args: argparse.Namespace) -> Offline | None:
    """The parts for these arguments; None when the configuration is at fault, which has been told on stderr then."""
    _never_fail_to_print()
    found = examine(config_flags(args), os.environ)
    for fault in found.warnings:
        complain(str(fault))
    if found.config is None:
        print(fault_lines(found.faults), file=sys.stderr)
        return None
    config = found.config
    try:
        prices, parsers = Prices.load(config.prices, config.model_alias), registry.load(config.parsers)
    except (PriceError, RegistryError) as error:
        complain(str(error))
        return None
    reader = LineReader(parsers, config.fields, config.dimension)
    return Offline(config, parsers, reader, Joiner(config.limits), prices)


def complain(message: str) -> None:
    """A line on stderr."""
    print(f"tokentail: {message}", file=sys.stderr)


def reason(error: OSError) -> str:
    """Why a file cannot be read, without its name and number."""
    return error.strerror or str(error)


def _never_fail_to_print() -> None:
    """A model's name or a path may hold what the terminal's encoding has not."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
