"""What would explain the differences, as far as both sides' own numbers support it. Pure, guesses nothing.

A cause is certain where the numbers say it themselves; the others say "at most" or "would". Causes may overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tailer.cli.bills.cause_sums import (
    above,
    absolute,
    billed_tiers,
    cache_effect,
    difference,
    is_used,
    known_sum,
    knows_tiers,
    listed,
    models,
    split_of,
    tier_effect,
    token_difference,
    tokens_above,
)
from tailer.cli.bills.compared import Comparison
from tailer.cli.bills.item import CREDIT, TAX, TOOL, UNGROUPED
from tailer.cli.bills.pricing import Pricing
from tailer.cli.plain import number_of, plain, rfc3339, signed_usd
from tailer.meter.bill import UNKNOWN
from tailer.meter.facts import OTHER


class Cause(NamedTuple):
    """One explanation. `pico_usd` is the part of the difference it would account for, "at most" where not certain."""

    kind: str
    text: str
    is_certain: bool = True
    pico_usd: int | None = None
    tokens: int | None = None
    calls: int | None = None


def causes(comparison: Comparison, pricing: Pricing) -> list[Cause]:
    """All that apply, in the order in which somebody would look."""
    return [cause for rule in RULES for cause in rule(comparison, pricing)]


def _missing(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    lines = [line for line in comparison.lines if line.more.missing]
    reasons = comparison.total.more.missing
    if not reasons:
        return
    told = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items()))
    calls = sum(reasons.values())
    text = f"{number_of(calls, 'call')} whose log lines have no or not all token counts ({told}): {models(lines)}"
    yield Cause("missing_usage", text, False, above(lines), tokens_above(lines), calls)


def _unpriced(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    lines = [line for line in comparison.lines if line.seen.unpriced_calls]
    if lines:
        calls = sum(line.seen.unpriced_calls for line in lines)
        tokens = sum(line.more.unpriced_tokens for line in lines)
        text = (
            f"{number_of(calls, 'call')} with {tokens:,} tokens have no known price and are USD 0 in what was seen: "
            f"{models(lines)}; give one with --prices FILE"
        )
        yield Cause("unpriced", text, False, above(lines), tokens, calls)


def _volume_and_price(comparison: Comparison, pricing: Pricing) -> Iterator[Cause]:
    """Splits the difference of rows that have tokens and money on both sides into tokens and prices."""
    splits = {
        index: split for index, line in enumerate(comparison.lines) if (split := split_of(line, pricing)) is not None
    }
    is_exact = all(split.is_exact for split in splits.values())
    about = "" if is_exact else ", taking every input for a short one"
    if moved := [comparison.lines[index] for index, split in splits.items() if split.volume_pico_usd]:
        text = f"tokens billed and tokens seen differ, at tokentail's own prices{about}: {models(moved)}"
        volume = sum(split.volume_pico_usd for split in splits.values())
        yield Cause("tokens", text, is_exact, volume, token_difference(moved))
    if repriced := [comparison.lines[index] for index, split in splits.items() if split.price_pico_usd]:
        text = (
            f"the tokens billed cost something else by the price table of {pricing.date} and --prices{about}: "
            f"{models(repriced)}"
        )
        yield Cause("prices", text, is_exact, sum(split.price_pico_usd for split in splits.values()))


def _tiers(comparison: Comparison, pricing: Pricing) -> Iterator[Cause]:
    """Tokens that only one side has in a service tier, and what the tier makes of their price."""
    for tier in sorted({tier for line in comparison.lines for tier in (*line.more.tiers, *billed_tiers(line))}):
        lines = [line for line in comparison.lines if tier in line.more.tiers or tier in billed_tiers(line)]
        seen = sum(line.more.tiers[tier].tokens.total for line in lines if tier in line.more.tiers)
        calls = sum(line.more.tiers[tier].calls for line in lines if tier in line.more.tiers)
        if not all(map(knows_tiers, lines)):
            text = f"{number_of(calls, 'call')} seen in the tier {tier}, whose price is another: {models(lines)}"
            yield Cause("tier", text, False, tokens=seen, calls=calls)
            continue
        billed = sum(billed_tiers(line).get(tier, 0) for line in lines)
        if billed != seen:
            effect = known_sum(tier_effect(line, tier, pricing) for line in lines)
            text = f"tier {tier}: {billed:,} tokens billed, {seen:,} seen in it: {models(lines)}"
            yield Cause("tier", text, False, effect, billed - seen, calls)


def _cached(comparison: Comparison, pricing: Pricing) -> Iterator[Cause]:
    lines = [
        line
        for line in comparison.lines
        if line.billed.tokens is not None
        and line.billed.knows_cache
        and line.seen_as
        and line.billed_as
        and line.billed.tokens.cached != line.seen.cached_input_tokens
    ]
    if lines:
        billed = sum(line.billed.tokens.cached for line in lines if line.billed.tokens)
        seen = sum(line.seen.cached_input_tokens for line in lines)
        text = f"cached input: {billed:,} tokens billed as cached, {seen:,} seen: {models(lines)}"
        effect = known_sum(cache_effect(line, pricing) for line in lines)
        yield Cause("cached_input", text, False, effect, billed - seen)


def _reported(comparison: Comparison, pricing: Pricing) -> Iterator[Cause]:
    """Costs that the log itself tells: what they are less than tokentail's own estimate of the same tokens."""
    lines = [line for line in comparison.lines if line.more.reported_pico_usd]
    if lines:
        reported = sum(line.more.reported_pico_usd for line in lines)
        text = (
            f"USD {signed_usd(reported)} of what was seen is what log lines report, not tokentail's estimate "
            f"from their tokens: {models(lines)}"
        )
        own = [pricing.worth_of_seen(line) for line in lines]
        effect = known_sum(
            None if worth is None else worth.pico_usd - line.seen.pico_usd
            for worth, line in zip(own, lines, strict=True)
        )
        yield Cause("reported_cost", text, False, effect)


