"""Opening and reading files that may refuse: each refusal counted, said once until it is over. Decides nothing."""

from __future__ import annotations

import os

import structlog

from tailer.source.identity import Found
from tailer.source.reader import Block, NoProcError, NotAFileError, OpenFile
from tailer.source.roots import ANYWHERE, OutsideError, Roots
from tailer.telemetry import Telemetry

MAX_NAMED = 100
"""So many refused paths at a time are named in the log: who may write in a log directory must not fill that too."""

log = structlog.get_logger("tokentail.source")


class Opener:
    """Trouble with a file is a value here. A file that is not there is none: it has just gone."""

    def __init__(self, telemetry: Telemetry, roots: Roots = ANYWHERE) -> None:
        self._telemetry = telemetry
        self._roots = roots
        self._refused: set[str] = set()
        self._is_silent = False

    async def open(self, path: str) -> tuple[OpenFile, Found] | None:
        """The file at the path, None when there is none or it cannot be opened: `is_refused` tells."""
        try:
            opened = await OpenFile.open(path, self._roots)
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

    def has_refused(self) -> bool:
        return bool(self._refused)

    def is_refused(self, path: str) -> bool:
        return path in self._refused

    def complain(self, path: str, error: OSError) -> None:
        reason = _reason(error)
        self._telemetry.add("tokentail_file_errors_total", 1, reason)
        if path not in self._refused:
            self._refused.add(path)
            self._say(path, reason, error)

    def _say(self, path: str, reason: str, error: OSError) -> None:
        if len(self._refused) > MAX_NAMED:
            if not self._is_silent:
                log.error("further_files_cannot_be_read", named=MAX_NAMED, next="counted only")
            self._is_silent = True
            return
        again = "tried again at every look"
        if isinstance(error, OutsideError):
            permit = f"allowed_roots: [{os.path.dirname(error.place)}]"
            again = f"{again}; if it is meant to be read, set {permit}"
            log.error("file_cannot_be_read", path=path, reason=reason, leads_to=error.place, next=again)
        else:
            log.error("file_cannot_be_read", path=path, reason=reason, next=again)

    def forgive_all_but(self, paths: set[str]) -> None:
        """Forgets the refusals of paths that are of no concern any more, so that they are bounded."""
        self._refused &= paths
        self._is_silent &= len(self._refused) > MAX_NAMED


def _reason(error: OSError) -> str:
    match error:
        case NotAFileError():
            return "not_a_file"
        case OutsideError():
            return "outside_allowed_roots"
        case NoProcError():
            return "no_proc"
    return os.strerror(error.errno).lower().replace(" ", "_") if error.errno else "unknown"
