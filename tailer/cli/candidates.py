"""Where in a line something looks like part of a call: for suggestions only, nothing found here is ever metered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tailer.reading.answer import is_body, is_event_list, is_question
from tailer.reading.names import NAMES, PROMPT_KEYS, USAGE_KEYS
from tailer.reading.stream import decoded
from tailer.reading.times import duration_seconds, snake, timestamp_ns, unit_of

MAX_DEPTH = 5
MAX_KEYS = 500
"""Keys looked at in one line; a line is long, a suggestion should be quick."""
CONTENT = PROMPT_KEYS | {"content", "tools", "arguments"}
"""What was said to or by a model: usage in there is nobody's."""
TOKEN_NAMES = ("token", "prompt_eval_count", "eval_count")
TIME_ENDINGS = ("time", "timestamp", "_at", "ts", "date")
"""How the name of a time ends that is a number; a text shows itself what it is."""
DURATION_WORDS = ("time", "dur", "latency", "elapsed", "took", "total", "spent")


ID_WORDS = ("req", "rid", "corr", "call", "trace", "transaction", "interaction", "exchange")


class Candidate(NamedTuple):
    """What a value may be (a key of `fields`, or `usage` where it is only counts) and its dotted path.

    `id` and `span` are guesses at a request's id and at a duration, for those who can try them on many lines.
    """

    role: str
    path: str


def candidates(line: object) -> list[Candidate]:
    """Everything in a decoded line that looks like something, in the order of the line."""
    return [found for _, found in zip(range(MAX_KEYS), _walk(line, "", 0), strict=False) if found is not None]


def _walk(value: object, at: str, depth: int) -> Iterator[Candidate | None]:
    """None for a key of no interest, so that the walk can be bounded."""
    if type(value) is not dict or depth > MAX_DEPTH:
        return
    if any(_is_count(key, item) for key, item in value.items()):
        yield Candidate("usage", at.removesuffix("."))
    for key, item in value.items():
        yield None
        path = at + key
        found = _container(item, path)
        if key in CONTENT:
            # Some call their request its input; an answer in there would be a quoted one.
            yield from (one for one in found if one.role == "request")
            continue
        yield from found
        if type(item) is dict:
            yield from _walk(item, f"{path}.", depth + 1)
        elif type(item) is list and item:
            yield from _walk(item[0], f"{path}.0.", depth + 1)
        else:
            yield from _scalar(key, item, path)


def _container(item: object, path: str) -> Iterator[Candidate]:
    value = decoded(item) if type(item) is str and len(item) > 1 else item
    if type(value) is dict:
        if not USAGE_KEYS.isdisjoint(value) or is_body(value):
            yield Candidate("response", path)
        elif is_question(value):
            yield Candidate("request", path)
    elif type(value) is list and is_event_list(value):
        yield Candidate("response", path)


def _scalar(key: str, item: object, path: str) -> Iterator[Candidate]:
    name = snake(key)
    bare, unit = unit_of(key)
    if name in NAMES["request_id"] and (type(item) is str or type(item) is int):
        yield Candidate("request_id", path)
    elif name.endswith(("id", "ref")) and any(word in name for word in ID_WORDS) and type(item) is str:
        yield Candidate("id", path)
    is_span = bare in NAMES["duration"] or (unit != "auto" and any(word in bare for word in DURATION_WORDS))
    if is_span and duration_seconds(item, unit) is not None:
        yield Candidate("duration", path)
    elif (type(item) is str or name.endswith(TIME_ENDINGS)) and timestamp_ns(item) is not None:
        yield Candidate("timestamp", path)
    elif any(word in bare for word in DURATION_WORDS) and duration_seconds(item, unit) is not None:
        yield Candidate("span", path)


def _is_count(key: str, item: object) -> bool:
    """A number of tokens by its name; `max_tokens` is a setting."""
    if type(item) is not int:
        return False
    name = snake(key)
    return any(word in name for word in TOKEN_NAMES) and not name.startswith("max_")
