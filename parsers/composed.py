"""Functions composed of source, for work that is the same for a million lines but for their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

INDENT = "    "
KEPT = 256
"""Sources that are kept compiled."""


def composed(name: str, source: str, known: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of this name that a source defines; it may use what is known to it.

    The source must be made of literals and checked names alone: nothing that stands in a log may get into it.
    """
    names = dict(known)
    exec(_compiled(source), names)  # noqa: S102  # as dataclasses do
    function: Callable[..., Any] = names[name]
    return function


@lru_cache(KEPT)
def _compiled(source: str) -> CodeType:
    # Compiling takes most of the time that there is to learn something, and much that is learnt looks the same.
    return compile(source, "<composed>", "exec")


def indented(head: str, steps: Iterable[str]) -> list[str]:
    """A compound statement: its head, and its steps indented."""
    return [head, *(INDENT + step for step in steps)]


def none_if(condition: str) -> list[str]:
    """The function gives None where a condition is true."""
    return indented(f"if {condition}:", ["return None"])
