"""What the records of gateways and tracers have in common: their numbers, times and names of providers.

It recognises no record. Such a record has the usage in its own words already, and the counts of one API or another
are behind it: `input` includes the cache and `output` includes reasoning unless the parser's docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite

from parsers import vendor
from parsers.base import Record

PROVIDERS = {
    "aws": "aws.bedrock",
    "az.ai.inference": "azure.ai.inference",
    "azure_ai": "azure.ai.inference",
    "azure_ai_inference": "azure.ai.inference",
    "azure_text": "azure.ai.openai",
    "bedrock_converse": "aws.bedrock",
    "amazon_nova": "aws.bedrock",
    "anthropic_bedrock": "aws.bedrock",
    "codestral": "mistral_ai",
    "text_completion_codestral": "mistral_ai",
    "cohere_chat": "cohere",
    "fireworks_ai": "fireworks",
    "google_ai_studio": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "google.generative_ai": "gcp.gemini",
    "google.vertex": "gcp.vertex_ai",
    "google_vertex": "gcp.vertex_ai",
    "google_vertexai": "gcp.vertex_ai",
    "google_vertex_ai": "gcp.vertex_ai",
    "google_anthropic_vertex": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "vertex_ai_language_models": "gcp.vertex_ai",
    "grok": "x_ai",
    "hosted_vllm": "vllm",
    "moonshot": "moonshot_ai",
    "ollama_chat": "ollama",
    "perplexity_ai": "perplexity",
    "text_completion_openai": "openai",
    "watsonx": "ibm.watsonx.ai",
    "watsonx_text": "ibm.watsonx.ai",
    "workers_ai": "cloudflare",
}
"""What LiteLLM, LangChain, the Vercel AI SDK, Kong and Cloudflare call a provider, in lower case with underscores."""

LONGEST_SECONDS = 7 * 86_400.0
_MAX_DIGITS = 19


def numeral(value: object) -> object:
    """`"1523"` → 1523; OTLP writes 64-bit integers as texts, nginx all it knows. Anything else as it is."""
    return int(value) if type(value) is str and len(value) <= _MAX_DIGITS and value.isdecimal() else value


def numerals(block: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """The members of a block under their names here, numbers that are texts made numbers; null ones left out."""
    return {names[key]: numeral(value) for key, value in block.items() if key in names and value is not None}


def amount(value: object) -> float | None:
    """A finite number of 0 or more, also as a text; None for anything else."""
    if type(value) is str and len(value) <= 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if type(value) is not int and type(value) is not float:
        return None
    return value if 0 <= value < 1e19 and isfinite(value) else None


def seconds(value: object, per_second: int = 1) -> float | None:
    """A duration in seconds, from a number of which so many make one; None for what no call can have lasted."""
    found = amount(value)
    return found / per_second if found is not None and found <= LONGEST_SECONDS * per_second else None


def elapsed(start: object, end: object, per_second: int = 1) -> float | None:
    """Seconds between two epoch times, None unless both are there and in order."""
    first, last = amount(numeral(start)), amount(numeral(end))
    if first is None or last is None or not 0 < first <= last:
        return None
    return seconds(round((last - first) / per_second, 6))


def cost(value: object) -> float | None:
    """A cost in USD that was worked out; None for 0 too, which gateways write where they know no price."""
    found = amount(value)
    return found if found and found < 1e9 else None


def provider(record: Record, name: object, model: str | None) -> str | None:
    """Who answered: by the record's own name of it, else as `vendor.provider` tells.

    A name that nobody knows is taken only where the log shows it as a provider's; the model then tells nothing, since
    many serve the same models.
    """
    if type(name) is str and name:
        known = named(name)
        if known is not None:
            return known
        return vendor.provider(Record(None, provider=record.provider), None, None)
    return vendor.provider(record, model, None)


@lru_cache(maxsize=512)
def named(name: str) -> str | None:
    """`google-vertex-ai`, `hosted_vllm`, `anthropic.messages` → the provider's name here; None for an unknown one."""
    cleaned = name.strip().lower().replace("-", "_")
    while cleaned:
        found = PROVIDERS.get(cleaned) or vendor.named(cleaned)
        if found is not None:
            return found
        # The Vercel AI SDK adds the API it used: `openai.responses`, `google.vertex.chat`.
        cleaned = cleaned.rpartition(".")[0]
    return None
