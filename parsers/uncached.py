"""Usage blocks whose input leaves the cache out (Anthropic, AWS): makes the whole input of its parts; names no API."""

from __future__ import annotations

from parsers.usage import MAX_COUNT, Counts


def add_cache(found: Counts, fresh: int | None, read: int | None, write: int | None) -> None:
    """Set `found.input` to all that was sent: fresh + read from the cache + written to it, the last two as details.

    Without the fresh count the input stays unknown, and so do its parts.
    """
    if fresh is None:
        if read or write:
            found.faults.append(f"{found.path}: cached tokens without the number of other input tokens")
        return
    whole = fresh + (read or 0) + (write or 0)
    if whole > MAX_COUNT:
        found.faults.append(f"{found.path}: an input of {whole} tokens is not believed")
        return
    found.input = whole
    if read is not None:
        found.details["cached_input"] = read
    if write is not None:
        found.details["cache_write"] = write


def split_writes(found: Counts, path: str, hour: int | None, minutes: int | None) -> None:
    """Put the writes kept for an hour into the details, checked against all writes; `path` is where the split stands.

    `minutes` are the writes kept for five minutes; the two must make up all of them.
    """
    write = found.details.get("cache_write")
    if write is None or hour is None:
        return
    if hour > write or (minutes is not None and hour + minutes != write):
        both = hour if minutes is None else f"{minutes} + {hour}"
        found.faults.append(f"{path}: {both} is not the {write} tokens that were written")
    if hour <= write:
        found.details["cache_write_1h"] = hour
