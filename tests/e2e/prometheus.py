"""A real Prometheus as a process of its own, on a free port; skips the test where there is none."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

HURRIED = {"scrape_interval": "500ms", "scrape_timeout": "500ms"}


@asynccontextmanager
async def serving(
    folder: Path, scraped: dict[str, object] | None, *flags: str, **further: object
) -> AsyncIterator[str]:
    """The address of one that scrapes this job, if one is given, with further settings; killed at the end."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Prometheus is not installed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    jobs = [] if scraped is None else [{"job_name": "tokentail", **scraped}]
    settings = {"global": HURRIED, "scrape_configs": jobs, **further}
    (folder / "prometheus.yml").write_text(json.dumps(settings))
    command = [program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, f"--web.listen-address={address}", *flags, stdout=quiet, stderr=quiet
    )
    try:
        yield f"http://{address}"
    finally:
        process.kill()
        await process.wait()
