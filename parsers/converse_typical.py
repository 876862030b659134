"""What the parser of Bedrock Converse looks at in usual answers and in the events of ConverseStream."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, TypedDict

from parsers import aws
from parsers.base import Call, Parser
from parsers.remembered import Again, counted
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


AGAIN = frozenset(("usage", "output", "stopReason", "metrics", "ResponseMetadata"))


def form(parser: Parser, body: Mapping[str, object]) -> Typical | None:
    """How to read answers with the keys of this one."""
    if not ODD.isdisjoint(body):
        return None
    if "usage" in body and "stopReason" not in body:
        return None
    if "usage" not in body:
        return by_parse(parser, body, EVENT)
    return by_parse(parser, body, MEMBERS, again=_again(body))


def _again(body: Mapping[str, object]) -> Again | None:
    usage = body["usage"]
    if (
        not isinstance(usage, dict)
        or not body.keys() >= {"output", "stopReason"}
        or not body.keys() & MEMBERS.keys() <= AGAIN
    ):
        return None
    has_metrics, has_metadata = "metrics" in body, "ResponseMetadata" in body

    def beside(found: Any) -> aws.Metadata:
        return aws.metadata({"ResponseMetadata": found.ResponseMetadata}) if has_metadata else aws.NO_METADATA

    def facts_of(found: Any) -> Hashable | None:
        if not found.output.keys():
            return None
        return found.stopReason, beside(found).status

    def call(earlier: Call, found: Any) -> Call | None:
        made = counted(earlier, aws.converse_counts(found.usage), None)
        metrics = found.metrics if has_metrics else None
        latency = aws.seconds(metrics.get("latencyMs")) if isinstance(metrics, dict) else None
        return made and made._replace(duration_seconds=latency, request_id=beside(found).request_id)

    return Again(facts_of, call)
