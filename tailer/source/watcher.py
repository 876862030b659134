"""The kernel's word that something changes in the watched directories; looks at no file."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from typing import NamedTuple, Self

import structlog
from asyncinotify import Inotify, Mask, Watch

_MASK = (
    Mask.MODIFY | Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.DELETE_SELF | Mask.MOVE_SELF
    | Mask.ATTRIB
)  # fmt: skip

log = structlog.get_logger("tokentail.source")


class Changed(NamedTuple):
    """The paths that were written to, and whether any came, went or moved."""

    paths: set[str]
    structure: bool


class Watcher:
    """Wakes whoever waits when something happens in the watched directories; without inotify only time wakes."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._has_happened = False
        self._watched: dict[str, Watch] = {}
        self._refused = False
        self._inotify: Inotify | None = None

    def __enter__(self) -> Self:
        try:
            self._inotify = Inotify(sync_timeout=0)
        except OSError as error:
            log.warning("inotify_unavailable", reason=os.strerror(error.errno or 0), effect="looking once a poll")
        return self

    def __exit__(self, *_: object) -> None:
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None

    def watch(self, wanted: set[str]) -> None:
        """Watches these directories and no others; what cannot be watched is left to the polls."""
        if self._inotify is None:
            return
        for path in self._watched.keys() - wanted:
            self._forget(path)
        for path in wanted - self._watched.keys():
            try:
                self._watched[path] = self._inotify.add_watch(path, _MASK)
            except OSError as error:
                if not self._refused:
                    self._refused = True
                    log.warning("inotify_watch_refused", path=path, reason=os.strerror(error.errno or 0))

    async def wait(self, timeout_seconds: float) -> bool:
        """Whether something has happened; False when time has run out."""
        self._woken.clear()
        self._has_happened = False
        alarm = asyncio.get_running_loop().call_later(timeout_seconds, self._woken.set)
        try:
            with self._listening():
                await self._woken.wait()
        finally:
            alarm.cancel()
        return self._has_happened

    def changed(self) -> Changed:
        """All that has happened since this was last asked. The kernel joins equal events that nobody has fetched."""
        paths: set[str] = set()
        structure = False
        while self._inotify is not None and (event := self._inotify.sync_get()) is not None:
            if Mask.IGNORED in event.mask:
                self._watched = {path: watch for path, watch in self._watched.items() if watch is not event.watch}
            if event.mask == Mask.MODIFY:
                paths.add(str(event.path) if event.path is not None else "")
            else:
                structure = True
        return Changed(paths, structure)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Only while somebody waits: a writer of many small lines would else wake the loop for each."""
        if self._inotify is None:
            yield
            return
        loop, descriptor = asyncio.get_running_loop(), self._inotify.fd
        loop.add_reader(descriptor, self._happen)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)

    def _happen(self) -> None:
        self._has_happened = True
        self._woken.set()

    def _forget(self, path: str) -> None:
        watch = self._watched.pop(path)
        with contextlib.suppress(OSError):  # The directory may have gone, and its watch with it.
            if watch.inotify is not None:
                watch.inotify.rm_watch(watch)
