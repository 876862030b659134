"""The demo: what it prints, how it stops, and that its numbers are those of /metrics."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tailer.cli import demo
from tailer.cli.demo_summary import Summary, fetch, summarize
from tailer.cli.demo_writer import Script
from tailer.config import Config
from tailer.config.faults import ConfigError
from tests.demo_totals import totals

EXPOSITION = """\
# HELP llm_requests_total Calls.
# TYPE llm_requests_total counter
llm_requests_total{provider="openai",model="gpt-4o",operation="chat",status="success",error_type=""} 1200
llm_requests_total{provider="openai",model="a } b",operation="chat",status="error",error_type="timeout"} 34.0
llm_requests_total_other{provider="openai"} 999
llm_tokens_total{model="gpt-4o",type="input"} 1.5e+06
llm_tokens_total{model="gpt-4o",type="output"} 250
llm_cost_usd_total{source="estimated"} 1.25
llm_cost_usd_total{source="reported"} 0.5
tokentail_lag_bytes{consumer="meter"} 12
tokentail_lag_bytes{consumer="loki"} 5000
"""


def plan(folder: Path, seconds: float | None = 0.8) -> demo.Plan:
    config = Config(paths=(str(folder / "app.log"),), state_dir=str(folder / "state"), listen="127.0.0.1:0")
    return demo.Plan(config, Script(seed=1, speed=30.0, rotate_bytes=10**9), seconds, summary_seconds=0.2)


def exposition(log_path: str) -> str:
    """What /metrics would say of the log as it stands, by the tests' own count."""
    log = Path(log_path)
    counted = totals(log.read_bytes().rpartition(b"\n")[0].splitlines() if log.exists() else [])
    errors = counted.errors.total()
    return (
        f'llm_requests_total{{status="success"}} {counted.calls - errors}\n'
        f'llm_requests_total{{status="error"}} {errors}\n'
        f'llm_tokens_total{{type="input"}} {counted.tokens}\n'
    )


async def counting_service(config: Config, listening: Callable[[str], None], ended: asyncio.Event) -> None:
    """A small program in place of the tailer: at each scrape it counts the log anew."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = exposition(config.paths[0])
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        listening(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await ended.wait()


def test_the_summary_is_the_sum_over_all_label_sets() -> None:
    """Of these metrics and no others, whatever stands in a label value."""
    assert summarize(EXPOSITION) == Summary(1234, 34, 1_500_250, 1.75, 12)
    assert str(summarize(EXPOSITION)) == "1,234 calls (34 errors), 1,500,250 tokens, $1.7500"
    assert summarize("") == Summary(0, 0, 0, 0.0, 0)


def test_a_port_where_nobody_answers_gives_no_summary() -> None:
    """The demo then prints none and goes on."""
    assert fetch("127.0.0.1:1") is None


async def test_the_address_comes_first_and_the_totals_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Between them a line every few seconds; the closing line has every line the application wrote."""
    assert await demo.demo(plan(tmp_path), counting_service) == 0
    printed = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"page     http://127\.0\.0\.1:\d+/", printed[0])
    assert re.fullmatch(r"metrics  http://127\.0\.0\.1:\d+/metrics", printed[1])
    assert printed[2].endswith("app.log")
    assert len(printed) >= 5
    assert all(re.search(r"\d+ calls .* tokens, \$[\d.]+, lag 0 bytes$", line) for line in printed[3:-1])
    counted = totals((tmp_path / "app.log").read_bytes().splitlines())
    assert counted.calls > 0
    assert f"Counted: {counted.calls:,} calls" in printed[-1]
    assert f"{counted.tokens:,} tokens" in printed[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_cleanly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    """Exit status 0 and the totals, as after DEMO_SECONDS."""

    async def interrupted(config: Config, listening: Callable[[str], None], ended: asyncio.Event) -> None:
        asyncio.get_running_loop().call_later(0.3, signal.raise_signal, number)
        await counting_service(config, listening, ended)

    assert await demo.demo(plan(tmp_path, None), interrupted) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Stopped. Counted: ")


async def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, with the way out."""

    async def refused(config: Config, listening: Callable[[str], None], ended: asyncio.Event) -> None:
        raise OSError(98, "address already in use")

    assert await demo.demo(plan(tmp_path), refused) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "address already in use" in err
    assert len(err.splitlines()) == 1


def arguments(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    return parser.parse_args(argv)


def test_everything_is_in_the_folder_that_will_be_thrown_away(tmp_path: Path) -> None:
    """Log and state; DEMO_SECONDS limits the time, empty does not."""
    made = demo.make_plan(arguments("--listen", "127.0.0.1:0"), str(tmp_path), "2.5")
    assert made.config.paths == (f"{tmp_path}/app.log",)
    assert made.config.state_dir.startswith(str(tmp_path))
    assert made.seconds == 2.5
    assert demo.make_plan(arguments(), str(tmp_path), "").seconds is None


def test_all_bad_arguments_are_told_at_once(tmp_path: Path) -> None:
    """Flags and DEMO_SECONDS alike."""
    with pytest.raises(ConfigError) as caught:
        demo.make_plan(arguments("--listen", "x", "--speed", "0", "--loki-url", "x"), str(tmp_path), "soon")
    assert {fault.path for fault in caught.value.faults} == {"--listen", "--speed", "--loki-url", "DEMO_SECONDS"}
