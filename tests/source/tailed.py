"""A journal on real files, looked at by hand: what has been read, and what is remembered over a restart."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from pathlib import Path

import msgspec

from tailer.config import Config
from tailer.reading.chunk import Chunk
from tailer.source.journal import Journal
from tailer.source.marks import METER, SavedJournal
from tailer.telemetry import Telemetry

SHIP = "loki"


class Tailed:
    """Two consumers on the files of a directory. `lines` holds what each has settled, in order."""

    def __init__(self, directory: Path, *patterns: str, **settings: object) -> None:
        self.directory = directory
        self.telemetry = Telemetry()
        self.lines: dict[str, list[bytes]] = defaultdict(list)
        paths = tuple(str(directory / pattern) for pattern in patterns or ("app.log",))
        self.config = Config(paths=paths, **{"rotate_grace_seconds": 0.0, **settings})  # type: ignore[arg-type]
        self.journal = self._open(SavedJournal())

    def _open(self, saved: SavedJournal) -> Journal:
        return Journal(self.config, self.telemetry, [METER, SHIP], saved, self._save)

    async def _save(self) -> None:
        pass

    def path(self, name: str = "app.log") -> Path:
        return self.directory / name

    def write(self, text: str, name: str = "app.log") -> None:
        with self.path(name).open("ab") as file:
            file.write(text.encode())

    async def read(self, *consumers: str) -> list[bytes]:
        """Looks, then reads and settles all there is; what the first consumer got."""
        await self.journal.look()
        for consumer in consumers or (METER, SHIP):
            while (chunk := await self._next(consumer)) is not None:
                lines = [b"<oversize>"] if chunk.oversize else chunk.data.splitlines(keepends=True)
                self.lines[consumer] += lines
                self.journal.settle(consumer, chunk.file, chunk.end, chunk.first_number + len(lines))
        return self.lines[(consumers or (METER,))[0]]

    async def _next(self, consumer: str) -> Chunk | None:
        """The next chunk, None when nothing is left but unfinished lines."""
        waiting = asyncio.create_task(self.journal.next(consumer))
        while not waiting.done() and any(self.journal._has_unread(file, consumer) for file in self.journal.files):
            await asyncio.wait({waiting}, timeout=0.001)
        await asyncio.sleep(0)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        return None

    def restart(self) -> None:
        """What a kill and a start do: only what is in the checkpoint is known."""
        saved = msgspec.json.decode(msgspec.json.encode(self.journal.dump()), type=SavedJournal)
        self.journal.files.close()
        self.journal = self._open(saved)

    async def killed_at(self, moment: int) -> None:
        """A look of so many steps of the loop at most, and then a kill and a start. The executor has one thread."""
        looking = asyncio.create_task(self.journal.look())
        while moment and not looking.done():
            await asyncio.sleep(0)
            moment -= 1
        saved = msgspec.json.encode(self.journal.dump())
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await asyncio.to_thread(os.getpid)  # What it had begun in the thread is done.
        self.journal.files.close()
        self.journal = self._open(msgspec.json.decode(saved, type=SavedJournal))

    def lost(self) -> dict[str, float]:
        """Bytes lost by cause, without the zeros."""
        causes = ("truncated", "deleted", "unfinished")
        names = [*causes, *(f"{cause}_unsent" for cause in causes)]
        values = {name: self.telemetry.value("tokentail_lost_bytes_total", name) for name in names}
        return {name: value for name, value in values.items() if value}


def copy_and_truncate(path: Path, copy: Path) -> None:
    """What logrotate's copytruncate does."""
    copy.write_bytes(path.read_bytes())
    os.truncate(path, 0)


def text(first: int, last: int) -> str:
    """Lines with numbers, long enough that a few fill a fingerprint."""
    return "".join(f'{{"n":{number},"text":"{"x" * 60}"}}\n' for number in range(first, last))


def numbers(lines: list[bytes]) -> list[int]:
    return [msgspec.json.decode(line)["n"] for line in lines]
