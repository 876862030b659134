"""Anthropic's usage block to counts, billed searches and the billed iterations beside it; it recognises no body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from parsers.base import NO_UNITS
from parsers.uncached import add_cache, split_writes
from parsers.usage import Counts, shown, text

SERVER_TOOLS = (("web_search_requests", "web_searches"), ("web_fetch_requests", "web_fetches"))
ANYWHERE = frozenset(("global", "not_available"))
"""Values of `inference_geo` that name no place; the others change the price."""
THINKING = {"thinking_tokens": "reasoning"}
MAX_ITERATIONS = 1000
"""Entries of `iterations` that are read; a line is bounded, so this only guards against a list of junk."""

MARKS = frozenset(("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "server_tool_use"))
"""Members that only this API has."""


class Iteration(NamedTuple):
    """One entry of `iterations`: its kind, its model where it has one of its own, its counts."""

    kind: str | None
    model: str | None
    counts: Counts


class Usage(NamedTuple):
    """What a usage block says: of the call itself, and `extra` for what other models did for it and is billed too."""

    counts: Counts
    units: Mapping[str, float] = NO_UNITS
    tier: str | None = None
    extra: tuple[Iteration, ...] = ()
    region: str | None = None


NOTHING = Usage(Counts(None))
"""Where there is no block."""


def read(usage: object, model: str | None) -> Usage | None:
    """The usage of a call to `model`; None where there is no block.

    The input is what was neither read from the cache nor written to it, plus both. `iterations` of the same model that
    the totals leave out (a compaction) are added to them, those of another one (an advisor) are `extra`.
    """
    if usage is None:
        return None
    found = counts(usage)
    block = found.usage
    units = _units(found) if block.get("server_tool_use") is not None else NO_UNITS
    tier = "fast" if block.get("speed") == "fast" else text(block.get("service_tier"))
    extra: tuple[Iteration, ...] = ()
    if block.get("iterations"):
        extra = _beside(found, model)
    where = text(block.get("inference_geo"))
    return Usage(found, units, tier, extra, None if where in ANYWHERE else where)


def counts(usage: object, path: str = "usage") -> Counts:
    """The counts of a block at this path, without its iterations."""
    found = Counts(usage, path)
    write = found.count("cache_creation_input_tokens")
    split = found.usage.get("cache_creation")
    hour = minutes = None
    if split is not None:
        block = Counts(split, f"{path}.cache_creation")
        hour, minutes = block.count("ephemeral_1h_input_tokens"), block.count("ephemeral_5m_input_tokens")
        found.faults += block.faults
        if write is None and found.usage.get("cache_creation_input_tokens") is None and (hour or minutes):
            write = (hour or 0) + (minutes or 0)
    fresh, read = found.count("input_tokens"), found.count("cache_read_input_tokens")
    told = {"cache_read_input_tokens": read, "cache_creation_input_tokens": write}
    # A part that is there and cannot be read leaves the whole unknown.
    if not any(count is None and found.usage.get(key) is not None for key, count in told.items()):
        add_cache(found, fresh, read, write)
    split_writes(found, f"{path}.cache_creation", hour, minutes)
    found.output = found.count("output_tokens")
    found.parts("output_tokens_details", THINKING, found.output)
    return found


def _units(found: Counts) -> Mapping[str, float]:
    block = Counts(found.usage.get("server_tool_use"), f"{found.path}.server_tool_use")
    units = {unit: float(count) for key, unit in SERVER_TOOLS if (count := block.count(key))}
    found.faults += block.faults
    return units


def _beside(found: Counts, model: str | None) -> tuple[Iteration, ...]:
    """Adds to the totals, or gives back, the iterations that the totals do not include."""
    entries = _iterations(found)
    beside = [entry for entry in entries if entry.kind not in (None, "message")]
    if not beside:
        return ()
    own = [entry for entry in entries if entry.kind == "message"]
    if own and not _make_up(found, own):
        if not _make_up(found, entries):
            found.faults.append(f"{found.path}.iterations: their messages do not make up the totals, so none is added")
        return ()
    extra = []
    for entry in beside:
        found.faults += [fault for fault in entry.counts.faults if fault not in found.faults]
        if entry.model in (None, model) and found.input is not None and found.output is not None:
            _add(found, entry.counts)
        elif entry.counts.input is not None or entry.counts.output is not None:
            extra.append(entry)
    return tuple(extra)


def _iterations(found: Counts) -> list[Iteration]:
    listed = found.usage.get("iterations")
    if not isinstance(listed, list):
        found.faults.append(f"{found.path}.iterations: expected a list, got {shown(listed)}")
        return []
    entries = []
    for index, entry in enumerate(listed[:MAX_ITERATIONS]):
        one = counts(entry, f"{found.path}.iterations.{index}")
        entries.append(Iteration(text(one.usage.get("type")), text(one.usage.get("model")), one))
    return entries


def _make_up(found: Counts, entries: list[Iteration]) -> bool:
    """Whether these are what the totals are made of, as far as the totals are known."""
    given = sum(entry.counts.input or 0 for entry in entries)
    made = sum(entry.counts.output or 0 for entry in entries)
    return found.input in (None, given) and found.output in (None, made)


def _add(found: Counts, other: Counts) -> None:
    found.input = (found.input or 0) + (other.input or 0)
    found.output = (found.output or 0) + (other.output or 0)
    for name, count in other.details.items():
        found.details[name] = found.details.get(name, 0) + count
