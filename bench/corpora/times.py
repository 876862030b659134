"""The time in a corpus: it starts at a fixed second and goes on by chance."""

from __future__ import annotations

from datetime import UTC, datetime

FIRST_SECOND = 1_795_194_000


def iso(second: float) -> str:
    """A time of day as most loggers write it, with milliseconds."""
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="milliseconds")
