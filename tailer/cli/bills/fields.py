"""Values out of decoded JSON and CSV rows, each with its path in the fault when it is not what was expected. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from tailer.cli.bills.item import BillFault

DAY = timedelta(days=1)
MAX_COUNT = 10**18
FIRST_SECONDS = 10**9
"""Of 2001: a smaller number is no time since the epoch, but perhaps a day, 20261120."""


def mapping(value: object, where: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise BillFault(where, value, "an object")
    return value


def listed(value: object, where: str) -> list[object]:
    """A JSON array."""
    if not isinstance(value, list):
        raise BillFault(where, value, "a list")
    return value


def text(record: Mapping[str, object], key: str, where: str) -> str | None:
    """A text that may be absent, null or empty: None then."""
    value = record.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BillFault(f"{where}.{key}", value, "a text")
    return value


def count(record: Mapping[str, object], key: str, where: str) -> int | None:
    """A count, of JSON or in digits; None when it is absent."""
    value = record.get(key)
    if value is None or value == "":
        return None
    whole = whole_number(value)
    if whole is None:
        raise BillFault(f"{where}.{key}", value, "a count")
    return whole


def whole_number(value: object) -> int | None:
    """A count as a number or as text, `30` and `30.0` alike; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 <= number <= MAX_COUNT or number != number.to_integral_value():
        return None
    return int(number)


def moment(value: object, where: str) -> datetime:
    """A time as seconds since the epoch or in ISO 8601, which is UTC where it names no zone."""
    seconds = whole_number(value)
    try:
        if seconds is not None and seconds >= FIRST_SECONDS:
            return datetime.fromtimestamp(seconds, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        found = None
    if found is None or not 2000 <= found.year < 2200:
        raise BillFault(where, value, "a time such as 2026-11-20T00:00:00Z")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def utc_day(start: datetime, end: datetime, where: str) -> str:
    """The UTC day in which a span lies; BillFault when it lies in more than one."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if end > midnight + DAY or end < start:
        raise BillFault(where, f"{start:%Y-%m-%dT%H:%MZ} to {end:%Y-%m-%dT%H:%MZ}", "a span within one UTC day")
    return f"{start:%Y-%m-%d}"


def dollars(currency: object, where: str) -> None:
    """Accepts the US dollar only: nothing is converted. BillFault names any other currency."""
    if not (isinstance(currency, str) and currency.strip().upper() == "USD"):
        raise BillFault(where, currency, "USD (tokentail's prices are in USD, and nothing is converted)")
