"""The bytes of one line to a decoded object: JSON, or JSON behind a CRI prefix, in an SSE line, behind odd bytes."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from tailer.reading.chunk import Outcome
from tailer.reading.mending import mend
from tailer.reading.times import timestamp_ns

BOM = b"\xef\xbb\xbf"
SSE_FIELDS = (b"event:", b"id:", b"retry:", b":")
CRI_STREAMS = frozenset({b"stdout", b"stderr"})
CRI_TAGS = frozenset({b"F", b"P", b"F:", b"P:"})


class Opened(NamedTuple):
    """A decoded line and what the text around its JSON said."""

    value: object
    wrapper: str | None = None
    timestamp_ns: int | None = None
    cut: bool = False
    """The end of the JSON is not there, and what was not whole is left out."""


class Closed(NamedTuple):
    """A line that gives no JSON, and why."""

    outcome: Outcome
    wrapper: str | None = None
    timestamp_ns: int | None = None


def open_odd(line: bytes, warnings: list[str]) -> Opened | Closed:
    """What the bytes of a line hold that is not plain JSON; never raises."""
    text = line.lstrip(b"\x00")
    if len(text) < len(line):
        # A file truncated under a writer that keeps its offset begins with a hole.
        warnings.append(f"{len(line) - len(text)} NUL bytes before the line")
    text = text.removeprefix(BOM).strip(b" \t\r\n")
    if not text:
        return Closed("empty")
    if text[:1].isdigit():
        fields = text.split(b" ", 3)
        if len(fields) >= 3 and fields[1] in CRI_STREAMS and fields[2][:2] in CRI_TAGS:
            return _open_cri(fields, warnings)
    return _open_inner(text, warnings)


def _open_inner(text: bytes, warnings: list[str]) -> Opened | Closed:
    if text.startswith(b"data:"):
        text = text[5:].strip()
        return Closed("not_llm", "sse") if text == b"[DONE]" else _open_json(text, warnings, "sse")
    if text == b"[DONE]" or text.startswith(SSE_FIELDS):
        return Closed("not_llm", "sse")
    return _open_json(text, warnings)


def _open_cri(fields: list[bytes], warnings: list[str]) -> Opened | Closed:
    time = timestamp_ns(fields[0].decode("ascii", "replace"))
    if fields[2][:1] == b"P":
        warnings.append("a partial line of the container runtime")
    text = fields[3].strip() if len(fields) == 4 else b""
    inner = _open_inner(text, warnings) if text else Closed("empty")
    return inner._replace(wrapper="cri" if inner.wrapper is None else f"cri+{inner.wrapper}", timestamp_ns=time)


def _open_json(text: bytes, warnings: list[str], wrapper: str | None = None) -> Opened | Closed:
    try:
        return Opened(orjson.loads(text), wrapper)
    except orjson.JSONDecodeError as error:
        mended = mend(text)
        if mended is not None:
            warnings.extend(mended.warnings)
            return Opened(mended.value, wrapper, cut=mended.cut)
        warnings.append(_why(text, error))
        return Closed("bad_json", wrapper)


def _why(text: bytes, error: orjson.JSONDecodeError) -> str:
    if text.count(0) * 3 > len(text):
        return "not UTF-8 but UTF-16, by its NUL bytes"
    try:
        text.decode()
    except UnicodeDecodeError as fault:
        return f"invalid UTF-8 at byte {fault.start}"
    return f"not JSON: {error.msg}"
