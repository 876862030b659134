"""Goes through a decoded line: content is shown as configured wherever it stands, secrets are masked; pure.

Content is found by the names of the providers' formats, in every wrapper, in JSON in a text and in whole streams.
"""

from __future__ import annotations

import re

import orjson

from tailer.config import content as names
from tailer.config.schema import ContentAction
from tailer.ship.privacy_paths import Open, match_inside, step
from tailer.ship.privacy_show import DEEPEST, Showing, is_structure

MASKED_SECRET = "[masked:secret]"  # noqa: S105  # what is shown in place of one
NUMBERS = 16
"""So many numbers in a row are an embedding or the numbers of tokens, whatever their key is."""
# Anywhere in a text: JSON or a stream with words before it, or the rest of one.
_SUSPECT = re.compile(r"""[\[{]\s{0,8}(?:["'\[{]|\\["'])|\\"|["']\s{0,8}:\s{0,8}["'\[{]|data:\s{0,8}\S""")
_ENCODED = re.compile(r"[A-Za-z0-9+/_=\s-]{256,}")
_CRI = re.compile(r"\d[^ ]{9,39} (?:stdout|stderr) [PF](?::[^ ]*)? ")
_WORDED = frozenset({"event", "id", "retry"})
_STREAM = ("data:", "event:", "id:", "retry:", ":")


