"""What leaves of a line: makes an overlong one fit and stay valid JSON; pure, so that a replay is cut the same way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import orjson

HEAD_BYTES = 1024
"""How much is kept of a line of which nothing better can be kept."""

# Longest string and longest array, tried from the mildest to the hardest until the line fits.
_CUTS = ((65536, 4096), (16384, 1024), (4096, 512), (1024, 256), (256, 128), (256, 32), (64, 16), (32, 4))
_DEEPEST = 64


def fit(text: bytes, limit_bytes: int) -> bytes:
    """At most `limit_bytes` of the line: as it is, or as JSON with `tokentail_truncated`, its size in bytes before.

    Long strings and arrays are shortened and say by how much; what is no JSON is kept as its head. `limit_bytes` below
    some 128 cannot be kept to.
    """
    if len(text) <= limit_bytes:
        return text
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, (dict, list)):
        for shorter in _shortened(value, len(text)):
            if len(shorter) <= limit_bytes:
                return shorter
    return _head("tokentail_truncated", text, len(text), limit_bytes)


def head_of(data: bytes, line_bytes: int) -> bytes:
    """What stands for a line too long to be read: its size and how it begins, as a JSON object."""
    return _head("tokentail_oversize_bytes", data, line_bytes, 8 * HEAD_BYTES)


def _shortened(value: dict[str, object] | list[object], original_bytes: int) -> Iterator[bytes]:
    for longest_string, longest_array in _CUTS:
        short = _cut(value, longest_string, longest_array, 0)
        # A list at the top has no room for the mark.
        marked = short if isinstance(short, dict) else {"value": short}
        yield orjson.dumps({**marked, "tokentail_truncated": original_bytes})


def _cut(value: object, longest_string: int, longest_array: int, depth: int) -> object:
    if isinstance(value, str):
        left_out = len(value) - longest_string
        return f"{value[:longest_string]}…[{left_out} more characters]" if left_out > 0 else value
    if isinstance(value, (dict, list)) and depth >= _DEEPEST:
        return "…[deeper]"
    if isinstance(value, dict):
        return {key: _cut(item, longest_string, longest_array, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        kept = [_cut(item, longest_string, longest_array, depth + 1) for item in value[:longest_array]]
        left_out = len(value) - longest_array
        return [*kept, f"…[{left_out} more items]"] if left_out > 0 else kept
    return value


def _head(mark: str, data: bytes, original_bytes: int, limit_bytes: int) -> bytes:
    keep = HEAD_BYTES
    while True:
        # A character cut in two at the end is left out; bytes that were wrong before show as replaced.
        head = data[:keep].decode("utf-8", "replace").rstrip("\r\n")
        if len(data) > keep:
            head = head.removesuffix("\ufffd")
        shown = json.dumps({mark: original_bytes, "head": head}, ensure_ascii=False).encode()
        if len(shown) <= limit_bytes or not keep:
            return shown
        keep //= 2
