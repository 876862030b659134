"""Makes tailer/meter/price_table.json from the installed genai-prices and published_prices.yaml, which corrects it.

Run it after an upgrade of that package or an edit of that file.

python scripts/make_price_table.py [--date 2026-01-31] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import distribution
from inspect import getsource
from pathlib import Path
from typing import Any

import yaml
from genai_prices import data, types

PUBLISHED = Path(__file__).with_name("published_prices.yaml")
ENTRY_KEYS = {"provider", "model", "source", "why", "match", "prices", "add", "history", "tiers"}

KEYS = {
    "input_mtok": "input",
    "cache_read_mtok": "cached_input",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "input_audio_mtok": "audio_input",
    "input_image_mtok": "image_input",
    "input_video_mtok": "video_input",
    "cache_audio_read_mtok": "cached_audio_input",
    "cache_image_read_mtok": "cached_image_input",
    "output_mtok": "output",
    "output_audio_mtok": "audio_output",
    "output_image_mtok": "image_output",
    "output_video_mtok": "video_output",
    "output_reasoning_mtok": "reasoning",
    "output_citation_mtok": "citation",
    "audio_hours": "audio_hours",
    "input_document_kpages": "pages_1k",
    "input_mchars": "characters_1m",
    "web_searches_kcount": "web_searches_1k",
    "storage_searches_kcount": "storage_searches_1k",
    "requests_kcount": "requests_1k",
}

OWN_KEYS = {*KEYS.values(), "searches_1k", "images_1k", "audio_seconds_minimum"}
"""Prices that an entry of published_prices.yaml may have."""

LEFT_OUT = {"input_audio_hours", "input_annotated_document_kpages", "input_text_messages_kcount"}
"""The first always equals `audio_hours` (checked), the others bill what no response reports."""

NOT_SOLD_BY_NAME = ("huggingface_", "quicksilverpro", "openai-decisions", "cursor", "github-copilot")
"""Providers left out: no log names them, or they are subscriptions."""

TIER_KEYS = {"service_tier", "processing", "speed"}
"""All three are one word in a log: the tier as served, `batch`, or Anthropic's `fast`."""

NO_CACHE_DISCOUNT = {("openai", "batch")}
"""Sellers' tiers in which cached input costs what fresh input does where the list has no price for it: a dash there
means no discount, not the standard one. OpenAI, Prompt caching, FAQ of 2025: none in batches; Pricing, table Batch."""

FREE = re.compile(r":free$|^moderation$|^gemma-")
"""Models without any price that are free. The others without one are priced by the song, on request, not at all."""

GROQ_MINIMUM_SECONDS = 10

OPENAI_FILE_SEARCHES_1K = 2.5
SEARCHES_FILES = re.compile(r"^(?!.*(?:audio|realtime|transcribe|tts|image|live|search))(?:gpt-4[.o]|gpt-[5-9]|o[134])")
"""OpenAI takes it whatever the model of the Responses API; the package has it for some of them only.
https://developers.openai.com/api/docs/pricing, Tools."""


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Make the price table from the installed genai-prices.")
    parser.add_argument("--date", default=None, help="date of the prices (default: the newest date in the source)")
    parser.add_argument("--out", default=str(Path(__file__).parent.parent / "tailer" / "meter" / "price_table.json"))
    args = parser.parse_args()
    made = table(args.date or newest_date(datetime.now(UTC).date()))
    Path(args.out).write_text(made, encoding="utf-8")
    sys.stdout.write(f"{args.out}: {len(made) / 1024:.0f} KiB\n")


def newest_date(today: date) -> str:
    """The newest date the source names that is not still to come: its prices were known at least then.

    The package carries no date of its own.
    """
    named: set[str] = set(re.findall(r"\b20\d\d-\d\d-\d\d\b", getsource(data)))
    named |= {
        f"{int(y)}-{int(m):02}-{int(d):02}"
        for y, m, d in re.findall(r"date\((20\d\d), (\d+), (\d+)\)", getsource(data))
    }
    return max({day for day in named if day <= today.isoformat()}, key=date.fromisoformat)


