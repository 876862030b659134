"""Who answered: one table for each kind of evidence, asked from the surest to the weakest; reads no usage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from parsers.base import PROVIDERS, Record

AZURE = "azure.ai.openai"

ALIASES = {
    "azure": AZURE,
    "azureopenai": AZURE,
    "azure_openai": AZURE,
    "az.ai.openai": AZURE,
    "open_ai": "openai",
    "claude": "anthropic",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_ai": "gcp.gemini",
    "gcp.gen_ai": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "xai": "x_ai",
    "grok": "x_ai",
    "together_ai": "together",
    "togetherai": "together",
    "open_router": "openrouter",
}
"""What loggers and gateways call a provider, in lower case with underscores → its name here."""

HOSTS = {
    "api.openai.com": "openai",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.mistral.ai": "mistral_ai",
    "codestral.mistral.ai": "mistral_ai",
    "api.x.ai": "x_ai",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "openrouter.ai": "openrouter",
    "api.anthropic.com": "anthropic",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "generativelanguage.googleapis.com": "gcp.gemini",
}
HOST_SUFFIXES = (
    (".openai.azure.com", AZURE),
    (".cognitiveservices.azure.com", AZURE),
    (".services.ai.azure.com", AZURE),
    (".azure-api.net", AZURE),
    (".api.openai.com", "openai"),
    (".api.x.ai", "x_ai"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
)

OPERATIONS = (
    ("/chat/completions", "chat"),
    ("/completions", "text_completion"),
    ("/responses", "chat"),
    ("/embeddings", "embeddings"),
    ("/messages", "chat"),
)
"""How a path ends → the operation, the longer endings first."""

AZURE_HEADERS = frozenset(("apim-request-id", "x-ms-region", "x-ms-deployment-name", "azureml-model-session"))

BODY_KEYS = (("x_groq", "groq"), ("prompt_filter_results", AZURE), ("kv_transfer_params", "vllm"))
USAGE_KEYS = (
    ("prompt_cache_hit_tokens", "deepseek"),
    ("cost_in_usd_ticks", "x_ai"),
    ("num_sources_used", "x_ai"),
    ("cost_details", "openrouter"),
    ("is_byok", "openrouter"),
)
"""Members that one vendor adds to OpenAI's form, asked in this order."""

MODEL_PREFIXES = (
    (("gpt-", "o1", "o3", "o4", "chatgpt-", "text-embedding-", "ft:gpt-", "davinci-", "babbage-", "codex-"), "openai"),
    (("claude-",), "anthropic"),
    (("gemini-",), "gcp.gemini"),
    (("deepseek-chat", "deepseek-reasoner"), "deepseek"),
    (("grok-",), "x_ai"),
    (
        ("mistral-", "codestral-", "magistral-", "ministral-", "pixtral-", "open-mistral-", "open-mixtral-"),
        "mistral_ai",
    ),
    (("command-", "embed-english-", "embed-multilingual-"), "cohere"),
)
"""Names that one vendor gives its own models. Names with a slash belong to whoever serves them, and tell nothing."""


class Place(NamedTuple):
    """What a URL tells; all None and False where it tells nothing."""

    provider: str | None = None
    operation: str | None = None
    deployment: str | None = None
    is_api: bool = False
    """Whether no other service would have this URL, so that a failure there is a failed call to a provider."""


NOWHERE = Place()


def provider(record: Record, model: str | None, default: str | None) -> str | None:
    """Who answered: by the log's own hint, else the URL, else distinctive keys and headers, else the model's name."""
    body = record.body
    known = None
    if record.provider and not _is_open_router(record):
        known = named(record.provider)
    if known is None and record.url:
        known = place(record.url).provider
    if known is None and body is not None:
        known = _by_body(body)
    if known is None and record.headers and not AZURE_HEADERS.isdisjoint(record.headers):
        known = AZURE
    if known is None and model:
        known = by_model(model)
    if known is None and record.provider:
        known = _cleaned(record.provider)
    return known or default


def hinted(record: Record) -> str | None:
    """The provider as the log names it or its URL tells: what is known before any answer."""
    if record.provider:
        known = named(record.provider)
        if known is not None:
            return known
    return place(record.url).provider if record.url else None


@lru_cache(maxsize=512)
def named(hint: str) -> str | None:
    """`AzureOpenAI`, `together_ai`, `xai` → the provider's name here; None for a name nobody knows."""
    cleaned = _cleaned(hint)
    return cleaned if cleaned in PROVIDERS else ALIASES.get(cleaned or "")


@lru_cache(maxsize=2048)
def by_model(model: str) -> str | None:
    """The vendor that alone gives such names to its models, else None."""
    return next((vendor for prefixes, vendor in MODEL_PREFIXES if model.startswith(prefixes)), None)


@lru_cache(maxsize=512)
def place(url: str) -> Place:
    """What a URL tells, whole or from its path on. Never raises, whatever the text."""
    address = url.partition("://")[2] or url
    authority, _, path = address.partition("?")[0].partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    path = "/" + path.rstrip("/")
    vendor = HOSTS.get(host) or next((name for suffix, name in HOST_SUFFIXES if host.endswith(suffix)), None)
    if host.startswith("bedrock-runtime") and host.endswith(".amazonaws.com"):
        vendor = "aws.bedrock"
    elif vendor == AZURE and "/openai" not in path and host.endswith(".azure-api.net"):
        # API management stands before anything; only this path makes it the model service.
        vendor = None
    operation = next((name for ending, name in OPERATIONS if path.endswith(ending)), None)
    deployment = unquote(path.partition("/deployments/")[2].partition("/")[0]) or None
    is_api = vendor is not None or path.endswith("/chat/completions")
    return Place(vendor, operation, deployment, is_api)


def _cleaned(hint: str) -> str | None:
    """A hint as a label value: lower case, short, without surprises; None for what cannot be one."""
    name = hint.strip().lower().replace("-", "_").replace(" ", "_")
    plain = name.replace("_", "").replace(".", "")
    return name if len(name) <= 40 and plain.isascii() and plain.isalnum() else None


def _is_open_router(record: Record) -> bool:
    """OpenRouter's own body names the vendor behind it in `provider`: that is not who was asked."""
    body = record.body
    if body is None or body.get("provider") != record.provider:
        return False
    return "object" in body and _is_open_router_id(body.get("id"))


def _is_open_router_id(response_id: object) -> bool:
    return isinstance(response_id, str) and response_id.startswith("gen-")


def _by_body(body: Mapping[str, object]) -> str | None:
    if "object" not in body:
        # A logger's own line may carry any of these keys.
        return None
    for key, name in BODY_KEYS:
        if key in body:
            return name
    usage = body.get("usage")
    if isinstance(usage, dict):
        for key, name in USAGE_KEYS:
            if key in usage:
                return name
    if "provider" in body and _is_open_router_id(body.get("id")):
        return "openrouter"
    choices = body.get("choices")
    if isinstance(choices, list) and choices:
        first = choices[0]
        if isinstance(first, dict) and ("content_filter_results" in first or "content_filter_result" in first):
            return AZURE
    return None
