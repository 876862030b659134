"""JSON that strict decoders refuse and writers write all the same: NaN, vast numbers, half characters, a cut end.

What is mended is left out or named, never guessed: of a line that was cut, the number at its end is no number.
"""

from __future__ import annotations

import re
from math import isinf
from typing import NamedTuple

import orjson

MOST_BYTES = 256 * 1024
"""A longer line is not looked at token by token."""
MOST_LEVELS = 100
"""Deeper nesting is left out; bodies have a tenth of it."""
DECODER_LEVELS = 1000
"""What has fewer brackets cannot be too deep for the decoder."""
USAGE = frozenset({b"usage", b"usageMetadata", b"usage_metadata", b"tokens", b"billed_units"})
"""A block of counts that was cut is left out as a whole: its later members correct the earlier ones."""

TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(")?|[{}\[\],:]|NaN|-?Infinity|-?\d[\d.]*+(?:[eE][+-]?\d++)?+', re.DOTALL)
VAST = re.compile(rb"\d{309}|[eE]\+?\d{3}")
"""What may be a number beyond the largest that a decoder takes."""
ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
SPACED = bytes.maketrans(bytes(range(1, 32)), b" " * 31)
"""Control characters to spaces: JSON has none within a text, and between its tokens a space is as good. NUL is none of
them: where it stands is a hole in the file, or another encoding."""
CLOSING = {b"{": b"}", b"[": b"]"}


class Mended(NamedTuple):
    """The value of a text, and what had to be done to it. `cut`: its end is not there."""

    value: object
    warnings: tuple[str, ...]
    cut: bool = False


class Open(NamedTuple):
    """A container whose end has not come: what closes it, its key, and how much was kept before its member began."""

    closing: bytes
    key: bytes | None
    before: int


def mend(text: bytes, *, ends: bool = False) -> Mended | None:
    """The value of a text that does not decode, None when it is beyond mending. With `ends` its end must be there."""
    if text[:1] not in (b"{", b"["):
        return None
    whole, told = _readable(text)
    if whole != text:
        try:
            return Mended(orjson.loads(whole), told or ("control characters in a text, read as spaces",))
        except orjson.JSONDecodeError:
            pass  # There is more to mend.
    mended = _mend_tokens(whole, ends=ends)
    return mended and mended._replace(warnings=(*mended.warnings, *told))


def _readable(text: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The text in UTF-8 and without control characters, and what was wrong with its bytes.

    Bytes of another encoding stand in what was said; the counts beside them are the same in all encodings.
    """
    try:
        text.decode()
    except UnicodeDecodeError as fault:
        whole = text.decode("utf-8", "replace").encode()
        return whole.translate(SPACED), (f"invalid UTF-8 at byte {fault.start}, read as U+FFFD",)
    return text.translate(SPACED), ()


def _mend_tokens(text: bytes, *, ends: bool) -> Mended | None:
    if len(text) > MOST_BYTES:
        return None
    is_odd = any(sign in text for sign in (b"NaN", b"Infinity", b"\\ud", b"\\uD")) or VAST.search(text) is not None
    is_deep = text.count(b"[") + text.count(b"{") > DECODER_LEVELS
    if not (is_odd or is_deep or (not ends and b'"model' in text)):
        return None
    scan = _Scan(ESCAPE.sub(_whole_character, text), text)
    if scan.open and (ends or text[:1] != b"{"):
        return None
    try:
        return Mended(orjson.loads(scan.whole()), scan.warnings(), cut=bool(scan.open))
    except orjson.JSONDecodeError:
        return None


def _whole_character(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] is not None else escape[0]


class _Scan:
    """One pass over the tokens of a text."""

    def __init__(self, text: bytes, written: bytes) -> None:
        self._has_halves = text != written
        self.kept = b""
        self.open: list[Open] = []
        self._parts: list[bytes] = []
        self._length = 0
        self._safe = 0
        self._skipped = 0
        self._is_deep = self._is_odd = self._is_vast = False
        self._string: bytes | None = None
        self._key: bytes | None = None
        at = 0
        for token in TOKEN.finditer(text):
            if not self._skipped:
                self._keep(text[at : token.start()])
            at = token.end()
            if token[0][:1] == b'"' and token[1] is None:
                break  # A text without its end: nothing after it can be told from it.
            self._take(token[0])
        if not self.open:
            self._keep(text[at:])
        self.kept = b"".join(self._parts)

    def whole(self) -> bytes:
        """The text up to the last member that is whole, with everything closed."""
        if not self.open:
            return self.kept
        at = next((level for level, one in enumerate(self.open) if one.key in USAGE), len(self.open))
        end = self.open[at].before if at < len(self.open) else self._safe
        return self.kept[:end] + b"".join(one.closing for one in reversed(self.open[:at]))

    def warnings(self) -> tuple[str, ...]:
        """What was done."""
        told = (
            (self._is_odd, "not JSON: NaN or Infinity, read as a text"),
            (self._is_vast, "not JSON: a number beyond all measure, read as a text"),
            (self._has_halves, "an escape of half a character, read as U+FFFD"),
            (self._is_deep, f"nested deeper than {MOST_LEVELS} levels: left out"),
            (bool(self.open), "cut off: the line ends within its JSON"),
        )
        return tuple(text for is_so, text in told if is_so)

    def _take(self, token: bytes) -> None:
        if token in CLOSING:
            self._begin(token)
        elif self._skipped:
            if token in (b"}", b"]"):
                self._skipped -= 1
                if not self._skipped:
                    self._keep(b"null")
        elif token in (b"}", b"]"):
            self._keep(token)
            if self.open:
                self.open.pop()
            self._safe = self._length
        else:
            self._member(token)

    def _begin(self, token: bytes) -> None:
        if self._skipped or len(self.open) >= MOST_LEVELS:
            self._skipped += 1
            self._is_deep = True
            return
        self.open.append(Open(CLOSING[token], self._key, self._safe))
        self._key = None
        self._keep(token)
        self._safe = self._length

    def _member(self, token: bytes) -> None:
        if token == b",":
            self._safe, self._key = self._length, None
        elif token == b":":
            self._key = self._string
        elif token[:1] == b'"':
            self._string = token[1:-1]
        elif token[-1:].isdigit() or token[-1:] == b".":
            token = self._number(token)
        else:
            self._is_odd = True
            token = b'"' + token + b'"'
        self._keep(token)

    def _number(self, token: bytes) -> bytes:
        try:
            is_vast = isinf(float(token))
        except ValueError:
            return token  # No number: the decoder will say so.
        self._is_vast |= is_vast
        return b'"' + token + b'"' if is_vast else token

    def _keep(self, part: bytes) -> None:
        self._parts.append(part)
        self._length += len(part)
