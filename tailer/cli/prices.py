"""`tokentail prices`: the price table in use, what a model costs, which models of a log have no price."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

from tailer.cli import price_csv, unpriced_models
from tailer.cli.options import FURTHER, OPTIONS, add_option, config_flags, fault_lines
from tailer.config import Config, examine
from tailer.meter.price_names import BEDROCK_ID, SOURCE_IDS, source_id, spellings
from tailer.meter.price_rates import PRICE_KEYS, Steps
from tailer.meter.price_schedule import day_ns
from tailer.meter.prices import PriceError, Prices, Quote

VENDORS = ("openai", "anthropic", "mistral_ai", "deepseek", "x_ai")
"""Shown before those who sell their models on."""

PER = {
    "audio_hours": "USD an hour",
    "video_seconds": "USD a second",
    "audio_seconds_minimum": "seconds are billed at least",
    "pages_1k": "USD for 1,000",
    "web_searches_1k": "USD for 1,000",
    "storage_searches_1k": "USD for 1,000",
    "searches_1k": "USD for 1,000",
    "web_fetches_1k": "USD for 1,000",
    "images_1k": "USD for 1,000",
    "requests_1k": "USD for 1,000",
    "characters_1m": "USD for 1M",
}
"""What a price is for where it is not a million tokens."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define `prices`, `prices show MODEL` and `prices check LOGFILE`."""
    # A dest each: argparse lets a sub-command's values replace those given before it.
    _add_files(parser, dest="all_prices")
    parser.add_argument(
        "--format",
        choices=("text", "csv"),
        default="text",
        help="csv: the prices as model,price_prompt,price_competition in USD for 1,000 tokens, such as a look-up of"
        " Splunk's (default: text)",
    )
    commands = parser.add_subparsers(dest="prices_command", metavar="COMMAND")
    unpriced_models.add_arguments(
        commands.add_parser("check", help="the models of logs that have no price; exit status 1 if there are any")
    )
    show = commands.add_parser("show", help="what a model costs, and where its price comes from")
    show.add_argument("model", metavar="MODEL", help="as the provider names it, or PROVIDER/MODEL")
    show.add_argument("--provider", metavar="NAME", help="such as azure.ai.openai (default: each that has the model)")
    show.add_argument("--at", metavar="DATE", type=_day, help="at noon (UTC) of that day, 2026-01-31 (default: now)")
    show.add_argument("--tier", metavar="NAME", help="service tier: batch, flex, priority, … (default: standard)")
    show.add_argument(
        "--region", metavar="NAME", help="where it is served: us at Anthropic, a location of Google Cloud"
    )
    _add_files(show, dest="show_prices")
    for option in (*OPTIONS, *FURTHER):
        if option.key in {"config", "model_alias"}:
            add_option(show, option)


def run(args: argparse.Namespace) -> int:
    """Print what was asked for; 1 when a model has no price, 2 when a price file or the configuration is at fault."""
    if paths := [*args.all_prices, *getattr(args, "show_prices", ()), *getattr(args, "prices", ())]:
        args.prices = paths
    if args.prices_command == "check":
        return unpriced_models.run(args)
    config = _config(args)
    if config is None:
        return 2
    try:
        prices = Prices.load(config.prices, config.model_alias)
    except PriceError as error:
        print(error, file=sys.stderr)
        return 2
    if args.prices_command == "show":
        return _show(prices, args)
    if args.format == "csv":
        print(price_csv.as_csv(prices.table, prices.overrides, _now_ns()), end="")
        return 0
    counts = prices.table.counts()
    print(f"price table of {prices.date}, made from {prices.table.source} ({prices.table.licence})")
    print(f"{sum(counts.values()):,} models of {len(counts)} providers: {', '.join(counts)}")
    print(f"{prices.table.corrected()} of them are corrected by what their vendors publish; `prices show` tells where")
    for path in config.prices:
        print(f"before the table: {path}")
    return 0


def _config(args: argparse.Namespace) -> Config | None:
    """The configuration that `run` would have, for its price files and aliases; None when it is at fault, told then."""
    found = examine(config_flags(args), os.environ)
    if found.config is None:
        print(fault_lines(found.faults), file=sys.stderr)
    return found.config


def _now_ns() -> int:
    return int(datetime.now(UTC).timestamp()) * 10**9


def _show(prices: Prices, args: argparse.Namespace) -> int:
    when_ns = _now_ns() if args.at is None else day_ns(args.at) + 12 * 3600 * 10**9
    day = f"{datetime.fromtimestamp(when_ns / 1e9, UTC):%Y-%m-%d %H:%M} UTC"
    quotes = dict(_quotes(prices, args, when_ns))
    for provider, quote in quotes.items():
        print("\n".join(_lines(quote, args.model, provider, day)))
        if args.tier and args.tier.lower() != quote.tier:
            print(f"  no prices of its own for {args.tier}, these are the standard ones")
        if not args.tier and (tiers := prices.tiers(provider, args.model)):
            print(f"  other prices with --tier {', '.join(tiers)}")
    if quotes:
        return 0
    place = (f" at {args.provider}" if args.provider else "") + (f" in the tier {args.tier}" if args.tier else "")
    print(f"{args.model}{place}: no price known, calls count as unpriced; give one with --prices", file=sys.stderr)
    return 1


def _quotes(prices: Prices, args: argparse.Namespace, when_ns: int) -> Iterator[tuple[str, Quote]]:
    """Provider and quote: of the one asked for or named in the model, else of all with prices of their own."""
    terms = when_ns, args.tier, args.region
    if quote := prices.rates(args.provider, args.model, *terms):
        named = spellings(None, args.model)
        yield args.provider or (named[0][0] if named else quote.provider), quote
    elif args.provider is None:
        seen = set[tuple[str, str, str]]()
        everybody = (*VENDORS, *SOURCE_IDS, *prices.table.counts())
        for provider in ("aws.bedrock",) if BEDROCK_ID.match(args.model.lower()) else everybody:
            quote = prices.rates(provider, args.model, *terms)
            if quote is None or source_id(quote.provider) != source_id(provider):
                continue
            if provider == "gcp.gemini" and quote.model.startswith("claude"):
                # The two have one list, but only Google Cloud sells what is not Google's.
                continue
            if (found := (quote.origin, source_id(provider), quote.model)) not in seen:
                seen.add(found)
                yield provider, quote


def _lines(quote: Quote, asked: str, provider: str, day: str) -> Iterator[str]:
    known_as = "" if quote.model == asked else f" (as {quote.model})"
    place = f" at {provider}" if provider else ""
    resold = f", {quote.provider}'s price" if provider and source_id(quote.provider) != source_id(provider) else ""
    yield f"{asked}{known_as}{place}, {quote.tier or 'standard'} prices on {day}, from {quote.origin}{resold}"
    if not quote.rates.prices:
        yield "  free"
    for key in PRICE_KEYS:
        if key in quote.rates.prices:
            yield _price(key, quote.rates.prices[key])


def _price(key: str, steps: Steps) -> str:
    (_, base), *later = steps
    above = "".join(f", {usd.normalize():f} above {start:,} input tokens" for start, usd in later)
    return f"  {key:<22}{base.normalize():>10f}  {PER.get(key, 'USD for 1M tokens')}{above}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date such as 2026-01-31, got {text!r}") from None


def _add_files(parser: argparse.ArgumentParser, dest: str) -> None:
    text = "your own prices, YAML or CSV, asked before the table; repeatable"
    parser.add_argument("--prices", metavar="FILE", dest=dest, action="append", default=[], help=text)
