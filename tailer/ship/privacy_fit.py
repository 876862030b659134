"""Makes an overlong line fit and stay valid JSON: what was said goes first, what was counted last; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

import orjson

from tailer.config import content as names

HEAD_BYTES = 1024
"""How much is kept of a line of which nothing better can be kept."""

# Longest string, longest array and most keys of an object, tried from the mildest to the hardest until the line fits.
_CUTS = (
    (65536, 4096, 4096), (16384, 1024, 2048), (4096, 512, 1024), (1024, 256, 512), (256, 128, 256), (256, 32, 128),
    (64, 16, 64), (32, 4, 32), (24, 2, 16),
)  # fmt: skip
_DEEPEST = 64
_COUNTS = names.USAGE | frozenset({
    "model", "modelid", "modelversion", "id", "object", "error", "status", "statuscode", "level", "severity", "time",
    "timestamp", "ts", "traceid", "spanid", "requestid", "responseid", "response", "choices", "finishreason", "type",
    "durationms", "duration", "latency", "created", "provider", "operation", "headers", "msg",
})  # fmt: skip
"""What is left of an object with too many keys: what an operator looks for, before the first of the others."""


def fit(text: bytes, limit_bytes: int) -> bytes:
    """At most `limit_bytes` of the line: as it is, or as JSON with `tokentail_truncated`, its size in bytes before.

    Long strings and arrays are shortened and say by how much, those of content first; what is no JSON is kept as its
    head. `limit_bytes` below some 128 cannot be kept to.
    """
    if len(text) <= limit_bytes:
        return text
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, (dict, list)):
        for shorter in _shortened(value, len(text), limit_bytes):
            if len(shorter) <= limit_bytes:
                return shorter
    return _head({"tokentail_truncated": len(text)}, text, limit_bytes)


def head_of(data: bytes, line_bytes: int) -> bytes:
    """What stands for a line too long to be read: its size and how it begins, as a JSON object."""
    return _head({"tokentail_truncated": line_bytes, "tokentail_oversize_bytes": line_bytes}, data, 8 * HEAD_BYTES)


def _shortened(value: dict[str, object] | list[object], original_bytes: int, limit_bytes: int) -> Iterator[bytes]:
    """Ever shorter: first only the content, where that can be enough."""
    spared = len(_marked(value, _CUTS[-1], original_bytes, spared=True)) <= limit_bytes
    for only_content in (True, False) if spared else (False,):
        for cut in _CUTS:
            yield _marked(value, cut, original_bytes, spared=only_content)


def _marked(value: object, cut: tuple[int, int, int], original_bytes: int, *, spared: bool) -> bytes:
    short = _cut(value, cut, 0, spared=spared)
    # A list at the top has no room for the mark.
    marked = short if isinstance(short, dict) else {"value": short}
    return orjson.dumps({**marked, "tokentail_truncated": original_bytes})


def _cut(value: object, cut: tuple[int, int, int], depth: int, *, spared: bool) -> object:
    """The value within these bounds; while it is `spared`, only the content in it."""
    if isinstance(value, str):
        return value if spared else _cut_text(value, cut[0])
    if isinstance(value, (dict, list)) and depth >= _DEEPEST:
        return "…[deeper]"
    if isinstance(value, dict):
        return _cut_object(value, cut, depth, spared=spared)
    if isinstance(value, list):
        return _cut_list(value, cut, depth, spared=spared)
    return value


def _cut_text(text: str, longest: int) -> str:
    left_out = len(text) - longest
    if left_out <= 0:
        return text
    # A stream has its usage at its end.
    tail = text[-(longest // 4) :]
    return f"{text[: longest - len(tail)]}…[{left_out} more characters]…{tail}"


def _cut_list(value: list[object], cut: tuple[int, int, int], depth: int, *, spared: bool) -> list[object]:
    left_out = len(value) - cut[1]
    if spared or left_out <= 0:
        return [_cut(item, cut, depth + 1, spared=spared) for item in value]
    last = value[-1:] if isinstance(value[-1], dict) else []
    kept = [_cut(item, cut, depth + 1, spared=False) for item in (*value[: cut[1] - len(last)], *last)]
    at = len(kept) - len(last)
    return [*kept[:at], f"…[{left_out} more items]", *kept[at:]]


def _cut_object(value: dict[str, object], cut: tuple[int, int, int], depth: int, *, spared: bool) -> dict[str, object]:
    keys = list(value)
    left_out = 0 if spared else len(keys) - cut[2]
    if left_out > 0:
        keys = sorted(keys, key=lambda key: names.names_of(key)[0] not in _COUNTS)[: cut[2]]
    short: dict[str, object] = {}
    for key in keys:
        is_content = spared and names.is_content(key) and not isinstance(value[key], (int, float))
        name = key if spared else _cut_text(key, max(64, cut[0]))
        short[name] = _cut(value[key], cut, depth + 1, spared=spared and not is_content)
    if left_out > 0:
        short["tokentail_more_fields"] = left_out
    return short


def _head(marks: dict[str, int], data: bytes, limit_bytes: int) -> bytes:
    keep = HEAD_BYTES
    while True:
        # A character cut in two at the end is left out; bytes that were wrong before show as replaced.
        head = data[:keep].decode("utf-8", "replace").rstrip("\r\n")
        if len(data) > keep:
            head = head.removesuffix("\ufffd")
        shown = json.dumps({**marks, "head": head}, ensure_ascii=False).encode()
        if len(shown) <= limit_bytes or not keep:
            return shown
        keep //= 2