def table(day: str) -> str:
    """The table as JSON, one model on a line."""
    providers = [p for p in data.providers if not p.id.startswith(NOT_SOLD_BY_NAME)]
    source = {"name": "genai-prices", "version": distribution("genai-prices").version, "licence": "MIT"}
    source["url"] = "https://github.com/pydantic/genai-prices"
    source["notice"] = notice()
    fallbacks = {p.id: p.fallback_model_providers for p in providers if p.fallback_model_providers}
    head = json.dumps({"date": day, "source": source, "fallbacks": fallbacks}, indent=1)
    own = published()
    blocks = [f"{json.dumps(p.id)}: [\n" + ",\n".join(map(compact, corrected(p, own))) + "\n]" for p in providers]
    if own:
        raise ValueError(f"published_prices.yaml: no such provider: {sorted(own)}")
    return head[:-2] + ',\n "models": {\n' + ",\n".join(blocks) + "\n}}\n"


def notice() -> str:
    """The source's licence, which asks to travel with copies of its data."""
    found = next(file for file in distribution("genai-prices").files or () if file.name == "LICENSE")
    return " ".join(found.read_text(encoding="utf-8").split())


def published() -> dict[str, dict[str, dict[str, Any]]]:
    """The entries of published_prices.yaml by provider and model, each with a source and a reason."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in yaml.safe_load(PUBLISHED.read_text(encoding="utf-8")):
        provider, model = entry["provider"], entry["model"]
        if entry.keys() - ENTRY_KEYS or not entry["source"] or not entry["why"]:
            raise ValueError(f"{provider} {model}: expected a source, a reason and {sorted(ENTRY_KEYS)}")
        tables = [*(one[-1] for one in (*entry.get("history", ()), *entry.get("tiers", ()))), entry.get("add")]
        unknown = {key for table in (*tables, entry.get("prices")) for key in table or ()} - OWN_KEYS
        if unknown or model in found.setdefault(provider, {}):
            raise ValueError(f"{provider} {model}: given twice, or unknown prices: {sorted(unknown)}")
        found[provider][model] = entry
    return found


def corrected(provider: types.Provider, own: dict[str, dict[str, dict[str, Any]]]) -> list[list[object]]:
    """The provider's rows, with what published_prices.yaml says of them; its entries are taken out of `own`."""
    entries = own.pop(provider.id, {})
    listed = [correct(row, entries.pop(row[0])) if row[0] in entries else row for row in rows(provider)]
    return [correct([model, None, None], entry) for model, entry in entries.items()] + listed


def correct(row: list[Any], entry: dict[str, Any]) -> list[object]:
    """One row with what an entry changes, and its source at the end."""
    id_, match, known, *tiers = row
    if "prices" in entry or "history" in entry:
        known = entry["history"] if "history" in entry else entry["prices"]
    if more := entry.get("add"):
        known = {**known, **more} if isinstance(known, dict) else [[when, {**one, **more}] for when, one in known]
    variants = [*entry.get("tiers", ()), *(tiers[0] if tiers else ())]
    return [id_, entry.get("match", match), known, variants, entry["source"]]


def rows(provider: types.Provider) -> Iterator[list[Any]]:
    """`[id, match (null: the id itself), prices, tiers]` of each model, in the source's order."""
    for model in provider.models:
        match = clause(model.match)
        row = [model.id, None if match == f"={model.id.lower()}" else match, history(provider.id, model)]
        tiers = list(variants(provider.id, model))
        yield [*row, tiers] if tiers else row


