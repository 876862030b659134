"""Opening and reading files that may refuse: each refusal counted, said once until it is over. Decides nothing."""

from __future__ import annotations

import os

import structlog

from tailer.source.identity import Found
from tailer.source.reader import Block, NotAFileError, OpenFile
from tailer.telemetry import Telemetry

log = structlog.get_logger("tokentail.source")


class Opener:
    """Trouble with a file is a value here. A file that is not there is none: it has just gone."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._refused: set[str] = set()

    async def open(self, path: str) -> tuple[OpenFile, Found] | None:
        """The file at the path, None when there is none or it cannot be opened: `is_refused` tells."""
        try:
            opened = await OpenFile.open(path)
        except FileNotFoundError:
            self._refused.discard(path)
            return None
        except OSError as error:
            self.complain(path, error)
            return None
        self._refused.discard(path)
        return opened

    async def read(self, handle: OpenFile, path: str, offset: int, length: int) -> Block | None:
        """Bytes of the open file that stands at `path`; None when the disk or the network refuses them."""
        try:
            block = await handle.read(offset, length)
        except OSError as error:
            self.complain(path, error)
            return None
        self._refused.discard(path)
        return block

    def is_refused(self, path: str) -> bool:
        return path in self._refused

    def complain(self, path: str, error: OSError) -> None:
        reason = "not_a_file" if isinstance(error, NotAFileError) else _reason(error)
        self._telemetry.add("tokentail_file_errors_total", 1, reason)
        if path not in self._refused:
            self._refused.add(path)
            log.error("file_cannot_be_read", path=path, reason=reason, next="tried again at every look")

    def forgive_all_but(self, paths: set[str]) -> None:
        """Forgets the refusals of paths that are of no concern any more, so that they are bounded."""
        self._refused &= paths


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower().replace(" ", "_") if error.errno else "unknown"
