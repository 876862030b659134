"""How a piece of content is shown: shortened, as a keyed hash, or only by its size; pure, the key is an argument."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from tailer.config.schema import ContentAction
from tailer.ship.privacy_mask import Masks

DEEPEST = 64
"""What is nested deeper is not looked through: it is only said to be there."""
ROLES = frozenset({
    "system", "user", "assistant", "tool", "developer", "model", "function", "human", "ai", "chatbot", "USER", "SYSTEM",
    "CHATBOT", "TOOL", "ASSISTANT",
})  # fmt: skip
TYPES = frozenset({
    "text", "message", "function", "image_url", "input_text", "output_text", "input_image", "input_audio", "input_file",
    "image", "audio", "document", "file", "video", "tool_use", "tool_result", "tool_call", "thinking", "reasoning",
    "redacted_thinking", "summary_text", "refusal", "function_call", "function_call_output", "server_tool_use",
    "base64", "url", "web_search_call", "file_search_call", "json_schema", "json_object", "ephemeral", "blob", "uri",
    "tool_call_response",
})  # fmt: skip
WORDS: Mapping[str, frozenset[str]] = {"role": ROLES, "type": TYPES}
"""Inside content only these words of the formats' own are left; whatever else stands there may have been said."""
STRUCTURE = frozenset({
    "role", "type", "content", "contents", "text", "parts", "function", "arguments", "args", "name", "id", "index",
    "toolcallid", "callid", "tooluseid", "toolcalls", "functioncall", "functionresponse", "inlinedata", "filedata",
    "imageurl", "inputaudio", "url", "detail", "source", "mediatype", "mimetype", "data", "cachecontrol", "ttl",
    "status",
    "refusal", "annotations", "thinking", "signature", "summary", "input", "output", "title", "format", "response",
    "parameters", "description", "iserror", "image", "toolresult", "tooluse", "fileid", "filename", "audio", "thought",
    "encryptedcontent", "reasoningcontent", "prompt", "logprobs", "strict", "citations", "bytes", "document",
})  # fmt: skip
"""Keys of the formats' own, lower case and without `_`. An object with any other is content as a whole, keys too."""


def is_structure(key: str) -> bool:
    """Whether a key inside content is one of the formats' own."""
    return key.lower().replace("_", "") in STRUCTURE


class Showing(NamedTuple):
    """What is left of content by each action. `key` is what is hashed with, `characters` how many of a text stay."""

    masks: Masks
    characters: int = 0
    key: bytes = b""

    def text(self, action: ContentAction, text: str) -> str:
        """A text of content; an empty one says nothing and stays."""
        if not text:
            return text
        match action:
            case "keep":
                return self.masks.apply(text)
            case "shorten":
                return self._shortened(text)
            case "hash":
                return self._hashed(text.encode("utf-8", "replace"))
        return f"[dropped {len(text)} characters]"

    def content(self, action: ContentAction, value: object, depth: int = 0) -> object:
        """A value of content, with as much of its structure as says nothing."""
        match value:
            case str():
                return self.text(action, value)
            case None | bool():
                return value
            case int() | float():
                return value if action == "shorten" else self.whole(action, value)
            case list() if depth < DEEPEST:
                return self._listed(action, value, depth)
            case dict() if depth < DEEPEST:
                return self._object(action, value, depth)
        return "[deeper]"

    def whole(self, action: ContentAction, value: object) -> str:
        """A value of which not even the structure may be seen."""
        if action == "hash":
            try:
                return self._hashed(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
            except orjson.JSONEncodeError:
                return "[deeper]"
        match value:
            case list():
                return f"[dropped {len(value)} items]"
            case dict():
                return f"[dropped {len(value)} fields]"
        return "[dropped]"

    def _listed(self, action: ContentAction, values: list[object], depth: int) -> object:
        if action == "shorten":
            kept = [self.content(action, value, depth + 1) for value in values[: max(1, self.characters)]]
            left_out = len(values) - len(kept)
            return [*kept, f"…[{left_out} more items]"] if left_out else kept
        if any(type(value) is dict or type(value) is list or type(value) is str for value in values):
            return [self.content(action, value, depth + 1) for value in values]
        # An embedding, or the numbers of tokens: one by one they would be longer than what they hide.
        return self.whole(action, values) if values else values

    def _object(self, action: ContentAction, value: dict[str, object], depth: int) -> object:
        if action == "shorten":
            return {self._shortened(key): self.content(action, item, depth + 1) for key, item in value.items()}
        if not all(map(is_structure, value)):
            return self.whole(action, value)
        return {
            key: item if type(item) is str and item in WORDS.get(key, ()) else self.content(action, item, depth + 1)
            for key, item in value.items()
        }

    def _shortened(self, text: str) -> str:
        text = self.masks.apply(text)
        left_out = len(text) - self.characters
        return f"{text[: self.characters]}…[{left_out} more characters]" if left_out > 0 else text

    def _hashed(self, data: bytes) -> str:
        """Which key it was can be seen by the first digits: after a change of keys equal texts have other hashes."""
        return f"[hmac {self.key_id()}:{hmac.digest(self.key, data, 'sha256').hex()[:32]}]"

    def key_id(self) -> str:
        return hmac.digest(self.key, b"tokentail", "sha256").hex()[:4]
