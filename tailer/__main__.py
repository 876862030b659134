"""The command: which subcommand runs, and what exit status its troubles have."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from tailer import __version__

COMMANDS = {
    "run": "tail files, serve /metrics, forward to Loki",
    "explain": "tell for each line of a log what was understood and what was not",
    "report": "the bill of log files",
    "reconcile": "what was seen beside what a provider billed",
    "check": "validate the configuration",
    "demo": "a sample application log and the tailer on it",
    "prices": "the price table in use",
    "deadletters": "what Loki refused: list it, send it once more",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status: 0 done, 1 failed while running, 2 bad usage or configuration."""
    _open_standard_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="tokentail", description="Exact LLM usage metrics from the logs an application already writes."
    )
    parser.add_argument("--version", action="version", version=f"tokentail {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = next((argument for argument in arguments if argument in COMMANDS), None)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text)
        # Only the command that is asked for is imported: `check` need not wait for an HTTP server's imports.
        if name == named:
            module = _imported(name)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    args = parser.parse_args(arguments)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # `tokentail explain … | head`: the reader has enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status


def _imported(command: str) -> ModuleType:
    """The command's module. The collector would look through all that is made by imports again and again, in vain."""
    gc.disable()
    try:
        return importlib.import_module(f"tailer.cli.{command}")
    finally:
        gc.enable()


def _open_standard_streams() -> None:
    """A supervisor may start it with some of them closed: the next file opened would become its standard error."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free descriptor is given, which is that of this stream.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


if __name__ == "__main__":
    sys.exit(main())
