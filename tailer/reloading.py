"""A configuration read anew while the tailer runs: what changes at once, what waits for a restart, what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from parsers.registry import RegistryError, from_file
from tailer.config import Config, Examined
from tailer.meter.prices import PriceError, Prices

LIVE = frozenset(
    {"prices", "model_alias", "fields", "parsers", "log_level", "log_format", "drain_seconds", "checkpoint_seconds"}
)
"""What may change while calls are counted: nothing here decides which files, which series or which Loki they go to."""


class Change(NamedTuple):
    """The configuration to run with from now on, the keys that it changes, and those that want a restart."""

    config: Config
    applied: tuple[str, ...]
    waiting: tuple[str, ...]


def change(running: Config, wanted: Config) -> Change:
    """What of a new configuration can be had without a restart."""
    fields = running.__struct_fields__
    changed = [key for key in fields if getattr(running, key) != getattr(wanted, key)]
    live = {key: getattr(wanted, key) for key in changed if key in LIVE}
    return Change(
        msgspec.structs.replace(running, **live), tuple(live), tuple(key for key in changed if key not in LIVE)
    )


def faults_of(found: Examined) -> list[str]:
    """Everything wrong with a configuration, and with the price and parser files that it names."""
    return [*map(str, found.faults), *faults_in_files(found.values)]


def faults_in_files(values: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the price and parser files; a parser file is Python and is run for that."""
    if prices := _readable(values.get("prices")):
        try:
            Prices.load(prices)
        except PriceError as error:
            yield from error.faults
    for path in _readable(values.get("parsers")):
        try:
            from_file(path)
        except RegistryError as error:
            yield str(error)


def _readable(paths: object) -> list[str]:
    """Those that are there: what is wrong with the others has been said."""
    return [path for path in paths if os.access(path, os.R_OK)] if isinstance(paths, tuple) else []
