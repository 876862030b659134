"""A configuration read anew while the tailer runs: what changes at once, what waits for a restart, what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from parsers.registry import RegistryError, from_file
from tailer.config import Config, Examined
from tailer.config.frozen import Frozen
from tailer.meter.prices import PriceError, Prices

LIVE = frozenset(
    {"prices", "model_alias", "fields", "parsers", "log_level", "log_format", "drain_seconds", "checkpoint_seconds"}
)
"""What may change while calls are counted: nothing here decides which files, which series or which Loki they go to."""


class Change(NamedTuple):
    """The configuration to run with from now on, the keys that it changes, and those that want a restart.

    A key of a section is named with it, `loki.batch_bytes`: which of them was changed is what one looks for.
    """

    config: Config
    applied: tuple[str, ...]
    waiting: tuple[str, ...]


def change(running: Config, wanted: Config) -> Change:
    """What of a new configuration can be had without a restart."""
    fields = running.__struct_fields__
    changed = [key for key in fields if getattr(running, key) != getattr(wanted, key)]
    live = {key: getattr(wanted, key) for key in changed if key in LIVE}
    applied, waiting = (
        tuple(name for key in changed if (key in LIVE) is is_live for name in _named(key, running, wanted))
        for is_live in (True, False)
    )
    return Change(msgspec.structs.replace(running, **live), applied, waiting)


def _named(key: str, running: Config, wanted: Config) -> Iterator[str]:
    """The key, or those of its section that differ."""
    then, now = getattr(running, key), getattr(wanted, key)
    if isinstance(then, Frozen):
        yield from (f"{key}.{name}" for name in then.__struct_fields__ if getattr(then, name) != getattr(now, name))
    else:
        yield key


def faults_of(found: Examined) -> list[str]:
    """Everything wrong with a configuration, and with the price, parser and web files that it names."""
    return [*map(str, found.faults), *faults_in_files(found.values)]


def faults_in_files(values: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the price, parser and web files; a parser file is Python and is run for that."""
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
    web = values.get("web_config_file")
    if isinstance(web, str) and os.access(web, os.R_OK):
        from tailer.web.guard import faults_in  # noqa: PLC0415  # an HTTP server's imports, for who has such a file

        yield from faults_in(web)


def _readable(paths: object) -> list[str]:
    """Those that are there: what is wrong with the others has been said."""
    return [path for path in paths if os.access(path, os.R_OK)] if isinstance(paths, tuple) else []
