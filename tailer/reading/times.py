"""Timestamps to nanoseconds and durations to seconds, from whatever form a log gives them; knows no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from tailer.config import DurationUnit, TimestampUnit

SCALES_NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
DIVISORS = {"auto": 1, "s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

EARLIEST_NS = 1_420_070_400 * 10**9
"""2015: a bare number is read as the unit that puts it between here and `LATEST_NS`."""
LATEST_NS = 4_102_444_800 * 10**9
"""2100."""
LONGEST_SECONDS = 7 * 86_400.0
"""No call lasts longer; a larger number is in another unit than its name says."""
INT64 = 2**63
INT64_MICROSECONDS = INT64 // 1000
SHORTEST_ISO = 16
"""`2026-11-20T17:00`: what is shorter is no time of day."""
LONGEST_SIX_DIGITS = 26
"""`2026-11-20T17:00:07.123456`: only what goes on after that can have digits that `datetime` does not keep."""
LONGEST_ISO = 32
"""`2026-11-20T17:00:07.123456+00:00`."""
MICROSECOND = timedelta(microseconds=1)
SECOND = re.compile(r"(?:19[89]|20\d|21\d)\d-\d\d-\d\d[T ](?:[01]\d|2[0-3]):\d\d:\d\d", re.ASCII)
REST = re.compile(r"(?:\d{3})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
MILLISECONDS = {"": 0, "Z": 0, **{f".{number:03}": number * 10**6 for number in range(1000)}}
"""What may follow the seconds in a time, up to the fourth character."""
REMEMBERED = 4096
"""So many seconds, and so many ways how a time goes on after its milliseconds."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_NAIVE = datetime(1970, 1, 1)  # noqa: DTZ001 - a time without an offset is UTC by our definition

UNIT_SUFFIXES: dict[str, DurationUnit] = {
    "ms": "ms", "msec": "ms", "msecs": "ms", "millis": "ms", "milliseconds": "ms",
    "s": "s", "sec": "s", "secs": "s", "seconds": "s",
    "us": "us", "usec": "us", "micros": "us", "microseconds": "us",
    "ns": "ns", "nsec": "ns", "nanos": "ns", "nanoseconds": "ns",
}  # fmt: skip
TEXT_UNITS = {
    "h": 3600.0, "hour": 3600.0, "hours": 3600.0, "m": 60.0, "min": 60.0, "mins": 60.0, "minutes": 60.0,
    "µs": 1e-6, "μs": 1e-6,
    **{suffix: 1 / DIVISORS[unit] for suffix, unit in UNIT_SUFFIXES.items()},
}  # fmt: skip
UNIT_PIECE = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zµμ]+)", re.ASCII)
CLOCK_SPAN = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)", re.ASCII)
ACCESS_LOG_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})", re.ASCII)
"""`20/Nov/2026:17:00:07 +0000`: the common log format, nginx' `$time_local`."""
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
NUMBER = re.compile(r"\d{1,30}(?:\.\d{0,30})?", re.ASCII)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
MILLISECOND_NAMES = frozenset({"responseTime", "Elapsed"})
"""Names with no unit in them whose writers (pino-http, Serilog) mean milliseconds."""


def snake(key: str) -> str:
    """A key in the one spelling that the tables of names use: `requestId`, `_request-id` → `request_id`."""
    return HUMP.sub("_", key.lstrip("_@")).lower().replace("-", "_")


def unit_of(key: str) -> tuple[str, DurationUnit]:
    """A duration's name without its unit, and the unit; `auto` where the name tells none (seconds then)."""
    name = snake(key)
    if key in MILLISECOND_NAMES:
        return name, "ms"
    base, _, suffix = name.rpartition("_")
    unit = UNIT_SUFFIXES.get(suffix)
    return (base, unit) if base and unit else (name, "auto")


def timestamp_ns(value: object, unit: TimestampUnit = "auto") -> int | None:
    """Nanoseconds since 1970, or None when the value is no time that can be believed.

    Takes ISO 8601 (RFC 3339) with any fraction and offset, and epoch numbers, also as text. Without an offset the time
    is UTC. `auto` reads a number as s, ms, us or ns by its size; only a time between 2015 and 2100 is believed then.
    """
    if type(value) is str:
        # Nearly every line comes this way, so the common case is decided here and not in yet another function.
        if len(value) < SHORTEST_ISO or value[26:27].isdecimal():
            return _text_ns(value, unit)
        if len(value) <= LONGEST_ISO and (within := MILLISECONDS.get(value[19:23])) is not None:
            second, rest = _second_ns(value[:19]), _rest_ns(value[23:])
            if second is not None and rest is not None:
                return second + within + rest
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return _odd_text_ns(value.strip(), unit)
        microseconds = (moment - (EPOCH_NAIVE if moment.tzinfo is None else EPOCH)) // MICROSECOND
        return microseconds * 1000 if 0 <= microseconds < INT64_MICROSECONDS else None
    if type(value) is int:
        return _number_ns(value, "", unit)
    if type(value) is float:
        return _float_ns(value, unit)
    return _instant_ns(value) if type(value) is dict else None


@lru_cache(REMEMBERED)
def _second_ns(text: str) -> int | None:
    """A time to the second in UTC, None for a text that is not surely one: neighbouring lines share it."""
    try:
        return (datetime.fromisoformat(text) - EPOCH_NAIVE) // MICROSECOND * 1000 if SECOND.fullmatch(text) else None
    except ValueError:
        return None


