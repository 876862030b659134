"""Request line + response line, pieces of a stream → one call. Bounded, can be saved, has no clock of its own."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from parsers.base import Call, Stage
from tailer.config import Limits
from tailer.reading.chunk import Reading
from tailer.reading.overlay import overlay
from tailer.tally import Labels

REMEMBERED_STREAMS = 1024
"""How many finished streams are remembered, so that a repeated last piece is not counted as another call."""

MISSING_BY_STAGE = {
    Stage.REQUEST: "no_response",
    Stage.PIECE: "stream_interrupted",
    Stage.FINISHED: "stream_without_usage",
    Stage.LAST: "stream_without_usage",
}


class Joined(NamedTuple):
    """A finished call; `missing` says why it has no usage, where joining is the reason."""

    call: Call
    dimensions: Labels
    missing: str | None = None


class OpenCall(msgspec.Struct):
    """A call of which parts are known. Times in nanoseconds: of the log for the call, of the wall for `touched_ns`."""

    key: str
    call: Call
    stage: Stage
    dimensions: Labels
    touched_ns: int
    request_ns: int | None = None
    first_piece_ns: int | None = None
    streamed: bool = False


class SavedJoiner(msgspec.Struct):
    """What the checkpoint keeps of calls that are not finished."""

    open: list[OpenCall] = []
    streams: list[tuple[str, str]] = []


class Joiner:
    """Open calls by their join key, in the order in which they were last touched.

    Calls that share a key (an application's own request id around several calls) are told apart by the response's id;
    requests still without an answer are answered in the order in which they were asked.
    """

    def __init__(self, limits: Limits) -> None:
        self.dropped = 0
        """How many open calls were given up early because too many were open."""
        self._limits = limits
        self._open: dict[str, list[OpenCall]] = {}
        self._count = 0
        self._streams: dict[tuple[str, str], None] = {}

    def __len__(self) -> int:
        return self._count

    def add(self, reading: Reading, now_ns: int) -> list[Joined]:
        """The calls that this reading finishes: none, one, or one more when the oldest had to make room."""
        call = reading.call
        if call is None:
            return []
        key = reading.join_key or call.response_id
        if reading.stage is None:
            return self._whole(key, call, reading.dimensions)
        if key is None:
            # Nothing to join it by: only what completes a call by itself can be counted, and only once.
            return [_finished(call, reading.dimensions, reading.stage)] if reading.stage is Stage.LAST else []
        if (key, call.response_id or "") in self._streams:
            return []
        return self._part(key, reading, call, now_ns)

    def expire(self, now_ns: int) -> list[Joined]:
        """The calls for which nothing has come for too long, given up."""
        given_up = []
        for opened in [opened for calls in self._open.values() for opened in calls]:
            finished = opened.stage in (Stage.FINISHED, Stage.LAST)
            seconds = self._limits.finished_call_seconds if finished else self._limits.open_call_seconds
            if now_ns - opened.touched_ns > seconds * 1_000_000_000:
                given_up.append(self._close(opened))
        return given_up

    def close_all(self) -> list[Joined]:
        """Everything still open, given up: the input has come to its end."""
        return [self._close(opened) for calls in list(self._open.values()) for opened in list(calls)]

    def dump(self) -> SavedJoiner:
        return SavedJoiner([opened for calls in self._open.values() for opened in calls], list(self._streams))

    def load(self, saved: SavedJoiner, now_ns: int) -> None:
        """Takes up what was open. Its patience starts anew: while nobody read, nothing could be seen to come."""
        for opened in saved.open:
            opened.touched_ns = now_ns
            self._insert(opened)
        self._streams = dict.fromkeys(saved.streams)

    def _whole(self, key: str | None, call: Call, dimensions: Labels) -> list[Joined]:
        if key is None or not (self._open or self._streams):
            return [Joined(call, dimensions)]
        if call.response_id is not None and (key, call.response_id) in self._streams:
            return []
        opened = self._find(key, call.response_id)
        if opened is None:
            return [Joined(call, dimensions)]
        self._merge(opened, call, dimensions, Stage.LAST)
        return [self._close(opened)._replace(missing=None)]

    def _part(self, key: str, reading: Reading, call: Call, now_ns: int) -> list[Joined]:
        stage = reading.stage or Stage.LAST
        opened = None if stage is Stage.REQUEST else self._find(key, call.response_id)
        if opened is None:
            opened = OpenCall(key, call, stage, reading.dimensions, now_ns)
            if stage is Stage.REQUEST:
                opened.request_ns = call.timestamp_ns
            self._insert(opened)
        else:
            self._merge(opened, call, reading.dimensions, stage)
            self._touch(opened, now_ns)
        if stage is not Stage.REQUEST and not opened.streamed:
            opened.streamed, opened.first_piece_ns = True, call.timestamp_ns
        if stage is Stage.LAST:
            return [self._close(opened)]
        return [self._drop_oldest()] if self._count > self._limits.open_calls else []

    def _find(self, key: str, response_id: str | None) -> OpenCall | None:
        """The open call this answers: of the same response, else the first that has had no answer yet."""
        calls = self._open.get(key)
        if not calls:
            return None
        if response_id is None:
            return calls[0]
        for opened in calls:
            if opened.call.response_id == response_id:
                return opened
        return next((opened for opened in calls if opened.call.response_id is None), None)

    def _merge(self, opened: OpenCall, call: Call, dimensions: Labels, stage: Stage) -> None:
        opened.call = overlay(opened.call, call)
        opened.dimensions = tuple(new or old for old, new in zip(opened.dimensions, dimensions, strict=True))
        if stage is not Stage.PIECE or opened.stage is Stage.REQUEST:
            opened.stage = stage

    def _touch(self, opened: OpenCall, now_ns: int) -> None:
        opened.touched_ns = now_ns
        self._open[opened.key] = self._open.pop(opened.key)

    def _insert(self, opened: OpenCall) -> None:
        self._open.setdefault(opened.key, []).append(opened)
        self._count += 1

    def _drop_oldest(self) -> Joined:
        self.dropped += 1
        return self._close(next(iter(self._open.values()))[0])

    def _close(self, opened: OpenCall) -> Joined:
        calls = self._open[opened.key]
        calls.remove(opened)
        if not calls:
            del self._open[opened.key]
        self._count -= 1
        if opened.streamed and opened.call.response_id is not None:
            self._streams[(opened.key, opened.call.response_id)] = None
            if len(self._streams) > REMEMBERED_STREAMS:
                del self._streams[next(iter(self._streams))]
        return _finished(_timed(opened), opened.dimensions, opened.stage)


def _finished(call: Call, dimensions: Labels, stage: Stage) -> Joined:
    if call.input_tokens is not None or call.output_tokens is not None:
        return Joined(call, dimensions)
    if stage is Stage.REQUEST and call.error_type is None:
        # Nobody saw it succeed, and nobody saw why it did not.
        return Joined(call._replace(error_type="unknown"), dimensions, MISSING_BY_STAGE[stage])
    return Joined(call, dimensions, MISSING_BY_STAGE[stage] if call.error_type is None else None)


def _timed(opened: OpenCall) -> Call:
    """The call with what the times of its lines tell, where no line said it outright."""
    call = opened.call
    if opened.request_ns is None or opened.stage is Stage.REQUEST:
        return call
    if call.duration_seconds is None:
        call = call._replace(duration_seconds=_seconds(opened.request_ns, call.timestamp_ns))
    if call.time_to_first_token_seconds is None:
        call = call._replace(time_to_first_token_seconds=_seconds(opened.request_ns, opened.first_piece_ns))
    return call


def _seconds(start_ns: int, end_ns: int | None) -> float | None:
    return (end_ns - start_ns) / 1_000_000_000 if end_ns is not None and end_ns >= start_ns else None
