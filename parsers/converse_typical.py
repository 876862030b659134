"""What the parser of Bedrock Converse looks at in usual answers and in the events of ConverseStream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from parsers import aws
from parsers.base import Parser
from parsers.typical import TEXT, Object, Typical, by_parse

ODD = frozenset(("error", "$metadata", aws.METRICS))


class Message(TypedDict, total=False):
    """What was answered: only that it is there counts."""


class Output(TypedDict, total=False):
    """Where the message is."""

    message: Message


NAMES = dict.fromkeys(aws.MODEL_KEYS, TEXT)
MEMBERS: Mapping[str, object] = {
    **NAMES, "usage": Object, "output": Output, "stopReason": TEXT, "metrics": object, "trace": object,
    "serviceTier": object, "performanceConfig": object, "ResponseMetadata": object,
}  # fmt: skip
EVENT: Mapping[str, object] = {
    **NAMES, "messageStart": Object, "contentBlockStart": Object, "contentBlockDelta": Object,
    "contentBlockStop": Object, "messageStop": Object, "metadata": Object,
}  # fmt: skip


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read answers with the keys of this one."""
    if not ODD.isdisjoint(body):
        return None
    if "usage" in body and "stopReason" not in body:
        return None
    return by_parse(parser, body, MEMBERS if "usage" in body else EVENT)
