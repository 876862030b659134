"""Values of a log as text that is safe and easy to read on a terminal; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tailer.meter.ledger import PICO_USD

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN_CHARS = 100


def plain(text: str, limit_chars: int = SHOWN_CHARS) -> str:
    """A text from the log without what a terminal would obey, and shortened in its middle."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    if len(text) <= limit_chars:
        return text
    half = limit_chars // 2 - 1
    return f"{text[:half]}...{text[-half:]}"


def usd(pico_usd: int) -> str:
    """The exact amount: `0.0046475`, `12`."""
    whole, rest = divmod(pico_usd, PICO_USD)
    return f"{whole}.{rest:012d}".rstrip("0").rstrip(".")


def signed_usd(pico_usd: int) -> str:
    """The exact amount, `-0.5` for less than nothing."""
    return f"-{usd(-pico_usd)}" if pico_usd < 0 else usd(pico_usd)


def rfc3339(timestamp_ns: int) -> str:
    """`2026-11-20T17:00:07.123Z`: milliseconds, and more digits only where there are some."""
    seconds, ns = divmod(timestamp_ns, 1_000_000_000)
    digits = f"{ns:09d}"
    while len(digits) > 3 and digits.endswith("000"):
        digits = digits[:-3]
    return f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{digits}Z"


def number_of(count: int, noun: str) -> str:
    """`1 call`, `1,200 calls`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