@lru_cache(REMEMBERED)
def _rest_ns(text: str) -> int | None:
    """What a time's microseconds and its offset add to it, None for a text that is not surely these."""
    try:
        moment = datetime.fromisoformat(f"2000-01-01T00:00:00.000{text}") if REST.fullmatch(text) else None
    except ValueError:
        return None
    if moment is None:
        return None
    zone = UTC if moment.tzinfo is None else moment.tzinfo
    return (moment.replace(tzinfo=zone) - YEAR_2000) // MICROSECOND * 1000


def _instant_ns(value: dict[str, object]) -> int | None:
    """A time as an object: Log4j's `instant`, a protobuf timestamp, Loguru's."""
    for seconds, nanos in (("epochSecond", "nanoOfSecond"), ("seconds", "nanos")):
        whole, part = value.get(seconds), value.get(nanos, 0)
        if type(whole) is int and type(part) is int and 0 <= part < 10**9:
            ns = whole * 10**9 + part
            return ns if EARLIEST_NS <= ns < LATEST_NS else None
    told = value.get("timestamp")
    return _float_ns(told, "auto") if type(told) is float else None


def _text_ns(text: str, unit: TimestampUnit) -> int | None:
    if len(text) < SHORTEST_ISO:  # a date alone, or digits that happen to be one
        return _odd_text_ns(text.strip(), unit)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _odd_text_ns(text.strip(), unit)
    return _moment_ns(moment, text)


def _moment_ns(moment: datetime, text: str) -> int | None:
    ns = (moment - (EPOCH_NAIVE if moment.tzinfo is None else EPOCH)) // MICROSECOND * 1000
    if len(text) > LONGEST_SIX_DIGITS and text[19] in ".,":
        # datetime keeps six digits of the fraction; the next three are ours.
        digits = text[26:29]
        while digits and not digits.isdecimal():
            digits = digits[:-1]
        ns += int(digits.ljust(3, "0")) if digits else 0
    return ns if 0 <= ns < INT64 else None


def _odd_text_ns(text: str, unit: TimestampUnit) -> int | None:
    if NUMBER.fullmatch(text):
        whole, _, fraction = text.partition(".")
        return _number_ns(int(whole), fraction, unit)
    logged = ACCESS_LOG_TIME.fullmatch(text)
    if logged is not None and (month := MONTHS.find(logged[2]) // 3 + 1):
        return _odd_text_ns(f"{logged[3]}-{month:02}-{logged[1]} {logged[4]} {logged[5]}", unit)
    # Go's and SQL's ways of writing the zone: "… +0000 UTC", "… UTC".
    plain = text.removesuffix(" UTC").replace(" +", "+").replace(" -", "-")
    if plain == text or len(plain) < SHORTEST_ISO:
        return None
    try:
        return _moment_ns(datetime.fromisoformat(plain), plain)
    except ValueError:
        return None


def _float_ns(value: float, unit: TimestampUnit) -> int | None:
    if unit == "auto" and EARLIEST_NS <= value * 1e9 < LATEST_NS:
        micros = round(value * 1e6)
        # So far from 1970 a float is near enough to one number of six digits at most.
        if micros / 1e6 == value:
            return micros * 1000
    # The shortest decimal that gives this float is what the writer wrote; binary arithmetic would add noise.
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    whole, _, fraction = text.partition(".")
    return _number_ns(int(whole), fraction, unit) if whole.isdecimal() else None


def _number_ns(whole: int, fraction: str, unit: TimestampUnit) -> int | None:
    if unit != "auto":
        ns = _scaled(whole, fraction, SCALES_NS[unit])
        return ns if 0 <= ns < INT64 else None
    for scale in (10**9, 10**6, 10**3, 1):
        if EARLIEST_NS <= whole * scale < LATEST_NS:
            return _scaled(whole, fraction, scale)
    return None


def _scaled(whole: int, fraction: str, scale: int) -> int:
    digits = fraction[:9]
    return whole * scale + (int(digits) * scale // 10 ** len(digits) if digits else 0)


def duration_seconds(value: object, unit: DurationUnit = "auto", key: str = "") -> float | None:
    """Seconds, or None when the value is no duration that can be believed (negative, NaN, longer than a week).

    A number is in `unit`; `auto` takes the unit from the key's ending (`duration_ms`), and seconds without one.
    A text names its own units (`532ms`, `1m3s`, `0:00:01.5`), or is a number as above.
    """
    divisor = DIVISORS[unit_of(key)[1] if unit == "auto" and key else unit]
    if type(value) is int or type(value) is float:
        return value / divisor if 0 <= value <= LONGEST_SECONDS * divisor else None
    if type(value) is not str or len(value) > 40:
        return None
    seconds = float(value) / divisor if NUMBER.fullmatch(value) else _text_seconds(value)
    return seconds if seconds is not None and seconds <= LONGEST_SECONDS else None


def _text_seconds(text: str) -> float | None:
    clock = CLOCK_SPAN.fullmatch(text)
    if clock:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    text = text.strip().lower()
    total, at = 0.0, 0
    while at < len(text):
        piece = UNIT_PIECE.match(text, at)
        scale = TEXT_UNITS.get(piece[2]) if piece else None
        if piece is None or scale is None:
            return None
        total += _in_seconds(piece[1], piece[2], scale)
        at = piece.end()
    return total if at else None


def _in_seconds(number: str, unit: str, scale: float) -> float:
    # Dividing rounds once, so "532ms" is 0.532 to the last bit.
    short = UNIT_SUFFIXES.get(unit)
    return float(number) / DIVISORS[short] if short else float(number) * scale
