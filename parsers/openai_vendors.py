"""What single vendors put into OpenAI's usage block: own costs, times, other measures; recognises no body.

Sources: https://docs.x.ai/docs/api-reference (`cost_in_usd_ticks`, 1e10 to the dollar, what is billed),
https://openrouter.ai/docs/use-cases/usage-accounting (`cost`, `is_byok`), https://console.groq.com/docs/api-reference
(`queue_time` and the others, seconds), https://docs.mistral.ai/api (`prompt_audio_seconds`, `connector_tokens`),
https://docs.perplexity.ai/getting-started/pricing (`cost`, and the tokens of a search beside the totals).
https://api-docs.deepseek.com/api/create-chat-completion (hits and misses of the cache are together the prompt).
Together, vLLM and Hugging Face add nothing that the shared counts do not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from parsers.base import NO_UNITS
from parsers.usage import Counts

TICKS_PER_USD = 1e10


class Extra(NamedTuple):
    """What a vendor's usage block tells beside tokens, by the fields of `Call`."""

    cost_usd: float | None = None
    units: Mapping[str, float] = NO_UNITS
    duration_seconds: float | None = None


NOTHING_MORE = Extra()


def extra(found: Counts | None, provider: str | None) -> Extra:
    """What this vendor's block tells beside tokens. Faults are added to `found`; its totals too may be completed."""
    if found is None:
        return NOTHING_MORE
    read = BY_VENDOR.get(provider or "")
    return NOTHING_MORE if read is None else read(found)


def _x_ai(found: Counts) -> Extra:
    ticks = found.amount("cost_in_usd_ticks")
    tools = Counts(found.usage.get("server_side_tool_usage_details"), f"{found.path}.server_side_tool_usage_details")
    used = {**units(found, {"num_sources_used": "sources"}), **units(tools, {"web_search_calls": "web_searches"})}
    found.faults += tools.faults
    return Extra(None if ticks is None else ticks / TICKS_PER_USD, used or NO_UNITS)


def _deepseek(found: Counts) -> Extra:
    hit, missed = found.usage.get("prompt_cache_hit_tokens"), found.usage.get("prompt_cache_miss_tokens")
    if type(hit) is int and type(missed) is int and found.input is not None and hit + missed != found.input:
        found.faults.append(f"{found.path}.prompt_cache_miss_tokens: {hit} + {missed} are not {found.input} tokens")
    return NOTHING_MORE


def _openrouter(found: Counts) -> Extra:
    """What the account is charged; with a key of one's own, what the vendor charges for that key comes on top."""
    cost = found.amount("cost")
    tools = Counts(found.usage.get("server_tool_use"), f"{found.path}.server_tool_use")
    used = units(tools, {"web_search_requests": "web_searches"})
    found.faults += tools.faults
    if cost is None or found.usage.get("is_byok") is not True:
        return Extra(cost, used)
    upstream = Counts(found.usage.get("cost_details"), f"{found.path}.cost_details")
    charged = upstream.amount("upstream_inference_cost")
    found.faults += upstream.faults
    # The fee alone is not what the call cost: better an estimate than that.
    return Extra(None if charged is None else cost + charged, used)


def _groq(found: Counts) -> Extra:
    """How long Groq had the request: the time in its queue is not in its total."""
    total, queued = found.amount("total_time"), found.amount("queue_time")
    return Extra(duration_seconds=None if total is None else round(total + (queued or 0), 9))


def _mistral(found: Counts) -> Extra:
    return Extra(units=units(found, {"prompt_audio_seconds": "audio_seconds"}))


def _perplexity(found: Counts) -> Extra:
    """The tokens of what was searched and thought are billed, and in none of the totals."""
    cited = found.count("citation_tokens")
    if cited and found.input is not None:
        found.input += cited
    reasoned = found.count("reasoning_tokens")
    if reasoned and found.output is not None:
        found.output += reasoned
        found.details["reasoning"] = reasoned
    cost = found.usage.get("cost")
    priced = Counts(cost, f"{found.path}.cost")
    total = priced.amount("total_cost")
    found.faults += priced.faults
    return Extra(total, units(found, {"num_search_queries": "searches"}))


def units(found: Counts, names: Mapping[str, str]) -> Mapping[str, float]:
    """The members of a block that are billed by other measures than tokens, by their names in `Call.units`."""
    amounts = {name: found.amount(key) for key, name in names.items() if found.usage.get(key)}
    return {name: amount for name, amount in amounts.items() if amount} or NO_UNITS


BY_VENDOR: Mapping[str, Callable[[Counts], Extra]] = {
    "x_ai": _x_ai,
    "deepseek": _deepseek,
    "openrouter": _openrouter,
    "groq": _groq,
    "mistral_ai": _mistral,
    "perplexity": _perplexity,
}
