"""What the values of the section `privacy` must be, and what must not go together with it; looks at files, reads none.

A promise that nothing of the content leaves would be broken by a label that is taken from it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import get_args

from tailer.config.content import holds_content
from tailer.config.faults import Fault, Objection, closest, hint, shown
from tailer.config.files import readable
from tailer.config.labels import dotted
from tailer.config.patterns import objection
from tailer.config.schema import ContentAction

HASH_KEY_BYTES = 16
ACTIONS = get_args(ContentAction)


def privacy_objections(key: str, value: object) -> Iterator[Objection]:
    """Everything wrong with one value of the section; nothing for other keys."""
    match key, value:
        case "privacy.hash_key_file", str():
            yield from _hash_key(value)
        case "privacy.paths", dict():
            yield from _paths(value)
        case "privacy.mask_patterns", dict():
            yield from _patterns(value)


def privacy_conflicts(values: Mapping[str, object], origins: Mapping[str, str]) -> Iterator[Fault]:
    """Faults between the section and other keys."""
    paths, content = values.get("privacy.paths"), values.get("privacy.content")
    actions = list(paths.values()) if isinstance(paths, dict) else []
    if "hash" in (content, *actions) and "privacy.hash_key_file" not in origins:
        origin = origins["privacy.content" if content == "hash" else "privacy.paths"]
        yield Fault(origin, "it alone", "privacy.hash_key_file with it")
    if content in ("hash", "drop") or values.get("privacy.mode") == "allow_list":
        for key in ("dimension", "loki.labels_from"):
            yield from _labels(values.get(key), origins.get(key, key))


def _labels(taken: object, origin: str) -> Iterator[Fault]:
    for name, path in taken.items() if isinstance(taken, dict) else ():
        if holds_content(path):
            place = f"{origin} {name}" if origin.startswith(("--", "TOKENTAIL")) else f"{origin}.{name}"
            yield Fault(place, shown(path), "a path that leads to no content, since privacy lets none out")


def _hash_key(value: str) -> Iterator[Objection]:
    faults = list(readable(value))
    yield from faults
    if not faults and os.path.getsize(value) < HASH_KEY_BYTES:
        made = "`openssl rand -hex 32` makes one"
        yield Objection(f"a file with a key of at least {HASH_KEY_BYTES} bytes", made, "", shown(value))


def _paths(value: Mapping[str, str]) -> Iterator[Objection]:
    for path, action in value.items():
        yield from dotted(path, f".{path}")
        if action not in ACTIONS:
            yield Objection(f"one of {', '.join(ACTIONS)}", hint(closest(action, ACTIONS)), f".{path}", shown(action))


def _patterns(value: Mapping[str, str]) -> Iterator[Objection]:
    for name, pattern in value.items():
        if not (name.isidentifier() and name.isascii() and len(name) <= 40):
            yield Objection("a name of at most 40 letters, digits and _", "", f".{name}", shown(name))
        if (expected := objection(pattern)) is not None:
            yield Objection(expected, "", f".{name}", shown(pattern))
