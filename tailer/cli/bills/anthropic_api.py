"""Anthropic's usage and cost reports, read into items. Pure.

https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report: buckets (`starting_at`,
`ending_at`, UTC) whose results tell uncached input, cache reads and cache creation apart: tokentail's input is their
sum. It has no count of requests. …/get-cost-report: `amount` is a decimal text in cents, "123.45" is 1.23 USD; by
`description` it has `model`, `token_type`, `service_tier`. "Priority Tier costs" are not in it, says
https://platform.claude.com/docs/en/manage-claude/usage-cost-api.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tailer.cli.bills.fields import count, dollars, listed, mapping, text
from tailer.cli.bills.item import TOOL, UNGROUPED, USAGE, BillFault, Item, Tokens, pico_usd
from tailer.meter.prices import tier_name

PROVIDER = "anthropic"
NOT_GROUPED = "(not by model)"
LONG_WINDOWS = {"0-200k": False, "200k-1M": True}
WRITES = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")


def items(bucket: Mapping[str, object], day: str, where: str) -> Iterator[Item | BillFault]:
    """The items of a bucket, or what is wrong with one of its results."""
    for number, value in enumerate(listed(bucket.get("results"), f"{where}.results")):
        place = f"{where}.results[{number}]"
        try:
            yield _item(mapping(value, place), day, place)
        except BillFault as fault:
            yield fault


def ends(bucket: Mapping[str, object]) -> tuple[object, object]:
    """The start and the end of a bucket."""
    return bucket.get("starting_at"), bucket.get("ending_at")


def _item(result: Mapping[str, object], day: str, where: str) -> Item:
    if "amount" in result:
        return _cost(result, day, where)
    if "uncached_input_tokens" in result:
        return _usage(result, day, where)
    raise BillFault(where, ", ".join(result), "amount (cost_report) or uncached_input_tokens (usage_report)")


def _cost(result: Mapping[str, object], day: str, where: str) -> Item:
    dollars(result.get("currency"), f"{where}.currency")
    cost = pico_usd(result.get("amount"), f"{where}.amount", per_usd=100)
    name, told = text(result, "model", where), text(result, "description", where)
    tier = _tier(result, where)
    if name is not None:
        return Item(day, PROVIDER, name, tier=tier, pico_usd=cost)
    other = told or text(result, "cost_type", where)
    if other is None:
        return Item(day, PROVIDER, NOT_GROUPED, UNGROUPED, tier=tier, pico_usd=cost)
    return Item(day, PROVIDER, other, TOOL, tier=tier, pico_usd=cost)


def _usage(result: Mapping[str, object], day: str, where: str) -> Item:
    creation = mapping(result.get("cache_creation") or {}, f"{where}.cache_creation")
    write_5m, write_1h = (count(creation, key, f"{where}.cache_creation") or 0 for key in WRITES)
    write = write_5m + write_1h
    cached = count(result, "cache_read_input_tokens", where) or 0
    fresh = count(result, "uncached_input_tokens", where) or 0
    tokens = Tokens(
        input=fresh + cached + write,
        cached=cached,
        cache_write=write,
        cache_write_1h=write_1h,
        output=count(result, "output_tokens", where) or 0,
    )
    name = text(result, "model", where)
    tier = _tier(result, where)
    long_input = LONG_WINDOWS.get(text(result, "context_window", where) or "")
    kind = USAGE if name else UNGROUPED
    return Item(day, PROVIDER, name or NOT_GROUPED, kind, tier, tokens=tokens, long_input=long_input)


def _tier(result: Mapping[str, object], where: str) -> str | None:
    """None where the report is not grouped by tier."""
    tier = text(result, "service_tier", where)
    return None if tier is None else tier_name(tier)
