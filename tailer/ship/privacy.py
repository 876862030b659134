"""What of a line leaves: all of it, or what the configuration lets out; pure, so that a replay lets out the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import orjson

from tailer.config.schema import ContentAction, Fields, Privacy
from tailer.reading import partial
from tailer.reading.chunk import Chunk, Reading
from tailer.ship.privacy_fit import fit, head_of
from tailer.ship.privacy_learned import learned, picked, word
from tailer.ship.privacy_mask import masks_in
from tailer.ship.privacy_paths import patterns
from tailer.ship.privacy_show import Showing
from tailer.ship.privacy_tree import Tree

__all__ = ["Guard", "fit", "head_of"]

BOM = b"\xef\xbb\xbf"


class Guard:
    """Lets out what the section `privacy` allows. Whatever it cannot go through counts as content as a whole.

    `key` is what content is hashed with. A hash stays the same as long as the key does.
    """

    __slots__ = ("_action", "_learned_only", "_limit", "_paths", "_promises", "_showing", "_tree")

    def __init__(self, options: Privacy, fields: Fields, key: bytes, limit_bytes: int) -> None:
        self._showing = Showing(masks_in(options), options.shorten_characters, key)
        self._action: ContentAction = options.content
        self._learned_only = options.mode == "allow_list"
        self._promises = options.promises
        self._paths = patterns(cast("dict[str, ContentAction]", options.paths))
        own = (*self._paths, *patterns({path: self._action for path in (fields.request, fields.response) if path}))
        self._tree = Tree(self._action, own if self._action != "keep" else self._paths, self._showing)
        self._limit = limit_bytes

    def facts(self, learned_of_it: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """What was learned of a line (a model, an id), as it may stand beside its entry."""
        for name, value in learned_of_it:
            yield name, word(value, self._showing) if self._promises else self._showing.masks.apply(value)

    def label(self, value: str) -> str:
        """A value that the configuration takes from the line by name."""
        return self._showing.masks.apply(value)

    def texts(self, chunk: Chunk, readings: Sequence[Reading]) -> Iterator[bytes]:
        """What leaves of each line of a chunk, in order."""
        if chunk.oversize:
            size = chunk.end - chunk.start
            yield orjson.dumps({"tokentail_truncated": size, "tokentail_oversize_bytes": size})
            return
        whole, pieces = _put_together(chunk.data)
        for index, reading in enumerate(readings):
            if index in pieces:
                yield self._withheld("piece", reading.end - reading.start)
                continue
            line = whole.get(index) or chunk.text(reading)
            yield fit(self._learned(line, reading), self._limit) if self._learned_only else self._line(line)

    def _learned(self, line: bytes, reading: Reading) -> bytes:
        found = learned(reading, self._showing)
        if self._paths:
            value = _decoded(_split(line)[1])
            if (own := picked(value, self._paths, self._showing)) is not None:
                found["line"] = own
        return _encoded(found)

    def _line(self, line: bytes) -> bytes:
        head, body = _split(line)
        if not body.strip():
            return head
        value = _decoded(body)
        if value is None and body.strip() != b"null":
            return head + self._unread(body)
        if type(value) is str:
            clean: object = self._tree.text(value, "line", (), 0)
        elif isinstance(value, (dict, list)):
            clean = self._tree.line(value)
        else:
            clean = self._tree.content(value)
        if clean == value and self._action == "keep":
            # Nothing was done to it, unless it is in a part that JSON hides: a key that is there twice.
            return fit(head + self._masked(body), self._limit)
        return head + fit(orjson.dumps(clean), self._limit - len(head))

    def _unread(self, body: bytes) -> bytes:
        """What is no JSON: plain text, a line that broke off, a stream's other fields."""
        match self._action:
            case "keep":
                return fit(self._masked(body), self._limit)
            case "shorten":
                return fit(self._showing.text("shorten", body.decode("utf-8", "replace")).encode(), self._limit)
            case "hash":
                shown = self._showing.text("hash", body.decode("utf-8", "replace"))
                return self._withheld("text", len(body), shown)
        return self._withheld("text", len(body))

    def _withheld(self, what: str, size: int, shown: str | None = None) -> bytes:
        marks: dict[str, object] = {"tokentail_withheld": what, "bytes": size}
        return orjson.dumps(marks if shown is None else {**marks, "hash": shown})

    def _masked(self, body: bytes) -> bytes:
        return self._showing.masks.apply(body.decode("utf-8", "replace")).encode()


def _decoded(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _split(line: bytes) -> tuple[bytes, bytes]:
    """What a container runtime or a stream has put before the line, and the line."""
    line = line.lstrip(b"\x00").removeprefix(BOM)
    if (head := partial.CRI_HEAD.match(line)) is not None:
        inner, body = _split(line[head.end() :]) if head.end() < len(line) else (b"", b"")
        return line[: head.end()] + inner, body
    if line.startswith(b"data:"):
        body = line[5:].lstrip()
        return line[: len(line) - len(body)], body
    return b"", line


def _put_together(data: bytes) -> tuple[dict[int, bytes], set[int]]:
    """Lines that a container runtime has cut: the whole of each by the index of its last piece; the other pieces."""
    if not partial.may_be_cut(data):
        return {}, set()
    lines = data.split(b"\n")
    found = partial.sequences(lines)
    whole = {pieces[-1]: partial.assembled([lines[index] for index in pieces]) for pieces in found.closed}
    rest = {index for pieces in found.closed for index in pieces[:-1]}
    return whole, rest | {index for pieces in found.open for index in pieces}


def _encoded(found: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(found)
    except TypeError:  # A count of more than 64 bits, from a parser that is not ours.
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
