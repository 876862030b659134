"""The CSV of bills: which kind a header means, its rows to an export with all its faults. Pure."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from tailer.cli.bills import aws_csv, openai_api, plain_csv
from tailer.cli.bills.fields import moment, utc_day
from tailer.cli.bills.item import BillFault, Export, Item

Row = Mapping[str, str]
MAX_FIELD_CHARS = 16 * 1024 * 1024
EXPECTED = (
    "columns of an AWS Cost and Usage Report (line_item_usage_type, line_item_unblended_cost, …), of Cost Explorer "
    "(Usage type, NAME($), …), of OpenAI's usage or costs (start_time, …), or day, model and any of provider, calls, "
    "input_tokens, cached_input_tokens, output_tokens, cost_usd"
)


class Table(NamedTuple):
    """A header and its rows, each with its place."""

    header: list[str]
    rows: Iterator[tuple[str, Row]]


class Kind(NamedTuple):
    """One kind of table: whether a header is of it, and what a row holds. `name` is for --bill-format."""

    name: str
    provider: str
    fits: Callable[[frozenset[str]], bool]
    items: Callable[[Row, str], list[Item]]
    identity: Callable[[Row], str | None] = lambda _: None


def export(path: str, lines: Iterable[str], insisted: str | None) -> tuple[Export, list[str]]:
    """What the lines of a file hold, and all its faults. Holds one row at a time beside what it finds."""
    nothing = Export(path, "csv", [], frozenset(), {})
    try:
        table = _table(path, lines)
        header = frozenset(table.header)
        kind = next((one for one in KINDS if one.fits(header) and insisted in (None, one.name)), None)
        if kind is None:
            wanted = EXPECTED if insisted is None else f"columns of {insisted}"
            return nothing, [str(BillFault(f"{path}:1", ", ".join(table.header), wanted))]
        if faults := _header_faults(kind, table, f"{path}:1"):
            return nothing, faults
        return _read(path, kind, table)
    except csv.Error as error:
        return nothing, [f"{path}: expected CSV: {error}"]


def _read(path: str, kind: Kind, table: Table) -> tuple[Export, list[str]]:
    faults: list[str] = []
    found: list[Item] = []
    days: set[tuple[str, str]] = set()
    identities: dict[str, str] = {}
    skipped = 0
    for where, row in table.rows:
        try:
            _check_width(row, where)
            items = kind.items(row, where)
            days.update(_days(kind, row, where, items))
        except BillFault as fault:
            faults.append(str(fault))
            continue
        skipped += not items
        found.extend(items)
        if items and (identity := kind.identity(row)) is not None:
            if identity in identities:
                faults.append(f"{where}: the same line item is at {identities[identity]}: give each part once")
            identities[identity] = where
    notes = (
        [f"{path}: {skipped:,} rows that are not of Amazon Bedrock are left out"] if kind is REPORT and skipped else []
    )
    spoken = days if kind is DASHBOARD else _filled(days)
    return Export(path, kind.name, found, frozenset(spoken), identities, notes=tuple(notes)), faults


def _check_width(row: Row, where: str) -> None:
    if None in row.values() or None in row:
        raise BillFault(where, f"{sum(value is not None for value in row.values())} fields", "as many as columns")


def _table(path: str, lines: Iterable[str]) -> Table:
    csv.field_size_limit(MAX_FIELD_CHARS)
    reader = csv.DictReader(lines, strict=True)
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    return Table(header, ((f"{path}:{reader.line_num}", row) for row in reader))


def _header_faults(kind: Kind, table: Table, where: str) -> list[str]:
    if kind is REPORT:
        missing = aws_csv.missing_columns(frozenset(table.header))
        return [f"{where}: expected the column {name}" for name in missing]
    fault = aws_csv.explorer_fault(table.header, where) if kind is EXPLORER else None
    return [] if fault is None else [str(fault)]


def _days(kind: Kind, row: Row, where: str, items: list[Item]) -> Iterator[tuple[str, str]]:
    """The days of which a row speaks, also without an item."""
    yield from ((item.provider, item.day) for item in items)
    if kind is DASHBOARD:
        yield kind.provider, _dashboard_day(row, where)


def _filled(days: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The days between as well: where nothing was used, such a table has no row."""
    for provider in {provider for provider, _ in days}:
        own = sorted(date.fromisoformat(day) for one, day in days if one == provider)
        for number in range((own[-1] - own[0]).days + 1):
            yield provider, (own[0] + timedelta(days=number)).isoformat()


def _dashboard_day(row: Row, where: str) -> str:
    start, end = (moment(row.get(name), f"{where}.{name}") for name in ("start_time", "end_time"))
    return utc_day(start, end, where)


def _dashboard_items(row: Row, where: str) -> list[Item]:
    item = openai_api.csv_item(row, _dashboard_day(row, where), where)
    return [] if item is None else [item]


def _report_items(row: Row, where: str) -> list[Item]:
    item = aws_csv.report_item(row, where)
    return [] if item is None else [item]


def _is_dashboard(header: frozenset[str]) -> bool:
    return {"start_time", "end_time"} <= header and bool({"amount_value", "num_model_requests"} & header)


REPORT = Kind(
    "aws_cur", aws_csv.PROVIDER, lambda header: bool({aws_csv.LEGACY, aws_csv.CURRENT} & header), _report_items,
    aws_csv.identity,
)  # fmt: skip
EXPLORER = Kind(
    "aws_cost_explorer",
    aws_csv.PROVIDER,
    lambda header: any(name.lower() in ("usage type", "service") for name in header),
    lambda row, where: aws_csv.explorer_items(row, next(iter(row)), where),
)
DASHBOARD = Kind("openai", openai_api.PROVIDER, _is_dashboard, _dashboard_items)
PLAIN = Kind("csv", "", plain_csv.is_readable, lambda row, where: [plain_csv.item(row, where)])
KINDS = (REPORT, DASHBOARD, EXPLORER, PLAIN)
