"""Lives of a tailer that end in SIGKILL, on a log that is written and rotated meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.e2e.exact import check_counters
from tests.e2e.process import Samples, Tokentail, fallen, running, total
from tests.e2e.writer import Writer


class Lives:
    """Of a tailer on `app.log*` in a directory. The seed of all chance in them is printed, to have them again."""

    def __init__(self, directory: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        seed = Random().randrange(2**32)
        print(f"seed {seed}")
        self._directory = directory
        self._arguments = (str(directory / "app.log*"), *arguments)
        self._environ = environ
        self._rng = Random(seed)
        self._scraped: Samples = {}
        self.writer = Writer(directory, self._rng)
        self.writer.write(20)

    async def live(self) -> None:
        """A life with scrapes, and some lines after its end. It may be killed even before it listens."""
        tailer = await Tokentail.start(self._directory, *self._arguments, environ=self._environ)
        if self._rng.random() < 0.2:
            await asyncio.sleep(self._rng.uniform(0, 0.4))
        else:
            await tailer.listening()
            for _ in range(self._rng.randrange(1, 4)):
                await self._write_for_a_while()
                if self._rng.random() < 0.7:
                    self._see(await tailer.scrape())
        await tailer.kill()
        self.writer.write(self._rng.randrange(30))

    async def last(self) -> Samples:
        """A life that comes to the end of everything and stops. Its last scrape, with the exact counts of all lines."""
        self.writer.answer_all()
        async with running(self._directory, *self._arguments, environ=self._environ) as tailer:
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            self._see(samples)
            check_counters(samples, self.writer)
            assert await tailer.stop() == 0
        return samples

    async def _write_for_a_while(self) -> None:
        """Writes in bursts, and rotates now and then."""
        for _ in range(self._rng.randrange(1, 6)):
            self.writer.write(self._rng.randrange(1, 60))
            if self._rng.random() < 0.15:
                self.writer.rotate()
            await asyncio.sleep(self._rng.uniform(0, 0.05))

    def _see(self, samples: Samples) -> None:
        assert fallen(self._scraped, samples) == {}
        self._scraped = samples
