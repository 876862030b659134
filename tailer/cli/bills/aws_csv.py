"""Amazon's bill as CSV: Cost and Usage Reports of both kinds and Cost Explorer's download, read into items. Pure.

https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html: `lineItem/UsageType` in the legacy report,
`line_item_usage_type` in Data Exports (CUR 2.0); one row for each kind of token, times in UTC, `UsageAmount` in
`pricing/unit`. Cost Explorer's CSV, grouped by usage type or service, has a day on each row and a column for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from tailer.cli.bills.aws_names import SOLD_HERE, tokens, tokens_of_unit, use
from tailer.cli.bills.fields import dollars, moment, utc_day
from tailer.cli.bills.item import CREDIT, TAX, TOOL, BillFault, Item, pico_usd

PROVIDER = "aws.bedrock"
LEGACY = "lineItem/UsageType"
CURRENT = "line_item_usage_type"
COLUMNS = {
    "usage": (LEGACY, CURRENT),
    "start": ("lineItem/UsageStartDate", "line_item_usage_start_date"),
    "end": ("lineItem/UsageEndDate", "line_item_usage_end_date"),
    "code": ("lineItem/ProductCode", "line_item_product_code"),
    "type": ("lineItem/LineItemType", "line_item_line_item_type"),
    "amount": ("lineItem/UsageAmount", "line_item_usage_amount"),
    "cost": ("lineItem/UnblendedCost", "line_item_unblended_cost"),
    "currency": ("lineItem/CurrencyCode", "line_item_currency_code"),
    "unit": ("pricing/unit", "pricing_unit"),
    "product": ("product/ProductName", "product_product_name"),
    "id": ("identity/LineItemId", "identity_line_item_id"),
    "interval": ("identity/TimeInterval", "identity_time_interval"),
}
NEEDED = ("usage", "start", "type", "cost", "currency")
USED = frozenset({"Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"})
TOTALS = frozenset({"usage type total", "service total"})
TOTAL_COLUMN = "total costs"
DOLLARS = "($)"


def missing_columns(header: frozenset[str]) -> list[str]:
    """The columns that a report must have and this has not."""
    return [COLUMNS[key][CURRENT in header] for key in NEEDED if not header & set(COLUMNS[key])]


def identity(row: Mapping[str, object]) -> str | None:
    """What a line of a report is known by, so that it is not counted twice."""
    number, interval = _told(row, "id"), _told(row, "interval")
    return None if number is None else f"{number} {interval or ''}"


def report_item(row: Mapping[str, object], where: str) -> Item | None:
    """A row of a Cost and Usage Report; None when it is not of Bedrock."""
    if not _is_bedrock(row):
        return None
    kind = _told(row, "type") or ""
    start = moment(_told(row, "start"), f"{where}.{_column(row, 'start')}")
    dollars(_told(row, "currency"), f"{where}.{_column(row, 'currency')}")
    cost = pico_usd(_told(row, "cost"), f"{where}.{_column(row, 'cost')}")
    day = f"{start:%Y-%m-%d}"
    usage_type, product = _told(row, "usage") or "", _told(row, "product")
    used = use(usage_type, product)
    if kind == "Tax":
        return Item(day, PROVIDER, "(tax)", TAX, pico_usd=cost)
    if kind not in USED:
        return Item(day, PROVIDER, used.model if used else usage_type or f"({kind.lower()})", CREDIT, pico_usd=cost)
    if (end := _told(row, "end")) is not None:
        place = f"{where}.{_column(row, 'end')}"
        day = utc_day(start, moment(end, place), place)
    if used is None:
        return Item(day, PROVIDER, usage_type, TOOL, pico_usd=cost)
    amount, scale = _told(row, "amount"), tokens_of_unit(_told(row, "unit"))
    if amount is None or scale is None:
        return Item(day, PROVIDER, used.model, tier=used.tier, pico_usd=cost)
    number = _number(amount, f"{where}.{_column(row, 'amount')}")
    return Item(day, PROVIDER, used.model, tier=used.tier, tokens=tokens(used, round(number * scale)), pico_usd=cost)


def explorer_fault(header: list[str], where: str) -> BillFault | None:
    """Why a download of Cost Explorer cannot be read."""
    strange = next((name for name in header[1:] if not name.rstrip().endswith(DOLLARS)), None)
    return None if strange is None else BillFault(where, strange, "columns of costs in USD, NAME($)")


def explorer_items(row: Mapping[str, object], first: str, where: str) -> list[Item]:
    """The items of one day of Cost Explorer's download; none for its row of totals."""
    label = str(row[first] or "")
    if label.strip().lower() in TOTALS:
        return []
    day = f"{moment(label, f'{where}.{first}'):%Y-%m-%d}"
    by_service = first.strip().lower() == "service"
    found = []
    for column, value in row.items():
        name = column.strip().removesuffix(DOLLARS).strip()
        if column == first or value in (None, "") or name.lower() == TOTAL_COLUMN:
            continue
        if by_service and "bedrock" not in name.lower():
            continue
        cost = pico_usd(value, f"{where}.{column}")
        if by_service and name.endswith(SOLD_HERE):
            found.append(Item(day, PROVIDER, name.removesuffix(SOLD_HERE).strip(), pico_usd=cost))
        elif (used := use(name, None)) is not None:
            found.append(Item(day, PROVIDER, used.model, tier=used.tier, pico_usd=cost))
        else:
            found.append(Item(day, PROVIDER, name, TOOL, pico_usd=cost))
    return found


def _is_bedrock(row: Mapping[str, object]) -> bool:
    return "bedrock" in (_told(row, "code") or "").lower() or SOLD_HERE in (_told(row, "product") or "")


def _told(row: Mapping[str, object], key: str) -> str | None:
    value = next((row[column] for column in COLUMNS[key] if column in row), None)
    return value if isinstance(value, str) and value else None


def _column(row: Mapping[str, object], key: str) -> str:
    return next((column for column in COLUMNS[key] if column in row), COLUMNS[key][0])


def _number(amount: str, where: str) -> Decimal:
    try:
        number = Decimal(amount)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number < 10**18:
        raise BillFault(where, amount, "a usage amount")
    return number
