"""What holds for the readings of any bytes whatever: one for each line, in place, sound, the same every time."""

from __future__ import annotations

from parsers.base import DETAILS, ERROR_TYPES, UNITS, Call, Stage
from tailer.reading.believed import objection
from tailer.reading.chunk import OUTCOMES, Reading
from tailer.source.lines import settled
from tests.reading.lines import chunk, reader

WITH_CALL = frozenset({"call", "bad_usage", "part"})


def sound(data: bytes, start: int = 0, first: int = 0) -> list[Reading]:
    """The readings of these bytes, after all checks."""
    readings = reader().read(chunk(data, start, first))
    assert [one.number for one in readings] == list(range(first, first + len(readings)))
    assert len(readings) == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
    ends = [start, *(one.end for one in readings)]
    assert [one.start for one in readings] == ends[:-1]
    assert ends[-1] == start + len(data)
    for one in readings:
        _is_sound(one)
    assert readings == reader().read(chunk(data, start, first))
    if data.endswith(b"\n"):
        assert 0 <= settled(data) <= len(data)
    return readings


def told(reading: Reading) -> object:
    """What a line was found to be, without when it was written and how it was wrapped."""
    calls = [call for call in (reading.call, *reading.more) if call is not None]
    return reading.outcome, reading.stage, reading.parser, [call._replace(timestamp_ns=None) for call in calls]


def _is_sound(reading: Reading) -> None:
    assert reading.outcome in OUTCOMES
    if reading.call is None:
        assert reading.outcome not in ("call", "bad_usage")
        assert (reading.stage, reading.more, reading.join_key) == (None, (), None)
    else:
        assert reading.outcome in WITH_CALL
        # The last part of a call gives it, as a whole answer does.
        unfinished = reading.stage not in (None, Stage.LAST)
        assert unfinished == (reading.outcome == "part") or reading.stage is Stage.LAST
        assert reading.parser is not None or reading.outcome == "part"
    assert reading.timestamp_ns is None or 0 <= reading.timestamp_ns < 2**63
    assert all(len(warning) <= 250 for warning in reading.warnings)
    for call in (reading.call or Call(), *reading.more):
        _is_believable(call)


def _is_believable(call: Call) -> None:
    assert objection(call) is None
    assert call.error_type is None or call.error_type in ERROR_TYPES
    assert set(call.details) <= set(DETAILS)
    assert set(call.units) <= set(UNITS)
    assert call.duration_seconds is None or call.duration_seconds <= 7 * 86_400
