"""The two sides by UTC day and model, and what is compared with nothing. Exact sums in integers; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from tailer.cli.bills.item import USAGE, Item, Tokens
from tailer.cli.bills.names import Find, Matched, Name, matched
from tailer.cli.bills.seen import ALL_DAYS, More, Part, Seen
from tailer.meter.bill import UNKNOWN, Row

ANY = ""
"""The provider of a bill that names no provider: everything seen is compared with it."""


class Billed(msgspec.Struct):
    """What a bill says of one row; None where its provider's exports do not tell such a number at all."""

    calls: int | None = None
    tokens: Tokens | None = None
    pico_usd: int | None = None
    knows_cache: bool = True
    items: list[Item] = []


class Line(msgspec.Struct):
    """One row: a model on a day. `seen_as` and `billed_as` are the names that either side has for it."""

    day: str
    name: Name
    seen: Row = msgspec.field(default_factory=Row)
    more: More = msgspec.field(default_factory=More)
    billed: Billed = msgspec.field(default_factory=Billed)
    seen_as: list[Name] = []
    billed_as: list[Name] = []

    @property
    def pico_difference(self) -> int | None:
        """USD billed less USD seen."""
        return None if self.billed.pico_usd is None else self.billed.pico_usd - self.seen.pico_usd

    @property
    def token_difference(self) -> int | None:
        """Tokens billed less tokens seen, input and output together."""
        told = self.billed.tokens
        return None if told is None else told.total - self.seen.input_tokens - self.seen.output_tokens


class Comparison(NamedTuple):
    """All rows, the largest difference in money first, and what is left aside."""

    lines: list[Line]
    total: Line
    names: Matched
    days: tuple[str, ...]
    """The first and the last day of the bill, none for an empty one."""
    seen: Seen
    other_providers: dict[str, Row]
    other_days: dict[str, Row]
    forms: frozenset[str]
    """What the bill's files are."""


class Bill(NamedTuple):
    """All that the files of a bill say: items, the (provider, UTC day) of which they speak, what kinds of file."""

    items: Sequence[Item]
    days: frozenset[tuple[str, str]]
    forms: frozenset[str]


class _Tells(msgspec.Struct):
    """Which numbers a provider's exports have."""

    calls: bool = False
    tokens: bool = False
    money: bool = False


def compared(seen: Seen, bill: Bill, mapped: Mapping[str, str], find: Find) -> Comparison:
    """Compares. `mapped` is from names of the bill to names of the logs, as the user says."""
    tells = _tells(bill.items)
    items = _told_once(bill.items)
    days: dict[str, set[str]] = defaultdict(set)
    for provider, day in bill.days:
        days[provider].add(day)
    inside, other_providers, other_days = _sorted_out(seen, days)
    names = matched(
        [Name(item.provider, item.name) for item in items if item.kind != "tax"],
        _answered(inside),
        mapped,
        find,
    )
    lines = _lines(seen, inside, items, names)
    for line in lines.values():
        _fill(line.billed, tells.get(line.name.provider) or tells.get(ANY) or _Tells())
    spoken = sorted(day for found in days.values() for day in found)
    ordered = sorted(lines.values(), key=_rank)
    span = (spoken[0], spoken[-1]) if spoken else ()
    return Comparison(ordered, _total(ordered), names, span, seen, other_providers, other_days, bill.forms)


def _answered(inside: Mapping[tuple[str, str, str], Row]) -> dict[Name, bool]:
    """The names of the logs, and whether a call of each was answered."""
    found: dict[Name, bool] = {}
    for (_, provider, model), row in inside.items():
        name = Name(provider, model)
        found[name] = found.get(name, False) or row.calls > row.errors or row.priced_calls > 0
    return found


def _rank(line: Line) -> tuple[object, ...]:
    tokens = line.token_difference or 0
    return -abs(line.pico_difference or 0), -abs(tokens), -line.seen.pico_usd, line.day, line.name


def _told_once(items: Sequence[Item]) -> list[Item]:
    """The items, tokens from the usage alone where an export of costs tells them as well."""
    usage = [one for one in items if one.tokens is not None and one.pico_usd is None]
    by_model = {(one.provider, one.day, one.name) for one in usage if one.kind == USAGE}
    of_all = {(one.provider, one.day) for one in usage if one.kind != USAGE}
    return [
        msgspec.structs.replace(one, tokens=Tokens())
        if one.pico_usd is not None
        and ((one.provider, one.day, one.name) in by_model or (one.provider, one.day) in of_all)
        else one
        for one in items
    ]


