"""OpenAI's costs and usage as their API and the dashboard's CSV have them, read into items. Pure.

https://platform.openai.com/docs/api-reference/usage: pages of buckets (`start_time`, `end_time` in seconds, UTC) with
`organization.costs.result` and `organization.usage.….result`. There `input_tokens` has `input_cached_tokens` in it.
By line item, costs are told as `MODEL, input`, `MODEL, cached input`, `MODEL, output`, perhaps after `priority | `;
https://cookbook.openai.com/examples/completions_usage_api shows some. `quantity` is the tokens of such a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tailer.cli.bills.fields import count, dollars, listed, mapping, text
from tailer.cli.bills.item import TOOL, UNGROUPED, USAGE, BillFault, Item, Tokens, pico_usd
from tailer.meter.prices import tier_name

PROVIDER = "openai"
COSTS = "organization.costs.result"
USAGE_OBJECT = re.compile(r"^organization\.usage\.(\w+)\.result$")
LINE_ITEM = re.compile(
    r"^(?:(?P<tier>priority|flex|batch) \| )?(?P<model>[\w.:/-]+)(?P<modality> (?:audio|image|text))?, "
    r"(?P<what>.+?)(?P<long>, long context)?$"
)
TOKEN_LINES = {
    "input": lambda count: Tokens(input=count),
    "cached input": lambda count: Tokens(input=count, cached=count),
    "cache writes": lambda count: Tokens(input=count, cache_write=count),
    "output": lambda count: Tokens(output=count),
}
NOT_GROUPED = "(not by model)"
TOKENLESS = frozenset({"vector_stores", "code_interpreter_sessions"})
"""Usage that is no model's."""


def items(bucket: Mapping[str, object], day: str, where: str) -> Iterator[Item | BillFault]:
    """The items of a bucket, or what is wrong with one of its results."""
    key = "results" if "results" in bucket else "result"
    for number, value in enumerate(listed(bucket.get(key), f"{where}.{key}")):
        place = f"{where}.{key}[{number}]"
        try:
            yield _item(mapping(value, place), day, place)
        except BillFault as fault:
            yield fault


def csv_item(row: Mapping[str, object], day: str, where: str) -> Item | None:
    """A row of the dashboard's export; None for a bucket without a result."""
    if "amount_value" in row:
        if row["amount_value"] in (None, ""):
            return None
        amount = {"value": row["amount_value"], "currency": row.get("amount_currency")}
        return _cost({**row, "amount": amount}, day, where)
    if row.get("num_model_requests") in (None, ""):
        return None
    return _usage({key: value for key, value in row.items() if value != ""}, day, where)


def ends(bucket: Mapping[str, object]) -> tuple[object, object]:
    """The start and the end of a bucket."""
    return bucket.get("start_time"), bucket.get("end_time")


def _item(result: Mapping[str, object], day: str, where: str) -> Item:
    kind = result.get("object")
    if kind == COSTS:
        return _cost(result, day, where)
    found = USAGE_OBJECT.match(kind) if isinstance(kind, str) else None
    if found is None:
        raise BillFault(f"{where}.object", kind, f"{COSTS} or organization.usage.….result")
    if found[1] in TOKENLESS:
        return Item(day, PROVIDER, found[1].replace("_", " "), TOOL)
    return _usage(result, day, where)


def _cost(result: Mapping[str, object], day: str, where: str) -> Item:
    amount = mapping(result.get("amount"), f"{where}.amount")
    dollars(amount.get("currency"), f"{where}.amount.currency")
    cost = pico_usd(amount.get("value"), f"{where}.amount.value")
    line = text(result, "line_item", where)
    if line is None:
        return Item(day, PROVIDER, NOT_GROUPED, UNGROUPED, pico_usd=cost)
    found = LINE_ITEM.match(line)
    if found is None:
        return Item(day, PROVIDER, line, TOOL, pico_usd=cost)
    quantity = count(result, "quantity", where) if found["what"] in TOKEN_LINES and not found["modality"] else None
    tokens = None if quantity is None else TOKEN_LINES[found["what"]](quantity)
    long_input = bool(found["long"]) if tokens is not None else None
    name, tier = found["model"], found["tier"] or ""
    return Item(day, PROVIDER, name, tier=tier, tokens=tokens, pico_usd=cost, long_input=long_input)


def _usage(result: Mapping[str, object], day: str, where: str) -> Item:
    calls = count(result, "num_model_requests", where)
    tokens = None
    if (given := count(result, "input_tokens", where)) is not None:
        tokens = Tokens(
            input=given,
            cached=count(result, "input_cached_tokens", where) or 0,
            cache_write=count(result, "input_cache_write_tokens", where) or 0,
            output=count(result, "output_tokens", where) or 0,
        )
    name = text(result, "model", where)
    kind = USAGE if name else UNGROUPED
    return Item(day, PROVIDER, name or NOT_GROUPED, kind, _tier(result, where), calls, tokens)


def _tier(result: Mapping[str, object], where: str) -> str | None:
    """None where the export is not grouped by tier: `batch` and `service_tier` are null then."""
    batch, tier = result.get("batch"), text(result, "service_tier", where)
    if batch in (True, "true", "True"):
        return "batch"
    return None if tier is None and batch is None else tier_name(tier)
