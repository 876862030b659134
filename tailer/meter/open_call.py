"""A call of which parts are known, and what it comes to when it is closed. Knows no other calls and no clock."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from parsers.base import Call, Stage
from tailer.reading.chunk import Reading
from tailer.reading.overlay import overlay
from tailer.tally import Labels

MISSING_BY_STAGE = {
    Stage.REQUEST: "no_response",
    Stage.PIECE: "stream_interrupted",
    Stage.FINISHED: "stream_without_usage",
    Stage.LAST: "stream_without_usage",
}

TELLING = ("provider", "operation", "model", "response_id", "error_type", "input_tokens", "output_tokens")
"""A part with none of these tells of no call by itself."""


class Joined(NamedTuple):
    """A finished call; `missing` says why it has no usage, where joining is the reason."""

    call: Call
    dimensions: Labels
    missing: str | None = None
    trace_id: str | None = None


class OpenCall(msgspec.Struct):
    """A call of which parts are known. Times are of the log, but `touched_ns` is of a steady clock."""

    serial: int
    """Calls are numbered in the order in which their first lines came."""
    key: str
    call: Call
    stage: Stage
    dimensions: Labels
    touched_ns: int
    request_ns: int | None = None
    first_piece_ns: int | None = None
    answer_ns: int | None = None
    streamed: bool = False
    trace_id: str | None = None


def is_measured(call: Call) -> bool:
    """Whether it is known what the call used: tokens, or what is billed by other measures."""
    return call.input_tokens is not None or call.output_tokens is not None or bool(call.units)


def missing_usage(joined: Joined) -> str | None:
    """Why the usage of a finished call is not wholly known; None when it is, and for an error, which needs none."""
    call = joined.call
    if joined.missing is not None:
        return joined.missing
    if is_measured(call) or call.error_type is not None:
        return None
    return "bad_usage" if call.faults else "no_usage"


def merge(opened: OpenCall, call: Call, reading: Reading, stage: Stage) -> None:
    """Adds what another line of the same call says. A piece after the finish does not make it unfinished again."""
    opened.call = overlay(opened.call, call)
    opened.dimensions = tuple(new or old for old, new in zip(opened.dimensions, reading.dimensions, strict=True))
    opened.trace_id = reading.trace_id or opened.trace_id
    if call.timestamp_ns is not None:
        opened.answer_ns = call.timestamp_ns
    if stage is not Stage.PIECE or opened.stage is Stage.REQUEST:
        opened.stage = stage


def only_ends(call: Call) -> bool:
    """Whether a part is a bare end mark (`[DONE]`): it ends a stream that is open, and is no call by itself."""
    return all(getattr(call, field) is None for field in TELLING)


def finished(call: Call, dimensions: Labels, stage: Stage, trace_id: str | None = None) -> Joined:
    """The call as it is when nothing more is waited for; `stage` is how far its lines took it."""
    if is_measured(call):
        # What a stream that broke off had told by then is a part of what it cost: counted, and said to be incomplete.
        broken = stage is Stage.PIECE and call.error_type is None
        return Joined(call, dimensions, MISSING_BY_STAGE[stage] if broken else None, trace_id)
    if stage is Stage.REQUEST and call.error_type is None:
        # Nobody saw it succeed, and nobody saw why it did not.
        return Joined(call._replace(error_type="unknown"), dimensions, MISSING_BY_STAGE[stage], trace_id)
    if call.error_type is not None or (call.faults and stage is not Stage.PIECE):
        # An error needs no usage; a usage that came but could not be believed is not a missing one.
        return Joined(call, dimensions, None, trace_id)
    return Joined(call, dimensions, MISSING_BY_STAGE[stage], trace_id)


def timed(opened: OpenCall) -> Call:
    """The call with what the times of its lines tell, where no line said it outright."""
    call = opened.call
    if opened.request_ns is None or opened.stage is Stage.REQUEST:
        return call
    if call.duration_seconds is None and opened.stage is not Stage.PIECE:
        call = call._replace(duration_seconds=_seconds(opened.request_ns, opened.answer_ns))
    if call.time_to_first_token_seconds is None:
        call = call._replace(time_to_first_token_seconds=_seconds(opened.request_ns, opened.first_piece_ns))
    return call


def _seconds(start_ns: int, end_ns: int | None) -> float | None:
    return (end_ns - start_ns) / 1_000_000_000 if end_ns is not None and end_ns >= start_ns else None