def _edges(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    """Parts of the bill's days before the first and after the last call of the logs."""
    seen = comparison.seen
    if not seen.by_day or not comparison.days or seen.first_ns is None or seen.last_ns is None:
        return
    first, last = rfc3339(seen.first_ns), rfc3339(seen.last_ns)
    before = [line for line in comparison.lines if line.day <= first[:10] and line.day != UNKNOWN]
    after = [line for line in comparison.lines if last[:10] <= line.day != UNKNOWN]
    if comparison.days[0] <= first[:10] and (above(before) or tokens_above(before)):
        text = f"the logs' first call is of {first}, the bill begins on {comparison.days[0]} at 00:00 UTC"
        yield Cause("logs_begin", text, False, above(before), tokens_above(before))
    if comparison.days[1] >= last[:10] and (above(after) or tokens_above(after)):
        text = f"the logs' last call is of {last}, the bill goes on until {comparison.days[1]} 24:00 UTC"
        yield Cause("logs_end", text, False, above(after), tokens_above(after))


def _one_sided(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    seen = {line.name for line in comparison.lines if line.seen_as}
    billed = {line.name for line in comparison.lines if line.billed_as}
    never_seen = [line for line in comparison.lines if line.name not in seen and is_used(line)]
    if never_seen:
        text = (
            f"billed and never seen, as by another application with these keys or under another name (--map): "
            f"{models(never_seen)}"
        )
        yield Cause("never_seen", text, True, difference(never_seen), token_difference(never_seen))
    never_billed = [
        line for line in comparison.lines if line.name not in billed and (line.seen.pico_usd or line.more.tokens.total)
    ]
    if never_billed:
        text = (
            f"seen and never billed, as on another account, for nothing, or under another name (--map): "
            f"{models(never_billed)}"
        )
        yield Cause("never_billed", text, True, difference(never_billed), token_difference(never_billed))


def _beside(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    """What is on the bill and is no model's use."""
    for kind, text in BESIDE.items():
        items = [item for line in comparison.lines for item in line.billed.items if item.kind == kind]
        amount = sum(item.pico_usd or 0 for item in items)
        if amount:
            names = dict.fromkeys(item.name for item in items)
            yield Cause(kind, f"{text}: {listed(names)}", True, amount)


def _times(comparison: Comparison, pricing: Pricing) -> Iterator[Cause]:
    untimed = [line for line in comparison.lines if line.day == UNKNOWN]
    if untimed:
        calls = sum(line.seen.calls for line in untimed)
        text = f"{number_of(calls, 'call')} without a time stand in no day: {models(untimed)}"
        yield Cause("no_time", text, True, difference(untimed), calls=calls)
    if comparison.days and comparison.days[1] > pricing.date:
        later = [line for line in comparison.lines if line.day > pricing.date and line.billed_as]
        if absolute(later):
            last = comparison.days[1]
            text = f"the price table is of {pricing.date}, the bill's last day is {last}: prices may be newer"
            yield Cause("old_prices", text, False, absolute(later))


def _left_aside(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    for provider, row in comparison.other_providers.items():
        if row.calls:
            text = f"not compared: {number_of(row.calls, 'call')} of {plain(provider)}, of which the bill says nothing"
            yield Cause("other_provider", text, True, row.pico_usd, row.input_tokens + row.output_tokens, row.calls)
    if comparison.other_days:
        rows = comparison.other_days.values()
        calls = sum(row.calls for row in rows)
        days = listed(sorted(comparison.other_days))
        text = f"not compared: {number_of(calls, 'call')} on days that are not asked for or not on the bill: {days}"
        tokens = sum(row.input_tokens + row.output_tokens for row in rows)
        yield Cause("other_days", text, True, sum(row.pico_usd for row in rows), tokens, calls)
    overflow = [line for line in comparison.lines if any(name.model == OTHER for name in line.seen_as)]
    if overflow or OTHER in comparison.other_providers:
        text = "the ledger was full: some models' calls stand together under __other__"
        yield Cause("overflow", text, False)


def _unlisted(comparison: Comparison, _: Pricing) -> Iterator[Cause]:
    """Anthropic's cost report has no costs of its priority tier, says its documentation."""
    lines = [line for line in comparison.lines if line.name.provider == "anthropic" and "priority" in line.more.tiers]
    if lines and "anthropic" in comparison.forms and comparison.total.billed.pico_usd is not None:
        seen = sum(line.more.tiers["priority"].pico_usd for line in lines)
        text = f"Anthropic's cost report leaves out the priority tier, which was seen: {models(lines)}"
        yield Cause("priority_not_listed", text, True, -seen)


Rule = Callable[[Comparison, Pricing], Iterator[Cause]]
RULES: tuple[Rule, ...] = (
    _one_sided, _missing, _unpriced, _volume_and_price, _tiers, _cached, _unlisted, _edges, _beside, _reported, _times,
    _left_aside,
)  # fmt: skip
BESIDE = {
    TOOL: "billed for something else than a model's tokens",
    CREDIT: "credits, refunds and discounts on the bill",
    TAX: "taxes on the bill",
    UNGROUPED: "billed without saying for which model (export it grouped by line item, description or model)",
}
