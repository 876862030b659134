"""What the metering tests are made of: calls, the readings that tell of them, a restart."""

from __future__ import annotations

import msgspec

from parsers.base import Call, Stage
from tailer.config import Limits
from tailer.meter.joiner import Joined, Joiner, SavedJoiner
from tailer.meter.ledger import NO_NEEDS, Ledger, Needs, SavedLedger
from tailer.reading.chunk import Outcome, Reading

NOON_NS = 1_780_000_000_000_000_000
SECOND_NS = 1_000_000_000

GPT = Call(provider="openai", operation="chat", model="gpt-4o-2024-08-06", request_model="gpt-4o")
ASKED = Call(operation="chat", request_model="gpt-4o")
"""What a request line tells: the provider may be known only from the answer."""
USED = GPT._replace(input_tokens=1523, output_tokens=212, details={"cached_input": 1024})
END_MARK = Call()
"""What `[DONE]` on a line of its own tells."""


def part(stage: Stage | None, call: Call, key: str | None = "req_1", dimensions: tuple[str, ...] = ()) -> Reading:
    """The reading of one line; with stage None the call is whole."""
    outcome: Outcome = "call" if stage is None else "part"
    return Reading(0, 100, 0, outcome, call, stage, key, call.timestamp_ns, dimensions=dimensions)


def at(call: Call, seconds: float) -> Call:
    """The call on a line written so many seconds after noon."""
    return call._replace(timestamp_ns=NOON_NS + round(seconds * SECOND_NS))


def restarted(joiner: Joiner, dimensions: tuple[str, ...] = (), limits: Limits | None = None) -> Joiner:
    """A new joiner from what the old one left in the checkpoint."""
    saved = msgspec.json.decode(msgspec.json.encode(joiner.dump()), type=SavedJoiner)
    fresh = Joiner(limits or Limits(), dimensions)
    fresh.load(saved, NOON_NS)
    return fresh


def reloaded(
    ledger: Ledger, dimensions: tuple[str, ...] = (), limits: Limits | None = None, needs: Needs = NO_NEEDS
) -> Ledger:
    """A new ledger from what the old one left in the checkpoint."""
    saved = msgspec.json.decode(msgspec.json.encode(ledger.dump()), type=SavedLedger)
    fresh = Ledger(limits or Limits(), dimensions, needs)
    assert fresh.load(saved) == []
    return fresh


def added(joiner: Joiner, *readings: Reading) -> list[Joined]:
    """What these lines finish, all read at noon."""
    return [joined for reading in readings for joined in joiner.add(reading, NOON_NS)]
