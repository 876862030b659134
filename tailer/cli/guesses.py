"""What a value may be by the words in its path: a count of tokens, a model, a status. For suggestions only; pure."""

from __future__ import annotations

import re

from tailer.reading.surroundings import status_code
from tailer.reading.times import snake

TOKEN = re.compile(r"tokens?|toks?|tkns?")
PART = re.compile(r"[a-z]+")
INPUT = frozenset({
    "in", "inp", "input", "i", "prompt", "prompts", "p", "req", "request", "query", "question", "q", "ask", "sent",
    "up", "context", "ctx",
})  # fmt: skip
OUTPUT = frozenset({
    "out", "outp", "output", "o", "completion", "completions", "compl", "comp", "c", "resp", "response", "reply",
    "answer", "gen", "generated", "generation", "produced", "recv", "received", "down",
})  # fmt: skip
CACHED = frozenset({"cached", "cache", "hit", "hits"})
OTHER = frozenset({
    "max", "min", "limit", "limits", "price", "cost", "usd", "remaining", "left", "budget", "rate", "per", "total",
    "all", "sum", "quota", "window", "avg", "mean", "write", "written", "creation", "reasoning", "thinking",
    "thought", "thoughts", "audio", "image", "auth", "access", "csrf", "id", "type",
})  # fmt: skip
"""Words of numbers that are no part of a call's input or output, or a part whose price is another."""
SUMS = frozenset({
    "session", "cumulative", "cum", "running", "daily", "monthly", "today", "lifetime", "budget", "quota",
    "limits",
})  # fmt: skip
"""Words of numbers that are of more than one call."""
USAGES = frozenset({"tok", "usage", "consumption", "consumed"})
MODEL_NAMES = frozenset({"model", "mdl", "engine", "deployment", "llm", "modelname", "modelid"})
KNOWN_MODEL = re.compile(
    r"(?:[\w.-]+[/:])*(?:ft:)?(?:gpt-|chatgpt|o[134](?:-|$)|claude|gemini|gemma|llama|mi[sx]tral|codestral|deepseek|qwen"
    r"|command-|grok|text-embedding|nova-|titan-|phi-?\d|sonar|jamba|kimi|glm-)",
    re.IGNORECASE,
)
MOST_MODEL_CHARS = 100
STATUS_NAMES = frozenset({"status", "code", "http", "rc", "sc", "statuscode"})


def words_of(path: str) -> list[str]:
    """The words of a dotted path in lower case, `tok` for each way to write tokens: `llm.nTokIn` → llm n tok in."""
    return [word for key in path.split(".") for word in _words(key)]


def count_of(path: str, value: object) -> str | None:
    """The key of `fields` for which a value may be: `input_tokens`, `output_tokens`, `cached_input_tokens`, or None."""
    if not _is_count(value):
        return None
    words = words_of(path)
    if USAGES.isdisjoint(words) or not SUMS.isdisjoint(words):
        return None
    last = _words(path.rpartition(".")[2])
    if not OTHER.isdisjoint(last):
        return None
    if not CACHED.isdisjoint(last):
        return None if not OUTPUT.isdisjoint(last) else "cached_input_tokens"
    return _side(last) or _side(words)


def model_of(path: str, value: object) -> str | None:
    """`model` where the value is a name like those of models, `named` where only its key says so, or None."""
    if type(value) is not str or not 1 < len(value) <= MOST_MODEL_CHARS or any(char.isspace() for char in value):
        return None
    if KNOWN_MODEL.match(value):
        return "model"
    return None if MODEL_NAMES.isdisjoint(_words(path.rpartition(".")[2])) else "named"


def is_status(path: str, value: object) -> bool:
    """Whether a value may be an HTTP status."""
    return status_code(value) is not None and not STATUS_NAMES.isdisjoint(words_of(path))


def _words(key: str) -> list[str]:
    return PART.findall(TOKEN.sub("_tok_", snake(key)))


def _side(words: list[str]) -> str | None:
    taken, given = not INPUT.isdisjoint(words), not OUTPUT.isdisjoint(words)
    return None if taken == given else "input_tokens" if taken else "output_tokens"


def _is_count(value: object) -> bool:
    """A number that may be one of tokens, as a text too."""
    if type(value) is str:
        return value.isascii() and value.isdecimal() and len(value) <= 9
    return type(value) is int and 0 <= value < 10**9
