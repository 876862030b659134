"""Events and answers by Splunk's own rules, apart from the code under test; knows no HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WORDS = {
    0: "Success", 1: "Token disabled", 2: "Token is required", 3: "Invalid authorization", 4: "Invalid token",
    5: "No data", 6: "Invalid data format", 7: "Incorrect index", 8: "Internal server error", 9: "Server is busy",
    10: "Data channel is missing", 11: "Invalid data channel", 12: "Event field is required",
    13: "Event field cannot be blank", 14: "ACK is disabled", 15: "Error in handling indexed fields",
    16: "Query string authorization is not enabled", 18: "HEC is unhealthy, queues are full",
    19: "HEC is unhealthy, ack service unavailable", 20: "HEC is unhealthy", 21: "Invalid token",
    22: "Token disabled", 23: "Server is shutting down", 24: "Queue is approaching capacity",
    25: "ACK channel is approaching capacity", 26: "HEC queue at capacity", 27: "HEC ACK channel at capacity",
    28: "Data channel is missing.",
}  # fmt: skip
ENVELOPE = {"time", "host", "source", "sourcetype", "index", "event", "fields"}


@dataclass(frozen=True)
class Event:
    """One event as indexed; `body` is what stood under `event`, each object with its keys in the order sent."""

    time: Decimal
    host: str | None
    source: str | None
    sourcetype: str | None
    index: str | None
    body: Any
    fields: Mapping[str, str]

    @property
    def identity(self) -> str:
        return self.fields["tokentail_id"]

    @property
    def line(self) -> str:
        """The line it was, as `json.dumps` writes it."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)


class FaultError(Exception):
    """What is wrong with an event: a code, and where Splunk counts it."""

    def __init__(self, code: int, number: int | None = None) -> None:
        self.code = code
        self.number = number
        super().__init__(WORDS[code])


def event_of(found: Mapping[str, Any], number: int) -> Event:
    """The event that an object of a push is; FaultError where Splunk takes none such."""
    fields = found.get("fields", {})
    if "event" not in found or not found.keys() <= ENVELOPE:
        raise FaultError(12, number)
    if found["event"] is None or found["event"] is False:
        raise FaultError(6, number)
    if isinstance(found["event"], str) and not found["event"].strip():
        raise FaultError(13, number)
    if any(isinstance(value, dict) for value in fields.values()):
        raise FaultError(15, number)
    named = {name: found.get(name) for name in ("host", "source", "sourcetype", "index")}
    return Event(Decimal(str(found["time"])), **named, body=found["event"], fields=fields)


def objects(sent: bytes) -> Iterator[Mapping[str, Any]]:
    """The objects of a body, one after the other; FaultError at the first that is none."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    text, at, number = sent.decode(), 0, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            raise FaultError(6, number) from None
        if not isinstance(found, dict):
            raise FaultError(6, number)
        yield {**found, "event": plain(found["event"])} if "event" in found else found
        number += 1


def plain(value: Any) -> Any:
    """The same with floats again, of which only the time had to keep its digits."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value
