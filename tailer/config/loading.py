"""Flags, environment and YAML become one frozen Config; every fault is found at once, each with its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from tailer.config.checks import objections
from tailer.config.conflicts import conflicts, unaddressed
from tailer.config.faults import ConfigError, Fault
from tailer.config.frozen import Frozen
from tailer.config.labels import own_names
from tailer.config.privacy_checks import privacy_conflicts, privacy_objections
from tailer.config.schema import Config
from tailer.config.sources import Given, from_environ, from_file, from_flags, from_others
from tailer.config.values import convert, display, place


class Examined(NamedTuple):
    """What was found: a Config unless there are faults.

    `warnings` keep nobody from running: variables that may be another's, credentials without an address. `given` is
    what was set and wins, by key; `values` those of it that are sound in themselves, in their own types.
    """

    config: Config | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    given: Mapping[str, Given]
    values: Mapping[str, object]


def load(
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    need_paths: bool = False,
    warn: Callable[[Fault], None] = lambda _: None,
) -> Config:
    """The configuration of flags over environment over the YAML file that flag or environment name.

    `flags` holds only what was given, by key: texts, lists of texts, True. An unknown variable `TOKENTAIL_…` and
    credentials without an address only go to `warn`: a program must start beside variables that are another's. Raises
    ConfigError with every fault there is.
    """
    found = examine(flags, environ, need_paths=need_paths)
    for fault in found.warnings:
        warn(fault)
    if found.config is None:
        raise ConfigError(found.faults)
    return found.config


def examine(flags: Mapping[str, object], environ: Mapping[str, str], *, need_paths: bool = False) -> Examined:
    """The same without judgement: never raises, and tells where each value comes from."""
    types = key_types()
    keys = frozenset(types)
    by_flag, by_variable = from_flags(flags, keys), from_environ(environ, keys)
    layers = [by_variable, by_flag]
    if files := [item for layer in layers for item in layer.given if item.key == "config"]:
        layers.insert(0, from_file(str(files[-1].value), keys))
    layers.insert(0, from_others(environ, {item.key for layer in layers for item in layer.given}))
    faults = [fault for layer in layers for fault in layer.faults]
    given = {item.key: item for layer in layers for item in layer.given}
    values: dict[str, object] = {}
    sound: dict[str, object] = {}
    for item in (item for layer in layers for item in layer.given):
        faults_before = len(faults)
        values[item.key] = convert(item, types[item.key], faults)
        if len(faults) == faults_before:
            sound[item.key] = values[item.key]
    _rename_dimensions(values, sound)
    faults += _value_faults(values, given, environ)
    origins = {key: item.origin for key, item in given.items()}
    faults += [*conflicts(sound, origins), *privacy_conflicts(sound, origins)]
    if need_paths and not values.get("paths"):
        faults.append(Fault("PATH", "", "a file or glob to tail: an argument, TOKENTAIL_PATHS, or paths: in the file"))
    config = None if faults else msgspec.convert(_tree(values), Config)
    return Examined(config, tuple(faults), (*by_variable.unknown, *unaddressed(origins)), given, sound)


def key_types() -> dict[str, Any]:
    """Every key with its type, sections flattened: `listen`, `loki.batch_bytes`."""
    types: dict[str, Any] = {}
    for field in msgspec.structs.fields(Config):
        if isinstance(field.type, type) and issubclass(field.type, Frozen):
            types |= {f"{field.name}.{inner.name}": inner.type for inner in msgspec.structs.fields(field.type)}
        else:
            types[field.name] = field.type
    return types


def _rename_dimensions(*layers: dict[str, object]) -> None:
    for values in layers:
        dimension, profiles = values.get("dimension"), values.get("profile")
        if isinstance(dimension, dict) and isinstance(profiles, tuple):
            values["dimension"] = own_names(dimension, profiles)


def _value_faults(
    values: Mapping[str, object], given: Mapping[str, Given], environ: Mapping[str, str]
) -> Iterator[Fault]:
    for key, value in values.items():
        for found in (*objections(key, value, environ), *privacy_objections(key, value)) if value is not None else ():
            text = display(key, value) if found.value is None else found.value
            yield Fault(place(given[key], found.at), text, found.expected, found.suggestion)


def _tree(values: Mapping[str, object]) -> dict[str, object]:
    tree: dict[str, object] = {}
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        inner = tree.setdefault(section, {}) if section else tree
        if isinstance(inner, dict):
            inner[name] = value
    return tree
