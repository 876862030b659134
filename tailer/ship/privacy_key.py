"""The guard that a configuration asks for, with the key it names: reads that one file, once, at the start."""

from __future__ import annotations

from collections.abc import Callable

from tailer.config import Config
from tailer.ship.privacy import Guard
from tailer.ship.privacy_learned import word
from tailer.ship.privacy_mask import Masks, masks_in
from tailer.ship.privacy_show import Showing


def guard_of(config: Config, max_line_bytes: int) -> Guard | None:
    """Of a sink that takes lines of this size. None when every line leaves as written. OSError without the key."""
    if not config.privacy.is_on:
        return None
    return Guard(config.privacy, config.fields, _key(config.privacy.hash_key_file), max_line_bytes)


def masks_of(config: Config) -> Masks | None:
    """What masks the metric labels taken from a line; None when none does, or there are no such labels."""
    return masks_in(config.privacy) if config.privacy.is_on and config.dimension else None


def naming_of(config: Config) -> Callable[[str], str]:
    """How a name or an id taken from a line may be seen: as in the metadata of its entry."""
    privacy = config.privacy
    if not privacy.is_on:
        return str
    showing = Showing(masks_in(privacy), privacy.shorten_characters, b"")
    return (lambda name: word(name, showing)) if privacy.promises else showing.masks.apply


def _key(path: str | None) -> bytes:
    if path is None:
        return b""
    with open(path, "rb") as file:
        return file.read(64 * 1024).strip()