def clause(match: Any) -> object:
    """A match as `tailer.meter.price_names.Match`."""
    match match:
        case types.ClauseEquals():
            return "=" + match.equals.lower()
        case types.ClauseStartsWith():
            return "^" + match.starts_with.lower()
        case types.ClauseEndsWith():
            return "$" + match.ends_with.lower()
        case types.ClauseContains():
            return "*" + match.contains.lower()
        case types.ClauseRegex():
            return "~" + match.regex
        case types.ClauseOr():
            return [clause(one) for one in match.or_]
        case types.ClauseAnd():
            return ["and", *(clause(one) for one in match.and_)]
    raise TypeError(f"a match of an unknown kind: {match!r}")


def history(provider: str, model: types.ModelInfo) -> object:
    """Prices, or `[condition, prices]` in the source's order where they depend on the time."""
    if isinstance(model.prices, types.ModelPrice):
        return prices(provider, model, model.prices)
    return [[condition(one.constraint), prices(provider, model, one.prices)] for one in model.prices]


def variants(provider: str, model: types.ModelInfo) -> Iterator[list[object]]:
    """`[tier, condition, prices]`: what a service tier changes. Variants by what no log tells are left out."""
    keys: dict[str, str] = {}
    for variant in model.price_variants or ():
        (key, tier), *more = variant.when.items()
        changed = price_keys(variant.prices)
        if more or key not in TIER_KEYS or not changed:
            continue
        if keys.setdefault(tier, key) != key:
            raise ValueError(f"{model.id}: {tier} is a value of both {key} and {keys[tier]}")
        if (provider, tier) in NO_CACHE_DISCOUNT and "input" in changed:
            changed.setdefault("cached_input", changed["input"])
        yield [tier, condition(variant.constraint), changed]


def condition(constraint: object) -> str | None:
    """`2026-01-31`, or `16:30-00:30` in UTC, or None for always."""
    match constraint:
        case None:
            return None
        case types.StartDateConstraint():
            return constraint.start_date.isoformat()
        case types.TimeOfDateConstraint():
            return f"{utc(constraint.start_time)}-{utc(constraint.end_time)}"
    raise TypeError(f"a condition of an unknown kind: {constraint!r}")


def utc(moment: time) -> str:
    """A time of day without its zone, which must be UTC."""
    if moment.tzinfo not in {None, UTC}:
        raise ValueError(f"{moment}: expected UTC")
    return moment.replace(tzinfo=None).isoformat("minutes")


def prices(provider: str, model: types.ModelInfo, source: types.ModelPrice) -> dict[str, object] | None:
    """Prices by our keys; None where the source has none and the model is not known to be free."""
    found = price_keys(source)
    if provider == "groq" and "audio_hours" in found:
        found["audio_seconds_minimum"] = GROQ_MINIMUM_SECONDS
    if provider == "openai" and SEARCHES_FILES.search(model.id):
        found.setdefault("storage_searches_1k", OPENAI_FILE_SEARCHES_1K)
    return found if found or FREE.search(model.id) else None


def price_keys(source: types.ModelPrice) -> dict[str, object]:
    """The prices of one period; an unknown kind of price stops the script, so that none is lost unseen."""
    known = {key: price for key, price in vars(source).items() if price is not None}
    if known.get("input_audio_hours", known.get("audio_hours")) != known.get("audio_hours"):
        raise ValueError(f"audio has two prices: {known}")
    if known.keys() - KEYS - LEFT_OUT:
        raise ValueError(f"unknown prices: {sorted(known.keys() - KEYS - LEFT_OUT)}")
    return {KEYS[key]: steps(price) for key, price in known.items() if key in KEYS}


def steps(price: Decimal | types.TieredPrices) -> object:
    """A number, or `[price, start, price, …]` where long inputs cost more."""
    if isinstance(price, Decimal):
        return number(price)
    return [number(price.base), *(item for tier in price.tiers for item in (tier.start, number(tier.price)))]


def number(price: Decimal) -> int | float:
    """The shortest JSON number that reads back as exactly this decimal."""
    short: int | float = int(price) if price == int(price) else float(price)
    if Decimal(repr(short)) != price:
        raise ValueError(f"{price} does not survive JSON")
    return short


def compact(row: Iterable[object]) -> str:
    """One line of JSON."""
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()
