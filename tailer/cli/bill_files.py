"""Files of a provider's bill to its items: gzip or not, JSON or CSV, recognised by content; all faults at once."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence

from tailer.cli.bills import pages, tables
from tailer.cli.bills.item import Export
from tailer.cli.offline import reason
from tailer.source.whole import GZIP_MAGIC

FORMS = ("openai", "anthropic", "aws_cur", "aws_cost_explorer", "csv")
JSON_FORMS = frozenset({"openai", "anthropic"})
MAX_BYTES = 2 * 1024**3
"""A larger file, unpacked, is refused: a bill is read whole."""


def read(paths: Sequence[str], insisted: str | None = None) -> tuple[list[Export], list[str]]:
    """What the files hold, and every fault of every file."""
    exports: list[Export] = []
    faults: list[str] = []
    for path in paths:
        try:
            text = _text(path)
        except OSError as error:
            faults.append(f"{path}: {reason(error)}")
            continue
        except (UnicodeDecodeError, EOFError, zlib.error, ValueError) as error:
            faults.append(f"{path}: expected JSON or CSV in UTF-8, also gzipped: {error}")
            continue
        export, found = _export(path, text, insisted)
        exports.append(export)
        faults.extend(found)
    return exports, [*faults, *_twice(exports)]


def unfinished(exports: Sequence[Export]) -> list[str]:
    """The forms of which no file is the last page: the bill may go on after its last day."""
    by_form: dict[str, list[bool]] = {}
    for export in exports:
        by_form.setdefault(export.form, []).append(export.has_more)
    return [form for form, more in by_form.items() if all(more)]


def _export(path: str, text: str, insisted: str | None) -> tuple[Export, list[str]]:
    if text.lstrip()[:1] in ("{", "[") and insisted in (None, *JSON_FORMS):
        return pages.export(path, text, insisted)
    return tables.export(path, text, insisted)


def _text(path: str) -> str:
    with open(path, "rb") as file:
        head = file.read(2)
        file.seek(0)
        content = gzip.GzipFile(fileobj=file).read(MAX_BYTES + 1) if head == GZIP_MAGIC else file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES:,} bytes: give it in parts")
    return content.decode("utf-8-sig")


def _twice(exports: Sequence[Export]) -> Iterator[str]:
    """What stands in two files alike: a page given twice would be billed twice."""
    seen: dict[str, str] = {}
    for export in exports:
        for bucket, place in export.buckets.items():
            if bucket in seen:
                yield f"{place}: the same as {seen[bucket]}: give each page once"
            seen[bucket] = place