def _sorted_out(
    seen: Seen, days: Mapping[str, set[str]]
) -> tuple[dict[tuple[str, str, str], Row], dict[str, Row], dict[str, Row]]:
    """The rows to compare; by provider and by day what the bill does not speak of."""
    inside: dict[tuple[str, str, str], Row] = {}
    providers: dict[str, Row] = {}
    others: dict[str, Row] = {}
    for key, row in seen.rows():
        day, provider, model = key
        spoken = days.get(provider) or days.get(ANY)
        if spoken is None:
            _add(providers.setdefault(provider, Row()), row)
        elif seen.by_day and day != UNKNOWN and day not in spoken:
            _add(others.setdefault(day, Row()), row)
        else:
            inside[day, provider, model] = row
    return inside, providers, others


def _lines(
    seen: Seen, inside: Mapping[tuple[str, str, str], Row], items: Sequence[Item], names: Matched
) -> dict[tuple[str, Name], Line]:
    lines: dict[tuple[str, Name], Line] = {}
    for (day, provider, model), row in inside.items():
        name = Name(provider, model)
        line = _line(lines, day, names.seen[name])
        _add(line.seen, row)
        _add_more(line.more, seen.more_of((day, provider, model)))
        line.seen_as.append(Name(provider, model))
    for item in items:
        if item.calls is None and item.tokens is None and item.pico_usd is None:
            continue
        name = Name(item.provider, item.name)
        line = _line(lines, item.day if seen.by_day else ALL_DAYS, names.billed.get(name, name))
        line.billed.items.append(item)
        if name not in line.billed_as:
            line.billed_as.append(name)
    return lines


def _line(lines: dict[tuple[str, Name], Line], day: str, name: Name) -> Line:
    return lines.setdefault((day, name), Line(day, name))


def _tells(items: Sequence[Item]) -> dict[str, _Tells]:
    found: dict[str, _Tells] = defaultdict(_Tells)
    for one in items:
        tells = found[one.provider]
        tells.calls |= one.calls is not None
        tells.tokens |= one.tokens is not None
        tells.money |= one.pico_usd is not None
    return found


def _fill(billed: Billed, tells: _Tells) -> None:
    """The sums of a row's items: nothing is 0 where the export would have told more."""
    if tells.calls:
        billed.calls = sum(one.calls or 0 for one in billed.items)
    if tells.money:
        billed.pico_usd = sum(one.pico_usd or 0 for one in billed.items)
    used = [one for one in billed.items if one.kind == USAGE]
    if tells.tokens and all(one.tokens is not None for one in used):
        billed.tokens = Tokens()
        for one in billed.items:
            billed.tokens.add(one.tokens or Tokens())
    billed.knows_cache = all(one.knows_cache for one in billed.items)


def _total(lines: Sequence[Line]) -> Line:
    """The sums of all rows; a number is None only where no row has it."""
    total = Line("total", Name(ANY, ""))
    for line in lines:
        _add(total.seen, line.seen)
        _add_more(total.more, line.more)
    told = [line.billed for line in lines]
    if calls := [one.calls for one in told if one.calls is not None]:
        total.billed.calls = sum(calls)
    if money := [one.pico_usd for one in told if one.pico_usd is not None]:
        total.billed.pico_usd = sum(money)
    if tokens := [one.tokens for one in told if one.tokens is not None]:
        total.billed.tokens = Tokens()
        for one in tokens:
            total.billed.tokens.add(one)
    total.billed.knows_cache = all(one.knows_cache for one in told)
    return total


def _add(row: Row, other: Row) -> None:
    for field in row.__struct_fields__:
        setattr(row, field, getattr(row, field) + getattr(other, field))


def _add_more(more: More, other: More) -> None:
    more.tokens.add(other.tokens)
    more.missing = Counter(more.missing) + Counter(other.missing)
    more.unpriced_tokens += other.unpriced_tokens
    more.reported_pico_usd += other.reported_pico_usd
    for tier, part in other.tiers.items():
        mine = more.tiers.setdefault(tier, Part())
        mine.calls += part.calls
        mine.tokens.add(part.tokens)
        mine.pico_usd += part.pico_usd
