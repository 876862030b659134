"""Whether files that are named can be read and hold what they must; keeps nothing of them, connects nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from tailer.config import certificates
from tailer.config.faults import Objection, shown

MAX_SECRET_CHARS = 64 * 1024


def readable(value: str, at: str = "") -> Iterator[Objection]:
    try:
        if os.path.isfile(value) and os.access(value, os.R_OK):
            return
        missing = not os.path.exists(value)
    except ValueError:
        missing = True
    why = "it does not exist" if missing else "it is no file or may not be read"
    yield Objection("a file that can be read", why, at, shown(value))


def secret_file(value: str) -> Iterator[Objection]:
    unreadable = list(readable(value))
    yield from unreadable
    if not unreadable and (why := _no_secret(value)):
        yield Objection("a file with a secret on one line", why)


def _no_secret(path: str) -> str:
    """Why a file holds no secret, "" where it holds one."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MAX_SECRET_CHARS + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        return "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else "it cannot be read"
    if not text:
        return "it is empty"
    if len(text) > MAX_SECRET_CHARS:
        return f"it has more than {MAX_SECRET_CHARS:,} characters"
    return "it has several lines" if re.search(r"[\r\n\0]", text) else ""


def readable_each(value: tuple[str, ...]) -> Iterator[Objection]:
    for number, path in enumerate(value):
        yield from readable(path, f"[{number}]")


def authorities(value: str) -> Iterator[Objection]:
    unreadable = list(readable(value))
    yield from unreadable
    if not unreadable and not certificates.are_authorities(value):
        yield Objection("a file with certificates in PEM form")
