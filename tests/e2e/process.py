"""`tokentail run` as a process of its own, started, scraped, signalled and killed like in production."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

Series = tuple[str, tuple[tuple[str, str], ...]]
Samples = dict[Series, float]


@functools.lru_cache(maxsize=100_000)
def _series(text: str) -> Series:
    """As prometheus_client reads it, which takes long; a test that waits scrapes the same again and again."""
    ((sample,),) = (family.samples for family in text_string_to_metric_families(f"{text} 0"))
    return sample.name, tuple(sorted(sample.labels.items()))


class Tokentail:
    """One running tailer. Its log is collected as decoded events."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, object]] = []
        self.url = ""
        self._listening = asyncio.Event()
        self._reading = asyncio.create_task(self._read_log())

    @classmethod
    async def start(
        cls, directory: Path, *arguments: str, before: Sequence[str] = (), environ: Mapping[str, str] | None = None
    ) -> Tokentail:
        """`before` is a command that starts this one; `environ` goes on top of that of the tests."""
        command = [*before, sys.executable, "-m", "tailer", "run", "--state-dir", str(directory / "state")]
        command += ["--listen", "127.0.0.1:0", "--log-format", "json", *arguments]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOKENTAIL_")}
        process = await asyncio.create_subprocess_exec(
            *command, stderr=asyncio.subprocess.PIPE, env={**clean, **(environ or {})}
        )
        return cls(process)

    async def listening(self) -> None:
        """Waits for the log line that names the address; fails when the process ends before."""
        waiting = asyncio.create_task(self._listening.wait())
        await asyncio.wait({waiting, self._reading}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        assert self.url, f"ended before it listened: {self.events}"

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def told(self) -> str:
        """The first event of the page: all that it would show."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/events") as answer:
            return (await answer.content.readuntil(b"\n\n")).decode()

    async def scrape(self) -> Samples:
        """All samples of /metrics by name and sorted labels."""
        _, text = await self.get("/metrics")
        told = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {_series(series): float(value) for series, _, value in told}

    async def scraped(self, condition: Callable[[Samples], bool], seconds: float = 30) -> Samples:
        """The first scrape that fulfils the condition; looks less often the longer it takes, for each look costs it."""
        pause = 0.02
        async with asyncio.timeout(seconds):
            while not condition(samples := await self.scrape()):
                await asyncio.sleep(pause)
                pause = min(1.5 * pause, 0.1)
        return samples

    async def logged(self, event: str, seconds: float = 30) -> dict[str, object]:
        """The first event of this name in its log, waited for."""
        async with asyncio.timeout(seconds):
            while not (found := [it for it in self.events if it["event"] == event]):
                await asyncio.sleep(0.01)
        return found[0]

    def stop_reading(self) -> None:
        """Closes the pipe its log goes to."""
        self._reading.cancel()
        pipe = self.process._transport.get_pipe_transport(2)  # type: ignore[attr-defined]  # asyncio has no other way
        assert pipe is not None
        pipe.close()

    def stop_listening(self) -> None:
        """Leaves the pipe its log goes to open, and reads it no more."""
        self._log_pipe().pause_reading()

    def listen_again(self) -> None:
        self._log_pipe().resume_reading()

    def _log_pipe(self) -> asyncio.ReadTransport:
        pipe = self.process._transport.get_pipe_transport(2)  # type: ignore[attr-defined]  # asyncio has no other way
        assert isinstance(pipe, asyncio.ReadTransport)
        return pipe

    async def kill(self) -> None:
        self.process.kill()
        await asyncio.wait({self._reading})
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        await self._reading
        return await self.process.wait()

    def memory_bytes(self) -> int:
        """The resident memory of now."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def _read_log(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "plain", "text": line.decode()}
            self.events.append(event)
            if event["event"] == "listening":
                self.url = f"http://{event['address']}"
                self._listening.set()


def pushing_often(directory: Path, *sinks: str) -> list[str]:
    """The arguments of a tailer that soon pushes what it has, and again what did not get through, so that kills come
    between pushes and into them; YAML takes JSON.
    """
    path = directory / "tokentail.yaml"
    options = {"batch_seconds": 0.005, "retry_min_seconds": 0.01, "retry_max_seconds": 0.05}
    path.write_text(json.dumps(dict.fromkeys(sinks, options)))
    return ["--config", str(path)]


@asynccontextmanager
async def running(
    directory: Path, *arguments: str, before: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> AsyncIterator[Tokentail]:
    """A tailer that listens; killed at the end if it still runs."""
    tailer = await Tokentail.start(directory, *arguments, before=before, environ=environ)
    try:
        await tailer.listening()
        yield tailer
    finally:
        if tailer.process.returncode is None:
            await tailer.kill()


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum of all samples of this name that have these labels."""
    return sum(
        value for (known, pairs), value in samples.items() if known == name and labels.items() <= dict(pairs).items()
    )


def fallen(before: Samples, after: Samples) -> dict[object, tuple[float, float]]:
    """The counters and buckets that are lower in the later scrape, or gone from it."""
    endings = ("_total", "_count", "_sum", "_bucket")
    return {
        key: (value, after.get(key, -1.0))
        for key, value in before.items()
        if key[0].endswith(endings) and after.get(key, -1.0) < value
    }
