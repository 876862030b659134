"""`tokentail demo`: a sample application writes its log, the tailer reads it, a summary line every few seconds."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tailer.config import Config, load
from tailer.config.faults import ConfigError, Fault, shown
from tailer.service import serve
from tailer.stopping import Stop
from tailer.telemetry import configure_log

from .demo_summary import Summary, fetch
from .demo_writer import Script, write_log
from .options import fault_lines

SUMMARY_SECONDS = 3.0
ROTATE_BYTES = 500_000
"""Small, so that a demo of some minutes shows a rotation."""
CATCH_UP_SECONDS = 3.0

Service = Callable[[Config, Callable[[str], None], asyncio.Event], Coroutine[Any, Any, object]]
"""Runs until the event is set; tells `host:port` of its HTTP port as soon as it listens."""


class Plan(NamedTuple):
    """How the demo runs; `seconds` None is until Ctrl-C."""

    config: Config
    script: Script
    seconds: float | None
    summary_seconds: float = SUMMARY_SECONDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Few: a demo should run as it is."""
    parser.description = "Write a sample application log, tail it, and show what is counted. Ctrl-C stops it."
    parser.epilog = "DEMO_SECONDS in the environment stops it after so many seconds."
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default="127.0.0.1:9847",
        help="default: %(default)s; port 0 takes any free one",
    )
    parser.add_argument("--loki-url", metavar="URL", help="forward the log to this Loki too")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same calls (default: 1)")
    parser.add_argument("--speed", type=float, default=1.0, help="2 is twice the traffic (default: 1)")


def run(args: argparse.Namespace) -> int:
    """0 after Ctrl-C or DEMO_SECONDS, 1 when the tailer cannot run, 2 for a bad argument."""
    with tempfile.TemporaryDirectory(prefix="tokentail-demo-") as folder:
        try:
            plan = make_plan(args, folder, os.environ.get("DEMO_SECONDS", ""))
        except ConfigError as error:
            print(fault_lines(error.faults), file=sys.stderr)
            return 2
        return asyncio.run(demo(plan))


def make_plan(args: argparse.Namespace, folder: str, demo_seconds: str) -> Plan:
    """Everything in one folder that can be thrown away. Raises ConfigError."""
    flags = {"listen": args.listen, "drain_seconds": "2", "log_level": "warning", "state_dir": f"{folder}/state"}
    if args.loki_url is not None:
        flags["loki_url"] = args.loki_url
    faults: list[Fault] = []
    if args.speed <= 0:
        faults.append(Fault("--speed", f"{args.speed:g}", "a number, more than 0"))
    try:
        seconds = float(demo_seconds) if demo_seconds.strip() else None
    except ValueError:
        seconds = math.nan
    if seconds is not None and not 0 < seconds < math.inf:
        faults.append(Fault("DEMO_SECONDS", shown(demo_seconds), "a number of seconds, more than 0"))
    try:
        config = load({**flags, "paths": [f"{folder}/app.log"]}, {})
    except ConfigError as error:
        raise ConfigError([*faults, *error.faults]) from None
    if faults:
        raise ConfigError(faults)
    script = Script(args.seed, args.speed, rotate_bytes=ROTATE_BYTES, kept_files=2)
    return Plan(config, script, seconds)


async def demo(plan: Plan, service: Service | None = None) -> int:
    """Runs until Ctrl-C, SIGTERM or the plan's time; returns the exit status."""
    last: Summary | None = None
    failure = ""
    try:
        async with asyncio.TaskGroup() as group:
            last = await _demo(plan, service or run_service, group)
    except* OSError as errors:
        failure = str(errors.exceptions[0])
    if failure:
        print(f"the demo cannot run: {failure} (--listen 127.0.0.1:0 takes any free port)", file=sys.stderr)
        return 1
    print(f"Stopped. Counted: {last}." if last else "Stopped.", flush=True)
    return 0


async def _demo(plan: Plan, service: Service, group: asyncio.TaskGroup) -> Summary | None:
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    ended = asyncio.Event()
    with _asked_to_stop(plan.seconds) as stop:
        group.create_task(service(plan.config, listening.set_result, ended), name="tailer")
        address = await listening
        log_path = plan.config.paths[0]
        print(f"page     http://{address}/", flush=True)
        print(f"metrics  http://{address}/metrics", flush=True)
        print(f"log      {log_path}", flush=True)
        writing = group.create_task(write_log(log_path, plan.script, datetime.now(UTC)), name="application")
        await _tell(address, plan.summary_seconds, stop)
        writing.cancel()
        last = await _caught_up(address)
        ended.set()
    return last


@contextmanager
def _asked_to_stop(seconds: float | None) -> Iterator[asyncio.Event]:
    """Set by Ctrl-C, SIGTERM or the time; a second Ctrl-C is the usual KeyboardInterrupt."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)

    def ask() -> None:
        stop.set()
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, ask)
    timer = loop.call_later(seconds, ask) if seconds is not None else None
    try:
        yield stop
    finally:
        ask()
        if timer is not None:
            timer.cancel()


async def _tell(address: str, every_seconds: float, stop: asyncio.Event) -> None:
    since = time.monotonic()
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_seconds)
        if not stop.is_set() and (summary := await asyncio.to_thread(fetch, address)):
            print(f"{time.monotonic() - since:5.0f} s  {summary}, lag {summary.lag_bytes:,} bytes", flush=True)


async def _caught_up(address: str) -> Summary | None:
    """The last totals: those of a meter that has read everything, or has had long enough to."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    before: Summary | None = None
    while (summary := await asyncio.to_thread(fetch, address)) and time.monotonic() < deadline:
        # The lag is of the bytes the tailer knows of; twice the same says that it has looked in between.
        if summary.lag_bytes == 0 and summary == before:
            break
        before = summary
        await asyncio.sleep(CATCH_UP_SECONDS / 6)
    return summary or before


async def run_service(config: Config, listening: Callable[[str], None], ended: asyncio.Event) -> None:
    """The real tailer: the one place where the demo knows how it is started and stopped."""
    configure_log(config.log_level, config.log_format)
    stop = Stop()
    passing_on = asyncio.create_task(_then(ended, stop.ask), name="ended")
    try:
        await serve(config, stop, lambda address, _: listening(address))
    finally:
        passing_on.cancel()


async def _then(event: asyncio.Event, act: Callable[[], None]) -> None:
    await event.wait()
    act()
