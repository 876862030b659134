"""Price files of the user's own, YAML or CSV: read once at the start, every fault of a file found at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

import msgspec

from tailer.meter.price_names import source_id
from tailer.meter.price_rates import AUDIO_MINIMUM, PRICE_KEYS, Steps, flat
from tailer.meter.price_schedule import ALWAYS, Condition, day_ns

MONEY_KEYS = tuple(key for key in PRICE_KEYS if key != AUDIO_MINIMUM)
ENTRY_KEYS = ("model", "provider", "tier", "from", *MONEY_KEYS)
CSV_COLUMNS = {"price_prompt": "input", "price_competition": "output"}
"""The Splunk monitor's columns beside `model`, its spelling included: USD for 1,000 tokens."""


class PriceError(ValueError):
    """Price files that cannot be used; `faults` has one `file:line: what was expected` for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Override(msgspec.Struct, frozen=True):
    """The user's prices for the models that a pattern matches; `origin` is `file:line`."""

    pattern: str
    prices: Mapping[str, Steps]
    origin: str
    provider: str | None = None
    tier: str | None = None
    condition: Condition = ALWAYS

    def covers(self, provider: str | None, tier: str) -> bool:
        """Whether it is meant for that provider (as logged, or the table's name of it) and service tier."""
        if self.tier is not None and self.tier != tier:
            return False
        if self.provider is None:
            return True
        logged = (provider or "").lower()
        return self.provider == logged or (self.provider == source_id(logged) and bool(logged))

    def names(self, model: str) -> bool:
        """Whether the pattern matches a model's name, in lower case."""
        return glob(self.pattern, model)

    def rank(self) -> tuple[bool, int, bool, bool, int]:
        """Sorts the most specific first: no `*`, then more letters, a provider, a tier, the newest."""
        letters = len(self.pattern.replace("*", ""))
        newest = -(self.condition.from_ns if self.condition.from_ns is not None else -(2**63))
        return "*" in self.pattern, -letters, self.provider is None, self.tier is None, newest


def read(path: str) -> list[Override]:
    """The prices of one file, the most specific pattern first; PriceError with all its faults."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except OSError as error:
        raise PriceError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise PriceError([f"{path}: expected UTF-8 text, byte {error.start} is none"]) from None
    faults: list[str] = []
    rows = _csv_rows(path, text, faults) if path.lower().endswith(".csv") else _yaml_rows(path, text, faults)
    found: dict[tuple[object, ...], Override] = {}
    for one in rows:
        key = (one.pattern, one.provider, one.tier, one.condition.from_ns)
        if (first := found.setdefault(key, one)) is not one:
            faults.append(f"{one.origin}: a second price for {one.pattern!r}, the first is at {first.origin}")
    if not found and not faults:
        faults.append(f"{path}: expected at least one price")
    if faults:
        raise PriceError(faults)
    return sorted(found.values(), key=Override.rank)


def _csv_rows(path: str, text: str, faults: list[str]) -> Iterator[Override]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    try:
        columns = ("model", *CSV_COLUMNS)
        if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
            faults.append(f"{path}:1: expected the columns {','.join(columns)}, without {', '.join(missing)}")
            return
        for row in reader:
            origin = f"{path}:{reader.line_num}"
            model = (row["model"] or "").strip().lower()
            usd = _numbers({column: row[column] for column in CSV_COLUMNS}, origin, faults)
            if not model:
                faults.append(f"{origin}: model: expected a name or a pattern with *")
            elif len(usd) == len(CSV_COLUMNS):
                yield Override(model, {key: flat(usd[column] * 1000) for column, key in CSV_COLUMNS.items()}, origin)
    except csv.Error as error:
        faults.append(f"{path}:{reader.line_num}: {error}")


def _yaml_rows(path: str, text: str, faults: list[str]) -> Iterator[Override]:
    import yaml  # noqa: PLC0415 - 30 ms that a start without a price file need not spend

    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if isinstance(node, yaml.MappingNode) and [key.value for key, _ in node.value] == ["prices"]:
            node = node.value[0][1]
        if not isinstance(node, yaml.SequenceNode):
            faults.append(f"{path}:1: expected a list of prices, or `prices:` with one")
            return
        # From the nodes and not from the finished data: they know their lines, and the keys given twice.
        for place in node.value:
            origin = f"{path}:{place.start_mark.line + 1}"
            if not isinstance(place, yaml.MappingNode):
                faults.append(f"{origin}: expected an entry with model and prices, got {place.value!r}")
                continue
            names = [str(key.value) for key, _ in place.value]
            faults.extend(f"{origin}: {name}: given twice" for name in sorted({n for n in names if names.count(n) > 1}))
            if (one := _entry(loader.construct_mapping(place, deep=True), origin, faults)) is not None:
                yield one
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(f"{path}:{line}: {error.problem or 'expected YAML'}")
    except (yaml.YAMLError, ValueError) as error:
        faults.append(f"{path}: {error}")
    finally:
        loader.dispose()


def _entry(entry: Mapping[Any, Any], origin: str, faults: list[str]) -> Override | None:
    before = len(faults)
    for key in entry:
        if key not in ENTRY_KEYS:
            near = get_close_matches(str(key), ENTRY_KEYS, n=1)
            hint = f", did you mean {near[0]}?" if near else f", expected one of {', '.join(ENTRY_KEYS)}"
            faults.append(f"{origin}: {key}: no such key{hint}")
    model, provider, tier = (_word(entry, key, origin, faults) for key in ("model", "provider", "tier"))
    if "model" not in entry:
        faults.append(f"{origin}: model: missing, expected a name or a pattern with *")
    given = {key: value for key, value in entry.items() if key in MONEY_KEYS}
    prices = _numbers(given, origin, faults)
    if not given:
        faults.append(f"{origin}: expected prices, such as input and output in USD per million tokens")
    condition = _from(entry.get("from"), origin, faults)
    if len(faults) > before or model is None:
        return None
    return Override(model, {key: flat(usd) for key, usd in prices.items()}, origin, provider, tier, condition)


def _word(entry: Mapping[Any, Any], key: str, origin: str, faults: list[str]) -> str | None:
    value = entry.get(key)
    if key in entry and (not isinstance(value, str) or not value.strip()):
        faults.append(f"{origin}: {key}: expected text, got {value!r}")
    return value.strip().lower() if isinstance(value, str) else None


def _from(value: object, origin: str, faults: list[str]) -> Condition:
    if value is None:
        return ALWAYS
    if isinstance(value, date) and not isinstance(value, datetime):
        return Condition(from_ns=day_ns(value))
    try:
        return Condition(from_ns=day_ns(date.fromisoformat(str(value))))
    except ValueError:
        faults.append(f"{origin}: from: expected a date such as 2026-01-31, got {value!r}")
        return ALWAYS


def _numbers(given: Mapping[str, object], origin: str, faults: list[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for key, value in given.items():
        try:
            usd = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("nan")
        except InvalidOperation:
            usd = Decimal("nan")
        if usd.is_finite() and usd >= 0:
            found[key] = usd
        else:
            faults.append(f"{origin}: {key}: expected a price in USD, 0 or more, got {value!r}")
    return found


def glob(pattern: str, name: str) -> bool:
    """Whether a name is that of the pattern, in which each * stands for any letters, none included."""
    head, *rest = pattern.split("*")
    if not rest:
        return name == pattern
    *middle, tail = rest
    if not name.startswith(head) or not name.endswith(tail) or len(name) < len(head) + len(tail):
        return False
    position, end = len(head), len(name) - len(tail)
    for piece in middle:
        position = name.find(piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return True
