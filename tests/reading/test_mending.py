"""Mending gives a part of what was written and nothing that was not, in a time that grows with the length only."""

from __future__ import annotations

import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.mending import mend

KEYS = st.sampled_from(["a", "usage", "choices", "b"])
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)


def is_part(part: object, whole: object) -> bool:
    """Whether everything in `part` is in `whole` at the same place."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(item, whole[key]) for key, item in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(is_part, part, whole))
    return type(part) is type(whole) and part == whole


@given(VALUES, st.integers(0, 400))
def test_what_is_left_of_a_cut_text_is_a_part_of_what_was_written(value: object, end: int) -> None:
    whole = {"model": "m", "x": value}
    text = orjson.dumps(whole)
    mended = mend(text[: end % len(text)])
    if mended is not None:
        assert mended.cut
        assert is_part(mended.value, whole)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    for ends in (True, False):
        mend(b'{"model":"\\ud8' + data, ends=ends)
        mend(data + b"NaN", ends=ends)


def test_a_block_of_counts_is_whole_or_not_there() -> None:
    text = b'{"model":"m","usage":{"prompt_tokens":15,"details":{"cached":3},"completion_tokens":7}}'
    for end in range(len(b'{"model":"m",'), len(text) - 1):
        mended = mend(text[:end])
        assert mended is not None
        block = mended.value.get("usage") if isinstance(mended.value, dict) else None
        assert block in (None, {"prompt_tokens": 15, "details": {"cached": 3}, "completion_tokens": 7})


def test_what_is_no_json_at_all_stays_that() -> None:
    for text in (
        b"Server started",
        b"[INFO] model loaded",
        b'{"model":1}}',
        b'{"model":1}{"a":2}',
        b"{'model': 1}",
        b"",
    ):
        assert mend(text) is None


@pytest.mark.parametrize("filling", [b'\\"', b'"', b"\\", b"[", b'{"a":', b"NaN,", b"\\ud800", b'"a":{"b":"'])
def test_no_text_takes_long(filling: bytes) -> None:
    """A text that is twice as long takes about twice as long: far from the square, whatever the machine does."""
    text = b'{"model":"m","x":' + filling * (200_000 // len(filling))
    for start in (text, text.replace(b'"x":', b'"x":"', 1)):
        begun = time.process_time()
        mend(start)
        assert time.process_time() - begun < 10
