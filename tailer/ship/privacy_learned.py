"""What is known of a line without showing any of it: the text that leaves in the allow-list mode; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parsers.base import Call
from tailer.reading.chunk import Reading
from tailer.ship.privacy_paths import Open, step
from tailer.ship.privacy_show import DEEPEST, Showing

WITHHELD = "[withheld]"
NAMES = (
    "provider", "operation", "model", "request_model", "error_type", "request_id", "response_id", "service_tier",
    "finish_reason", "region",
)  # fmt: skip
NUMBERS = (
    "input_tokens", "output_tokens", "details", "units", "cost_usd", "timestamp_ns", "duration_seconds",
    "time_to_first_token_seconds", "stream", "rate_limit",
)  # fmt: skip
"""With `NAMES` the facts of a call that may leave: what calls are given later does not, until it is named here."""
# Names of models, ids, words of the formats: nobody's sentence fits in here.
_WORD = re.compile(r"[\w.:/+=@~#-]{1,256}")


def word(value: str, showing: Showing) -> str:
    """A name or an id, masked; withheld where it could be more than that."""
    return showing.masks.apply(value) if _WORD.fullmatch(value) else WITHHELD


def learned(reading: Reading, showing: Showing) -> dict[str, object]:
    """The facts of a reading, as a JSON object can hold them."""
    found: dict[str, object] = {
        "tokentail": "allow_list",
        "outcome": reading.outcome,
        "bytes": reading.end - reading.start,
    }
    for name, value in (("level", reading.level), ("trace_id", reading.trace_id)):
        if value:
            found[name] = word(value, showing)
    calls = [_call(call, showing) for call in (reading.call, *reading.more) if call is not None]
    if calls:
        found |= calls[0]
    if len(calls) > 1:
        found["more"] = calls[1:]
    return found


def _call(call: Call, showing: Showing) -> dict[str, object]:
    facts: dict[str, object] = {"status": call.status}
    for name in NAMES:
        if value := getattr(call, name):
            facts[name] = word(value, showing)
    for name in NUMBERS:
        if (value := getattr(call, name)) is not None and value != {}:
            facts[name] = dict(value) if isinstance(value, Mapping) else value
    # How many, since each quotes the value that could not be believed.
    return facts | {"faults": len(call.faults)} if call.faults else facts


def picked(value: object, paths: Open, showing: Showing, depth: int = 0) -> object:
    """What the configured paths let out of a line, in its place; None when that is nothing."""
    if not paths or depth >= DEEPEST:
        return None
    if isinstance(value, dict):
        found = {
            key: shown for key, item in value.items() if (shown := _at(key, item, paths, showing, depth)) is not None
        }
        return found or None
    if isinstance(value, list):
        items = [_at(str(index), item, paths, showing, depth) for index, item in enumerate(value)]
        return [item for item in items if item is not None] or None
    return None


def _at(key: str, item: object, paths: Open, showing: Showing, depth: int) -> object:
    action, below = step(paths, key)
    if action is None:
        return picked(item, below, showing, depth + 1)
    return None if action == "drop" else _shown(action, item, showing, depth)


def _shown(action: Any, item: object, showing: Showing, depth: int) -> object:
    if action != "keep":
        return showing.content(action, item, depth + 1)
    if isinstance(item, str):
        return showing.masks.apply(item)
    if depth >= DEEPEST:
        return None
    if isinstance(item, dict):
        return {showing.masks.apply(key): _shown(action, value, showing, depth + 1) for key, value in item.items()}
    if isinstance(item, list):
        return [_shown(action, value, showing, depth + 1) for value in item]
    return item
