"""`tokentail explain`: what is understood of each line of a log, what is not, what to configure; changes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator

import orjson

from tailer.cli.explain_text import Explanation
from tailer.cli.explained import Explained, as_json, explained
from tailer.cli.offline import NOW_NS, Offline, add_reading_arguments, complain, prepare, reason
from tailer.cli.sample import Sample
from tailer.cli.suggested import section
from tailer.reading.chunk import Reading
from tailer.source.whole import STDIN, WholeFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and the form of the output."""
    parser.description = "For each line of a log: which wrapper and parser matched, the calls it gives, what was odd."
    parser.add_argument(
        "file", nargs="?", metavar="FILE", default=STDIN, help="a log, also gzipped (default: -, stdin)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument(
        "--suggest", action="store_true", help="instead, print a fields: section that works for this log, for --config"
    )
    add_reading_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 1 when the file could not be read to its end, or nothing can be suggested; 2 for a faulty configuration."""
    offline = prepare(args)
    if offline is None:
        return 2
    lines = Lines(args.file, offline)
    if args.suggest:
        return _suggest(lines, offline)
    told = explained(lines, offline.joiner, offline.price_of, NOW_NS)
    # Somebody may pipe a growing log through and wait for what it says.
    at_once = args.file == STDIN or sys.stdout.isatty()
    for text in _objects(told) if args.format == "json" else _texts(told, offline):
        print(text, flush=at_once)
    return 1 if lines.is_incomplete else 0


def _suggest(lines: Lines, offline: Offline) -> int:
    sample = Sample(offline.reader_with, offline.config.fields)
    for text, _ in lines:
        if not sample.add(text):
            break
    suggested = sample.suggested()
    for line in section(suggested):
        print(line)
    return 0 if suggested.after.measured and not lines.is_incomplete else 1


def _objects(told: Iterable[Explained]) -> Iterator[str]:
    for line in told:
        yield orjson.dumps(as_json(line)).decode()


def _texts(told: Iterable[Explained], offline: Offline) -> Iterator[str]:
    explanation = Explanation(offline.reader, offline.reader_with, offline.config)
    for line in told:
        yield from explanation.of(line)
    yield from explanation.summary()


class Lines:
    """The lines of a file with their readings. Trouble with the file is told on stderr and ends the lines."""

    def __init__(self, path: str, offline: Offline) -> None:
        self.is_incomplete = False
        self._path = path
        self._offline = offline

    def __iter__(self) -> Iterator[tuple[bytes, Reading]]:
        try:
            with WholeFile.open(self._path) as file:
                for chunk in file.chunks(self._offline.config.max_line_bytes):
                    for reading in self._offline.reader.read(chunk):
                        yield chunk.text(reading), reading
        except OSError as error:
            complain(f"{self._path}: {reason(error)}")
            self.is_incomplete = True
