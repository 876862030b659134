"""Which model of the logs a name on a bill means: where that is sure, else not at all. Pure.

Sure is: what the user says; the same name, but for case, the provider before it and Bedrock's routing; one name on each
side left that differ in no more than a date, and that the price table takes for one model; the words of a name of
Amazon's (`Claude4.6Opus`), where one model id of the logs alone has them (`anthropic.claude-opus-4-6-v1`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from tailer.meter.price_names import BEDROCK_ID, spellings

Find = Callable[[str, str], str | None]
"""From a provider and a name to the id of the model in the price table."""

BEDROCK = "aws.bedrock"
PROVIDERS = {
    "aws": BEDROCK,
    "bedrock": BEDROCK,
    "azure": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "moonshotai": "moonshot_ai",
    "xai": "x_ai",
    "x-ai": "x_ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
}
"""What bills and price lists call them, as OpenTelemetry and the logs do."""
ROUTING = re.compile(r"^(?:us|us-gov|eu|apac|jp|au|ca|global)\.")
VENDOR = re.compile(r"^[a-z0-9]+\.")
DATE = re.compile(r"-(?:20\d\d-?[01]\d-?[0-3]\d|latest)(?=$|-v\d)")
VERSION = re.compile(r"-v(\d+)(?::\d+)?$")
WORD = re.compile(r"v\d+(?![\d.])|\d+(?:\.\d+)*|[A-Z]?[a-z]+?(?=v\d|[^a-z]|$)|[A-Z]+(?![a-z])")
SPLIT_NUMBER = re.compile(r"(?<![\w.])(\d)-(\d)(?![\d.])")


class Name(NamedTuple):
    """A model as one side calls it. `provider` is as the logs name it, "" when a bill does not say."""

    provider: str
    model: str


KeyOf = Callable[[Name], Hashable | None]


class Matched(NamedTuple):
    """The name under which each name of either side has its row, and how the two came together where they differ."""

    billed: Mapping[Name, Name]
    seen: Mapping[Name, Name]
    how: Mapping[Name, str]
    """By the name on the bill."""


def matched(billed: Iterable[Name], seen: Mapping[Name, bool], mapped: Mapping[str, str], find: Find) -> Matched:
    """Brings the names of both sides together. `mapped` is from names of the bill to names of the logs, as given.

    `seen` says of each name whether any of its calls was answered: a name that only failed calls have asked for is
    nobody's but for its own.
    """
    rows_seen = _rows_of_seen(seen)
    rows = dict.fromkeys(rows_seen.values())
    answered = {rows_seen[name]: None for name, is_answered in seen.items() if is_answered}
    own = {name.lower(): model for name, model in mapped.items()}
    found: dict[Name, Name] = {}
    how: dict[Name, str] = {}
    for name in dict.fromkeys(billed):
        target = own.get(name.model.lower())
        row = _same(name, rows) if target is None else _told(name, target, rows)
        if row is not None:
            found[name] = row
            if target is not None:
                how[name] = "mapped"
    left = [name for name in dict.fromkeys(billed) if name not in found and name.model.lower() not in own]
    taken = set(found.values())
    for name, row in _alone(left, [row for row in answered if row not in taken], _base(find)):
        found[name], how[name] = row, "same but for a date"
    for name, row in _worded([name for name in left if name not in found], answered):
        found[name], how[name] = row, "same words"
    return Matched({name: found.get(name, name) for name in dict.fromkeys(billed)}, rows_seen, how)


def provider_of(told: str) -> str:
    """What the logs call a provider of which a bill says this."""
    name = told.strip().lower()
    return PROVIDERS.get(name, name)


def key_of(name: Name) -> str:
    """A name without what does not change the model: case, the provider before it, Bedrock's routing."""
    spelled = spellings(name.provider or "-", name.model)
    model = spelled[-1][1] if spelled else name.model
    return ROUTING.sub("", model) if name.provider == BEDROCK and BEDROCK_ID.match(model) else model


def _rows_of_seen(seen: Iterable[Name]) -> dict[Name, Name]:
    """The row of each name of the logs: the shortest spelling stands for all of a model."""
    spelled: dict[tuple[str, str], list[Name]] = defaultdict(list)
    for name in dict.fromkeys(seen):
        spelled[name.provider, key_of(name)].append(name)
    return {
        name: min(names, key=lambda one: (len(one.model), one.model)) for names in spelled.values() for name in names
    }


def _same(name: Name, rows: Iterable[Name]) -> Name | None:
    """The row of the same name; where the bill names no provider, if only one has that name."""
    key = key_of(name)
    found = [row for row in rows if (row.provider == name.provider or not name.provider) and key_of(row) == key]
    return found[0] if len(found) == 1 else None


def _told(name: Name, target: str, rows: Iterable[Name]) -> Name | None:
    """The row that the user names, of the bill's provider before another's."""
    found = [row for row in rows if target.lower() in (row.model.lower(), key_of(row))]
    return next((row for row in found if row.provider == name.provider), found[0] if len(found) == 1 else None)


def _alone(left: Iterable[Name], free: Iterable[Name], key: KeyOf) -> Iterator[tuple[Name, Name]]:
    """A name and a row with the same key, where each is the only one with it."""
    rows = _by_key(free, key)
    for same, names in _by_key(left, key).items():
        if len(names) == len(rows.get(same, ())) == 1:
            yield names[0], rows[same][0]


def _worded(left: Iterable[Name], rows: Iterable[Name]) -> Iterator[tuple[Name, Name]]:
    """Names and the one row that has their words: a bill spells one model in several ways."""
    worded = _by_key(rows, _words)
    for same, names in _by_key(left, _words).items():
        if len(worded.get(same, ())) == 1:
            yield from ((name, worded[same][0]) for name in names)


def _by_key(names: Iterable[Name], key: KeyOf) -> dict[Hashable, list[Name]]:
    groups: dict[Hashable, list[Name]] = defaultdict(list)
    for name in names:
        if (found := key(name)) is not None:
            groups[found].append(name)
    return groups


def _base(find: Find) -> KeyOf:
    def base(name: Name) -> Hashable | None:
        key = key_of(name)
        known = find(name.provider, key) if name.provider else None
        return None if known is None else (name.provider, known, DATE.sub("", key))

    return base


def _words(name: Name) -> Hashable | None:
    """The words of a model's name on Bedrock, whose bills spell names another way; None elsewhere."""
    if name.provider != BEDROCK:
        return None
    model = name.model
    if BEDROCK_ID.match(model.lower()):
        model = DATE.sub("", VENDOR.sub("", key_of(name)))
        model = VERSION.sub(lambda found: "" if found[1] == "1" else f"-v{found[1]}", model)
        model = SPLIT_NUMBER.sub(r"\1.\2", model)
    words = [word.lower().removesuffix(".0") for word in WORD.findall(model)]
    return tuple(sorted(words)) if len(words) > 1 else None
