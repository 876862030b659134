"""Functions composed of source, for work that is the same for a million lines but for their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

INDENT = "    "


def composed(name: str, source: str, known: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of this name that a source defines; it may use what is known to it.

    The source must be made of literals and checked names alone: nothing that stands in a log may get into it.
    """
    names = dict(known)
    exec(compile(source, f"<composed {name}>", "exec"), names)  # noqa: S102  # as dataclasses do
    function: Callable[..., Any] = names[name]
    return function


def indented(head: str, steps: Iterable[str]) -> list[str]:
    """A compound statement: its head, and its steps indented."""
    return [head, *(INDENT + step for step in steps)]


def none_if(condition: str) -> list[str]:
    """The function gives None where a condition is true."""
    return indented(f"if {condition}:", ["return None"])
