"""`tokentail run`: tail, meter and ship until stopped, or with `--once` until everything is delivered."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import resource
import sys

import structlog

from parsers.registry import RegistryError
from tailer.cli.options import add_config_arguments, config_flags, fault_lines
from tailer.config import Config, ConfigError, Examined, examine
from tailer.meter.prices import PriceError
from tailer.service import Again, serve
from tailer.statedir import StateError
from tailer.stopping import Stop
from tailer.telemetry import configure_log

log = structlog.get_logger("tokentail")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH and all flags of the configuration."""
    parser.description = "Tail files or globs until stopped; serve /metrics; forward to Loki when a Loki URL is set."
    add_config_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0 after a stop or a finished `--once`; 2 for a faulty configuration; 1 for what fails while running."""

    def examined() -> Examined:
        return examine(config_flags(args), os.environ, need_paths=True)

    found = examined()
    if found.config is None:
        print(fault_lines(found.faults), file=sys.stderr)
        return 2
    config = found.config
    configure_log(config.log_level, config.log_format)
    for fault in found.warnings:
        log.warning("doubtful_setting", fault=str(fault))
    raise_file_limit()
    # What the imports have made is here to stay: a look through it for garbage would hold everything up for some 20 ms.
    gc.freeze()
    return run_service(config, examined)


def run_service(config: Config, again: Again | None = None) -> int:
    """Serves on an event loop of its own, with the signals of the process; SIGHUP has `again` read what is new."""
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_serve(config, again))
    except ConfigError as error:
        print(fault_lines(error.faults), file=sys.stderr)
        return 2
    except (StateError, PriceError, RegistryError) as error:
        print(f"tokentail: {error}", file=sys.stderr)
        return 2 if isinstance(error, PriceError | RegistryError) else 1
    except OSError as error:
        print(f"tokentail: {config.listen}: {error.strerror or error}", file=sys.stderr)
        return 1


async def _serve(config: Config, again: Again | None) -> int:
    stop = Stop()
    stop.listen()
    return await serve(config, stop, again=again)


def loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop where there is one."""
    try:
        import uvloop  # noqa: PLC0415  # not on every platform
    except ImportError:
        return None
    return uvloop.Loop


def raise_file_limit() -> None:
    """Every followed file keeps a descriptor, so the process takes as many as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
