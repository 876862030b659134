"""Files of a provider's bill to its items: gzip or not, JSON or CSV, recognised by content; all faults at once."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence

from tailer.cli.bills import pages, tables
from tailer.cli.bills.item import Export
from tailer.cli.offline import reason
from tailer.source.whole import GZIP_MAGIC

FORMS = ("openai", "anthropic", "aws_cur", "aws_cost_explorer", "csv")
JSON_FORMS = frozenset({"openai", "anthropic"})
BLOCK_BYTES = 256 * 1024
HEAD_BYTES = 1024
MAX_LINE_CHARS = 16 * 1024**2
NO_EXPORT = {b"": "an empty file", b"<": "a page: what answered was no API, or did not let you in"}
"""By how a file begins."""
MAX_CHARS = 512 * 1024**2
"""A larger JSON is refused, since it is read whole; a CSV is read row by row."""


def read(paths: Sequence[str], insisted: str | None = None) -> tuple[list[Export], list[str]]:
    """What the files hold, and every fault of every file."""
    exports: list[Export] = []
    faults: list[str] = []
    for path in paths:
        try:
            export, found = _export(path, insisted)
        except UnicodeDecodeError as error:
            faults.append(f"{path}: expected JSON or CSV in UTF-8, also gzipped: {error}")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            faults.append(f"{path}: expected a whole gzip file: {error}")
        except OSError as error:
            faults.append(f"{path}: {reason(error)}")
        else:
            exports.append(export)
            faults.extend(found)
    return exports, [*faults, *_twice(exports)]


def unfinished(exports: Sequence[Export]) -> list[str]:
    """The forms of which no file is the last page: the bill may go on after its last day."""
    by_form: dict[str, list[bool]] = {}
    for export in exports:
        by_form.setdefault(export.form, []).append(export.has_more)
    return [form for form, more in by_form.items() if all(more)]


def _export(path: str, insisted: str | None) -> tuple[Export, list[str]]:
    with open(path, "rb") as raw:
        source = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == GZIP_MAGIC else raw
        buffered = io.BufferedReader(source, BLOCK_BYTES)
        head = buffered.peek(HEAD_BYTES).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
        if head in NO_EXPORT:
            return _nothing(path, f"expected an export in JSON or CSV, got {NO_EXPORT[head]}")
        with io.TextIOWrapper(buffered, encoding="utf-8-sig", newline="") as file:
            if head in (b"{", b"[") and insisted in (None, *JSON_FORMS):
                text = file.read(MAX_CHARS + 1)
                if len(text) > MAX_CHARS:
                    return _nothing(path, f"expected at most {MAX_CHARS:,} characters")
                return pages.export(path, text, insisted)
            return tables.export(path, _lines(file), insisted)


def _nothing(path: str, fault: str) -> tuple[Export, list[str]]:
    return Export(path, "json", [], frozenset(), {}), [f"{path}: {fault}"]


def _lines(file: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a table; csv.Error where there seem to be none."""
    while line := file.readline(MAX_LINE_CHARS + 1):
        if len(line) > MAX_LINE_CHARS:
            raise csv.Error(f"a line of more than {MAX_LINE_CHARS:,} characters")
        yield line


def _twice(exports: Sequence[Export]) -> Iterator[str]:
    """What stands in two files alike: a page given twice would be billed twice."""
    seen: dict[str, str] = {}
    for export in exports:
        for bucket, place in export.buckets.items():
            if bucket in seen:
                yield f"{place}: the same as {seen[bucket]}: give each page once"
            seen[bucket] = place
    for number, export in enumerate(exports):
        same = next((one for one in exports[:number] if one.items and one.items == export.items), None)
        if same is not None and not export.buckets:
            yield f"{export.path}: the same as {same.path}: give each file once"
