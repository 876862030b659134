"""`tokentail deadletters`: what sinks refused and was set aside, and sending it once more; changes nothing else."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import orjson

from tailer.cli.offline import complain
from tailer.cli.options import ELSEWHERE, OPTIONS, add_option, config_flags, fault_lines
from tailer.cli.plain import number_of, plain
from tailer.cli.run import loop_factory
from tailer.config import Config, examine
from tailer.config.sources import flag_name
from tailer.outbound.pusher import Clock
from tailer.ship import splunk_answers
from tailer.ship.deadletter import DeadLetters
from tailer.ship.deadletter_resend import Letter, Resender, Resent, letters_of
from tailer.ship.sinks import SINKS, is_wanted
from tailer.telemetry import Telemetry, configure_log

LISTED = frozenset({"config", "state_dir"})
URLS = frozenset(f"{name}_url" for name in SINKS)
RESENT = LISTED | URLS | {"loki_tenant", "loki_encoding", "log_level", "log_format"}
RESENDING = "dead-letters.resend.lock"
OF_SPLUNK = tuple(splunk_answers.REFUSALS.values())
REASONS = (
    *("too_old", "too_new", "too_far_behind", "out_of_order", "line_too_long", "metadata", "labels", "partly_taken"),
    *("too_large", "other", *OF_SPLUNK),
)
"""All that a sink's refusal can object to, as far as its words are known."""
SHOWN_CHARS = 2000

BySink = Mapping[str, Sequence[Letter]]


class BusyError(Exception):
    """Another process is resending already."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define `deadletters list` and `deadletters resend`."""
    parser.description = (
        "Entries that Loki or another sink refused for good. Both commands may run beside `tokentail run`."
    )
    commands = parser.add_subparsers(dest="deadletters_command", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="what was refused, when and why")
    listing.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    listing.add_argument("--text", action="store_true", help="with the text of the lines, which may be anybody's words")
    resending = commands.add_parser(
        "resend", help="send them once more to who refused them; what is accepted is deleted"
    )
    for command, keys in ((listing, LISTED), (resending, RESENT)):
        command.add_argument(
            "--reason",
            action="append",
            choices=REASONS,
            metavar="KIND",
            help=f"only those refused for this, repeatable: {', '.join(REASONS[: -len(OF_SPLUNK)])};"
            f" of Splunk: {', '.join(OF_SPLUNK)}",
        )
        command.add_argument("--sink", choices=SINKS, help="only those that this sink refused (default: all sinks)")
        for option in (*OPTIONS, *ELSEWHERE):
            if option.key in keys:
                add_option(command, option)


def run(args: argparse.Namespace) -> int:
    """0 when all that was asked for is done; 1 when some were refused again; 2 for a faulty configuration."""
    found = examine(config_flags(args), os.environ)
    if found.config is None:
        print(fault_lines(found.faults), file=sys.stderr)
        return 2
    config = found.config
    try:
        letters = {name: list(_chosen(_kept(config, name), args.reason)) for name in SINKS if args.sink in (None, name)}
        if args.deadletters_command == "list":
            print(as_json(letters, text=args.text) if args.format == "json" else as_text(letters, text=args.text))
            return 0
        return _resend(config, letters)
    except OSError as error:
        complain(f"{error.filename or config.state_dir}: {error.strerror or error}")
    except BusyError as error:
        complain(str(error))
    return 1


def as_json(letters: BySink, *, text: bool) -> str:
    """`{"rows": […], "total": {…}}`, a row for each record."""
    rows = [_row(sink, letter, text=text) for sink, some in letters.items() for letter in some]
    every = _all(letters)
    total = {"entries": len(rows), "bytes": sum(len(letter.line) for letter in every), "kinds": dict(_kinds(every))}
    return orjson.dumps({"rows": rows, "total": total}).decode()


def as_text(letters: BySink, *, text: bool) -> str:
    """A line for each record and one with the sums; nothing in it can steer a terminal."""
    lines = []
    for sink, letter in ((sink, letter) for sink, some in letters.items() for letter in some):
        row = _row(sink, letter, text=text)
        about = f"{row['time'] or '?'!s:<20}  {sink}  {row['kind']:<14}  {row['status'] or ''!s:<3}"
        lines.append(f"{about}  {{{_pairs(row['labels'])}}}  {row['bytes']} B")
        lines.append(f"    {row['reason'] or ''}")
        if text:
            lines.append(f"    {row['text']}")
    every = _all(letters)
    kinds = ", ".join(f"{count} {kind}" for kind, count in _kinds(every).most_common())
    lines.append(f"{number_of(len(every), 'dead letter')}: {kinds}" if every else "no dead letters")
    return "\n".join(plain(line, SHOWN_CHARS) for line in lines)


def _kept(config: Config, sink: str) -> DeadLetters:
    return DeadLetters(config.state_dir, getattr(config, sink).dead_letter_bytes, sink=sink)


def _all(letters: BySink) -> list[Letter]:
    return [letter for some in letters.values() for letter in some]


def _row(sink: str, letter: Letter, *, text: bool) -> dict[str, object]:
    record = letter.record
    row: dict[str, object] = {"sink": sink}
    row |= {
        name: record.get(name) for name in ("time", "status", "reason", "labels", "timestamp_ns", "metadata", "offset")
    }
    row["kind"] = _kind(letter)
    row["bytes"] = len(str(record.get("text", "")).encode())
    row["whole"] = letter.entry is not None
    return row | {"text": record.get("text")} if text else row


def _pairs(labels: object) -> str:
    return ",".join(f"{name}={value}" for name, value in labels.items()) if isinstance(labels, dict) else ""


def _kind(letter: Letter) -> str:
    return str(letter.record.get("kind") or "other")


def _kinds(letters: Sequence[Letter]) -> Counter[str]:
    return Counter(map(_kind, letters))


def _chosen(kept: DeadLetters, reasons: Sequence[str] | None) -> Iterator[Letter]:
    for letter in letters_of(kept.lines()):
        if not reasons or _kind(letter) in reasons:
            yield letter


def _resend(config: Config, letters: BySink) -> int:
    if not _all(letters):
        print("no dead letters")
        return 0
    without_url = [sink for sink, some in letters.items() if some and not is_wanted(config, sink)]
    for sink in without_url:
        needed = f"{flag_name(f'{sink}_url')}, or {sink}_url in the configuration"
        complain(
            f"{number_of(len(letters[sink]), 'dead letter')} of {sink}: resend needs {needed}; --sink leaves them out"
        )
    if without_url:
        return 2
    configure_log(config.log_level, config.log_format)
    with _alone(config.state_dir), asyncio.Runner(loop_factory=loop_factory()) as runner:
        resent = [runner.run(_sent(config, sink, some)) for sink, some in letters.items() if some]
    refused = sum(it.refused for it in resent)
    print(f"{sum(it.accepted for it in resent)} accepted and deleted, {refused} refused again and kept")
    return 1 if refused else 0


async def _sent(config: Config, name: str, letters: Sequence[Letter]) -> Resent:
    sink = SINKS[name](config)
    async with sink:
        return await Resender(_kept(config, name), sink, Telemetry(), Clock()).run(letters)


@contextmanager
def _alone(directory: str) -> Iterator[None]:
    """Two that send the same entries at once would each count what the other has deleted."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(os.path.join(directory, RESENDING), flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BusyError("another `deadletters resend` uses this state directory") from error
    else:
        yield
    finally:
        os.close(descriptor)
