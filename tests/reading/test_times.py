"""Every form in which logs write a time or a duration, and what must not be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailer.reading.times import EARLIEST_NS, LATEST_NS, _text_ns, duration_seconds, snake, timestamp_ns, unit_of

SECOND = 1_795_194_007
NOON = SECOND * 10**9


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-20T17:00:07Z", NOON),
        ("2026-11-20T17:00:07.123Z", NOON + 123_000_000),
        ("2026-11-20 17:00:07,123", NOON + 123_000_000),
        ("2026-11-20T17:00:07.123456789Z", NOON + 123_456_789),
        ("2026-11-20T17:00:07.1234567+00:00", NOON + 123_456_700),
        ("2026-11-20T18:00:07.5+01:00", NOON + 500_000_000),
        ("2026-11-20T18:00:07.669794202+01:00", NOON + 669_794_202),
        ("2026-11-20T22:30:07+0530", NOON),
        ("2026-11-20T17:00:07", NOON),
        ("2026-11-20 17:00:07.123456 +0000 UTC", NOON + 123_456_000),
        ("2026-11-20 17:00:07 UTC", NOON),
        (SECOND, NOON),
        (SECOND * 1000 + 123, NOON + 123_000_000),
        (SECOND * 10**6 + 1, NOON + 1000),
        (NOON + 1, NOON + 1),
        (1795194011.532, 1_795_194_011_532_000_000),
        (1795194007123.5, NOON + 123_500_000),
        (1.795194007e18, NOON),
        ("1795194011.532", 1_795_194_011_532_000_000),
        ("1795194007123", NOON + 123_000_000),
        (" 2026-11-20T17:00:07Z ", None),
        ("2026-11-20", None),
        ("20261120", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday at noon, more or less", None),
        ("", None),
        (0, None),
        (-SECOND, None),
        (12.5, None),
        (float("nan"), None),
        (float("inf"), None),
        (-1795194011.5, None),
        (10**40, None),
        (True, None),
        (None, None),
        ({}, None),
    ],
)
def test_a_timestamp_is_exact_or_not_there(written: object, expected: int | None) -> None:
    assert timestamp_ns(written) == expected


@pytest.mark.parametrize(("unit", "value"), [("s", 1000), ("ms", 1_000_000), ("us", 10**9), ("ns", 10**12)])
def test_a_configured_unit_is_taken_as_said_even_for_old_times(unit: str, value: int) -> None:
    assert timestamp_ns(value, unit) == 10**12  # type: ignore[arg-type]  # parametrised literals
    assert timestamp_ns(str(value), unit) == 10**12  # type: ignore[arg-type]  # as above
    assert timestamp_ns(2**80, unit) is None  # type: ignore[arg-type]  # as above


@given(st.integers(EARLIEST_NS, LATEST_NS - 1))
def test_every_unit_gives_the_same_time_back(ns: int) -> None:
    assert timestamp_ns(ns) == ns
    assert timestamp_ns(ns // 1000) == ns // 1000 * 1000
    assert timestamp_ns(ns // 10**6) == ns // 10**6 * 10**6
    assert timestamp_ns(ns // 10**9) == ns // 10**9 * 10**9


@given(
    st.datetimes(datetime(2015, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001 - the zone is drawn apart
    st.integers(-14 * 60, 14 * 60),
    st.integers(0, 999),
)
def test_nine_digits_and_any_offset_are_kept(moment: datetime, offset: int, below: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    head, tail = zoned.isoformat(timespec="microseconds")[:26], zoned.isoformat()[-6:]
    expected = (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000 + below
    assert timestamp_ns(f"{head}{below:03}{tail}") == expected


DAYS = ["2026-11-20", "2026-02-29", "1969-12-31", "1970-01-01", "1979-12-31", "2199-12-31", "9999-12-31", "2026-W47-5"]
CLOCKS = ["17:00:07", "23:59:59", "24:00:00", "00:00:00", "17:00", "17:60:00", "1\uff17:00:07"]
FRACTIONS = ["", ".1", ".12", ".123", ",123", ".1234", ".123456", ".123456789", ".12\uff13", ".123Z4", ".abc"]
ZONES = ["", "Z", "z", "+00:00", "-08:00", "+05:45", "+24:00", "+23:59:59", "+0530", "ZZ", " UTC", "Z+00:00"]


@given(st.tuples(*map(st.sampled_from, (DAYS, ["T", " ", "t", "_"], CLOCKS, FRACTIONS, ZONES))))
def test_what_is_remembered_of_times_gives_the_same_as_reading_them_whole(parts: tuple[str, ...]) -> None:
    text = "".join(parts)
    assert timestamp_ns(text) == _text_ns(text, "auto")


@pytest.mark.parametrize(
    ("written", "key", "expected"),
    [
        (1843, "duration_ms", 1.843),
        (1843, "durationMs", 1.843),
        (1843, "responseTime", 1.843),
        (1.843, "response_time", 1.843),
        (1.5, "elapsed", 1.5),
        (1_843_000_000, "duration_ns", 1.843),
        (1_843_000, "latency_us", 1.843),
        (2, "duration_seconds", 2.0),
        (0, "duration", 0.0),
        ("532ms", "duration", 0.532),
        ("1.2s", "duration_ms", 1.2),
        ("1m3s", "duration", 63.0),
        ("1h2m3.5s", "took", 3723.5),
        ("250µs", "took", 0.00025),
        ("250μs", "took", 0.00025),
        ("532 ms", "took", 0.532),
        ("1.2 seconds", "took", 1.2),
        ("0:00:01.5", "duration", 1.5),
        ("0.532", "request_time", 0.532),
        ("532", "duration_ms", 0.532),
        (-1, "duration", None),
        ("-5ms", "duration", None),
        (float("nan"), "duration", None),
        (float("inf"), "duration", None),
        (True, "duration", None),
        ("soon", "duration", None),
        ("", "duration", None),
        ("5 parsecs", "duration", None),
        (10**9, "duration", None),
        (10**400, "duration", None),
        ("1" * 39 + "h", "duration", None),
        (None, "duration", None),
        ([1], "duration", None),
    ],
)
def test_a_duration_is_in_the_unit_it_says(written: object, key: str, expected: float | None) -> None:
    assert duration_seconds(written, key=key) == expected


def test_a_configured_unit_beats_the_name() -> None:
    assert duration_seconds(1843, "ms", "duration") == 1.843
    assert duration_seconds(5, "s", "latency_ms") == 5.0


@given(st.integers(0, 10**8))
def test_milliseconds_are_rounded_once(milliseconds: int) -> None:
    assert duration_seconds(milliseconds, "ms") == milliseconds / 1000
    assert duration_seconds(f"{milliseconds}ms") == milliseconds / 1000


def test_names_are_compared_in_one_spelling() -> None:
    spellings = ("requestId", "request-id", "Request-ID", "RequestId", "request_id")
    assert {snake(key) for key in spellings} == {"request_id"}
    assert unit_of("totalDurationMs") == ("total_duration", "ms")
    assert unit_of("ms") == ("ms", "auto")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20/Nov/2026:17:00:07 +0000", 1_795_194_007),
        ("20/Nov/2026:18:30:07 +0130", 1_795_194_007),
        ("01/Jan/2026:00:00:00 -0800", 1_767_254_400),
        ("31/Feb/2026:00:00:00 +0000", None),
        ("20/Nop/2026:17:00:07 +0000", None),
        ("20/Nov/2026:17:00:07", None),
    ],
)
def test_the_time_of_the_common_log_format_is_read(text: str, expected: int | None) -> None:
    assert timestamp_ns(text) == (None if expected is None else expected * 10**9)
