"""What each answer of the HTTP Event Collector means; pure, the clock is an argument.

Source: "Troubleshoot HTTP Event Collector" in Splunk's documentation (its codes), and its REST API reference for
services/collector (`invalid-event-number` counts from 0). What it leaves open was seen with Splunk 10: the events
before the invalid one are indexed, those after it are not; Splunk Cloud calls a body above 5 MiB invalid at event 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from tailer.outbound.answer import Accepted, Answer, Refused, Reply, Retry, RetryReason, TooLarge, undecided

ACK_DISABLED = 14
REFUSALS: Mapping[int, str] = {6: "invalid_format", 12: "no_event", 13: "blank_event", 15: "invalid_fields"}
"""Faults of one event: code → kind of refusal."""
SETTINGS: Mapping[int, tuple[RetryReason, str]] = {
    1: ("unauthorized", "the token is disabled"),
    2: ("unauthorized", "a token is required"),
    3: ("unauthorized", "invalid authorization"),
    4: ("unauthorized", "invalid token"),
    5: ("unexpected_answer", "the events did not arrive: no data"),
    7: ("disallowed", "the token may not write to this index, or there is none"),
    10: ("disallowed", "the token wants acknowledgement: set splunk.acknowledge to auto"),
    11: ("disallowed", "invalid data channel"),
    16: ("disallowed", "the token is not allowed in a query"),
    21: ("unauthorized", "invalid token"),
    22: ("unauthorized", "the token is disabled"),
    28: ("disallowed", "the token wants acknowledgement: set splunk.acknowledge to auto"),
}
"""Faults of the token or of a setting: until they are mended nothing would be taken, and nothing is given up."""


class Told(NamedTuple):
    """What the JSON of an answer says, as far as it does."""

    code: int | None = None
    invalid: int | None = None
    """The number of the first event that was not taken, from 0."""
    ack_id: int | None = None


def told(text: str) -> Told:
    """What an answer says in its JSON."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Told()
    if not isinstance(found, dict):
        return Told()
    return Told(_number(found.get("code")), _number(found.get("invalid-event-number")), _number(found.get("ackId")))


def judge(reply: Reply, now_ns: int) -> Answer:
    """The meaning of a reply. What is not known to be final is tried again."""
    status, code = reply.status, told(reply.text).code
    if status == 413:
        return TooLarge(status, reply.text)
    if reply.is_page and (status < 300 or status == 400):
        return Retry("unexpected_answer", None, f"HTTP {status} with a page")
    if code is not None and code in REFUSALS:
        return Refused(status, reply.text)
    if code is not None and code in SETTINGS:
        reason, words = SETTINGS[code]
        return Retry(reason, None, f"HTTP {status}, code {code}: {words}")
    if 200 <= status < 300:
        return Accepted() if not code else Retry("unexpected_answer", None, f"HTTP {status}, code {code}")
    answer = undecided(reply, now_ns)
    return answer if code is None else answer._replace(detail=f"HTTP {status}, code {code}")


def kind(text: str) -> str:
    """What a refusal objects to, from a closed set."""
    return REFUSALS.get(told(text).code or 0, "other")


def doomed(entries: Sequence[object], text: str) -> list[bool]:
    """For each of a push's events whether this answer proves that it will not be taken."""
    found, count = told(text), len(entries)
    # At event 0 it may be the whole body that is too large, or every event that is at fault: halves tell sooner.
    is_proof = found.code in REFUSALS and (count == 1 or found.invalid != 0)
    return [is_proof and number == found.invalid for number in range(count)]


def took_the_rest(_: str) -> bool:
    """Whether all good events of a refused push are indexed: never those after the invalid one."""
    return False


def _number(value: object) -> int | None:
    if type(value) is str and value.isascii() and value.isdecimal() and len(value) <= 18:
        return int(value)
    return value if type(value) is int else None
