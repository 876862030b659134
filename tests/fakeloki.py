"""A small Loki: takes pushes over real HTTP, keeps entries by Loki's rules, misbehaves by script; answers no query.

`python -m tests.fakeloki --port 3100` runs one by hand; `GET /entries` shows what it holds.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self

from aiohttp import web

from tests.fakeloki_wire import Kept, UndecodableError, decoded

Step = int | str | tuple[int, dict[str, str]] | tuple[int, dict[str, str], str]
"""A status (below 300: the push is handled as usual), with headers and text; or what goes wrong:

`reset` (connection closed, nothing taken), `lost_answer` (taken, then closed), `hang` (no answer, nothing taken).
"""


class Request(NamedTuple):
    """One push as it came in, decoded where that was possible."""

    path: str
    headers: dict[str, str]
    entries: tuple[Kept, ...]


class FakeLoki:
    """Start with `async with`; `url` is then its base. Limits left None are not enforced."""

    def __init__(
        self,
        script: Iterable[Step] = (),
        *,
        port: int = 0,
        oldest_ns: int | None = None,
        newest_ns: int | None = None,
        max_line_bytes: int | None = None,
        max_body_bytes: int | None = None,
        max_labels: int = 15,
        max_metadata: int = 128,
        max_metadata_bytes: int = 65536,
        refuse: Callable[[Kept], str | None] | None = None,
    ) -> None:
        self.script = list(script)
        self.oldest_ns = oldest_ns
        self.newest_ns = newest_ns
        self.max_line_bytes = max_line_bytes
        self.max_body_bytes = max_body_bytes
        self.max_labels = max_labels
        self.max_metadata = max_metadata
        self.max_metadata_bytes = max_metadata_bytes
        self.refuse = refuse
        self.requests: list[Request] = []
        self.duplicates = 0
        self.url = ""
        self._port = port
        self._kept: dict[Kept, None] = {}
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def entries(self) -> list[Kept]:
        """Every entry once, in the order of first arrival."""
        return list(self._kept)

    def lines(self) -> list[str]:
        return [kept.line for kept in self._kept]

    async def holds(self, count: int) -> None:
        """Waits until at least so many entries are kept."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._kept) >= count)

    async def asked(self, count: int) -> None:
        """Waits until at least so many pushes have come in."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= count)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/{path:.*}", self._push)
        app.router.add_get("/entries", self._show)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            entries = tuple(decoded(body, request.headers.get("Content-Type", "")))
        except UndecodableError as error:
            await self._note(request, ())
            return web.Response(status=400, text=str(error))
        await self._note(request, entries)
        step = self.script.pop(0) if self.script else 204
        if isinstance(step, str):
            return await self._misbehave(step, request, entries)
        status, headers, text = (step, {}, "") if isinstance(step, int) else (*step, "")[:3]
        if status >= 300:
            return web.Response(status=status, headers=headers, text=text or f"scripted {status}")
        if self.max_body_bytes is not None and len(body) > self.max_body_bytes:
            return web.Response(status=413, text="Request body too large")
        fault = await self._take(entries)
        return web.Response(status=400, text=fault) if fault else web.Response(status=status, headers=headers)

    async def _misbehave(self, step: str, request: web.Request, entries: Iterable[Kept]) -> web.Response:
        if step == "hang":
            await self._closing.wait()
        if step == "lost_answer":
            await self._take(entries)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _note(self, request: web.Request, entries: tuple[Kept, ...]) -> None:
        async with self._changed:
            self.requests.append(Request(request.path_qs, dict(request.headers), entries))
            self._changed.notify_all()

    async def _take(self, entries: Iterable[Kept]) -> str | None:
        """Keeps the good ones; the faults of the others, told as Loki tells them."""
        faults: Counter[str] = Counter()
        async with self._changed:
            for kept in entries:
                found = self._fault(kept)
                if found is not None:
                    faults[found] += 1
                elif kept in self._kept:
                    self.duplicates += 1
                else:
                    self._kept[kept] = None
            self._changed.notify_all()
        return told(faults)

    def _fault(self, kept: Kept) -> str | None:
        """In the words of Loki's `pkg/validation/validate.go`."""
        stream = "{" + ", ".join(f'{name}="{value}"' for name, value in kept.labels) + "}"
        size = len(kept.line.encode())
        at = rfc3339(kept.timestamp_ns)
        if self.oldest_ns is not None and kept.timestamp_ns < self.oldest_ns:
            oldest = rfc3339(self.oldest_ns)
            return f"entry for stream '{stream}' has timestamp too old: {at}, oldest acceptable timestamp is: {oldest}"
        if self.newest_ns is not None and kept.timestamp_ns > self.newest_ns:
            return f"entry for stream '{stream}' has timestamp too new: {at}"
        if self.max_line_bytes is not None and size > self.max_line_bytes:
            limit = f"Max entry size '{self.max_line_bytes}' bytes exceeded"
            return f"{limit} for stream '{stream}' while adding an entry with length '{size}' bytes"
        if len(kept.labels) > self.max_labels:
            return f"entry for stream '{stream}' has {len(kept.labels)} label names; limit {self.max_labels}"
        if any(len(value.encode()) > 2048 for _, value in kept.labels):
            return f"stream '{stream}' has label value too long: 'x'"
        return self._metadata_fault(kept, stream) or (self.refuse(kept) if self.refuse is not None else None)

    def _metadata_fault(self, kept: Kept, stream: str) -> str | None:
        size = sum(len(name) + len(value.encode()) for name, value in kept.metadata)
        please = "Please see `limits_config.max_structured_metadata"
        if size > self.max_metadata_bytes:
            limit = f"'{size}' bytes, limit: '{self.max_metadata_bytes}' bytes"
            return f"stream '{stream}' has structured metadata too large: {limit}. {please}_size` or contact x."
        if len(kept.metadata) > self.max_metadata:
            limit = f"'{len(kept.metadata)}', limit: '{self.max_metadata}'"
            return f"stream '{stream}' has too many structured metadata labels: {limit}. {please}_entries_count`."
        return None

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response([kept._asdict() for kept in self._kept])


def told(faults: Mapping[str, int]) -> str | None:
    """Every fault once, with how often it was found where that says more."""
    if len(faults) == 1 and 1 in faults.values():
        return next(iter(faults))
    return "; ".join(f"{count} errors like: {fault}" for fault, count in faults.items()) or None


def rfc3339(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _serve(port: int) -> None:
    async with FakeLoki(port=port) as loki:
        print(loki.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    asyncio.run(_serve(options.parse_args().port))


if __name__ == "__main__":
    main()
