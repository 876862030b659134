"""Where in a line something looks like part of a call: for suggestions only, nothing found here is ever metered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tailer.cli.guesses import count_of, is_status, model_of, words_of
from tailer.cli.plain import plain
from tailer.reading.answer import is_body, is_event_list, is_question
from tailer.reading.names import NAMES, PROMPT_KEYS, USAGE_KEYS
from tailer.reading.stream import decoded, is_sse
from tailer.reading.times import duration_seconds, snake, timestamp_ns, unit_of

MAX_DEPTH = 5
MAX_KEYS = 500
"""Keys looked at in one line; a line is long, a suggestion should be quick."""
CONTENT = PROMPT_KEYS | {"content", "tools", "arguments"}
"""What was said to or by a model: usage in there is nobody's."""
TOKEN_NAMES = ("token", "prompt_eval_count", "eval_count")
TIME_ENDINGS = ("time", "timestamp", "_at", "ts", "date")
"""How the name of a time ends that is a number; a text shows itself what it is."""
DURATION_WORDS = ("time", "dur", "latency", "elapsed", "took", "total", "spent", "millis")
SHORT_DURATION_WORDS = frozenset({"lat", "rtt", "wall", "ms", "sec", "secs", "dt", "delta"})
"""Too short to be looked for within other words."""
SIGNS = frozenset({"response", "request", "usage", "input_tokens", "output_tokens"})
"""Roles that make a line worth a closer look."""
ID_WORDS = ("req", "rid", "corr", "call", "trace", "transaction", "interaction", "exchange")


WORDS = {"input_tokens": "input tokens", "output_tokens": "output tokens"}
MOST_TOLD = 4


class Candidate(NamedTuple):
    """What a value may be (a key of `fields`, or `usage` where it is only counts) and its dotted path.

    `id`, `span` and `named` are guesses at a request's id, a duration and a model, for those who can try them on many
    lines.
    """

    role: str
    path: str


def candidates(line: object) -> list[Candidate]:
    """Everything in a decoded line that looks like something, in the order of the line."""
    return [found for _, found in zip(range(MAX_KEYS), _walk(line, "", 0), strict=False) if found is not None]


def signs(found: Sequence[Candidate]) -> str:
    """What was seen, for a sentence: `a response at trade.reply`. What is within another or a count is told once."""
    bodies = tuple(f"{one.path}." for one in found if one.role in ("response", "request"))
    told = [one for one in found if not one.path.startswith(bodies)]
    counted = any(one.role in WORDS for one in told)
    told = [one for one in told if one.role != "usage" or not (counted or f"{one.path}." in bodies)]
    return ", ".join(
        f"{WORDS.get(one.role, f'a {one.role}')} at {plain(one.path) or 'the top'}" for one in told[:MOST_TOLD]
    )


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
            if type(item) is int:
                yield from _guessed(item, path)
            continue
        yield from found
        if type(item) is dict:
            yield from _walk(item, f"{path}.", depth + 1)
        elif type(item) is list and item:
            yield from _walk(item[0], f"{path}.0.", depth + 1)
        else:
            yield from _scalar(key, item, path)
            yield from _guessed(item, path)


def _container(item: object, path: str) -> Iterator[Candidate]:
    if type(item) is str and is_sse(item):
        yield Candidate("response", path)
        return
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
    words = words_of(path)
    if "tok" in words:
        return
    is_named = any(word in bare for word in DURATION_WORDS)
    # Where no unit is told it may be the smallest.
    is_span = duration_seconds(item, "ns" if unit == "auto" else unit) is not None
    if is_span and (bare in NAMES["duration"] or (unit != "auto" and is_named)):
        yield Candidate("duration", path)
    elif (type(item) is str or name.endswith(TIME_ENDINGS)) and timestamp_ns(item) is not None:
        yield Candidate("timestamp", path)
    elif is_span and (is_named or unit != "auto" or not SHORT_DURATION_WORDS.isdisjoint(words)):
        yield Candidate("span", path)


def _guessed(item: object, path: str) -> Iterator[Candidate]:
    role = count_of(path, item) or model_of(path, item) or ("status" if is_status(path, item) else None)
    if role is not None:
        yield Candidate(role, path)


def _is_count(key: str, item: object) -> bool:
    """A number of tokens by its name; `max_tokens` is a setting."""
    if type(item) is not int:
        return False
    name = snake(key)
    return any(word in name for word in TOKEN_NAMES) and not name.startswith("max_")
