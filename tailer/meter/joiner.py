"""Request line + response line, pieces of a stream → one call. Bounded, can be saved, has no clock of its own."""

from __future__ import annotations

import msgspec

from parsers.base import Call, Stage
from tailer.config import Limits
from tailer.meter.open_call import Joined, OpenCall, finished, merge, only_ends, timed
from tailer.meter.told_spans import ToldSpans
from tailer.reading.chunk import Reading
from tailer.tally import Labels, relabelled

__all__ = ["Joined", "Joiner", "SavedJoiner"]

REMEMBERED_STREAMS = 2048
"""How many marks of closed streams are kept, so that a repeated last piece is not counted as another call."""


REMEMBERED_ANSWERS = 512
"""How many answers to which no request was known are kept, in case their requests are written after them."""


class SavedJoiner(msgspec.Struct):
    """What the checkpoint keeps of calls that are not finished, the longest untouched first."""

    open: list[OpenCall] = []
    streams: list[tuple[str, str]] = []
    dimensions: Labels = ()
    next_serial: int = 0
    unasked: dict[str, int] = {}
    spans: dict[int, bool] = {}


class Joiner:
    """Open calls by their join key.

    Calls that share a key (an application's own request id around several calls) are told apart by the response's id;
    requests still without an answer are answered in the order in which they were asked. A part without a response id
    under a key whose stream is closed belongs to that stream, for a stream that has an id starts with it.
    """

    def __init__(self, limits: Limits, dimensions: Labels = ()) -> None:
        self.dropped = 0
        """How many open calls were given up early because too many were open."""
        self._limits = limits
        self._dimensions = dimensions
        self._by_key: dict[str, list[OpenCall]] = {}
        self._untouched: dict[int, OpenCall] = {}
        self._next_serial = 0
        self._streams: dict[tuple[str, str], None] = {}
        self._unasked: dict[str, int] = {}
        self._told = ToldSpans()

    def __len__(self) -> int:
        return len(self._untouched)

    def is_alone(self, reading: Reading) -> bool:
        """Whether a line is one call whose other lines are none, nor are waited for: `add` gives it back as it is."""
        call = reading.call
        if call is None or reading.stage is not None or reading.more or call.span is not None:
            return False
        response_id = call.response_id
        key = reading.join_key or response_id
        if key is None:
            return True
        if key in self._by_key or (self._streams and (key, response_id) in self._streams):
            return False
        return call.request_model is not None or call.timestamp_ns is None

    def add(self, reading: Reading, now_ns: int) -> list[Joined]:
        """The calls that this reading finishes: none, one, several on one line, or those that had to make room."""
        call = reading.call
        if call is None:
            return []
        key = reading.join_key or call.response_id
        if reading.stage is None:
            first = [] if self._told.is_repeat(call) else self._whole(key, call, reading)
            more = [_alone(other, reading) for other in reading.more if not self._told.is_repeat(other)]
            return first + more
        if reading.stage is Stage.FAILURE:
            return self._failure(key, call, reading)
        if key is None:
            # Nothing to join it by: only what completes a call by itself can be counted, and only once.
            last = reading.stage is Stage.LAST and not only_ends(call)
            return [finished(call, reading.dimensions, reading.stage, reading.trace_id)] if last else []
        if reading.stage is Stage.REQUEST:
            return self._request(key, reading, call, now_ns)
        return self._piece(key, reading, call, reading.stage, now_ns)

    def expire(self, now_ns: int) -> list[Joined]:
        """The calls for which nothing has come for too long, given up."""
        given_up = []
        for opened in list(self._untouched.values()):
            ended = opened.stage is Stage.FINISHED
            seconds = self._limits.finished_call_seconds if ended else self._limits.open_call_seconds
            if now_ns - opened.touched_ns > seconds * 1_000_000_000:
                given_up.append(self._close(opened))
        return given_up

    def close_all(self) -> list[Joined]:
        """Everything still open, given up: the input has come to its end."""
        return [self._close(opened) for opened in list(self._untouched.values())]

    def dump(self) -> SavedJoiner:
        """What is open now, shared with the live joiner: encode it before anything is added."""
        return SavedJoiner(
            list(self._untouched.values()),
            list(self._streams),
            self._dimensions,
            next_serial=self._next_serial,
            unasked=self._unasked,
            spans=self._told.dump(),
        )

    def load(self, saved: SavedJoiner, now_ns: int) -> None:
        """Takes up what was open. Its patience starts anew: while nobody read, nothing could be seen to come."""
        for opened in saved.open:
            opened.touched_ns = now_ns
            opened.dimensions = relabelled(opened.dimensions, saved.dimensions, self._dimensions)
            self._untouched[opened.serial] = opened
        for opened in sorted(saved.open, key=lambda it: it.serial):
            self._by_key.setdefault(opened.key, []).append(opened)
        self._next_serial = saved.next_serial
        self._streams = dict.fromkeys(saved.streams)
        self._unasked = dict(saved.unasked)
        self._told.load(saved.spans)

    def _whole(self, key: str | None, call: Call, reading: Reading) -> list[Joined]:
        if key is None:
            return [_alone(call, reading)]
        if call.response_id is not None and (key, call.response_id) in self._streams:
            return []
        opened = self._answered(key, call.response_id)
        if opened is None:
            if call.request_model is None and call.timestamp_ns is not None:
                self._unasked.pop(key, None)
                self._unasked[key] = call.timestamp_ns
                if len(self._unasked) > REMEMBERED_ANSWERS:
                    del self._unasked[next(iter(self._unasked))]
            return [_alone(call, reading)]
        merge(opened, call, reading, Stage.LAST)
        return [self._close(opened)._replace(missing=None)]

    def _failure(self, key: str | None, call: Call, reading: Reading) -> list[Joined]:
        """The end of a call that was asked for under this key; where none was, the failure is of something else."""
        if key is None or key not in self._by_key:
            return []
        opened = self._answered(key, None)
        if opened is None:
            return []
        merge(opened, call, reading, Stage.LAST)
        return [self._close(opened)]

    def _request(self, key: str, reading: Reading, call: Call, now_ns: int) -> list[Joined]:
        answered_ns = self._unasked.get(key)
        if answered_ns is not None and call.timestamp_ns is not None and call.timestamp_ns <= answered_ns:
            # Threads may write the answer before its request: it has been counted already.
            del self._unasked[key]
            return []
        opened = self._open(key, call, Stage.REQUEST, reading, now_ns)
        opened.request_ns = call.timestamp_ns
        return self._make_room()

    def _piece(self, key: str, reading: Reading, call: Call, stage: Stage, now_ns: int) -> list[Joined]:
        if call.response_id is not None and (key, call.response_id) in self._streams:
            return []
        opened = self._continued(key, call)
        if opened is None:
            late = call.response_id is None and call.error_type is None and (key, "") in self._streams
            if late or only_ends(call):
                return []
            opened = self._open(key, call, stage, reading, now_ns)
            opened.answer_ns = call.timestamp_ns
        else:
            merge(opened, call, reading, stage)
            opened.touched_ns = now_ns
            self._untouched[opened.serial] = self._untouched.pop(opened.serial)
        if not opened.streamed:
            opened.streamed = True
            # The first to be seen may be the last there was: that says nothing about when the first one came.
            opened.first_piece_ns = call.timestamp_ns if stage is Stage.PIECE else None
        return [self._close(opened)] if stage is Stage.LAST else self._make_room()

    def _answered(self, key: str, response_id: str | None) -> OpenCall | None:
        """The open call that a whole answer completes: of the same response, else the first without an answer."""
        calls = self._by_key.get(key)
        if not calls:
            return None
        if response_id is not None:
            for opened in calls:
                if opened.call.response_id == response_id:
                    return opened
            return next((opened for opened in calls if opened.call.response_id is None), None)
        # Most likely an error: it answers a request rather than a stream that is under way.
        return next((opened for opened in calls if opened.stage is Stage.REQUEST), calls[0])

    def _continued(self, key: str, call: Call) -> OpenCall | None:
        """The open call that a piece belongs to, None when it is the first of one."""
        if call.response_id is not None:
            return self._answered(key, call.response_id)
        calls = self._by_key.get(key, ())
        if only_ends(call) and (key, "") in self._streams:
            # Likely of the stream that is closed, so it must not end a call that has only been asked.
            return next((opened for opened in calls if opened.streamed), None)
        return calls[0] if calls else None

    def _open(self, key: str, call: Call, stage: Stage, reading: Reading, now_ns: int) -> OpenCall:
        opened = OpenCall(self._next_serial, key, call, stage, reading.dimensions, now_ns, trace_id=reading.trace_id)
        self._next_serial += 1
        self._untouched[opened.serial] = opened
        self._by_key.setdefault(key, []).append(opened)
        return opened

    def _make_room(self) -> list[Joined]:
        dropped = []
        while len(self._untouched) > self._limits.open_calls:
            self.dropped += 1
            dropped.append(self._close(next(iter(self._untouched.values()))))
        return dropped

    def _close(self, opened: OpenCall) -> Joined:
        del self._untouched[opened.serial]
        calls = self._by_key[opened.key]
        calls.remove(opened)
        if not calls:
            del self._by_key[opened.key]
        if opened.streamed and opened.call.response_id is not None:
            self._remember(opened.key, opened.call.response_id)
            self._remember(opened.key, "")
        return finished(timed(opened), opened.dimensions, opened.stage, opened.trace_id)

    def _remember(self, key: str, response_id: str) -> None:
        self._streams.pop((key, response_id), None)
        self._streams[(key, response_id)] = None
        if len(self._streams) > REMEMBERED_STREAMS:
            del self._streams[next(iter(self._streams))]


def _alone(call: Call, reading: Reading) -> Joined:
    return Joined(call, reading.dimensions, None, reading.trace_id)
