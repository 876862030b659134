"""Who answered: one table for each kind of evidence, asked from the surest to the weakest; reads no usage."""

from __future__ import annotations

from functools import lru_cache

from parsers import vendor_body
from parsers.address import Place, place
from parsers.base import PROVIDERS, Record
from parsers.vendor_body import by_body, is_open_router_id

AZURE = vendor_body.AZURE
__all__ = ["AZURE", "Place", "by_model", "hinted", "named", "place", "provider"]

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
    "hugging_face": "huggingface",
    "hf": "huggingface",
    "pplx": "perplexity",
}
"""What loggers and gateways call a provider, in lower case with underscores → its name here."""

AZURE_HEADERS = frozenset(("apim-request-id", "x-ms-region", "x-ms-deployment-name", "azureml-model-session"))

MODEL_PREFIXES = (
    (
        (
            "gpt-",
            "o1",
            "o3",
            "o4",
            "chatgpt-",
            "text-embedding-",
            "ft:gpt-",
            "davinci-",
            "babbage-",
            "codex-",
            "dall-e-",
            "whisper-1",
            "tts-1",
            "omni-moderation-",
            "text-moderation-",
            "computer-use-preview",
            "sora-",
        ),
        "openai",
    ),
    (("claude-",), "anthropic"),
    (("gemini-",), "gcp.gemini"),
    (("deepseek-chat", "deepseek-reasoner", "deepseek-v4-"), "deepseek"),
    (("grok-",), "x_ai"),
    (
        (
            "mistral-",
            "codestral-",
            "magistral-",
            "ministral-",
            "pixtral-",
            "open-mistral-",
            "open-mixtral-",
            "voxtral-",
            "devstral-",
        ),
        "mistral_ai",
    ),
    (("sonar",), "perplexity"),
    (("command-", "embed-english-", "embed-multilingual-"), "cohere"),
)
"""Names that one vendor gives its own models. Names with a slash belong to whoever serves them, and tell nothing."""


MODEL_OPERATIONS = (
    ("embed", "embeddings"),
    ("gpt-image", "image_generation"),
    ("dall-e", "image_generation"),
    ("sora-", "video_generation"),
    ("transcribe", "transcription"),
    ("whisper", "transcription"),
    ("tts", "speech"),
    ("moderation", "moderation"),
    ("-ocr", "ocr"),
)
"""Pieces of the names of models that do one thing only."""


def provider(record: Record, model: str | None, default: str | None) -> str | None:
    """Who answered: by the log's own hint, else the URL, else distinctive keys and headers, else the model's name."""
    body = record.body
    known = None
    if record.provider and not _is_open_router(record):
        known = named(record.provider)
    if known is None and record.url:
        known = place(record.url).provider
    if known is None and body is not None:
        known = by_body(body)
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
    """The vendor that alone gives such names to its models, else None. OpenAI's open models are served by others."""
    if model.startswith("gpt-oss"):
        return None
    return next((vendor for prefixes, vendor in MODEL_PREFIXES if model.startswith(prefixes)), None)


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
    return "object" in body and is_open_router_id(body.get("id"))
