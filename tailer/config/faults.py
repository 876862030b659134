"""A fault of the configuration and how it is told: never shows what could be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SHOWN_CHARS = 80
HIDDEN = "***"


class Fault(NamedTuple):
    """One thing that is wrong, and where.

    `path` is the place as the user wrote it: `--listen`, `TOKENTAIL_LISTEN`, `tail.yaml: loki.batch_bytes`. `value` is
    ready to be shown, and "" where there is none or where it is nobody's business.
    """

    path: str
    value: str
    expected: str
    suggestion: str = ""

    def __str__(self) -> str:
        got = f"got {self.value}, " if self.value else ""
        hint = f" ({self.suggestion})" if self.suggestion else ""
        return f"{self.path}: {got}expected {self.expected}{hint}"


class ConfigError(Exception):
    """The configuration cannot be used; `faults` holds everything that is wrong with it, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a mistyped one was probably meant to be."""
    from difflib import get_close_matches  # noqa: PLC0415 (only a mistake pays for it)

    near = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return near[0] if near else None


def hint(name: str | None) -> str:
    """The suggestion in words, "" when there is none."""
    return f"did you mean {name}?" if name else ""


def shown(value: object) -> str:
    """A value for a message: short, on one line, without the credentials and the query of a URL."""
    match value:
        case str():
            text = repr(_without_credentials(value))
        case bool() | None:
            text = str(value).lower() if value is not None else "nothing"
        case int() | float():
            text = repr(value)
        case _:
            return kind(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


def kind(value: object) -> str:
    """What sort of thing a value is, for when its content must not or need not be shown."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case dict():
            return "a section"
    return f"a {type(value).__name__}"


def _without_credentials(text: str) -> str:
    if "://" not in text:
        return re.sub(r"^[^\s:@]+:.*@", f"{HIDDEN}@", text, flags=re.DOTALL)
    # Up to the last @: a password that was not encoded may hold whatever ends the host elsewhere.
    text = re.sub(r"://.*@", f"://{HIDDEN}@", text, flags=re.DOTALL)
    return re.sub(r"([?#]).*", rf"\1{HIDDEN}", text, flags=re.DOTALL)


class Objection(NamedTuple):
    """What is wrong with a value; `at` narrows the place (`.team`, `[1]`) and `value` what is shown for it."""

    expected: str
    suggestion: str = ""
    at: str = ""
    value: str | None = None
