"""What the parser of Bedrock Converse looks at in usual answers and in the events of ConverseStream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from parsers.base import Parser, Typical
from parsers.typical import TEXT, Object, by_parse

ODD = frozenset(("error", "amazon-bedrock-invocationMetrics"))


class Message(TypedDict, total=False):
    """What was answered: only that it is there counts."""


class Output(TypedDict, total=False):
    """Where the message is."""

    message: Message


MEMBERS: Mapping[str, object] = {
    "usage": Object, "output": Output, "stopReason": TEXT, "metrics": object, "trace": object, "serviceTier": object,
    "performanceConfig": object, "ResponseMetadata": object, "modelId": TEXT, "model_id": TEXT, "model": TEXT,
}  # fmt: skip
EVENT = {
    "messageStart": Object, "contentBlockStart": Object, "contentBlockDelta": Object, "contentBlockStop": Object,
    "messageStop": Object, "metadata": Object,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read answers with the keys of this one."""
    if not ODD.isdisjoint(body):
        return None
    if "usage" in body and "stopReason" not in body:
        return None
    return by_parse(parser, body, MEMBERS if "usage" in body else EVENT)
