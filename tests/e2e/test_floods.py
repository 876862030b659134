"""Floods: too many names, files, open requests; too long, too deep, too well packed. Memory and time stay bounded."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.e2e.process import Samples, Tokentail, running, total

MEGABYTE = 1024 * 1024
ROOM_BYTES = 64 * MEGABYTE
"""How much more than at idle a flood may take: far below what it would be if all of it were held."""
SECONDS = 60


def call(model: str, number: int = 0, **fields: object) -> str:
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "model": model, "choices": [], "usage": usage}
    return json.dumps({"n": number, "response": body, **fields})


def request(number: int) -> str:
    return json.dumps({"request_id": f"req-{number}", "request": {"model": "gpt-4o", "messages": []}})


def write(path: Path, lines: Iterable[str]) -> int:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path.stat().st_size


def most_memory_bytes(tailer: Tokentail) -> int:
    status = Path(f"/proc/{tailer.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


async def flooded(tailer: Tokentail, size: int) -> Samples:
    """The scrape that shows all these bytes; within the time, and the room beside what the process takes idle."""
    idle = tailer.memory_bytes()
    samples = await tailer.scraped(lambda it: total(it, "tokentail_read_bytes_total") == size, seconds=SECONDS)
    assert most_memory_bytes(tailer) - idle < ROOM_BYTES
    return samples


async def test_thousands_of_model_names_are_summed_once_a_family_is_full(tmp_path: Path) -> None:
    """The sum over all series stays exact, and a restart keeps it."""
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path, str(log)) as tailer:
        size = write(log, (call(f"model-{number}", number) for number in range(5_000)))
        samples = await flooded(tailer, size)
        await tailer.kill()
    for after in (samples, None):
        if after is None:
            async with running(tmp_path, str(log)) as tailer:
                after = await tailer.scrape()  # noqa: PLW2901  # the second look
        assert total(after, "llm_requests_total") == 5_000
        assert total(after, "llm_tokens_total", type="input") == 50_000
        assert total(after, "llm_requests_total", model="__other__") > 3_900
        assert total(after, "tokentail_series_overflow_total") > 0
        assert len({dict(labels)["model"] for name, labels in after if name == "llm_requests_total"}) <= 1_001


async def test_label_values_of_a_megabyte_are_cut(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path, str(log), "--dimension", "team=team") as tailer:
        huge = (call("m" * MEGABYTE, number, team=f"{number}" + "t" * MEGABYTE) for number in range(20))
        samples = await flooded(tailer, write(log, huge))
        assert total(samples, "llm_requests_total") == 20
        values = [value for name, labels in samples if name.startswith("llm_") for _, value in labels]
        assert max(map(len, values)) <= 128
        _, page = await tailer.get("/metrics")
        assert len(page) < MEGABYTE
        assert (tmp_path / "state" / "checkpoint").stat().st_size < MEGABYTE


async def test_a_thousand_files_are_read_and_none_keeps_the_others_waiting(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    lines = [call("gpt-4o-2024-08-06", number) for number in range(3)]
    async with running(tmp_path, str(logs / "*.log")) as tailer:
        size = sum(write(logs / f"{number}.log", lines) for number in range(1_000))
        samples = await flooded(tailer, size)
        assert total(samples, "tokentail_files") == 1_000
        assert total(samples, "llm_requests_total") == 3_000


async def test_open_requests_without_end_are_bounded_and_each_is_counted(tmp_path: Path) -> None:
    """What is dropped to make room is an error without an answer, like any that is given up."""
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path, str(log)) as tailer:
        samples = await flooded(tailer, write(log, map(request, range(100_000))))
        assert total(samples, "tokentail_open_calls") == 10_000
        assert total(samples, "tokentail_open_calls_dropped_total") == 90_000
        assert total(samples, "llm_requests_total", status="error", error_type="unknown") == 90_000
        assert total(samples, "llm_usage_missing_total", reason="no_response") == 90_000
        await tailer.kill()
    async with running(tmp_path, str(log)) as tailer:
        again = await tailer.scrape()
        assert total(again, "tokentail_open_calls") == 10_000
        assert total(again, "llm_requests_total") == 90_000


async def test_lines_beyond_the_limit_are_measured_and_do_not_stay_in_memory(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path, str(log)) as tailer:
        await tailer.scrape()
        idle = tailer.memory_bytes()
        for megabytes in (15, 16, 17, 64):
            write(log, [call("gpt-4o-2024-08-06", text="x" * (megabytes * MEGABYTE)), call("gpt-4o-2024-08-06")])
        size = log.stat().st_size
        samples = await tailer.scraped(lambda it: total(it, "tokentail_read_bytes_total") == size, seconds=SECONDS)
        assert most_memory_bytes(tailer) - idle < 100 * MEGABYTE
        assert total(samples, "tokentail_lines_total", outcome="oversize") == 3
        assert total(samples, "tokentail_lines_total", outcome="call") == 5


def deep(levels: int) -> list[str]:
    """JSON within JSON within JSON, in every way."""
    packed = "1"
    for _ in range(12):
        packed = json.dumps({"message": packed})
    return [
        "[" * levels + "]" * levels,
        '{"a":' * levels + "1" + "}" * levels,
        '{"response":' * levels + "{}" + "}" * levels,
        '{"message":"' + "[" * levels + '"}',
        json.dumps({"message": '{"a":' * levels + "1" + "}" * levels}),
        "[" * levels,
        packed,
        json.dumps({"response": {"choices": json.loads("[" * 900 + "]" * 900)}}),
    ]


async def test_json_ten_thousand_levels_deep_is_one_line_like_any_other(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.touch()
    lines = deep(10_000)
    async with running(tmp_path, str(log)) as tailer:
        samples = await flooded(tailer, write(log, [*lines, call("gpt-4o-2024-08-06")]))
        assert total(samples, "tokentail_lines_total") == len(lines) + 1
        assert total(samples, "tokentail_lines_total", outcome="call") == 1
        assert await tailer.stop() == 0


BOMB_BYTES = 128 * MEGABYTE


def bomb(path: Path, content: bytes) -> None:
    """So much of the content again and again, with one call behind it."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(BOMB_BYTES // len(content)):
            file.write(content)
        file.write(f"\n{call('gpt-4o-2024-08-06')}\n".encode())


@pytest.mark.parametrize("command", ["report", "explain"])
@pytest.mark.parametrize("what", ["one line", "lines of a megabyte"])
async def test_a_decompression_bomb_takes_no_memory(tmp_path: Path, command: str, what: str) -> None:
    """128 MiB out of half a megabyte; the call behind it is found."""
    path = tmp_path / "app.log.gz"
    bomb(path, b"a" * MEGABYTE if what == "one line" else b"a" * (MEGABYTE - 1) + b"\n")
    started = time.monotonic()
    measured = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"  # noqa: E501
    arguments = [sys.executable, "-m", "tailer", command, "--format", "json", str(path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", measured, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert time.monotonic() - started < SECONDS
    *told, kilobytes = output.decode().splitlines()
    assert int(kilobytes) * 1024 < 150 * MEGABYTE
    last = json.loads(told[-1]) if command == "explain" else json.loads("\n".join(told))
    calls = len(last["calls"]) if command == "explain" else last["total"]["calls"]
    assert calls == 1
