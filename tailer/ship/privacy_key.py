"""The guard that a configuration asks for, with the key it names: reads that one file, once, at the start."""

from __future__ import annotations

from tailer.config import Config
from tailer.ship.privacy import Guard
from tailer.ship.privacy_mask import Masks, masks_in


def guard_of(config: Config) -> Guard | None:
    """None when every line leaves as it was written. OSError when the key cannot be read."""
    if not config.privacy.is_on:
        return None
    return Guard(config.privacy, config.fields, _key(config.privacy.hash_key_file), config.loki.max_line_bytes)


def masks_of(config: Config) -> Masks | None:
    """What masks the metric labels taken from a line; None when none does, or there are no such labels."""
    return masks_in(config.privacy) if config.privacy.is_on and config.dimension else None


def _key(path: str | None) -> bytes:
    if path is None:
        return b""
    with open(path, "rb") as file:
        return file.read(64 * 1024).strip()
