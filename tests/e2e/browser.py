"""A real Chromium without a window, driven by its own DevTools protocol: what a page shows, says and complains of."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
Size = tuple[int, int]
DESK: Size = (1280, 900)
PHONE: Size = (390, 844)


class Tab:
    """One page. `complaints` are errors of its console, exceptions, and what its content security policy refused."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.complaints: list[str] = []
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._hearing = asyncio.create_task(self._hear())

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(30):
            return await self._waiting[number]

    async def open(self, url: str) -> None:
        for domain in ("Page", "Runtime", "Log", "Audits", "Network"):
            await self.ask(f"{domain}.enable")
        await self.ask("Page.navigate", url=url)

    async def look_as(self, size: Size = DESK, scheme: str = "light", scale: float = 1) -> None:
        """A window of this size, and the colours that the reader prefers."""
        width, height = size
        phone = width < 600
        await self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.ask("Emulation.setEmulatedMedia", features=features)

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression gives."""
        found = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def text(self, selector: str = "body") -> str:
        return str(await self.value(f"document.querySelector({json.dumps(selector)}).innerText"))

    async def until(self, expression: str, seconds: float = 20) -> Any:
        """The expression's value as soon as it is true."""
        async with asyncio.timeout(seconds):
            while not (value := await self.value(expression)):
                await asyncio.sleep(0.05)
        return value

    async def picture(self, path: Path, *, whole: bool = True) -> None:
        """A PNG of the page, or of what the window shows of it."""
        shot = await self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        self._hearing.cancel()
        await self._socket.close()

    async def _hear(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if (waiting := self._waiting.pop(told.get("id", 0), None)) is not None:
                waiting.set_result(told.get("result", {"exceptionDetails": told.get("error")}))
            else:
                self._note(told.get("method", ""), told.get("params", {}))

    def _note(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "warning", "assert"):
                self.complaints.append(json.dumps(told["args"]))
            case "Log.entryAdded" if told["entry"]["level"] in ("error", "warning"):
                self.complaints.append(json.dumps(told["entry"]))
            case "Audits.issueAdded" if told["issue"]["code"] == "ContentSecurityPolicyIssue":
                self.complaints.append(json.dumps(told["issue"]))


@asynccontextmanager
async def browsing(directory: Path) -> AsyncIterator[Tab]:
    """A Chromium with a profile of its own in the directory, and its first tab."""
    assert CHROMIUM is not None
    profile = directory / "chromium"
    profile.mkdir()
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(directory)},
        start_new_session=True,
    )
    try:
        address = await _address(profile, process)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{address}/json/list") as answer:
                page = next(it for it in await answer.json() if it["type"] == "page")
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                try:
                    yield tab
                finally:
                    await tab.close()
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _address(profile: Path, process: asyncio.subprocess.Process) -> str:
    """Where its DevTools listen: it writes that into its profile."""
    async with asyncio.timeout(60):
        while process.returncode is None:
            try:
                port, *rest = (profile / "DevToolsActivePort").read_text().split()
            except (OSError, ValueError):
                rest = []
            if rest:
                return f"127.0.0.1:{port}"
            await asyncio.sleep(0.05)
    raise AssertionError(f"chromium ended with {process.returncode}")
