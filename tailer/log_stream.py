"""Where tokentail's own log goes: may break, fill up or go unread without ending or stopping the process."""

from __future__ import annotations

import select
from contextlib import suppress
from typing import TextIO

from structlog.typing import EventDict

PIECE_CHARACTERS = 1024
"""A character takes four bytes at the most, and a pipe that has any room takes 4,096 without waiting."""


class LogStream:
    """Drops lines rather than wait for a reader: what meters must not stand still because nobody reads its log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._room: select.poll | None = None
        self._dropped = 0
        self._is_cut = False
        with suppress(OSError, ValueError):  # A stream in memory has no descriptor, and always room.
            descriptor = stream.fileno()
            self._room = select.poll()
            self._room.register(descriptor, select.POLLOUT)

    def tell_dropped(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        """A processor: the first line after some were dropped says how many, as `dropped_lines`."""
        if self._dropped and self._has_room():
            event["dropped_lines"], self._dropped = self._dropped, 0
        return event

    def write(self, text: str) -> None:
        # The end of a line that was cut must not swallow this one.
        whole = f"\n{text}" if self._is_cut else text
        with suppress(OSError, ValueError):
            for at in range(0, len(whole), PIECE_CHARACTERS):
                if not self._has_room():
                    self._dropped += 1
                    self._is_cut |= at > 0
                    return
                self._stream.write(whole[at : at + PIECE_CHARACTERS])
                self._stream.flush()
        self._is_cut = False

    def flush(self) -> None:
        """Nothing is held back."""

    def _has_room(self) -> bool:
        return self._room is None or bool(self._room.poll(0))