class Tree:
    """`action` is what is done with content where no configured path says otherwise."""

    __slots__ = ("_action", "_paths", "_showing")

    def __init__(self, action: ContentAction, paths: Open, showing: Showing) -> None:
        self._action = action
        self._paths = paths
        self._showing = showing

    def line(self, value: object) -> object:
        """A whole decoded line. What is neither object nor list is content."""
        if type(value) is dict or type(value) is list:
            return self._plain(value, "line", self._paths, 0)
        return self.text(value, "line", self._paths, 0) if type(value) is str else self.content(value)

    def content(self, value: object) -> object:
        return value if self._action == "keep" else self._showing.content(self._action, value)

    def _plain(self, value: object, name: str, paths: Open, depth: int) -> object:
        """What stands outside of content, at a key of this name."""
        if type(value) is str:
            return self.text(value, name, paths, depth)
        if depth >= DEEPEST and isinstance(value, (dict, list)):
            return "[deeper]"
        if type(value) is dict:
            return self._object(value, name, paths, depth)
        return self._listed(value, name, paths, depth) if type(value) is list else value

    def _object(self, value: dict[str, object], above: str, paths: Open, depth: int) -> dict[str, object]:
        named = value.get("key", value.get("name"))
        failed = _tells_of_failure(value)
        out: dict[str, object] = {}
        for key, item in value.items():
            shown = self._showing.masks.apply(key)
            # OpenTelemetry's attributes and some loggers' headers are objects of a name and a value.
            meant = named if type(named) is str and names.names_of(key)[0].endswith("value") else key
            action, below = step(paths, key)
            place = "error" if failed and key.lower() in ("message", "msg") else above
            out[shown if shown not in out else f"{shown} {len(out)}"] = self._member(
                meant, item, place, action, below, depth
            )
        return out

    def _member(  # noqa: PLR0913, PLR0917  # all that is known of one place
        self, key: str, item: object, above: str, action: ContentAction | None, paths: Open, depth: int
    ) -> object:
        name, before = names.names_of(key)
        if action == "keep":
            return self._kept(item, paths, depth)
        if action is not None:
            return self._showing.content(action, item, depth + 1)
        if name in names.SECRETS and isinstance(item, (str, list)):
            return MASKED_SECRET if item else item
        if self._action != "keep" and names.is_content(key, above) and not _is_count(name, item, above):
            return self._said(item, paths, depth)
        if type(item) is str and self._action != "keep" and (name in names.ERRORS or before in names.ERRORS):
            return self._error(item, name, paths, depth)
        return self._plain(
            item, names.USAGE_MARK if name in names.USAGE or above == names.USAGE_MARK else name, paths, depth + 1
        )

    def _said(self, item: object, paths: Open, depth: int) -> object:
        """Content, in which longer paths than the one to it may want something kept."""
        if not match_inside(paths, item, DEEPEST - depth):
            return self._showing.content(self._action, item, depth + 1)
        if isinstance(item, list):
            return [self._said_at(str(index), value, paths, depth) for index, value in enumerate(item)]
        if not isinstance(item, dict):
            return self._showing.content(self._action, item, depth + 1)
        known = {key for key, value in item.items() if is_structure(key) or match_inside(paths, {key: value}, DEEPEST)}
        return {key: self._said_at(key, item[key], paths, depth) for key in item if key in known}

    def _said_at(self, key: str, item: object, paths: Open, depth: int) -> object:
        action, below = step(paths, key)
        if action is None:
            return self._said(item, below, depth + 1)
        return self._kept(item, below, depth) if action == "keep" else self._showing.content(action, item, depth + 1)

    def _error(self, text: str, name: str, paths: Open, depth: int) -> object:
        """`error: "…"` is what it says; `error.type` and `error.code` are words of the format."""
        if name in names.ERRORS and text.lstrip()[:1] not in ("{", "["):
            return self._showing.text(self._action, text)
        return self.text(text, name, paths, depth + 1)

    def _listed(self, values: list[object], name: str, paths: Open, depth: int) -> object:
        if self._action != "keep" and _are_numbers(values, name):
            return values[:4] if self._action == "shorten" else self._showing.whole(self._action, values)
        if len(values) == 2 and type(values[0]) is str and names.names_of(values[0])[0] in names.SECRETS:
            return [values[0], MASKED_SECRET]
        out = []
        for index, value in enumerate(values):
            action, below = step(paths, str(index))
            if action is None:
                out.append(self._plain(value, name, below, depth + 1))
            elif action == "keep":
                out.append(self._kept(value, below, depth))
            else:
                out.append(self._showing.content(action, value, depth + 1))
        return out

    def _kept(self, value: object, paths: Open, depth: int) -> object:
        """What the configuration wants kept: as it is, but for secrets and for what a longer path says."""
        return Tree("keep", paths, self._showing)._plain(value, "", paths, depth + 1)  # noqa: SLF001  # another of its kind

    def text(self, text: str, name: str, paths: Open, depth: int) -> str:
        """A text outside of content: JSON and streams in it are gone through; what seems to hold either is content."""
        start = text.lstrip()[:1]
        if start in ("{", "[", '"') and depth < DEEPEST:
            found = self._json(text, name, paths, depth)
            if found is not None:
                return found
        elif text.startswith(_STREAM) and name in names.BODIES:
            return "\n".join([self._event(line, paths, depth) for line in text.split("\n")])
        elif start.isdigit() and (head := _CRI.match(text)) is not None:
            return head[0] + self.text(text[head.end() :], "line", paths, depth + 1)
        if self._action != "keep" and text and (name in names.BODIES or start == "{" or _is_suspect(text)):
            return self._showing.text(self._action, text)
        return self._showing.masks.apply(text)

    def _json(self, text: str, name: str, paths: Open, depth: int) -> str | None:
        """JSON, or objects one on each line, gone through; None when it is not that."""
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            lines = text.split("\n")
            if len(lines) < 2 or not text.startswith("{"):
                return None
            return "\n".join([self._json_line(line, name, paths, depth) for line in lines])
        clean = self._plain(value, name, paths, depth + 1)
        # What nothing was done to stays as it was written.
        return self._showing.masks.apply(text) if clean == value and self._action == "keep" else _dumped(clean)

    def _json_line(self, line: str, name: str, paths: Open, depth: int) -> str:
        try:
            value = orjson.loads(line) if line.strip() else None
        except orjson.JSONDecodeError:
            return self._showing.text(self._action, line)
        return "" if value is None else _dumped(self._plain(value, name, paths, depth + 1))

    def _event(self, line: str, paths: Open, depth: int) -> str:
        """One line of a stream of server-sent events."""
        field, colon, data = line.partition(":")
        if field != "data":
            # The name of an event is a word of the format; anything longer is not.
            is_plain = not line or (field in _WORDED and colon and len(data) <= 64 and not _is_suspect(line))
            return line if is_plain else self._showing.text(self._action, line)
        if data.strip() == "[DONE]":
            return line
        return f"data: {self.text(data.strip(), 'data', paths, depth + 1)}"


def _tells_of_failure(value: dict[str, object]) -> bool:
    """An error of a provider that stands by itself: its `message` is no logger's."""
    kind = value.get("type", value.get("__type", value.get("name")))
    if type(kind) is str and kind.lower().endswith(("error", "exception")):
        return True
    return names.LOGGED.isdisjoint(value)


def _are_numbers(values: list[object], name: str) -> bool:
    """An embedding, or the numbers of tokens; Ollama calls these `context`."""
    if len(values) < NUMBERS and (name != "context" or not values):
        return False
    return all(type(value) is int or type(value) is float for value in values)


def _is_count(name: str, item: object, above: str) -> bool:
    """Whether a key named like content tells how much of it there was."""
    if type(item) is int or type(item) is float:
        return name in names.COUNTED
    return type(item) is dict and (name in names.USAGE or above == names.USAGE_MARK)


def _is_suspect(text: str) -> bool:
    return _SUSPECT.search(text) is not None or (len(text) >= 256 and _ENCODED.fullmatch(text) is not None)


def _dumped(value: object) -> str:
    return orjson.dumps(value).decode()
